// Package movement has the commands that move the agent about and tell how it
// moves.
package movement

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{
		Autopilot(), Crouch(), Fly(), FlyTo(), GetCameraData(), GetMovementData(), Jump(), Nudge(), Sit(), Stand(), Turn(),
		TurnTo(), WalkTo(),
	}
}
