package movement

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// WalkTo walks the agent to a place and waits for its arrival.
func WalkTo() command.Command {
	var (
		position = param.Vector("position", "where to, in region coordinates").Fails(script.ErrInvalidPosition).Required()
		duration = durationParam()
		vicinity = vicinityParam()
		affinity = affinityParam()
	)
	return command.Command{
		Name:       "walkto",
		Permission: rights.Movement,
		Summary:    "Walks the agent to a place and waits for its arrival.",
		Notes:      []string{"The agent stands up first. Affinity is accepted for the sake of flyto; who walks needs no braking."},
		Params:     []command.Parameter{position, duration, vicinity, affinity},
		Errors:     []*script.Error{script.ErrTimeoutReachingDestination},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			goal, err := position.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			limit, err := duration.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			near, err := vicinity.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if _, err := affinity.Of(c); err != nil {
				return command.Data{}, err
			}
			if err := ready(ctx, c, false); err != nil {
				return command.Data{}, err
			}
			return command.Data{}, reach(ctx, limit, func(ctx context.Context) error {
				return c.Agent.WalkTo(ctx, goal, near)
			})
		},
	}
}
