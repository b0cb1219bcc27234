// Package chat has the commands that make the agent speak.
package chat

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command { return []command.Command{Language(), Tell()} }
