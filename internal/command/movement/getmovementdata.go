package movement

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
)

// GetMovementData tells what the agent's updates say of its movement.
func GetMovementData() command.Command {
	data := param.Query(MovementMembers.Names())
	return command.Command{
		Name:       "getmovementdata",
		Permission: rights.Grooming,
		Summary:    "Returns members of the agent's own movement state.",
		Notes:      []string{"Nothing is asked of the grid. Members of the camera are reached as Camera.Far and so on."},
		Params:     []command.Parameter{data},
		Result:     "name, value pairs of the asked members",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			names, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			return command.List(MovementMembers.Ask(c.Agent.Movement(), names)...), nil
		},
	}
}
