package notify

import (
	"rookery/agent"
	"rookery/internal/query"
	"rookery/script"
)

// login is the way into the grid and out of it.
var login = Kind{
	Name:    "login",
	Summary: "A step of a login was done, or the agent logged out.",
	Keys: []Key{
		{"status", "ConnectingToLogin, ReadingResponse, Redirecting, ConnectingToSim, Success or Failed"},
		{"message", "what the login server says: message of the day, or why not"},
		{"fail", "key of the reason, when it failed"},
		{"item", "UUIDs of inventory that the grid did not keep, on logout"},
		{"action", "login or logout"},
	},
	makers: []maker{
		on(func(_ *Notifier, e agent.LoginProgress) script.Pairs {
			var b build
			b.text("status", string(e.Status))
			b.text("message", e.Message)
			b.text("fail", e.Reason)
			b.text("action", "login")
			return b.pairs()
		}),
		on(func(_ *Notifier, e agent.LoggedOut) script.Pairs {
			var b build
			b.list("item", query.Cells(e.Items))
			b.text("action", "logout")
			return b.pairs()
		}),
	},
}
