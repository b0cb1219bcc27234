package movement

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
)

// Crouch starts or stops crouching.
func Crouch() command.Command {
	return hold("crouch", "Starts or stops crouching.", "crouching", grid.ControlUpNeg, (*agent.Agent).Crouch)
}
