package movement

import (
	"context"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// hold returns a command that holds one of the agent's controls until told to
// let go: the common form of crouch, fly and jump.
func hold(name, summary, what string, control grid.Control, set func(*agent.Agent, context.Context, bool) error) command.Command {
	var (
		action = param.OneOf("action", "start or stop "+what+", or get whether the agent is at it",
			script.ErrFlyActionCanOnlyBeStartOrStop, "start", "stop", "get")
		deanimate = deanimateParam()
	)
	return command.Command{
		Name:       name,
		Permission: rights.Movement,
		Summary:    summary,
		Notes:      []string{"The agent stands up first, also to stop."},
		Params:     []command.Parameter{action, deanimate},
		Result:     "get: True or False, otherwise nothing",
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			what, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			still, err := deanimate.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if what == "get" {
				return command.Bool(c.Agent.Movement().Controls&control == control), nil
			}
			if err := ready(ctx, c, still); err != nil {
				return command.Data{}, err
			}
			return command.Data{}, move(ctx, c, func(ctx context.Context) error {
				return set(c.Agent, ctx, what == "start")
			})
		},
	}
}
