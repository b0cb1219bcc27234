package directory

import (
	"context"
	"strings"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
)

// BatchAvatarNameToKey finds avatars by name.
func BatchAvatarNameToKey() command.Command {
	avatars := param.List("avatars", `names: "First Last", "first.last", or a single name with the last name Resident`)
	return command.Command{
		Name:       "batchavatarnametokey",
		Permission: rights.Interact,
		Summary:    "Finds the UUIDs of avatars by name.",
		Notes:      []string{"Case does not matter. Names the grid does not know, or does not tell in time, are left out."},
		Params:     []command.Parameter{avatars},
		Result:     "name and UUID of each avatar found, in the order asked",
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			asked, err := avatars.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			var names []agent.Name
			for _, text := range asked {
				if strings.TrimSpace(text) != "" {
					names = append(names, agent.ParseName(text))
				}
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			ids, err := c.Agent.AvatarIDs(ctx, names...)
			if err != nil && !command.IsTimeout(err) {
				return command.Data{}, err
			}
			var cells []string
			for _, name := range names {
				if id, ok := ids[name]; ok {
					cells = append(cells, name.String(), id.String())
				}
			}
			return command.List(cells...), nil
		},
	}
}
