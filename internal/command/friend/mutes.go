package friend

import (
	"context"
	"errors"
	"slices"
	"strings"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/script"
)

// mutes returns the mute list. It goes on without one that the grid does not
// tell in time: then it is what is obeyed meanwhile.
func mutes(ctx context.Context, c *command.Call) ([]grid.Mute, error) {
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	list, err := c.Agent.Mutes(ctx)
	if command.IsTimeout(err) {
		return list, nil
	}
	return list, err
}

// mute adds an entry that is not there yet.
func mute(ctx context.Context, c *command.Call, list []grid.Mute, m grid.Mute) error {
	switch {
	case m.ID != (grid.UUID{}) && m.ID == c.Agent.Self().ID:
		return command.Explain(script.ErrInvalidMuteTarget, "the agent cannot mute itself")
	case slices.ContainsFunc(list, m.Is):
		return script.ErrMuteEntryAlreadyExists
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	err := c.Agent.Mute(ctx, m)
	if errors.Is(err, agent.ErrTooLong) {
		return command.Explain(script.ErrInvalidMuteTarget, "a name has at most %d bytes on one line", grid.MuteNameLimit)
	}
	return command.OnTimeout(err, script.ErrTimeoutUpdatingMuteList)
}

// unmute removes the entry with that id or, when there is none, that name.
func unmute(ctx context.Context, c *command.Call, list []grid.Mute, m grid.Mute) error {
	same := func(e grid.Mute) bool { return m.ID != (grid.UUID{}) && e.ID == m.ID }
	i := slices.IndexFunc(list, same)
	if i < 0 {
		i = slices.IndexFunc(list, func(e grid.Mute) bool { return m.Name != "" && strings.EqualFold(e.Name, m.Name) })
	}
	if i < 0 {
		return script.ErrMuteEntryNotFound
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	return command.OnTimeout(c.Agent.Unmute(ctx, list[i]), script.ErrTimeoutUpdatingMuteList)
}

// What the parameter action may say.
const (
	actionMute   = "mute"
	actionUnmute = "unmute"
)

func actionParam() param.Param[string] {
	return param.OneOf("action", "what to do", script.ErrUnknownAction, actionMute, actionUnmute)
}

// flagsParam reads what is not muted.
type flagsParam struct{ param.Param[[]string] }

func newFlags() flagsParam {
	return flagsParam{param.List("flags", "mute: what is heard and seen all the same: "+strings.Join(grid.MuteFlagNames(), ", ")).
		OrElse("Default, nothing", nil)}
}

// Infos describes the parameter.
func (p flagsParam) Infos() []command.Info {
	infos := p.Param.Infos()
	infos[0].Errors = append(infos[0].Errors, script.ErrInvalidParameter)
	return infos
}

// Of reads the flags together.
func (p flagsParam) Of(c *command.Call) (grid.MuteFlags, error) {
	if !p.Given(c) {
		return 0, nil
	}
	words, err := p.Param.Of(c)
	if err != nil {
		return 0, err
	}
	var flags grid.MuteFlags
	for _, word := range words {
		f, ok := grid.ParseMuteFlag(strings.TrimSpace(word))
		if !ok {
			return 0, command.Explain(script.ErrInvalidParameter, "flags: %q is none of %s", word, strings.Join(grid.MuteFlagNames(), ", "))
		}
		flags |= f
	}
	return flags, nil
}
