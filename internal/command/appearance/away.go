package appearance

import (
	"rookery/agent"
	"rookery/internal/command"
)

// Away sets, clears or tells the away state.
func Away() command.Command {
	return toggle("away", "Sets, clears or reads the agent's away state.", "The away animation plays and the away control is set.",
		(*agent.Agent).Away, (*agent.Agent).IsAway)
}
