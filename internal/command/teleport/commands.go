// Package teleport has the commands that take the agent to other places.
package teleport

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{GetTeleportLures(), ReplyToTeleportLure(), Teleport()}
}
