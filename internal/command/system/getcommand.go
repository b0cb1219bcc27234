package system

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/script"
)

// GetCommand tells how a command is written and what it needs.
func GetCommand() command.Command {
	var (
		name   = param.Text("name", "the command, in any case").Fails(script.ErrNoNameProvided).Required()
		entity = param.OneOf("entity", "what to tell of it", script.ErrUnknownEntity, "syntax", "permission")
		kind   = param.OneOf("type", "syntax: of the input", script.ErrUnknownSyntaxType, "input")
	)
	return command.Command{
		Name:    "getcommand",
		Summary: "Returns the syntax of a command or the permissions it needs.",
		Notes:   []string{"The parameter type is needed for the syntax only. A command that needs no permission gives no data."},
		Params:  []command.Parameter{name, entity, kind},
		Result:  "syntax: one line as it would be sent; permission: names of permissions",
		Errors:  []*script.Error{script.ErrCommandNotFound},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			asked, err := name.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			found, ok := c.Registry.Lookup(asked)
			if !ok {
				return command.Data{}, script.ErrCommandNotFound
			}
			what, err := entity.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if what == "permission" {
				return command.List(found.Permission.Names()...), nil
			}
			if _, err := kind.Of(c); err != nil {
				return command.Data{}, err
			}
			return command.Text(found.Syntax()), nil
		},
	}
}
