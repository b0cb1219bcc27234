package friend

import (
	"context"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/rights"
)

// GetFriendshipRequests lists the offers of friendship that wait.
func GetFriendshipRequests() command.Command {
	return command.Command{
		Name:       "getfriendshiprequests",
		Permission: rights.Friendship,
		Summary:    "Lists the offers of friendship that wait for an answer.",
		Notes:      []string{"Offers of masters are accepted at once. At most 100 wait, the latest of each avatar; the oldest are forgotten."},
		Result:     "name, UUID, session of each avatar that offers, the oldest first",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			var cells []string
			for _, o := range c.Agent.FriendshipOffers() {
				cells = append(cells, agent.ParseName(o.FromName).String(), o.From.String(), o.Session.String())
			}
			return command.List(cells...), nil
		},
	}
}
