package param

import (
	"strings"

	"rookery/grid"
	"rookery/internal/command"
	"rookery/script"
)

// Target is the group that a command acts on, given by the key target as UUID,
// or as the name of a configured group in any case; left out it is the group
// that asks.
type Target struct{}

// Infos describes the key.
func (Target) Infos() []command.Info {
	return []command.Info{{
		Name: "target", Type: "group", Default: "the group that asks", About: "the group to act on, by UUID or name",
		Errors: []*script.Error{script.ErrGroupNotFound},
	}}
}

// Of returns the UUID of the group.
func (Target) Of(c *command.Call) (grid.UUID, error) {
	name := strings.TrimSpace(c.Value("target"))
	if name == "" {
		return c.Caller.ID, nil
	}
	if id, err := grid.ParseUUID(name); err == nil {
		return id, nil
	}
	if group, ok := c.Group(name); ok {
		return group.ID, nil
	}
	return grid.UUID{}, script.ErrGroupNotFound
}
