package notify

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

// ownerSay is what the agent's own objects say to it alone (llOwnerSay).
var ownerSay = Kind{
	Name:    "ownersay",
	Summary: "An object of the agent said something to its owner alone. Commands to the agent are not told.",
	Keys: []Key{
		{"message", "text"},
		{"item", "UUID of the object"},
		{"name", "name of the object"},
		{"position", "where it is, <x, y, z>"},
	},
	makers: []maker{on(func(_ *Notifier, e agent.ChatHeard) script.Pairs {
		if e.Type != grid.ChatOwnerSay {
			return nil
		}
		var b build
		b.text("message", e.Message)
		b.id("item", e.Source)
		b.text("name", e.FromName)
		b.vector("position", e.Position)
		return b.pairs()
	})},
}
