package notify

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

// avatars is the radar for avatars.
var avatars = Kind{
	Name:    "avatars",
	Summary: "An avatar came into view or left it.",
	Keys: []Key{
		firstName, lastName,
		{"id", "UUID of the avatar"},
		{"position", "where it is, <x, y, z>"},
		{"rotation", "how it is turned, <x, y, z, w>"},
		{"entity", "Avatar"},
		{"action", "appear or vanish"},
		{"region", "name of the region"},
	},
	makers: []maker{
		on(func(n *Notifier, e agent.AvatarAppeared) script.Pairs { return avatar(n, e.Avatar, "appear") }),
		on(func(n *Notifier, e agent.AvatarGone) script.Pairs { return avatar(n, e.Avatar, "vanish") }),
	},
}

func avatar(n *Notifier, a agent.Avatar, action string) script.Pairs {
	var b build
	b.avatar(a.Name.String())
	b.id("id", a.ID)
	b.vector("position", a.Position)
	b.rotation("rotation", a.Rotation)
	b.text("entity", grid.PCodeAvatar.String())
	b.text("action", action)
	b.text("region", n.region(a.Region))
	return b.pairs()
}
