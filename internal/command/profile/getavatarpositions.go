package profile

import (
	"context"

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
		position = param.Point("position", "parcel: a point of it, the agent's own place when left out")
	)
	return command.Command{
		Name:       "getavatarpositions",
		Permission: rights.Interact,
		Summary:    "Lists names and coarse positions of the avatars in a region.",
		Notes: []string{
			"Every avatar of the region is listed, the agent included, however far away. Positions are whole metres, heights steps of 4 m.",
			"Avatars whose name the grid does not tell are left out. Avatars on a parcel are not available in this version.",
		},
		Params: []command.Parameter{region, entity, position},
		Result: "name, UUID and position of each avatar",
		Errors: []*script.Error{script.ErrCouldNotFindParcel},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			where, err := region.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			which, err := entity.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if which == "parcel" {
				if _, err := position.Of(c); err != nil {
					return command.Data{}, err
				}
				return command.Data{}, command.Explain(script.ErrCouldNotFindParcel, "%s", noParcels)
			}
			dots := c.Agent.CoarseLocations(where.Handle)
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
