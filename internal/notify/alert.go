package notify

import (
	"rookery/agent"
	"rookery/script"
)

// alert is what the simulator says to the agent.
var alert = Kind{
	Name:    "alert",
	Summary: "The simulator said something to the agent.",
	Keys:    []Key{{"message", "text of the alert"}},
	makers: []maker{on(func(_ *Notifier, e agent.Alert) script.Pairs {
		var b build
		b.text("message", e.Message)
		return b.pairs()
	})},
}
