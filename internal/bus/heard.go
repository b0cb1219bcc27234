package bus

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
)

func heardSubject(agent string) string { return "rookery.heard." + token(agent) }

// Hear hands on a command that was spoken to the named agent in the world, for
// whoever keeps its door there. It does not wait for anybody; when no such door
// is open, the command is gone.
func (b *Bus) Hear(agent string, r Request) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("hand on what was heard: %w", err)
	}
	if err := b.conn.Publish(heardSubject(agent), data); err != nil {
		return fmt.Errorf("hand on what was heard: %w", err)
	}
	return nil
}

// Listen hands every command that was spoken to the named agent to receive, in
// order, one at a time. Of several listeners to one agent, each command is
// handed to one. As many commands may wait as notifications may.
func (b *Bus) Listen(agent string, receive func(Request)) (stop func(), err error) {
	sub, err := b.conn.QueueSubscribe(heardSubject(agent), "doors", func(m *nats.Msg) {
		var r Request
		if err := json.Unmarshal(m.Data, &r); err != nil {
			b.log.Warn("what was heard cannot be read", "agent", agent, "error", err)
			return
		}
		receive(r)
	})
	if err != nil {
		return nil, fmt.Errorf("listen to %s: %w", agent, err)
	}
	if err := errors.Join(sub.SetPendingLimits(pendingMessages, pendingBytes), b.conn.Flush()); err != nil {
		return nil, fmt.Errorf("listen to %s: %w", agent, err)
	}
	return func() { _ = sub.Unsubscribe() }, nil
}
