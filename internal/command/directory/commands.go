// Package directory has the commands that find things by name and names of
// things.
package directory

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{BatchAvatarKeyToName(), BatchAvatarNameToKey()}
}
