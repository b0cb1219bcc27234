package notify

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

// objectIM is an instant message from an object (llInstantMessage). Grids
// differ in what they call its sender: Second Life names the owner,
// OpenSimulator the object itself.
var objectIM = Kind{
	Name:    "objectim",
	Summary: "An object sent the agent an instant message. Commands to the agent are not told.",
	Keys: []Key{
		{"owner", "UUID of the object's owner, or of the object on grids that do not tell the owner"},
		{"item", "UUID of the object"},
		{"name", "name of the object"},
		{"message", "text"},
	},
	makers: []maker{on(func(_ *Notifier, e agent.ObjectMessage) script.Pairs {
		owner := e.Owner
		if owner == (grid.UUID{}) {
			owner = e.From
		}
		var b build
		b.id("owner", owner)
		b.id("item", e.Object)
		b.text("name", e.FromName)
		b.text("message", e.Message)
		return b.pairs()
	})},
}
