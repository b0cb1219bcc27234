package appearance

import (
	"rookery/agent"
	"rookery/internal/command"
)

// Typing starts, stops or tells the typing animation.
func Typing() command.Command {
	return toggle("typing", "Starts, stops or reads the typing animation.", "Only the animation: nobody is told in chat. tell with type StartTyping does that.",
		(*agent.Agent).Typing, (*agent.Agent).IsTyping)
}
