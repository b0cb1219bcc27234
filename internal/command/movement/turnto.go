package movement

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// TurnTo turns the agent to face a point.
func TurnTo() command.Command {
	position := param.Vector("position", "what to face, in region coordinates").
		Fails(script.ErrInvalidPosition).Required()
	return command.Command{
		Name:       "turnto",
		Permission: rights.Movement,
		Summary:    "Turns the agent to face a point.",
		Params:     []command.Parameter{position},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			point, err := position.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			return command.Data{}, move(ctx, c, func(ctx context.Context) error {
				return c.Agent.TurnTo(ctx, point)
			})
		},
	}
}
