package bridge

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/internal/bridge/broker"
	"rookery/internal/state"
)

// Subscribe returns the name of a subscription that the broker has granted. The
// name is the one given, made up when that is empty; a subscription of the same
// name is replaced, and so is one for the same topic of the same broker when no
// name is given. When it fails nothing changes. The errors are [ErrTooMany],
// [ErrTaken], [ErrChanging] and those of package broker.
func (b *Book) Subscribe(ctx context.Context, group grid.UUID, id string, s Subscription) (string, error) {
	ctx, done, ok := b.begin(ctx)
	if !ok {
		return "", broker.ErrClosed
	}
	defer done()
	k, old, err := b.reserve(key{group.String(), id}, s)
	if err != nil {
		return "", err
	}
	if old != nil && old.client != nil {
		end(old.client, !old.sameServer(s) || old.Server.Client != s.Server.Client)
	}
	cfg := b.config(k, s)
	cfg.Fresh = true // what the broker may know of a client of this name is past
	client, err := broker.Connect(ctx, cfg)
	if err == nil {
		if err = b.keep(ctx, k, s); err != nil {
			end(client, true)
		}
	}
	b.mu.Lock()
	delete(b.changing, k)
	if err == nil {
		e := &entry{Subscription: s, client: client}
		b.entries[k] = e
		if b.stopped {
			e.client = nil
		}
	}
	stopped := b.stopped
	b.index()
	b.mu.Unlock()
	if stopped && err == nil {
		end(client, false)
	}
	b.Revise() // rights may have changed, and what failed is as it was
	return k.id, err
}

// reserve finds out whether a subscription may be made or replaced, and makes it
// nobody else's business until then. It returns what it replaces, with its
// connection taken out of the book.
func (b *Book) reserve(k key, s Subscription) (key, *entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if k.id == "" {
		k.id = uuid.NewString()
		for other, e := range b.entries {
			if other.group == k.group && e.same(s) {
				k.id = other.id
				break
			}
		}
	}
	if _, busy := b.changing[k]; busy {
		return k, nil, ErrChanging
	}
	all := make(map[key]Subscription, len(b.entries))
	for other, e := range b.entries {
		all[other] = e.Subscription
	}
	for other, made := range b.changing {
		all[other] = made
	}
	n := 0
	for other, o := range all {
		if other.group == k.group {
			n++
		}
		// A broker ends the connection of one when the other connects.
		if other != k && b.client(k, s) == b.client(other, o) && s.sameServer(o) {
			return k, nil, fmt.Errorf("%w at this broker by another subscription: %q", ErrTaken, s.Server.Client)
		}
	}
	if _, there := all[k]; !there && n >= b.o.Limits.Subscriptions {
		return k, nil, fmt.Errorf("%w: a group may have %d", ErrTooMany, b.o.Limits.Subscriptions)
	}
	b.changing[k] = s
	return k, b.take(k), nil
}

// take takes the connection of a subscription out of the book, and returns both.
// Nil: there is no such subscription. The caller holds mu.
func (b *Book) take(k key) *entry {
	e := b.entries[k]
	if e == nil {
		return nil
	}
	taken := *e
	e.client = nil
	b.index()
	return &taken
}

// keep writes a subscription to the store.
func (b *Book) keep(ctx context.Context, k key, s Subscription) error {
	if b.o.Store == nil {
		return nil
	}
	// Once begun it is done, even if nobody waits for the answer any more.
	return b.kept.Put(context.WithoutCancel(ctx), state.Owner{Agent: b.o.Agent, Group: k.group}, k.id, s)
}

// Unsubscribe forgets a subscription, and has the broker forget the client. The
// errors are [ErrNone] and [ErrChanging].
func (b *Book) Unsubscribe(ctx context.Context, group grid.UUID, id string) error {
	ctx, done, ok := b.begin(ctx)
	if !ok {
		return broker.ErrClosed
	}
	defer done()
	k := key{group.String(), id}
	b.mu.Lock()
	e := b.entries[k]
	_, busy := b.changing[k]
	switch {
	case busy:
		b.mu.Unlock()
		return ErrChanging
	case e == nil:
		b.mu.Unlock()
		return ErrNone
	}
	if b.o.Store != nil {
		err := b.kept.Delete(context.WithoutCancel(ctx), state.Owner{Agent: b.o.Agent, Group: k.group}, k.id)
		if err != nil {
			b.mu.Unlock()
			return err
		}
	}
	e = b.take(k)
	delete(b.entries, k)
	b.mu.Unlock()
	if e.client != nil {
		end(e.client, true)
	}
	return nil
}
