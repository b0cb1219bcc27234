package system

import (
	"context"
	"errors"
	"strings"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/config"
	"rookery/internal/rights"
	"rookery/script"
)

// RemoveConfigurationGroup removes a group of scripts from the configuration.
func RemoveConfigurationGroup() command.Command {
	target := param.Text("target", "the group, by UUID or name").Fails(script.ErrGroupNotFound).Required()
	return command.Command{
		Name:       "removeconfigurationgroup",
		Permission: rights.System,
		Summary:    "Removes a group from the configuration and saves the configuration file.",
		Notes:      []string{"Its subscribers hear nothing any more. A group may remove itself."},
		Params:     []command.Parameter{target},
		Errors:     []*script.Error{script.ErrGroupNotConfigured, script.ErrUnableToSaveCorradeConfiguration},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			text, err := target.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if c.Program.Configuration == nil {
				return command.Data{}, script.ErrNotSupported
			}
			group, ok := c.Group(strings.TrimSpace(text))
			if !ok {
				return command.Data{}, script.ErrGroupNotConfigured
			}
			err = c.Program.Configuration.RemoveGroup(group.ID)
			if errors.Is(err, config.ErrNotConfigured) {
				return command.Data{}, script.ErrGroupNotConfigured
			}
			return command.Data{}, saved(err, script.ErrUnableToSaveCorradeConfiguration)
		},
	}
}
