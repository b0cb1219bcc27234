package config

import (
	"path"
	"slices"
	"strings"
)

// chatLogs are the message logs of release 9: the beginning of their settings,
// what they are called here, and the folder that each has here.
var chatLogs = []struct{ setting, key, folder string }{
	{"InstantMessage", "message", "im"},
	{"LocalMessage", "local", "local"},
	{"ConferenceMessage", "conference", "conference"},
	{"RegionMessage", "region", "region"},
	{"OwnerSayMessage", "ownersay", "ownersay"},
}

// chatLog carries the message logs over: each with a directory of its own in
// release 9, one switch for all of them later.
func (m *importer) chatLog(root *element) {
	all := root.child("MessageLogging")
	enabled := all.truth() || all.child("Enable", "Enabled").truth()
	type switched struct {
		key string
		on  bool
	}
	var kinds []switched
	directory, there := "", false
	for _, k := range chatLogs {
		on, dir := root.child(k.setting+"LogEnabled"), root.child(k.setting+"LogDirectory")
		if on.there() {
			kinds = append(kinds, switched{k.key, on.truth()})
			enabled = enabled || on.truth()
		}
		if !dir.there() || dir.text == "" {
			continue
		}
		full := path.Clean(strings.ReplaceAll(dir.text, `\`, "/"))
		switch base := path.Dir(full); {
		case path.Base(full) == k.folder && (!there || base == directory):
			directory, there = base, true
		case on.truth():
			m.note(dir, dir.name, "these files are in the folder %s of chatlog.directory: move what is in %q there", k.folder, dir.text)
		}
	}
	groups := root.child("Groups").all("Group")
	written := func(e *element) bool { return e.child("ChatLogEnabled").truth() }
	if slices.ContainsFunc(groups, written) {
		enabled = true
		kinds = append(kinds, switched{"group", true})
	} else if len(kinds) > 0 {
		kinds = append(kinds, switched{"group", false})
	}
	if !enabled {
		return
	}
	m.section("[chatlog]")
	m.set("enabled", true)
	if there {
		m.set("directory", directory)
	}
	for _, k := range kinds {
		m.set(k.key, k.on)
	}
	m.out.WriteString("# As in Corrade's own files.\n")
	m.set("zone", "Local")
}

// groupChatLog carries over whether a group's chat is written.
func (m *importer) groupChatLog(e *element) {
	file, on := e.child("ChatLog"), e.child("ChatLogEnabled")
	if on.there() {
		m.set("chat_log", on.truth())
	}
	if on.truth() && file.text != "" {
		m.note(file, "Groups.Group.ChatLog", "the file is in the folder group of chatlog.directory, called after the group: move what is in %q there", file.text)
	}
}
