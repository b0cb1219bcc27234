// Package appearance has the commands about how the agent looks to others.
package appearance

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{Away(), Busy(), Typing()}
}
