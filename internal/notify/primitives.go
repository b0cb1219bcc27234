package notify

import (
	"rookery/agent"
	"rookery/script"
)

// primitives is the radar for objects.
var primitives = Kind{
	Name:    "primitives",
	Summary: "An object came into view or left it, attachments included.",
	Keys: []Key{
		{"owner", "UUID of the owner, null when the grid did not tell"},
		{"id", "UUID of the object"},
		{"position", "where it is, <x, y, z>"},
		{"rotation", "how it is turned, <x, y, z, w>"},
		{"entity", "Prim, Grass, Tree, NewTree or ParticleSystem"},
		{"action", "appear or vanish"},
	},
	makers: []maker{
		on(func(_ *Notifier, e agent.ObjectAppeared) script.Pairs { return primitive(e.Object, "appear") }),
		on(func(_ *Notifier, e agent.ObjectGone) script.Pairs { return primitive(e.Object, "vanish") }),
	},
}

func primitive(o agent.Object, action string) script.Pairs {
	var b build
	b.id("owner", o.Owner)
	b.id("id", o.ID)
	b.vector("position", o.Position)
	b.rotation("rotation", o.Rotation)
	b.text("entity", o.PCode.String())
	b.text("action", action)
	return b.pairs()
}
