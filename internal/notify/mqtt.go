package notify

// mqtt is a message of a broker. No event makes it; see Options.Tell and the room
// bridge.
var mqtt = Kind{
	Name:    "mqtt",
	Summary: "A message arrived at a topic of a broker that the group has subscribed to with the command mqtt. Only that group is told.",
	Keys: []Key{
		{"group", "name of the group"},
		{"ID", "UUID of the subscription"},
		{"topic", "topic of the message"},
		{"payload", "the message: text, or a list of its bytes, as subscribed"},
	},
}
