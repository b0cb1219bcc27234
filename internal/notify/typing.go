package notify

import (
	"rookery/agent"
	"rookery/script"
)

// typing is somebody beginning or stopping to type, the agent itself too.
var typing = Kind{
	Name:    "typing",
	Summary: "Somebody began or stopped typing, in local chat or in an instant message to the agent.",
	Keys: []Key{
		{"agent", "UUID of who types"},
		firstName, lastName,
		{"action", "start or stop"},
		{"entity", "local or message"},
	},
	makers: []maker{on(func(_ *Notifier, e agent.TypingChanged) script.Pairs {
		if e.FromName == "" {
			return nil
		}
		var b build
		b.id("agent", e.Agent)
		b.avatar(e.FromName)
		b.text("action", startStop(e.Start))
		if e.IM {
			b.text("entity", "message")
		} else {
			b.text("entity", "local")
		}
		return b.pairs()
	})},
}
