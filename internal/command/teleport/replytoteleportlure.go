package teleport

import (
	"context"
	"errors"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// replyToLure holds the parameters of ReplyToTeleportLure.
type replyToLure struct {
	reply param.Reply
	who   param.Avatar
}

// ReplyToTeleportLure answers a teleport that was offered.
func ReplyToTeleportLure() command.Command {
	r := replyToLure{
		reply: param.NewReply("the offer, as the notification lure and getteleportlures tell it"),
		who:   param.NewAvatar("accept, decline: the avatar that offered, which may be left out"),
	}
	return command.Command{
		Name:       "replytoteleportlure",
		Permission: rights.Movement,
		Summary:    "Accepts, declines, ignores or purges teleports that were offered.",
		Notes:      []string{"accept: the agent stands up and stops animations that are not built in; the answer comes when it has arrived."},
		Params:     []command.Parameter{r.reply, r.who},
		Result:     "when accepting failed, the reason as the grid words it",
		Errors: []*script.Error{
			script.ErrTeleportLureNotFound, script.ErrTeleportThrottled, script.ErrTeleportFailed,
		},
		Run: r.run,
	}
}

func (r replyToLure) run(ctx context.Context, c *command.Call) (command.Data, error) {
	action, session, err := r.reply.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	switch action {
	case param.ReplyPurge:
		for _, l := range c.Agent.Lures() {
			c.Agent.ForgetLure(l.Session)
		}
		return command.Data{}, nil
	case param.ReplyIgnore:
		if !c.Agent.ForgetLure(session) {
			err = script.ErrTeleportLureNotFound
		}
		return command.Data{}, err
	}
	if r.who.Given(c) {
		if err := r.check(ctx, c, session); err != nil {
			return command.Data{}, err
		}
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	if action == param.ReplyDecline {
		err = c.Agent.DeclineLure(ctx, session)
		if errors.Is(err, agent.ErrNoOffer) {
			err = script.ErrTeleportLureNotFound
		}
		return command.Data{}, err
	}
	err = c.Agent.AcceptLure(ctx, session)
	switch {
	case errors.Is(err, agent.ErrNoOffer):
		return command.Data{}, script.ErrTeleportLureNotFound
	case err != nil:
		return failed(err)
	}
	return command.Data{}, c.Agent.ResetCamera(ctx)
}

// check makes sure that the avatar given is the one that offered.
func (r replyToLure) check(ctx context.Context, c *command.Call, session grid.UUID) error {
	id, err := r.who.Of(ctx, c)
	if err != nil {
		return err
	}
	for _, l := range c.Agent.Lures() {
		if l.Session == session && l.From != id {
			return command.Explain(script.ErrTeleportLureNotFound, "%s did not offer this one", id)
		}
	}
	return nil
}
