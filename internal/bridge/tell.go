package bridge

import (
	"rookery/internal/bus"
	"rookery/script"
)

// Notification is the name of the notification of messages that arrived.
const Notification = "mqtt"

// Tell publishes a notification to every topic that asked for it and whose group
// may hear it at this moment. Pairs are what n.Text says. It does not wait for any
// broker.
func (b *Book) Tell(n bus.Notification, pairs script.Pairs) {
	targets := (*b.byType.Load())[n.Type]
	if len(targets) == 0 || n.Type == Notification && b.round(pairs.Get("payload")) {
		return
	}
	var texts [2][]byte // made when they are first needed, and shared
	for _, t := range targets {
		if !n.Concerns(t.group) {
			continue
		}
		if n.Type == Notification && pairs.Get("ID") == t.id {
			continue // it came from there
		}
		caller, ok := b.caller(t.key)
		if !ok || !caller.Hears(n.Type) {
			continue
		}
		form := was
		if t.JSON {
			form = json
		}
		if texts[form] == nil {
			texts[form] = b.encode(pairs, form)
		}
		b.publish(t.key, t.client, t.message(t.Topic, texts[form], t.Retain))
	}
}

// round tells whether the payload of a message is a notification of another one:
// published again and again, it would grow and never end.
func (b *Book) round(payload string) bool {
	text := []byte(payload)
	if bytes, err := ParseBytes(payload); err == nil && len(bytes) > 0 {
		text = bytes
	}
	if _, ours := b.echoes.of(text); ours {
		return true
	}
	pairs, _, err := b.decode(text)
	return err == nil && pairs.Get("notification") == Notification
}
