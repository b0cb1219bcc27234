package movement

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
)

// GetCameraData tells where the agent looks from.
func GetCameraData() command.Command {
	data := param.Query(CameraMembers.Names())
	return command.Command{
		Name:       "getcameradata",
		Permission: rights.Grooming,
		Summary:    "Returns members of the agent's own camera.",
		Params:     []command.Parameter{data},
		Result:     "name, value pairs of the asked members",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			names, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			return command.List(CameraMembers.Ask(c.Agent.Camera(), names)...), nil
		},
	}
}
