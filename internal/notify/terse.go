package notify

import (
	"rookery/agent"
	"rookery/script"
)

// terse is every change of place of what is in view, many times a second.
var terse = Kind{
	Name:    "terse",
	Summary: "An object or avatar in view moved; told as often as the simulator says so.",
	Keys: []Key{
		{"id", "UUID of what moved"},
		{"position", "where it is, <x, y, z>"},
		{"rotation", "how it is turned, <x, y, z, w>"},
		{"entity", "Avatar, Prim, Grass, Tree, NewTree or ParticleSystem"},
	},
	makers: []maker{on(func(_ *Notifier, e agent.TerseUpdate) script.Pairs {
		var b build
		b.id("id", e.ID)
		b.vector("position", e.Position)
		b.rotation("rotation", e.Rotation)
		b.text("entity", e.PCode.String())
		return b.pairs()
	})},
}
