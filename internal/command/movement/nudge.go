package movement

import (
	"context"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// Nudge gives the agent one small push.
func Nudge() command.Command {
	direction := param.OneOf("direction", "where to push, as the avatar faces", script.ErrUnknownDirection,
		"back", "forward", "left", "right", "up", "down")
	return command.Command{
		Name:       "nudge",
		Permission: rights.Movement,
		Summary:    "Gives the agent one small push in a direction.",
		Params:     []command.Parameter{direction},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			where, err := direction.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			return command.Data{}, move(ctx, c, func(ctx context.Context) error {
				return c.Agent.Nudge(ctx, agent.Direction(where))
			})
		},
	}
}
