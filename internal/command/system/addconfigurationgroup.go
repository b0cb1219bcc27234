package system

import (
	"context"
	"errors"
	"strings"

	"rookery/grid"
	"rookery/internal/access"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/config"
	"rookery/internal/rights"
	"rookery/script"
)

// AddConfigurationGroup adds a group of scripts to the configuration.
func AddConfigurationGroup() command.Command {
	var (
		target        = param.Text("target", "the group, by UUID or name").Fails(script.ErrGroupNotFound).Required()
		name          = param.Text("name", "the group's name, where target is its UUID")
		id            = param.UUID("id", "the group's UUID, where target is its name")
		secret        = param.Text("secret", "the SHA-1 of the group's password, 40 hex digits, or an argon2id hash in PHC form").Fails(script.ErrNoSecretProvided).Required()
		workers       = param.Int("workers", "how many of its commands may run at the same time", 1, 1000).Fails(script.ErrInvalidWorkersProvided).Required()
		schedules     = param.Int("schedules", "how many scheduled commands it may keep", 0, 100000).Fails(script.ErrInvalidSchedulesProvided).Required()
		permissions   = param.List("permissions", "what it may do, any of: "+strings.Join(rights.PermissionNames(), ", "))
		notifications = param.List("notifications", "what it may hear, any of: "+strings.Join(rights.NotificationNames(), ", "))
	)
	return command.Command{
		Name:       "addconfigurationgroup",
		Permission: rights.System,
		Summary:    "Adds a group to the configuration and saves the configuration file.",
		Notes: []string{
			"The group may log in at once. The grid is not asked: with a UUID as target give the name too, with a name the UUID.",
			"Where databases and chat logs are kept is not a matter of groups: database, logs and path are accepted and have no effect.",
		},
		Params: []command.Parameter{target, name, id, secret, workers, schedules, permissions, notifications},
		Errors: []*script.Error{
			script.ErrGroupAlreadyConfigured, script.ErrInvalidSecretProvided, script.ErrInvalidParameter, script.ErrUnableToSaveCorradeConfiguration,
		},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			store := c.Program.Configuration
			if store == nil {
				return command.Data{}, script.ErrNotSupported
			}
			fail := func(err error) (command.Data, error) { return command.Data{}, err }
			var g config.Group
			text, err := target.Of(c)
			if err != nil {
				return fail(err)
			}
			if uuid, err := grid.ParseUUID(strings.TrimSpace(text)); err == nil {
				g.UUID = uuid
				if g.Name, err = name.Of(c); err != nil {
					return fail(err)
				}
			} else {
				g.Name = text
				if g.UUID, err = id.Of(c); err != nil {
					return fail(err)
				}
			}
			if g.Name == "" || g.UUID == (grid.UUID{}) {
				return fail(command.Explain(script.ErrGroupNotFound, "target is a UUID and name its name, or target a name and id its UUID"))
			}
			if known(c, g) {
				return fail(script.ErrGroupAlreadyConfigured)
			}
			if text, err = secret.Of(c); err != nil {
				return fail(err)
			}
			if form, err := access.StoredForm(text); err != nil || form == access.Plain {
				return fail(command.Explain(script.ErrInvalidSecretProvided, "want the SHA-1 of the password, 40 hex digits, or an argon2id hash"))
			}
			g.Password = config.Secret(text)
			n, err := workers.Of(c)
			if err != nil {
				return fail(err)
			}
			g.Workers = int(n)
			if n, err = schedules.Of(c); err != nil {
				return fail(err)
			}
			g.Schedules = int(n)
			if err := fill(c, permissions, &g.Permissions); err != nil {
				return fail(err)
			}
			if err := fill(c, notifications, &g.Notifications); err != nil {
				return fail(err)
			}
			err = store.AddGroup(g)
			if errors.Is(err, config.ErrConfigured) {
				return fail(script.ErrGroupAlreadyConfigured)
			}
			return fail(saved(err, script.ErrUnableToSaveCorradeConfiguration))
		},
	}
}

func known(c *command.Call, g config.Group) bool {
	_, name := c.Group(g.Name)
	_, id := c.Group(g.UUID.String())
	return name || id
}

// fill checks a list of names and puts it into a group.
func fill[T ~string](c *command.Call, p param.Param[[]string], dst *[]T) error {
	names, err := p.Of(c)
	if err != nil {
		return err
	}
	for _, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		switch any(dst).(type) {
		case *[]config.PermissionName:
			_, err = rights.ParsePermission(name)
		default:
			_, err = rights.ParseNotification(name)
		}
		if err != nil {
			return command.Explain(script.ErrInvalidParameter, "%s: %v", p.Infos()[0].Name, err)
		}
		*dst = append(*dst, T(name))
	}
	return nil
}
