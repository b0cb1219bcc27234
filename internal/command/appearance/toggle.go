package appearance

import (
	"context"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// toggle returns a command that switches a state of the agent on and off or
// tells it: the common form of away, busy and typing.
func toggle(name, summary, note string, set func(*agent.Agent, context.Context, bool) error, get func(*agent.Agent) bool) command.Command {
	action := param.OneOf("action", "what to do; start and stop are the same as enable and disable",
		script.ErrUnknownAction, "enable", "disable", "start", "stop", "get")
	return command.Command{
		Name:       name,
		Permission: rights.Grooming,
		Summary:    summary,
		Notes:      []string{note},
		Params:     []command.Parameter{action},
		Result:     "get: True or False, otherwise nothing",
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			what, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			switch what {
			case "enable", "start":
				return command.Data{}, set(c.Agent, ctx, true)
			case "disable", "stop":
				return command.Data{}, set(c.Agent, ctx, false)
			}
			return command.Bool(get(c.Agent)), nil
		},
	}
}
