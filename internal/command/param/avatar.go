package param

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/script"
)

// Avatar is an avatar, given by the key agent as UUID, or by firstname and
// lastname in any case. A missing last name is Resident; a UUID wins over
// names, and is not asked about.
type Avatar struct{ about string }

// NewAvatar returns the parameter; about says what the avatar is for.
func NewAvatar(about string) Avatar { return Avatar{about} }

// Infos describes the three keys.
func (p Avatar) Infos() []command.Info {
	errs := []*script.Error{script.ErrAgentNotFound}
	return []command.Info{
		{Name: "agent", Type: typeUUID, About: p.about + "; or firstname and lastname", Errors: errs},
		{Name: "firstname", Type: typeText, About: "first name, when there is no agent"},
		{Name: "lastname", Type: typeText, Default: "Resident", About: "last name, when there is no agent"},
	}
}

// Given tells whether the call names an avatar.
func (p Avatar) Given(c *command.Call) bool {
	return c.Value("agent") != "" || c.Value("firstname") != "" || c.Value("lastname") != ""
}

// Of returns the UUID of the avatar, looking names up where needed: in memory
// first, then in the grid's people search.
func (p Avatar) Of(ctx context.Context, c *command.Call) (grid.UUID, error) {
	if text := strings.TrimSpace(c.Value("agent")); text != "" {
		id, err := grid.ParseUUID(text)
		if err == nil {
			return id, nil
		}
		if c.Value("firstname") == "" {
			return grid.UUID{}, command.Explain(script.ErrAgentNotFound, "agent: %v, or firstname and lastname", err)
		}
	}
	first, last := strings.TrimSpace(c.Value("firstname")), strings.TrimSpace(c.Value("lastname"))
	if first == "" {
		return grid.UUID{}, command.Explain(script.ErrAgentNotFound, "agent is missing: want a UUID, or firstname and lastname")
	}
	if last == "" {
		last = "Resident"
	}
	return avatarID(ctx, c, agent.Name{First: first, Last: last})
}

func avatarID(ctx context.Context, c *command.Call, name agent.Name) (grid.UUID, error) {
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	id, err := c.Agent.AvatarID(ctx, name)
	if errors.Is(err, agent.ErrNotFound) {
		return grid.UUID{}, script.ErrAgentNotFound.Because(err)
	}
	if err != nil {
		return grid.UUID{}, command.OnTimeout(fmt.Errorf("find %s: %w", name, err), script.ErrAgentNotFound)
	}
	return id, nil
}
