package directory

import (
	"context"
	"strings"

	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
)

// BatchAvatarKeyToName finds the names of avatars.
func BatchAvatarKeyToName() command.Command {
	avatars := param.List("avatars", "UUIDs; what is no UUID is left out")
	return command.Command{
		Name:       "batchavatarkeytoname",
		Permission: rights.Interact,
		Summary:    "Finds the legacy names of avatars by UUID.",
		Notes:      []string{"Avatars the grid does not know, or does not tell in time, are left out."},
		Params:     []command.Parameter{avatars},
		Result:     "UUID and name of each avatar found, in the order asked",
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			asked, err := avatars.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			var ids []grid.UUID
			for _, text := range asked {
				if id, err := grid.ParseUUID(strings.TrimSpace(text)); err == nil {
					ids = append(ids, id)
				}
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			names, err := c.Agent.AvatarNames(ctx, ids...)
			if err != nil && !command.IsTimeout(err) {
				return command.Data{}, err
			}
			var cells []string
			for _, id := range ids {
				if name, ok := names[id]; ok {
					cells = append(cells, id.String(), name.String())
				}
			}
			return command.List(cells...), nil
		},
	}
}
