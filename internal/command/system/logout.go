package system

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/rights"
)

// Logout takes the agent out of the grid.
func Logout() command.Command {
	return command.Command{
		Name:       "logout",
		Permission: rights.System,
		Summary:    "Logs the agent out; it stays away until the command login.",
		Notes:      []string{"The program goes on running and answering. It is no error when the agent is away already."},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			return command.Data{}, c.Agent.Logout(ctx)
		},
	}
}
