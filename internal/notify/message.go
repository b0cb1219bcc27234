package notify

import (
	"rookery/agent"
	"rookery/script"
)

// message is an instant message from an avatar. The date is when it was sent
// where the grid says so: messages that were stored while the agent was away
// are told after login.
var message = Kind{
	Name:    "message",
	Summary: "An avatar sent the agent an instant message.",
	Keys: []Key{
		firstName, lastName,
		{"agent", "UUID of the sender"},
		{"message", "text"},
		{"language", "language of the text, ISO 639-3, when it can be told"},
		{"date", "when it was sent if the grid says so, else when it came, UTC"},
		{"region", "name of the region the agent is in"},
		keyBayes,
	},
	makers: []maker{on(func(n *Notifier, e agent.MessageReceived) script.Pairs {
		var b build
		b.avatar(e.FromName)
		b.id("agent", e.From)
		b.text("message", e.Message)
		b.text("language", language(e.Message))
		b.text("date", script.FormatTime(e.Time))
		b.text("region", n.o.Agent.Self().RegionName)
		return b.pairs()
	})},
}
