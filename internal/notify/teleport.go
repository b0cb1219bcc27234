package notify

import (
	"rookery/agent"
	"rookery/script"
)

// teleport is each step of a teleport, whoever caused it.
var teleport = Kind{
	Name:    "teleport",
	Summary: "A step of a teleport of the agent was done.",
	Keys: []Key{
		{"status", "Start, Progress, Failed, Finished or Cancelled"},
		{"flags", "names of the teleport's flags, joined by comma and space; Default when there are none"},
		{"message", "text"},
	},
	makers: []maker{on(func(_ *Notifier, e agent.TeleportProgress) script.Pairs {
		var b build
		b.text("status", string(e.Status))
		b.text("flags", e.Flags.String())
		b.text("message", e.Message)
		return b.pairs()
	})},
}
