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
		entity = param.OneOf("entity", "what to tell of it", script.ErrUnknownEntity, "syntax", "permission", "family")
		kind   = param.OneOf("type", "syntax: of the input", script.ErrUnknownSyntaxType, "input").RequiredFor("syntax")
	)
	return command.Command{
		Name:    "getcommand",
		Summary: "Returns the syntax of a command, the permissions it needs, or the commands of its family.",
		Notes: []string{
			"A command that needs no permission gives no data.",
			"The family of a command are those that do the same for one, for several or for named things, or with members of a structure. " +
				"Its names say so: an s behind a word of the name, `batch` before it, `data` behind it.",
		},
		Params: []command.Parameter{name, entity, kind},
		Result: "syntax: one line as it would be sent; permission: names of permissions; " +
			"family: name, relation of each, where the relation is singular, plural, named plural, data form or plain form, or two of them with a comma",
		Errors: []*script.Error{script.ErrCommandNotFound},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			asked, err := name.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			found, ok := c.Registry.Lookup(asked)
			if !ok {
				return command.Data{}, c.Registry.NotFound(asked)
			}
			what, err := entity.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			switch what {
			case "permission":
				return command.List(found.Permission.Names()...), nil
			case "family":
				var cells []string
				for _, relative := range c.Registry.Family(found) {
					cells = append(cells, relative.Name, relative.Kin)
				}
				return command.List(cells...), nil
			}
			if _, err := kind.Of(c); err != nil {
				return command.Data{}, err
			}
			return command.Text(found.Syntax()), nil
		},
	}
}
