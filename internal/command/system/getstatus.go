package system

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/script"
)

// GetStatus tells what the number of an error means.
func GetStatus() command.Command {
	var (
		status = param.Int("status", "the number in the key status of a failed command", 0, 1<<31-1).Fails(script.ErrInvalidStatusSupplied).Required()
		entity = param.OneOf("entity", "what to tell of it", script.ErrUnknownEntity, "description")
	)
	return command.Command{
		Name:    "getstatus",
		Summary: "Returns the description of an error by its status number.",
		Params:  []command.Parameter{status, entity},
		Result:  "the text of the error",
		Errors:  []*script.Error{script.ErrStatusNotFound},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			number, err := status.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if _, err := entity.Of(c); err != nil {
				return command.Data{}, err
			}
			if number == 0 {
				return command.Text("none"), nil
			}
			e, ok := script.ErrorByStatus(int(number))
			if !ok {
				return command.Data{}, script.ErrStatusNotFound
			}
			return command.Text(e.Text), nil
		},
	}
}
