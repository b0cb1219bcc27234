// Package chatlog writes what is said around an agent to text files, and
// searches them.
//
// # Files
//
// Each kind of talk has a folder of its own, and in it a file for each name,
// NAME.log:
//
//	im          instant messages, by avatar; those of objects by the object's UUID
//	local       local chat, by region
//	conference  conferences, by their names
//	region      what managers of the estate say to everybody, by region
//	ownersay    llOwnerSay, by the object's UUID
//	group       chat of the configured groups, by their names
//
// Names come from the grid, where anybody may choose one. A file is called like
// its name if that is a plain one; anything else in it is written as %XX, so
// that no name leads out of the folder, is hidden, or means a device. Names that
// differ in case only share a file, whatever the file system says to that.
//
// A file that has grown too large becomes NAME.log.1, the one before NAME.log.2
// and so on. When all files together are too large, those that were not written
// for the longest time are removed.
//
// # Lines
//
// The lines are Corrade's:
//
//	[dd-MM-yyyy HH:mm:ss] First Last : text            avatars
//	[dd-MM-yyyy HH:mm:ss] Object name (UUID) : text    instant messages of objects
//	[dd-MM-yyyy HH:mm:ss] First Last (Type) : text     local chat
//	[dd-MM-yyyy HH:mm:ss] Object name (UUID) (OwnerSay) : text
//
// The stamps are in the zone that the settings name. A text of several lines
// goes on in lines that begin with a tab, which is not part of it, so that
// nobody can write what looks like a message of somebody else; a carriage return
// is a line end like any other. In a file that something else wrote, lines
// without a stamp belong to the message before them.
//
// A command with a password in it is no talk: of one that an object gave nothing
// is written, of one that an avatar wrote to the agent the name and the group.
//
// # When it cannot keep up
//
// Nothing waits for the disk. A thousand lines may wait to be written; beyond
// that the newest are dropped, and the log says how many. A line that cannot be
// written, because the disk is full for example, is lost; the log says so once,
// and once more when lines are written again.
package chatlog
