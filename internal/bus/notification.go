package bus

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"

	"rookery/script"
)

// EveryGroup as a Notification's Group means every group that may hear its Type.
const EveryGroup = "all"

// Notification is something that happened, on its way from an agent to doors.
type Notification struct {
	// Type is the notification's name: "local", "message" …
	Type string
	// Group is the UUID of the only group that may hear it, or EveryGroup.
	Group string
	// Except are the UUIDs of groups that hear of it in a text of their own, a
	// notification with their Group.
	Except []string
	// View names the fields that Text holds, see [ViewOf]; "" are the usual keys.
	View string
	// Text holds the keys and values as key-value text with the default
	// escaping (RFC 1738 form), without an end of line. It is shared between
	// all receivers and must not be changed.
	Text []byte

	// rights are those of the agent's groups; nil before they were revised.
	rights Rights
}

// exceptHeader carries Except.
const exceptHeader = "Except"

// Concerns tells whether the notification is for a group, by its UUID.
func (n Notification) Concerns(group string) bool {
	if n.Group == "" || n.Group == EveryGroup {
		return !slices.Contains(n.Except, group)
	}
	return n.Group == group
}

// Pairs decodes Text.
func (n Notification) Pairs() (script.Pairs, error) {
	return script.DecodeLine(string(n.Text), script.DefaultFilters())
}

// Publish tells every door what happened to the named agent. It does not wait
// for any of them. What durable subscriptions want is kept before anybody is
// told.
func (b *Bus) Publish(agent string, n Notification) error {
	if h, ok := b.homes.Load(agent); ok {
		h.(*home).keeper.keep(n)
	}
	group := n.Group
	if group == "" {
		group = EveryGroup
	}
	m := &nats.Msg{Subject: notifySubject(agent, token(group), viewToken(n.View), token(n.Type)), Data: n.Text}
	if len(n.Except) > 0 {
		m.Header = nats.Header{exceptHeader: n.Except}
	}
	if err := b.conn.PublishMsg(m); err != nil {
		return fmt.Errorf("publish %s: %w", n.Type, err)
	}
	return nil
}

// Subscribe hands every notification of the named agent to receive, in order,
// one at a time. A receiver that falls behind by 65,536 notifications or 64 MiB
// loses the newest ones, and the loss is logged.
func (b *Bus) Subscribe(agent string, receive func(Notification)) (stop func(), err error) {
	sub, err := b.conn.Subscribe(notifySubject(agent, "*", "*", "*"), func(m *nats.Msg) {
		tokens := strings.Split(m.Subject, ".")
		receive(Notification{
			Type:  untoken(tokens[len(tokens)-1]),
			Group: untoken(tokens[len(tokens)-3]),
			View:  untokenView(tokens[len(tokens)-2]),
			Text:  m.Data,

			Except: m.Header[exceptHeader],
			rights: b.rightsOf(agent),
		})
	})
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", agent, err)
	}
	if err := sub.SetPendingLimits(pendingMessages, pendingBytes); err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", agent, err)
	}
	rights, err := b.followRights(agent)
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", agent, err)
	}
	if err := b.conn.Flush(); err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", agent, err)
	}
	return func() { _ = sub.Unsubscribe(); _ = rights.Unsubscribe() }, nil
}
