package notify

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

// regionSayTo is what objects anywhere in the region say to the agent alone
// (llRegionSayTo).
var regionSayTo = Kind{
	Name:    "regionsayto",
	Summary: "An object said something to the agent alone. Commands to the agent are not told.",
	Keys: []Key{
		{"message", "text"},
		{"owner", "UUID of the object's owner"},
		{"item", "UUID of the object"},
		{"name", "name of the object"},
		{"position", "where it is, <x, y, z>"},
	},
	makers: []maker{on(func(_ *Notifier, e agent.ChatHeard) script.Pairs {
		if e.Type != grid.ChatRegionSayTo {
			return nil
		}
		var b build
		b.text("message", e.Message)
		b.id("owner", e.Owner)
		b.id("item", e.Source)
		b.text("name", e.FromName)
		b.vector("position", e.Position)
		return b.pairs()
	})},
}
