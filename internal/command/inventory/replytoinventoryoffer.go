package inventory

import (
	"context"
	"errors"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// maxName is the longest name of an item, in bytes.
const maxName = 63

// ReplyToInventoryOffer answers an offer of inventory.
func ReplyToInventoryOffer() command.Command {
	var (
		reply  = param.NewReply("the offer, as the notification inventory and getinventoryoffers tell it")
		folder = param.NewFolder("folder", "accept: where to, the folder for its type when left out")
		name   = param.Text("name", "accept: a new name for an item, at most 63 bytes").OrElse("the name it has", nil)
	)
	return command.Command{
		Name:       "replytoinventoryoffer",
		Permission: rights.Inventory,
		Summary:    "Accepts, declines, ignores or purges offers of inventory.",
		Notes: []string{
			"The answer comes when the grid has heard of it, and so has whoever offered.",
			"A folder that is offered stays where the grid has put it, under its name.",
		},
		Params: []command.Parameter{reply, folder, name},
		Errors: []*script.Error{script.ErrInventoryOfferNotFound, script.ErrInvalidParameter},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			action, session, err := reply.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			var at agent.InventoryPlace
			if action == param.ReplyAccept {
				if at.Folder, err = folder.Of(c); err != nil {
					return command.Data{}, err
				}
				if at.Name, err = name.Of(c); err != nil {
					return command.Data{}, err
				}
				if len(at.Name) > maxName {
					return command.Data{}, command.Explain(script.ErrInvalidParameter, "name has %d bytes; allowed are %d", len(at.Name), maxName)
				}
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			switch action {
			case param.ReplyPurge:
				for _, o := range c.Agent.InventoryOffers() {
					c.Agent.ForgetInventory(o.Session)
				}
			case param.ReplyAccept:
				err = c.Agent.AcceptInventory(ctx, session, at)
			case param.ReplyDecline:
				err = c.Agent.DeclineInventory(ctx, session)
			case param.ReplyIgnore:
				if !c.Agent.ForgetInventory(session) {
					err = agent.ErrNoOffer
				}
			}
			if errors.Is(err, agent.ErrNoOffer) {
				err = script.ErrInventoryOfferNotFound
			}
			return command.Data{}, err
		},
	}
}
