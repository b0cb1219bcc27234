// Package group has the commands about the groups of the grid.
package group

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{GetGroupInvites(), ReplyToGroupInvite()}
}
