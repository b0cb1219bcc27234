// Package automation has the commands that make the agent act by itself.
package automation

import "rookery/internal/command"

// Commands lists the commands of this topic.
func Commands() []command.Command { return []command.Command{At(), Bayes()} }
