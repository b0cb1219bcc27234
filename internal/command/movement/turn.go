package movement

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// Turn turns the agent by an angle.
func Turn() command.Command {
	var (
		radians = param.Float("radians", "by how much", -unbounded, unbounded).
			Fails(script.ErrInvalidAngleProvided).Required()
		direction = param.OneOf("direction", "which way", script.ErrUnknownDirection, "left", "right")
	)
	return command.Command{
		Name:       "turn",
		Permission: rights.Movement,
		Summary:    "Turns the agent left or right by an angle.",
		Params:     []command.Parameter{radians, direction},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			angle, err := radians.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			way, err := direction.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if way == "right" {
				angle = -angle
			}
			return command.Data{}, move(ctx, c, func(ctx context.Context) error {
				return c.Agent.Turn(ctx, float64(angle))
			})
		},
	}
}
