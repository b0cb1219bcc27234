// Package chat has the commands of talk: what the agent says, and what was said.
package chat

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command { return []command.Command{Language(), Logs(), Tell()} }
