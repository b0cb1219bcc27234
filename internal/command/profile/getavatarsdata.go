package profile

import (
	"cmp"
	"context"
	"slices"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// GetAvatarsData tells what the agent knows of the avatars around it.
func GetAvatarsData() command.Command {
	var (
		entity   = param.OneOf("entity", "which avatars", script.ErrUnknownEntity, "range", "parcel", "region", "avatar")
		within   = param.Within()
		position = parcelPoint()
		who      = param.NewAvatar("avatar: the one asked about")
		data     = param.Query(avatarMembers.Names())
	)
	return command.Command{
		Name:       "getavatarsdata",
		Permission: rights.Interact,
		Summary:    "Returns members of the avatars in range, on a parcel or in the region, or of one avatar.",
		Notes: []string{
			"The agent itself is one of them. Nearer avatars come first. " + profileNote,
			"A parcel is one of the region that the agent stands in.",
		},
		Params: []command.Parameter{entity, within, position, who, data},
		Result: "name, value pairs of the asked members, avatar after avatar",
		Errors: []*script.Error{script.ErrCouldNotFindParcel, script.ErrTimeoutGettingParcels, script.ErrAvatarNotInRange},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			which, err := entity.Of(c)
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
			var avatars []agent.Avatar
			switch which {
			case "range":
				avatars = around(c, func(a agent.Avatar) bool { return c.Agent.Distance(a.Region, a.Position) <= metres })
			case "region":
				here := c.Agent.Self().Region
				avatars = around(c, func(a agent.Avatar) bool { return a.Region == here })
			case "avatar":
				id, err := who.Of(ctx, c)
				if err != nil {
					return command.Data{}, err
				}
				a, err := inRange(c, id, metres)
				if err != nil {
					return command.Data{}, err
				}
				avatars = []agent.Avatar{a}
			default:
				parcel, err := parcelAt(ctx, c, position)
				if err != nil {
					return command.Data{}, err
				}
				avatars = around(c, func(a agent.Avatar) bool { return a.Region == parcel.Region && parcel.Contains(a.Position) })
			}
			known, err := withProfiles(ctx, c, avatars, names)
			if err != nil {
				return command.Data{}, err
			}
			var cells []string
			for _, a := range known {
				cells = append(cells, avatarMembers.Ask(a, names)...)
			}
			return command.List(cells...), nil
		},
	}
}

// around returns the avatars in view that fit, nearest first.
func around(c *command.Call, fits func(agent.Avatar) bool) []agent.Avatar {
	avatars := slices.DeleteFunc(c.Agent.Avatars(), func(a agent.Avatar) bool { return !fits(a) })
	slices.SortStableFunc(avatars, func(a, b agent.Avatar) int {
		return cmp.Compare(c.Agent.Distance(a.Region, a.Position), c.Agent.Distance(b.Region, b.Position))
	})
	return avatars
}
