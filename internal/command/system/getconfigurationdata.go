package system

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/config"
	"rookery/internal/query"
	"rookery/internal/rights"
	"rookery/script"
)

// GetConfigurationData tells settings by the names that Corrade gave them.
func GetConfigurationData() command.Command {
	data := param.Query(config.MemberNames())
	return command.Command{
		Name:       "getconfigurationdata",
		Permission: rights.System,
		Summary:    "Returns settings by the names that Corrade gave them.",
		Notes: []string{
			"Settings of agents are those of the first one. Secrets are not told. Groups are name, UUID pairs. The command configuration knows every setting by its own key.",
		},
		Params: []command.Parameter{data},
		Result: "name, value pairs of the asked members",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			names, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if c.Program.Configuration == nil {
				return command.Data{}, script.ErrNotSupported
			}
			return command.List(query.Ask(c.Program.Configuration.Current().Members(), names)...), nil
		},
	}
}
