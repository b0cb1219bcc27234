package region

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
)

// GetRegionData tells what the agent knows of a region.
func GetRegionData() command.Command {
	var (
		region = param.NewRegion("a region the agent is connected to, by name or UUID")
		data   = param.Query(members.Names())
	)
	return command.Command{
		Name:       "getregiondata",
		Permission: rights.Land,
		Summary:    "Returns members of a region that the agent is connected to.",
		Notes: []string{
			"Nothing is asked of the grid. Statistics may be asked for with and without Stats. in front.",
			"ObjectsAvatars and ObjectsPrimitives are how many the agent knows of.",
		},
		Params: []command.Parameter{region, data},
		Result: "name, value pairs of the asked members",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			where, err := region.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			names, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			known := simulator{where, c.Agent.CoarseLocations(where.Handle)}
			return command.List(members.Ask(known, names)...), nil
		},
	}
}
