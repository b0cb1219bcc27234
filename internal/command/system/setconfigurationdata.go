package system

import (
	"context"
	"strings"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/config"
	"rookery/internal/rights"
	"rookery/script"
)

// SetConfigurationData changes settings by the names that Corrade gave them.
func SetConfigurationData() command.Command {
	data := param.List("data", "name, value pairs; any of: "+strings.Join(config.SettableNames(), ", "))
	return command.Command{
		Name:       "setconfigurationdata",
		Permission: rights.System,
		Summary:    "Changes settings by the names that Corrade gave them and saves the configuration file.",
		Notes: []string{
			"All of them or none: a wrong name or value changes nothing. Lists are CSV within the value, and three stars keep a secret. What can take effect does so at once, the log says what needs a restart.",
		},
		Params: []command.Parameter{data},
		Errors: []*script.Error{script.ErrUnableToSaveCorradeConfiguration},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			cells, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if c.Program.Configuration == nil {
				return command.Data{}, script.ErrNotSupported
			}
			return command.Data{}, saved(c.Program.Configuration.SetMembers(cells), script.ErrUnableToSaveCorradeConfiguration)
		},
	}
}
