// Package storage has the commands that keep things on the machine the agent
// runs on.
package storage

import "rookery/internal/command"

// Commands lists the commands of this topic.
func Commands() []command.Command { return []command.Command{Database(), ReadFile(), WriteFile()} }
