package movement

import (
	"context"
	"errors"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// Sit sits the agent down on an object.
func Sit() command.Command {
	var (
		item      = param.NewItem("what to sit on, by UUID or exact name")
		offset    = param.Vector("offset", "where on it").Or(grid.Vector3{})
		deanimate = deanimateParam()
	)
	return command.Command{
		Name:       "sit",
		Permission: rights.Movement,
		Summary:    "Sits the agent down on an object.",
		Notes:      []string{"The object must be in the region the agent is in. The agent stands up first."},
		Params:     []command.Parameter{item, offset, deanimate},
		Errors:     []*script.Error{script.ErrTimeoutRequestingSit, script.ErrCouldNotSit},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			seat, err := item.Of(ctx, c)
			if err != nil {
				return command.Data{}, err
			}
			where, err := offset.Of(c)
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
			err = move(ctx, c, func(ctx context.Context) error {
				return c.Agent.Sit(ctx, seat.ID, where)
			})
			if errors.Is(err, agent.ErrCannotSit) || errors.Is(err, agent.ErrObjectNotFound) {
				err = script.ErrCouldNotSit.Because(err)
			}
			return command.Data{}, command.OnTimeout(err, script.ErrTimeoutRequestingSit)
		},
	}
}
