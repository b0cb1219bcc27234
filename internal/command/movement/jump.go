package movement

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
)

// Jump starts or stops jumping.
func Jump() command.Command {
	return hold("jump", "Starts or stops jumping.", "jumping", grid.ControlUpPos, (*agent.Agent).Jump)
}
