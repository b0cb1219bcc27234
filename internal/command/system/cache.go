package system

import (
	"context"
	"slices"
	"strings"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/namecache"
	"rookery/internal/rights"
	"rookery/script"
)

// Cache forgets, saves or loads what the agent remembers of the grid.
func Cache() command.Command {
	entities := []string{"nucleus", "asset", "corrade"}
	var (
		action = param.OneOf("action", "what to do", script.ErrUnknownAction, "purge", "load", "save")
		entity = param.List("entity", "purge: what to forget, any of: "+strings.Join(entities, ", "))
	)
	return command.Command{
		Name:       "cache",
		Permission: rights.System,
		Summary:    "Forgets, saves or loads what the agent remembers of the grid: the names of avatars.",
		Notes: []string{
			"Without entity, purge forgets nothing; corrade is the names. Nothing is kept of assets and of web pages: asset and nucleus are accepted and have no effect.",
			"Names are loaded when the program starts and saved when it ends, too.",
		},
		Params: []command.Parameter{action, entity},
		Errors: []*script.Error{script.ErrUnknownEntity, script.ErrNotSupported},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			do, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			if do == "purge" {
				return command.Data{}, purge(c, entity, entities)
			}
			if c.Program.Names == "" {
				return command.Data{}, script.ErrNotSupported
			}
			if do == "save" {
				return command.Data{}, namecache.Save(c.Program.Names, c.Agent)
			}
			return command.Data{}, namecache.Load(c.Program.Names, c.Agent)
		},
	}
}

func purge(c *command.Call, entity param.Param[[]string], entities []string) error {
	what, err := entity.Of(c)
	if err != nil {
		return err
	}
	for i, e := range what {
		what[i] = strings.ToLower(strings.TrimSpace(e))
		if !slices.Contains(entities, what[i]) {
			return command.Explain(script.ErrUnknownEntity, "%q is none of %s", e, strings.Join(entities, ", "))
		}
	}
	if slices.Contains(what, "corrade") {
		c.Agent.ForgetNames()
	}
	return nil
}
