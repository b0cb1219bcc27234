// Package inventory has the commands about what the agent has and is given.
package inventory

import "rookery/internal/command"

// Commands lists the commands of the topic.
func Commands() []command.Command {
	return []command.Command{GetInventoryOffers(), ReplyToInventoryOffer()}
}
