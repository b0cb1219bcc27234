package notify

import (
	"rookery/agent"
	"rookery/script"
)

// friendship is offers of friendship, and answers to the agent's own.
var friendship = Kind{
	Name:    "friendship",
	Summary: "An avatar offered the agent friendship, or answered its offer.",
	Keys: []Key{
		firstName, lastName,
		{"agent", "UUID of the avatar"},
		{"action", "request for an offer, to be answered with the command replytofriendshiprequest; response for an answer"},
		{"success", "response: True when the avatar accepted, else False"},
		{"message", "request: text of the offer"},
		{"session", "session of the offer"},
	},
	makers: []maker{
		on(func(_ *Notifier, e agent.FriendshipOffered) script.Pairs {
			b := from(e.InstantMessage)
			b.text("action", "request")
			b.text("message", e.Message)
			b.id("session", e.Session)
			return b.pairs()
		}),
		on(func(_ *Notifier, e agent.FriendshipAnswered) script.Pairs {
			b := from(e.InstantMessage)
			b.text("action", "response")
			b.text("success", script.FormatBool(e.Accepted))
			b.id("session", e.Session)
			return b.pairs()
		}),
	},
}

// from begins with the avatar that sent an instant message.
func from(im agent.InstantMessage) *build {
	var b build
	b.avatar(im.FromName)
	b.id("agent", im.From)
	return &b
}
