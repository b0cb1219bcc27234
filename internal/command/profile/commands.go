// Package profile has the commands that tell about avatars, the agent's own
// included.
package profile

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{GetAvatarData(), GetAvatarPositions(), GetAvatarsData(), GetSelfData()}
}
