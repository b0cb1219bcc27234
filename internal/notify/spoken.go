package notify

import (
	"context"
	"strings"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/bus"
	"rookery/script"
)

// spoken returns the text of an event by which objects may command the agent:
// an instant message of an object, llOwnerSay and llRegionSayTo. What avatars
// and groups say, and what is said for all to hear, is never a command.
func spoken(e any) (text string, ok bool) {
	switch e := e.(type) {
	case agent.ObjectMessage:
		return e.Message, true
	case agent.ChatHeard:
		return e.Message, e.Type == grid.ChatOwnerSay || e.Type == grid.ChatRegionSayTo
	}
	return "", false
}

// obey hands a command on. It says who asked: the object's name, or on Second
// Life, where the owner is known, the owner's.
func (n *Notifier) obey(e any, pairs script.Pairs) {
	if n.o.Heard == nil {
		return
	}
	r := bus.Request{Door: "inworld", Pairs: pairs}
	var id grid.UUID
	switch e := e.(type) {
	case agent.ObjectMessage:
		r.Sender, id = e.FromName, e.From
	case agent.ChatHeard:
		r.Sender, id = e.FromName, e.Owner
	}
	r.Identifier = id.String()
	if !n.secondLife() {
		n.o.Heard(r)
		return
	}
	ask := func(ctx context.Context) {
		name, ok := n.names(ctx, id)[id]
		if !ok {
			n.o.Log.Warn("a command was dropped: its sender is no avatar", "sender", r.Sender, "identifier", r.Identifier)
			return
		}
		r.Sender = name.String()
		n.o.Heard(r)
	}
	select {
	case n.asks <- ask:
	default:
		n.o.Log.Warn("a command was dropped: too many wait for the grid", "sender", r.Sender, "identifier", r.Identifier)
	}
}

// secondLife tells whether the agent is in Second Life, whose simulators say so
// in their version.
func (n *Notifier) secondLife() bool {
	here := n.o.Agent.Self().Region
	for _, r := range n.o.Agent.Regions() {
		if r.Handle == here {
			return strings.Contains(r.Version, "Second Life")
		}
	}
	return false
}
