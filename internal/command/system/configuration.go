package system

import (
	"context"
	"errors"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/config"
	"rookery/internal/rights"
	"rookery/script"
)

// Configuration reads and writes the configuration file.
func Configuration() command.Command {
	var (
		action = param.OneOf("action", "what to do", script.ErrUnknownAction, "read", "write", "get", "set", "remove")
		path   = param.Text("path", "the key of a setting, such as tcp.address or groups[0].workers").Fails(script.ErrNoPathProvided).RequiredFor("get, set and remove")
		data   = param.Text("data", "write: the whole file; set: the value, a list as CSV").Fails(script.ErrNoDataProvided).RequiredFor("write and set")
	)
	return command.Command{
		Name:       "configuration",
		Permission: rights.System,
		Summary:    "Reads or writes the configuration file, whole or one setting of it.",
		Notes: []string{
			"Keys are those of the file: tables and names with dots between, elements of lists in brackets, counted from 0.",
			"remove takes a setting out of the file, so that its default holds. Elements of lists are set with their list, and groups have commands of their own.",
			"In place of each secret stand three stars. Who writes or sets stars in place of a secret keeps the secret.",
			"What is no valid configuration changes nothing; the error says where the mistake is. What is valid takes effect at once where it can, the log says what needs a restart, and comments stay.",
		},
		Params: []command.Parameter{action, path, data},
		Result: "read: the text of the file; get: the value, a table as TOML",
		Errors: []*script.Error{
			script.ErrInvalidXMLPath, script.ErrUnableToLoadConfiguration, script.ErrUnableToSaveConfiguration,
		},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			do, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			store := c.Program.Configuration
			if store == nil {
				return command.Data{}, script.ErrNotSupported
			}
			var key, text string
			if do == "get" || do == "set" || do == "remove" {
				if key, err = path.Of(c); err != nil {
					return command.Data{}, err
				}
			}
			if do == "write" || do == "set" {
				if text, err = data.Of(c); err != nil {
					return command.Data{}, err
				}
			}
			switch do {
			case "read":
				whole, err := store.Read()
				if err != nil {
					return command.Data{}, command.Explain(script.ErrUnableToLoadConfiguration, "%v", err)
				}
				return command.Text(whole), nil
			case "write":
				return command.Data{}, saved(store.Write(text), script.ErrUnableToSaveConfiguration)
			case "get":
				value, err := store.Get(key)
				if err != nil {
					return command.Data{}, command.Explain(script.ErrInvalidXMLPath, "%v", err)
				}
				return command.Text(value), nil
			case "remove":
				return command.Data{}, saved(store.Remove(key), script.ErrUnableToSaveConfiguration)
			default:
				return command.Data{}, saved(store.Set(key, text), script.ErrUnableToSaveConfiguration)
			}
		},
	}
}

// saved says why a change was not saved.
func saved(err error, e *script.Error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, config.ErrKey) && e == script.ErrUnableToSaveConfiguration:
		return command.Explain(script.ErrInvalidXMLPath, "%v", err)
	}
	return command.Explain(e, "%v", err)
}
