package system

import (
	"context"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/command/region"
	"rookery/internal/query"
	"rookery/internal/rights"
)

// network is the state of the agent's connections. Secrets of the login, the
// circuit's code and the seed capability, are not among its members.
type network struct{ *agent.Agent }

func (n network) current() any {
	here := n.Self().Region
	for _, r := range n.Regions() {
		if r.Handle == here {
			return region.Members(r, n.CoarseLocations(r.Handle))
		}
	}
	return nil
}

var networkMembers = query.NewTable(
	query.Member[network]{Name: "Connected", Of: func(n network) any { return n.State() == agent.Online }},
	query.Member[network]{Name: "LoginStatusCode", Of: func(n network) any { return n.State().String() }},
	query.Member[network]{Name: "Simulators", Of: func(n network) any {
		var names []string
		for _, r := range n.Regions() {
			names = append(names, r.Name)
		}
		return names
	}},
	query.Member[network]{Name: "CurrentSim", Of: network.current},
)

// GetNetworkData tells how the agent is connected.
func GetNetworkData() command.Command {
	data := param.Query(networkMembers.Names())
	return command.Command{
		Name:       "getnetworkdata",
		Permission: rights.Grooming,
		Summary:    "Returns members of the state of the agent's connections.",
		Notes: []string{
			"CurrentSim has the members that getregiondata knows, such as CurrentSim.Name and CurrentSim.Stats.FPS. Simulators are the names of the regions the agent is connected to.",
			"What lets others act as the agent, the circuit's code and capabilities, is not told.",
		},
		Params: []command.Parameter{data},
		Result: "name, value pairs of the asked members",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			names, err := data.Of(c)
			if err != nil {
				return command.Data{}, err
			}
			return command.List(networkMembers.Ask(network{c.Agent}, names)...), nil
		},
	}
}
