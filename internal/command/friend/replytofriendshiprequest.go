package friend

import (
	"context"
	"errors"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// ReplyToFriendshipRequest answers an offer of friendship.
func ReplyToFriendshipRequest() command.Command {
	var (
		action = param.OneOf("action", "what to answer", script.ErrUnknownAction, param.ReplyAccept, param.ReplyDecline)
		who    = param.NewAvatar("the avatar that offered")
	)
	return command.Command{
		Name:       "replytofriendshiprequest",
		Permission: rights.Friendship,
		Summary:    "Accepts or declines an offer of friendship.",
		Notes:      []string{"The answer comes when the grid has heard of it."},
		Params:     []command.Parameter{action, who},
		Errors:     []*script.Error{script.ErrFriendshipOfferNotFound},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			what, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			id, err := who.Of(ctx, c)
			if err != nil {
				return command.Data{}, err
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			if what == param.ReplyAccept {
				err = c.Agent.AcceptFriendship(ctx, id)
			} else {
				err = c.Agent.DeclineFriendship(ctx, id)
			}
			if errors.Is(err, agent.ErrNoOffer) {
				err = script.ErrFriendshipOfferNotFound
			}
			return command.Data{}, err
		},
	}
}
