package bridge

import (
	"context"
	"fmt"

	"rookery/grid"
	"rookery/internal/bridge/broker"
)

// Publish connects to a broker for one message, and returns when the broker has
// acknowledged it. The errors are those of package broker and [ErrTaken].
func (b *Book) Publish(ctx context.Context, s broker.Server, m broker.Message) error {
	ctx, done, ok := b.begin(ctx)
	if !ok {
		return broker.ErrClosed
	}
	defer done()
	if err := b.free(s); err != nil {
		return err
	}
	return broker.Publish(ctx, b.network(), s, m)
}

// free refuses a client identifier that a subscription uses.
func (b *Book) free(s broker.Server) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for k, e := range b.entries {
		if s.Client == b.client(k, e.Subscription) && e.sameServer(Subscription{Server: s}) {
			return fmt.Errorf("%w at this broker by a subscription: %q", ErrTaken, s.Client)
		}
	}
	return nil
}

// PublishVia publishes by the connection of a subscription, and returns when the
// broker has acknowledged it. While there is no connection the message waits. The
// errors are [ErrNone] and those of package broker.
func (b *Book) PublishVia(ctx context.Context, group grid.UUID, id string, m broker.Message) error {
	ctx, done, ok := b.begin(ctx)
	if !ok {
		return broker.ErrClosed
	}
	defer done()
	b.mu.Lock()
	e := b.entries[key{group.String(), id}]
	var client *broker.Client
	if e != nil {
		client = e.client
	}
	b.mu.Unlock()
	switch {
	case e == nil:
		return ErrNone
	case client == nil:
		return ErrChanging
	}
	return client.Publish(ctx, m)
}
