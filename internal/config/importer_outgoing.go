package config

import (
	"strconv"
	"time"
)

// outgoing carries over how callbacks and notifications are posted.
func (m *importer) outgoing(root *element) {
	m.section("[outgoing]")
	m.out.WriteString("# Corrade posted to any address. Here those of private networks have to be listed:\n" +
		"# allow_private = [\"127.0.0.1\", \"192.168.0.0/16\"]\n")
	for _, kind := range []struct{ name, section string }{
		{"Callback", "outgoing.callbacks"},
		{"Notification", "outgoing.notifications.posts"},
	} {
		queue, timeout := root.child(kind.name+"QueueLength"), root.child(kind.name+"Timeout")
		if !queue.there() && !timeout.there() {
			continue
		}
		m.section("[" + kind.section + "]")
		m.number(queue, "queue", 1, 100000)
		m.span(timeout, "timeout")
	}
	if e := root.child("NotificationSettings").child("AutoPrune").child("Enable"); e.there() {
		m.section("[outgoing.notifications]")
		m.set("prune", e.truth())
	}
}

// feeds carries over how often feeds are asked for.
func (m *importer) feeds(root *element) {
	e := root.child("FeedsUpdateInterval")
	if !e.there() {
		return
	}
	ms, err := strconv.ParseUint(e.text, 10, 31)
	interval := time.Duration(ms) * time.Millisecond
	if err != nil || interval < minFeedInterval {
		m.note(e, e.name, "%q is not a time from %d ms, the default is used", e.text, minFeedInterval.Milliseconds())
		return
	}
	m.section("[feeds]")
	m.set("interval", interval.String())
}
