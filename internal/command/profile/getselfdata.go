package profile

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
)

// GetSelfData tells what the agent knows of itself.
func GetSelfData() command.Command {
	data := param.Query(selfMembers.Names())
	return command.Command{
		Name:       "getselfdata",
		Permission: rights.Grooming,
		Summary:    "Returns members of the agent itself.",
		Notes:      []string{"Nothing is asked of the grid. Session identifiers are never answered."},
		Params:     []command.Parameter{data},
		Result:     "name, value pairs of the asked members",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			names, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			known := self{c.Agent.Self(), c.Agent.Movement()}
			return command.List(selfMembers.Ask(known, names)...), nil
		},
	}
}
