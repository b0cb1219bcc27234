package notify

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

// local is what is said around the agent, by itself too.
var local = Kind{
	Name:    "local",
	Summary: "Somebody or something near the agent said, whispered or shouted; the agent hears itself too.",
	Keys: []Key{
		{"firstname", "first name of the avatar that spoke"},
		{"lastname", "its last name, Resident when it has none"},
		{"name", "name of what spoke, when that is no avatar"},
		{"message", "text"},
		{"language", "language of the text, ISO 639-3, when it can be told"},
		{"owner", "UUID of the owner of what spoke; the avatar itself for avatars"},
		{"item", "UUID of what spoke"},
		{"position", "where it is, <x, y, z>"},
		{"entity", "Agent, Object or System"},
		{"audible", "Fully, Barely or Not"},
		{"volume", "Whisper, Normal or Shout"},
		{"region", "name of the region"},
		keyBayes,
	},
	makers: []maker{on(heard)},
}

func heard(n *Notifier, e agent.ChatHeard) script.Pairs {
	switch e.Type {
	case grid.ChatWhisper, grid.ChatNormal, grid.ChatShout:
	default:
		return nil
	}
	var b build
	if e.Kind == grid.ChatSourceAgent {
		b.avatar(e.FromName)
	} else {
		b.text("name", e.FromName)
	}
	b.text("message", e.Message)
	b.text("language", language(e.Message))
	b.id("owner", e.Owner)
	b.id("item", e.Source)
	b.vector("position", e.Position)
	b.text("entity", e.Kind.String())
	b.text("audible", e.Audible.String())
	b.text("volume", e.Type.String())
	b.text("region", n.region(e.Region))
	return b.pairs()
}
