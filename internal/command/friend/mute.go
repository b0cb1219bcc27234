package friend

import (
	"context"
	"errors"
	"strings"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// muting holds the parameters of Mute.
type muting struct {
	kind   param.Param[grid.MuteType]
	who    param.Avatar
	target param.Param[string]
	name   param.Param[string]
	flags  flagsParam
	action param.Param[string]
}

// Mute adds an entry to the mute list, or removes one.
func Mute() command.Command {
	m := muting{
		kind:   param.Enum("type", "what is named", grid.MuteTypes()).Required().Fails(script.ErrUnknownMuteType),
		who:    param.NewAvatar("Resident: the avatar"),
		target: param.Text("target", "Object, External: the UUID; Group: the UUID, or the name of a configured group or of one the agent is in").Fails(script.ErrInvalidMuteTarget),
		name:   param.Text("name", "ByName, Object, External: the name; at most 254 bytes").Fails(script.ErrNoNameProvided),
		flags:  newFlags(),
		action: actionParam(),
	}
	return command.Command{
		Name:       "mute",
		Permission: rights.Mute,
		Summary:    "Adds an entry to the agent's mute list, or removes one.",
		Notes: []string{
			"The list is the grid's: it is the same in every viewer, and survives logins.",
			"What a muted avatar or object says or sends, and what an object of a muted avatar does, is neither told nor obeyed, and offers do not come: " +
				"inventory is declined. A muted group's notices are not heard. With TextChat among the flags words are heard all the same.",
			"An entry ByName mutes whoever and whatever bears the name, in any case.",
			"On OpenSimulator an instant message of an object names the object and not its owner: mute the object itself.",
			"unmute removes the entry with the UUID or, when there is none, the name.",
			"The answer comes when the grid has heard of it; no grid tells whether it keeps it.",
		},
		Params: []command.Parameter{m.kind, m.who, m.target, m.name, m.flags, m.action},
		Errors: []*script.Error{
			script.ErrGroupNotFound, script.ErrInvalidMuteTarget, script.ErrNoNameProvided, script.ErrMuteEntryAlreadyExists,
			script.ErrMuteEntryNotFound, script.ErrTimeoutUpdatingMuteList,
		},
		Run: m.run,
	}
}

func (m muting) run(ctx context.Context, c *command.Call) (command.Data, error) {
	list, err := mutes(ctx, c)
	if err != nil {
		return command.Data{}, err
	}
	var entry grid.Mute
	if entry.Type, err = m.kind.Of(c); err != nil {
		return command.Data{}, err
	}
	if entry.ID, entry.Name, err = m.named(ctx, c, entry.Type); err != nil {
		return command.Data{}, err
	}
	if entry.Flags, err = m.flags.Of(c); err != nil {
		return command.Data{}, err
	}
	action, err := m.action.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	if action == actionUnmute {
		return command.Data{}, unmute(ctx, c, list, entry)
	}
	return command.Data{}, mute(ctx, c, list, entry)
}

// named finds out whom or what an entry of a type names.
func (m muting) named(ctx context.Context, c *command.Call, kind grid.MuteType) (grid.UUID, string, error) {
	switch kind {
	case grid.MuteResident:
		return m.resident(ctx, c)
	case grid.MuteGroup:
		return m.group(ctx, c)
	case grid.MuteByName:
		name, err := m.name.Required().Of(c)
		return grid.UUID{}, name, err
	}
	text, err := m.target.Required().Of(c)
	if err != nil {
		return grid.UUID{}, "", err
	}
	id, err := grid.ParseUUID(strings.TrimSpace(text))
	if err != nil || id == (grid.UUID{}) {
		return grid.UUID{}, "", command.Explain(script.ErrInvalidMuteTarget, "target: %q: want the UUID of what to mute", text)
	}
	name, err := m.name.Required().Of(c)
	return id, name, err
}

func (m muting) resident(ctx context.Context, c *command.Call) (grid.UUID, string, error) {
	id, err := m.who.Of(ctx, c)
	if err != nil {
		return id, "", err
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	name, err := c.Agent.AvatarName(ctx, id)
	if errors.Is(err, agent.ErrNotFound) {
		err = script.ErrAgentNotFound.Because(err)
	}
	return id, name.String(), command.OnTimeout(err, script.ErrAgentNotFound)
}

func (m muting) group(ctx context.Context, c *command.Call) (grid.UUID, string, error) {
	text, err := m.target.Required().Of(c)
	if err != nil {
		return grid.UUID{}, "", err
	}
	text = strings.TrimSpace(text)
	if id, err := grid.ParseUUID(text); err == nil {
		ctx, cancel := c.Wait(ctx)
		defer cancel()
		name, err := c.Agent.GroupName(ctx, id)
		if errors.Is(err, agent.ErrNotFound) {
			err = script.ErrGroupNotFound.Because(err)
		}
		return id, name, command.OnTimeout(err, script.ErrGroupNotFound)
	}
	for _, g := range c.Agent.Groups() {
		if strings.EqualFold(g.Name, text) {
			return g.ID, g.Name, nil
		}
	}
	if g, ok := c.Group(text); ok {
		return g.ID, g.Name, nil
	}
	return grid.UUID{}, "", command.Explain(script.ErrGroupNotFound, "target: no group %q is configured, and the agent is in none: want its UUID", text)
}
