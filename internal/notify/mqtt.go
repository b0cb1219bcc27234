package notify

import (
	"rookery/internal/bridge"
	"rookery/script"
)

// mqtt is a message of a broker.
var mqtt = Kind{
	Name:    bridge.Notification,
	Summary: "A message arrived at a topic of a broker that the group has subscribed to with the command mqtt. Only that group is told.",
	Keys: []Key{
		{"group", "name of the group"},
		{"ID", "UUID of the subscription"},
		{"topic", "topic of the message"},
		{"payload", "the message: text, or a list of its bytes, as subscribed"},
	},
	makers: []maker{on(func(_ *Notifier, e bridge.Message) script.Pairs {
		var b build
		b.text("group", e.GroupName)
		b.text("ID", e.ID)
		b.text("topic", e.Topic)
		b.text("payload", e.Payload)
		return b.pairs()
	})},
}
