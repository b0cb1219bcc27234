package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// Database runs SQL on the group's own database.
func Database() command.Command {
	text := param.Text("SQL", "one or more statements of SQLite's SQL").Required().Fails(script.ErrNoSQLStringProvided)
	data := param.List("data", "parameter, value and so on: the text that takes the place of :parameter in the statements")
	return command.Command{
		Name:       "database",
		Permission: rights.Database,
		Summary:    "Runs SQL on the database of the group, a SQLite file that is made when it is first asked.",
		Notes: []string{
			"The statements run in one transaction: when one fails, nothing is changed, and `data` says why. " +
				"Put values that others chose into `data`, never into `SQL`.",
			"The settings say which kinds of statements are allowed, how large the file may become, and how long and how much may be answered. " +
				"Other files cannot be attached; transactions, virtual tables and most pragmas are refused. Temporary tables are gone when the command is done.",
		},
		Params: []command.Parameter{text, data},
		Result: "column, value for every cell of the rows of the last statement, row after row; null is empty, blobs are base64. When it fails: why",
		Errors: []*script.Error{script.ErrNoDatabaseFileConfigured, script.ErrInvalidParameter, script.ErrSQLExecutionFailed},
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			if c.Rooms.Database == nil {
				return command.Data{}, script.ErrNoDatabaseFileConfigured
			}
			statements, err := text.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			list, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			args, err := arguments(list)
			if err != nil {
				return command.Data{}, command.Explain(script.ErrInvalidParameter, "data: %v", err)
			}
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			cells, err := c.Rooms.Database.Run(ctx, c.Caller.ID, statements, args)
			if errors.Is(err, context.DeadlineExceeded) {
				err = fmt.Errorf("the statement took longer than %v", c.Timeout)
			}
			if err != nil {
				return command.Text(err.Error()), command.Explain(script.ErrSQLExecutionFailed, "%v", err)
			}
			return command.List(cells...), nil
		},
	}
}

// arguments reads the values of named parameters, whose names may be written
// with the sign they have in SQL.
func arguments(list []string) (map[string]string, error) {
	if len(list)%2 != 0 {
		return nil, fmt.Errorf("want parameter,value and so on; there is a parameter without value: %q", list[len(list)-1])
	}
	args := make(map[string]string, len(list)/2)
	for i := 0; i < len(list); i += 2 {
		name := strings.TrimLeft(strings.TrimSpace(list[i]), ":@$")
		if !isName(name) {
			return nil, fmt.Errorf("%q is no name of a parameter: want letters, digits and _, a letter first", list[i])
		}
		if _, twice := args[name]; twice {
			return nil, fmt.Errorf("the parameter %q is given twice", name)
		}
		args[name] = list[i+1]
	}
	return args, nil
}

// isName tells whether SQL can name a parameter so.
func isName(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}
