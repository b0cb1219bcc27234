package system

import (
	"context"

	"rookery/internal/command"
)

// Version tells the version of the program.
func Version() command.Command {
	return command.Command{
		Name:    "version",
		Summary: "Returns the version of the program.",
		Result:  "four numbers with dots between",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			return command.Text(c.Settings.Version), nil
		},
	}
}
