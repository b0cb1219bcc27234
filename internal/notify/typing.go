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
		b.text("entity", typingEntity(e))
		return b.pairs()
	})},
}

// typingEntity tells where somebody types.
func typingEntity(e agent.TypingChanged) string {
	if e.IM {
		return "message"
	}
	return "local"
}
