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
	"rookery/internal/rights"
	"rookery/script"
)

// BatchMute adds several entries to the mute list, or removes them.
func BatchMute() command.Command {
	var (
		action = actionParam()
		who    = param.List("mutes", "name, UUID of each; the null UUID for a name alone").Required()
		kind   = param.Enum("type", "mute: what is named", grid.MuteTypes()).Or(grid.MuteByName).Fails(script.ErrUnknownMuteType)
		flags  = newFlags()
	)
	return command.Command{
		Name:       "batchmute",
		Permission: rights.Mute,
		Summary:    "Adds several entries to the agent's mute list, or removes them.",
		Notes:      []string{"Each entry is as with the command mute. A last name without a UUID fails."},
		Params:     []command.Parameter{action, who, kind, flags},
		Result:     "the names that failed: entries there already or not there, no UUID, no answer of the grid",
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			what, err := action.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			cells, err := who.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			entry := grid.Mute{}
			if entry.Type, err = kind.Of(c); err != nil {
				return command.Data{}, err
			}
			if entry.Flags, err = flags.Of(c); err != nil {
				return command.Data{}, err
			}
			change := mute
			if what == actionUnmute {
				change = unmute
			}
			var failed []string
			for pair := range slices.Chunk(cells, 2) {
				entry.Name = pair[0]
				if len(pair) < 2 {
					failed = append(failed, entry.Name)
					continue
				}
				if entry.ID, err = grid.ParseUUID(strings.TrimSpace(pair[1])); err == nil {
					err = changeOne(ctx, c, change, entry)
				}
				if err != nil {
					failed = append(failed, entry.Name)
				}
				if errors.Is(err, agent.ErrOffline) || ctx.Err() != nil {
					return command.List(failed...), err
				}
			}
			return command.List(failed...), nil
		},
	}
}

// changeOne changes the list as it is now: the entries before have changed it.
func changeOne(ctx context.Context, c *command.Call, change func(context.Context, *command.Call, []grid.Mute, grid.Mute) error, m grid.Mute) error {
	list, err := mutes(ctx, c)
	if err != nil {
		return err
	}
	return change(ctx, c, list, m)
}
