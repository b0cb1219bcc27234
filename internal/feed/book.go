// Package feed watches news feeds for groups: RSS, Atom and JSON Feed.
//
// A feed is asked for once in a while for all groups that subscribed to it, and
// each item is told once, when it is first seen. What was seen is remembered by
// the identifiers of the items, across restarts: neither a feed that publishes
// late nor a program that was away loses an item or repeats one. Items are
// remembered first and told then: a program that is killed in that moment has
// not told them, but none is told twice.
package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rookery/grid"
	"rookery/internal/fetch"
	"rookery/internal/rights"
	"rookery/internal/state"
)

// Errors that callers decide on.
var (
	ErrTooMany    = errors.New("too many feeds")
	ErrSubscribed = errors.New("already subscribed")
	// ErrInvalid reports a URL that leads to no feed; the text says why.
	ErrInvalid = errors.New("no feed there")
)

// Name is what the notification and the permission are called.
const Name = "feed"

// News is an item that a group is told.
type News struct {
	// Group is the only one that hears it.
	Group grid.UUID
	// Feed is what the group calls the feed.
	Feed string
	Item
}

// Addressee is the only group that hears it.
func (n News) Addressee() grid.UUID { return n.Group }

// Limits bound what feeds may cost. The zero value has defaults.
type Limits struct {
	// Interval is the time between two looks at a feed. 0 means 60 s.
	Interval time.Duration
	// Timeout is how long one look may take. 0 means 30 s.
	Timeout time.Duration
	// MaxSize is how large a document may be, in bytes. 0 means 2 MiB.
	MaxSize int64
	// Most is how many feeds a group may have. 0 means 100.
	Most int
}

func (l Limits) withDefaults() Limits {
	if l.Interval <= 0 {
		l.Interval = time.Minute
	}
	if l.Timeout <= 0 {
		l.Timeout = 30 * time.Second
	}
	if l.MaxSize <= 0 {
		l.MaxSize = 2 << 20
	}
	if l.Most <= 0 {
		l.Most = 100
	}
	return l
}

// Options say what a [Book] works with. Agent, Group and Web are needed.
type Options struct {
	// Agent is whose groups subscribe.
	Agent string
	// Store keeps subscriptions and what was seen across restarts; nil: they
	// are not kept.
	Store *state.Store
	// Group finds a group as configured at that moment, by UUID.
	Group func(id string) (rights.Caller, bool)
	// Web asks for the documents.
	Web    *fetch.Client
	Limits Limits
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Log receives what went wrong. URLs are logged without what follows the
	// host: it often is a secret. Nil: discarded.
	Log *slog.Logger
}

// subscription is a group's, as it is kept under the URL.
type subscription struct {
	Name string `json:"name"`
}

// Book is the feeds of one agent's groups. Its methods may be called from any
// goroutine.
type Book struct {
	o             Options
	limits        atomic.Pointer[Limits]
	subscriptions state.Collection[subscription]
	memories      state.Collection[memory]
	// changed wakes the goroutine that waits for the next look.
	changed chan struct{}

	mu    sync.Mutex
	feeds map[string]*watched // by URL
	hosts map[string]*host
	// tell takes what is new; nil while nobody does.
	tell func(News)
}

// watched is a feed that groups subscribed to.
type watched struct {
	url   string
	host  *host
	names map[string]string // by group
	memory
	// next is when to look again, unless the host wants to be left alone.
	next     time.Time
	looking  bool
	failures int
}

// host is a server that feeds come from.
type host struct {
	name     string
	busy     bool
	failures int
	// until is how long it is left alone.
	until time.Time
}

// Open returns the book with what was kept of it.
func Open(ctx context.Context, o Options) (*Book, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Book{o: o, changed: make(chan struct{}, 1), feeds: make(map[string]*watched), hosts: make(map[string]*host)}
	b.SetLimits(o.Limits)
	if o.Store == nil {
		return b, nil
	}
	b.subscriptions = state.In[subscription](o.Store, "feeds")
	b.memories = state.In[memory](o.Store, "feed_items")
	kept, err := b.subscriptions.All(ctx, o.Agent)
	if err != nil {
		return nil, err
	}
	for _, e := range kept {
		b.watch(e.Name).names[e.Group] = e.Value.Name
	}
	memories, err := b.memories.All(ctx, o.Agent)
	if err != nil {
		return nil, err
	}
	for _, e := range memories {
		if f := b.feeds[e.Name]; f != nil {
			f.memory = e.Value
			continue
		}
		// The program was killed between two steps of a change.
		if err := b.memories.Delete(ctx, e.Owner, e.Name); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// SetLimits changes the limits from now on. A group that has more feeds than it
// may have now keeps them.
func (b *Book) SetLimits(l Limits) {
	l = l.withDefaults()
	b.limits.Store(&l)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.feeds {
		if soon := b.later(l.Interval); f.failures == 0 && f.next.After(soon) {
			f.next = soon
		}
	}
	b.wake()
}

// Subscription is a feed of a group.
type Subscription struct{ Name, URL string }

// List returns the feeds of a group by name.
func (b *Book) List(group grid.UUID) []Subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Subscription
	for url, f := range b.feeds {
		if name, ok := f.names[group.String()]; ok {
			list = append(list, Subscription{name, url})
		}
	}
	slices.SortFunc(list, func(x, y Subscription) int {
		return strings.Compare(x.Name+"\x00"+x.URL, y.Name+"\x00"+y.URL)
	})
	return list
}

// Check tells whether a URL may lead to a feed, as far as that can be seen from
// it; the error says why not and what is allowed.
func (b *Book) Check(url string) error { return b.o.Web.Check(url) }

// Add subscribes a group to the feed at a URL, after having looked at it. What
// is in it is not told. It fails with [ErrSubscribed], [ErrTooMany] and
// [ErrInvalid].
func (b *Book) Add(ctx context.Context, group grid.UUID, name, url string) error {
	if err := b.vacant(group.String(), url); err != nil {
		return err
	}
	found, err := b.look(ctx, url, memory{})
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	// Others were not idle meanwhile.
	if err := b.vacantLocked(group.String(), url); err != nil {
		return err
	}
	// Once begun it is done, even if nobody waits for the answer any more.
	ctx = context.WithoutCancel(ctx)
	f := b.watch(url)
	// Those who are subscribed already hear now of what is new to them.
	if err := b.takeIn(ctx, f, found, len(found.items)); err != nil {
		b.unwatch(f)
		return err
	}
	if b.o.Store != nil {
		if err := b.subscriptions.Put(ctx, b.owner(group.String()), url, subscription{Name: name}); err != nil {
			b.unwatch(f)
			return err
		}
	}
	f.names[group.String()] = name
	f.next, f.failures = b.later(b.limits.Load().Interval), 0
	b.wake()
	return nil
}

// Remove ends a group's subscription; there need not be one.
func (b *Book) Remove(ctx context.Context, group grid.UUID, url string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.feeds[url]
	if f == nil {
		return nil
	}
	if _, ok := f.names[group.String()]; !ok {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	if b.o.Store != nil {
		if err := b.subscriptions.Delete(ctx, b.owner(group.String()), url); err != nil {
			return err
		}
	}
	delete(f.names, group.String())
	if len(f.names) == 0 && b.o.Store != nil {
		// Should this fail the next start does it.
		if err := b.memories.Delete(ctx, b.owner(""), url); err != nil {
			b.o.Log.Warn("what was seen of a feed is not forgotten yet", "host", f.host.name, "error", err)
		}
	}
	b.unwatch(f)
	return nil
}

func (b *Book) vacant(group, url string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.vacantLocked(group, url)
}

// vacantLocked tells whether a group may subscribe. The caller holds mu.
func (b *Book) vacantLocked(group, url string) error {
	n := 0
	for _, f := range b.feeds {
		if _, ok := f.names[group]; ok {
			n++
		}
	}
	if f := b.feeds[url]; f != nil {
		if name, ok := f.names[group]; ok {
			return fmt.Errorf("%w, as %q", ErrSubscribed, name)
		}
	}
	if most := b.limits.Load().Most; n >= most {
		return fmt.Errorf("%w: the group has %d and may have %d", ErrTooMany, n, most)
	}
	return nil
}

// watch finds or makes the entry of a feed. The caller holds mu, or is the only
// one.
func (b *Book) watch(text string) *watched {
	if f := b.feeds[text]; f != nil {
		return f
	}
	name := ""
	if u, err := url.Parse(text); err == nil {
		name = strings.ToLower(u.Host)
	}
	h := b.hosts[name]
	if h == nil {
		h = &host{name: name}
		b.hosts[name] = h
	}
	f := &watched{url: text, host: h, names: make(map[string]string)}
	b.feeds[text] = f
	return f
}

// unwatch forgets a feed that nobody is subscribed to. The caller holds mu.
func (b *Book) unwatch(f *watched) {
	if len(f.names) > 0 {
		return
	}
	delete(b.feeds, f.url)
	for _, other := range b.feeds {
		if other.host == f.host {
			return
		}
	}
	delete(b.hosts, f.host.name)
}

func (b *Book) owner(group string) state.Owner { return state.Owner{Agent: b.o.Agent, Group: group} }

func (b *Book) wake() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}
