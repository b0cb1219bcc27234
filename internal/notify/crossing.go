package notify

import (
	"rookery/agent"
	"rookery/script"
)

// crossing is the agent coming to another region. Walking over a border tells
// both actions.
var crossing = Kind{
	Name:    "crossing",
	Summary: "The agent came to another region, by login, teleport or over a border.",
	Keys: []Key{
		{"old", "name of the region it left, when there was one"},
		{"new", "name of the region it entered, when known"},
		{"action", "changed, or crossed when it went over a border"},
	},
	makers: []maker{
		on(func(_ *Notifier, e agent.RegionChanged) script.Pairs { return cross(e.Old, e.New, "changed") }),
		on(func(_ *Notifier, e agent.RegionCrossed) script.Pairs { return cross(e.Old, e.New, "crossed") }),
	},
}

func cross(from, to, action string) script.Pairs {
	var b build
	b.text("old", from)
	b.text("new", to)
	b.text("action", action)
	return b.pairs()
}
