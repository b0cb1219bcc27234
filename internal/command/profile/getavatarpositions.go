package profile

import (
	"context"
	"slices"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/query"
	"rookery/internal/rights"
	"rookery/script"
)

// GetAvatarPositions tells where avatars are as the map of a region shows them.
func GetAvatarPositions() command.Command {
	var (
		region   = param.NewRegion("a region the agent is connected to, by name or UUID")
		entity   = param.OneOf("entity", "which avatars", script.ErrUnknownEntity, "region", "parcel")
		position = parcelPoint()
	)
	return command.Command{
		Name:       "getavatarpositions",
		Permission: rights.Interact,
		Summary:    "Lists names and coarse positions of the avatars in a region.",
		Notes: []string{
			"Every avatar of the region is listed, the agent included, however far away. Positions are whole metres, heights steps of 4 m.",
			"Avatars whose name the grid does not tell are left out.",
			"A parcel is one of the region that the agent stands in; who stands on it is told by the coarse positions.",
		},
		Params: []command.Parameter{region, entity, position},
		Result: "name, UUID and position of each avatar",
		Errors: []*script.Error{script.ErrCouldNotFindParcel, script.ErrTimeoutGettingParcels},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			where, err := region.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			which, err := entity.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			dots := c.Agent.CoarseLocations(where.Handle)
			if which == "parcel" {
				if here := c.Agent.Self().Region; where.Handle != here {
					return command.Data{}, command.Explain(script.ErrCouldNotFindParcel, "only those of the agent's own region are known")
				}
				parcel, err := parcelAt(ctx, c, position)
				if err != nil {
					return command.Data{}, err
				}
				dots = slices.DeleteFunc(slices.Clone(dots), func(d agent.CoarseLocation) bool { return !parcel.Contains(d.Position) })
			}
			ids := make([]grid.UUID, len(dots))
			for i, dot := range dots {
				ids[i] = dot.ID
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			names, err := c.Agent.AvatarNames(ctx, ids...)
			if err != nil && !command.IsTimeout(err) {
				return command.Data{}, err
			}
			var cells []string
			for _, dot := range dots {
				if name, ok := names[dot.ID]; ok {
					cells = append(cells, name.String(), dot.ID.String(), query.Cells(dot.Position)[0])
				}
			}
			return command.List(cells...), nil
		},
	}
}
