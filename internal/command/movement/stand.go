package movement

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/rights"
)

// Stand stands the agent up.
func Stand() command.Command {
	deanimate := deanimateParam()
	return command.Command{
		Name:       "stand",
		Permission: rights.Movement,
		Summary:    "Stands the agent up.",
		Notes:      []string{"It is no error when the agent does not sit; animations are stopped all the same when asked."},
		Params:     []command.Parameter{deanimate},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			still, err := deanimate.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			return command.Data{}, move(ctx, c, func(ctx context.Context) error {
				return ready(ctx, c, still)
			})
		},
	}
}
