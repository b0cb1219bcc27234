package notify

import (
	"rookery/agent"
	"rookery/script"
)

// sit is an avatar in view sitting down, changing its seat or standing up.
var sit = Kind{
	Name:    "sit",
	Summary: "An avatar in view sat down on an object, changed its seat or stood up.",
	Keys: []Key{
		{"region", "name of the region"},
		firstName, lastName,
		{"agent", "UUID of the avatar"},
		{"old", "UUID of the seat it had, when known"},
		{"new", "UUID of the seat it has, when known"},
	},
	makers: []maker{on(func(n *Notifier, e agent.SitChanged) script.Pairs {
		var b build
		b.text("region", n.region(e.Region))
		b.avatar(e.Avatar.Name.String())
		b.id("agent", e.Avatar.ID)
		b.known("old", e.Old)
		b.known("new", e.New)
		return b.pairs()
	})},
}
