package param

import (
	"strings"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/script"
)

// Region is a region that the agent is connected to, given by the key region
// as name in any case or as UUID; left out it is the one the agent stands in.
type Region struct{ about string }

// NewRegion returns the parameter; about says what the region is for.
func NewRegion(about string) Region { return Region{about} }

// Infos describes the key.
func (p Region) Infos() []command.Info {
	return []command.Info{{
		Name: "region", Type: "region", Default: "the region the agent is in", About: p.about,
		Errors: []*script.Error{script.ErrRegionNotFound},
	}}
}

// Of returns what the agent knows of the region.
func (p Region) Of(c *command.Call) (agent.Region, error) {
	name := c.Value("region")
	if name == "" {
		region, ok := c.Agent.Region()
		if !ok {
			return region, agent.ErrOffline
		}
		return region, nil
	}
	if region, ok := c.Agent.RegionNamed(name); ok {
		return region, nil
	}
	for _, region := range c.Agent.Regions() {
		if strings.EqualFold(region.ID.String(), name) {
			return region, nil
		}
	}
	return agent.Region{}, command.Explain(script.ErrRegionNotFound, "the agent is not connected to %q", name)
}
