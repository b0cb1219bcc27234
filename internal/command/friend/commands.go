// Package friend has the commands about whom the agent likes to hear and whom it
// does not.
package friend

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{BatchMute(), GetFriendshipRequests(), GetMutes(), Mute(), ReplyToFriendshipRequest()}
}
