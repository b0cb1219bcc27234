package movement

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
)

// Fly starts or stops flying.
func Fly() command.Command {
	return hold("fly", "Starts or stops flying.", "flying", grid.ControlFly, (*agent.Agent).Fly)
}
