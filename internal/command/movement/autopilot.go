package movement

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// Autopilot sets the agent on its way and does not wait for its arrival.
func Autopilot() command.Command {
	var (
		action    = param.OneOf("action", "start to walk, or stop", script.ErrUnknownMoveAction, "start", "stop")
		position  = param.Vector("position", "where to, in region coordinates").Fails(script.ErrInvalidPosition).RequiredFor("start")
		deanimate = deanimateParam()
	)
	return command.Command{
		Name:       "autopilot",
		Permission: rights.Movement,
		Summary:    "Walks the agent to a place in its region by the simulator's autopilot, or cancels that.",
		Notes:      []string{"The arrival is not awaited; walkto does that."},
		Params:     []command.Parameter{action, position, deanimate},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			what, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if what == "stop" {
				return command.Data{}, move(ctx, c, c.Agent.StopMoving)
			}
			goal, err := position.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			still, err := deanimate.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if err := ready(ctx, c, still); err != nil {
				return command.Data{}, err
			}
			return command.Data{}, move(ctx, c, func(ctx context.Context) error {
				if err := c.Agent.StopMoving(ctx); err != nil {
					return err
				}
				if err := c.Agent.TurnTo(ctx, goal); err != nil {
					return err
				}
				return c.Agent.Autopilot(ctx, goal)
			})
		},
	}
}
