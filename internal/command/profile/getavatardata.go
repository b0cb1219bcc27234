package profile

import (
	"context"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// GetAvatarData tells what the agent knows of an avatar in range.
func GetAvatarData() command.Command {
	var (
		who    = param.NewAvatar("the avatar asked about")
		within = param.Within()
		data   = param.Query(avatarMembers.Names())
	)
	return command.Command{
		Name:       "getavatardata",
		Permission: rights.Interact,
		Summary:    "Returns members of an avatar in range, its profile included.",
		Notes:      []string{profileNote},
		Params:     []command.Parameter{who, within, data},
		Result:     "name, value pairs of the asked members",
		Errors:     []*script.Error{script.ErrAvatarNotInRange, script.ErrTimeoutGettingAvatarData},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			id, err := who.Of(ctx, c)
			if err != nil {
				return command.Data{}, err
			}
			metres, err := within.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			names, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			seen, err := inRange(c, id, metres)
			if err != nil {
				return command.Data{}, err
			}
			known, err := withProfiles(ctx, c, []agent.Avatar{seen}, names)
			if err != nil {
				return command.Data{}, err
			}
			if asksProfile(names) && known[0].profile == nil {
				return command.Data{}, script.ErrTimeoutGettingAvatarData
			}
			return command.List(avatarMembers.Ask(known[0], names)...), nil
		},
	}
}
