package notify

import (
	"rookery/agent"
	"rookery/script"
)

// lure is a teleport offered by an avatar.
var lure = Kind{
	Name:    "lure",
	Summary: "An avatar offered the agent a teleport to where it is.",
	Keys: []Key{
		firstName, lastName,
		{"agent", "UUID of the avatar"},
		{"session", "what the command replytoteleportlure wants"},
		{"message", "text of the offer"},
	},
	makers: []maker{on(func(_ *Notifier, e agent.LureReceived) script.Pairs {
		b := from(e.InstantMessage)
		b.id("session", e.Session)
		b.text("message", e.Message)
		return b.pairs()
	})},
}
