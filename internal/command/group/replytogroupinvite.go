package group

import (
	"context"
	"errors"
	"slices"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// ReplyToGroupInvite answers an invitation into a group.
func ReplyToGroupInvite() command.Command {
	reply := param.NewReply("the invitation, as the notification invite and getgroupinvites tell it")
	return command.Command{
		Name:       "replytogroupinvite",
		Permission: rights.Group,
		Summary:    "Accepts, declines, ignores or purges invitations into groups.",
		Notes: []string{
			"accept: the answer comes when the agent is a member. A group that costs money to join wants the permission economy, and the money.",
		},
		Params: []command.Parameter{reply},
		Errors: []*script.Error{
			script.ErrGroupInviteNotFound, script.ErrAlreadyInGroup, script.ErrUnableToObtainMoneyBalance, script.ErrInsufficientFunds,
			script.ErrTimeoutJoiningGroup,
		},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			action, session, err := reply.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			switch action {
			case param.ReplyPurge:
				for _, i := range c.Agent.Invitations() {
					c.Agent.ForgetInvitation(i.Session)
				}
				return command.Data{}, nil
			case param.ReplyAccept:
				err = accept(ctx, c, session)
			case param.ReplyDecline:
				ctx, cancel := c.Wait(ctx)
				defer cancel()
				err = c.Agent.DeclineGroupInvitation(ctx, session)
			case param.ReplyIgnore:
				if !c.Agent.ForgetInvitation(session) {
					err = agent.ErrNoOffer
				}
			}
			if errors.Is(err, agent.ErrNoOffer) {
				err = script.ErrGroupInviteNotFound
			}
			return command.Data{}, err
		},
	}
}

func accept(ctx context.Context, c *command.Call, session grid.UUID) error {
	waiting := c.Agent.Invitations()
	i := slices.IndexFunc(waiting, func(i agent.GroupInvited) bool { return i.Session == session })
	if i < 0 {
		return agent.ErrNoOffer
	}
	invited := waiting[i]
	if slices.ContainsFunc(c.Agent.Groups(), func(g agent.Group) bool { return g.ID == invited.Group }) {
		return script.ErrAlreadyInGroup
	}
	if invited.Fee > 0 {
		if err := afford(ctx, c, invited.Fee); err != nil {
			return err
		}
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	return command.OnTimeout(c.Agent.AcceptGroupInvitation(ctx, session), script.ErrTimeoutJoiningGroup)
}

// afford tells whether the group may spend the agent's money, and the agent has
// it.
func afford(ctx context.Context, c *command.Call, fee int32) error {
	if !c.Caller.Permissions.Has(rights.Economy) {
		return command.Explain(script.ErrNoCorradePermissions, "joining costs L$%d, which wants the permission economy", fee)
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	balance, err := c.Agent.Balance(ctx)
	if err != nil {
		return command.OnTimeout(err, script.ErrUnableToObtainMoneyBalance)
	}
	if balance < fee {
		return command.Explain(script.ErrInsufficientFunds, "joining costs L$%d, and the agent has L$%d", fee, balance)
	}
	return nil
}
