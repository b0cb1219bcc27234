package friend

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/rights"
	"rookery/script"
)

// GetMutes lists the mute entries.
func GetMutes() command.Command {
	return command.Command{
		Name:       "getmutes",
		Permission: rights.Mute,
		Summary:    "Lists the agent's mute list.",
		Notes: []string{
			"The list is fetched at login. Where a grid does not tell it, the answer is an error, and `data` holds the entries that the agent obeys.",
			"Flags are what is not muted: Default for nothing, All, or names joined with comma and space.",
		},
		Result: "name, UUID, flags, type of each entry",
		Errors: []*script.Error{script.ErrCouldNotRetrieveMuteList},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			list, err := c.Agent.Mutes(ctx)
			var cells []string
			for _, m := range list {
				cells = append(cells, m.Name, m.ID.String(), m.Flags.String(), m.Type.String())
			}
			return command.List(cells...), command.OnTimeout(err, script.ErrCouldNotRetrieveMuteList)
		},
	}
}
