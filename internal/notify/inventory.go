package notify

import (
	"strings"

	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

// inventory is offers of inventory, and answers to the agent's own.
var inventory = Kind{
	Name:    "inventory",
	Summary: "An avatar or an object offered the agent inventory, or an avatar answered the agent's offer.",
	Keys: []Key{
		firstName, lastName,
		{"name", "offers of objects: the object's name; answers but an avatar's yes: the full name"},
		{"agent", "UUID of the avatar, or of the object's owner"},
		{"asset", "offers: what kind of thing it is, such as Notecard"},
		{"item", "offers: name of what is offered"},
		{"inventory", "UUID of the item, when it is known"},
		{"message", "offers: text"},
		{"session", "what the command replytoinventoryoffer wants"},
		{"action", "answers: accept or decline"},
		{"direction", "offer or reply"},
	},
	makers: []maker{
		on(func(_ *Notifier, e agent.InventoryOffered) script.Pairs {
			var b build
			if e.Object {
				b.text("name", e.FromName)
			} else {
				b.avatar(e.FromName)
			}
			b.id("agent", e.From)
			b.text("asset", e.Type.String())
			b.text("item", offeredItem(e))
			b.known("inventory", e.Item)
			b.text("message", e.Message)
			b.id("session", e.Session)
			b.text("direction", "offer")
			return b.pairs()
		}),
		on(func(_ *Notifier, e agent.InventoryAnswered) script.Pairs {
			b := from(e.InstantMessage)
			if e.Dialog != grid.IMInventoryAccepted {
				b.text("name", e.FromName)
			}
			if o, ok := grid.ParseOfferBucket(e.Bucket); ok {
				b.known("inventory", o.Item)
			}
			b.id("session", e.Session)
			action := "decline"
			if e.Accepted {
				action = "accept"
			}
			b.text("action", action)
			b.text("direction", "reply")
			return b.pairs()
		}),
	},
}

// offeredItem finds the name of what is offered: the text of an avatar's offer
// is the name, and an object's has it in quotes.
func offeredItem(e agent.InventoryOffered) string {
	if !e.Object {
		return e.Message
	}
	_, rest, _ := strings.Cut(e.Message, "'")
	// A name may have quotes too: behind it stands where the object is.
	if end := strings.LastIndex(rest, "'"); end >= 0 {
		return rest[:end]
	}
	return ""
}
