package movement

import (
	"context"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// FlyTo flies the agent to a place and waits for its arrival.
func FlyTo() command.Command {
	var (
		position = param.Vector("position", "where to, in region coordinates").Fails(script.ErrInvalidPosition).Required()
		duration = durationParam()
		vicinity = vicinityParam()
		affinity = affinityParam()
		fly      = param.Bool("fly", "whether to fly after the arrival").OrElse("goes on flying", nil)
	)
	return command.Command{
		Name:       "flyto",
		Permission: rights.Movement,
		Summary:    "Flies the agent to a place and waits for its arrival.",
		Notes:      []string{"The agent stands up first. When the time is over it stays where it is, flying."},
		Params:     []command.Parameter{position, duration, vicinity, affinity, fly},
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
			steps, err := affinity.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			after, err := fly.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if err := ready(ctx, c, false); err != nil {
				return command.Data{}, err
			}
			err = reach(ctx, limit, func(ctx context.Context) error {
				return c.Agent.FlyTo(ctx, goal, agent.FlyOptions{Vicinity: near, Affinity: int(steps)})
			})
			if err != nil || !fly.Given(c) {
				return command.Data{}, err
			}
			return command.Data{}, move(ctx, c, func(ctx context.Context) error { return c.Agent.Fly(ctx, after) })
		},
	}
}
