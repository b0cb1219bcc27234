package system

import (
	"context"

	"rookery/internal/command"
)

// ListCommands tells what the group may ask for.
func ListCommands() command.Command {
	return command.Command{
		Name:    "listcommands",
		Summary: "Lists the commands that the group may give.",
		Notes:   []string{"A command that needs several permissions is listed when the group holds all of them."},
		Result:  "names of commands, sorted",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			var names []string
			for _, allowed := range c.Registry.Allowed(c.Caller.Permissions) {
				names = append(names, allowed.Name)
			}
			return command.List(names...), nil
		},
	}
}
