package appearance

import (
	"rookery/agent"
	"rookery/internal/command"
)

// Busy sets, clears or tells the busy state.
func Busy() command.Command {
	return toggle("busy", "Sets, clears or reads the agent's busy state.", "The busy animation plays; while it is set the agent answers instant messages with the configured text, if there is one.",
		(*agent.Agent).Busy, (*agent.Agent).IsBusy)
}
