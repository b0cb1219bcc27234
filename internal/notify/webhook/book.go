// Package webhook posts notifications to the URLs that groups registered.
//
// A [Book] holds the registrations of one agent's groups, keeps them across
// restarts, and turns each notification into posts. What a registration adds
// (afterburn) or asks for instead of the usual keys (raw fields) concerns that
// registration only: neither the group's other URLs nor its connections.
package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"rookery/grid"
	"rookery/internal/outbox"
	"rookery/internal/rights"
	"rookery/internal/state"
	"rookery/script"
)

// Errors that callers decide on.
var (
	ErrTooMany       = errors.New("too many registrations")
	ErrNotRegistered = errors.New("not registered")
)

// Registration is a URL that hears one notification.
type Registration struct {
	URL string `json:"url"`
	// Tags are labels to find it by.
	Tags []string `json:"tags,omitempty"`
	// Afterburn is added to each notification, behind its own keys, which win.
	Afterburn script.Pairs `json:"afterburn,omitempty"`
	// Data are names of raw fields that are told in place of the usual keys.
	Data []string `json:"data,omitempty"`
}

// registrations are those of one group, by notification, in the order they
// were made.
type registrations map[string][]Registration

// Options say what a [Book] works with. All but Store, Log and Most are needed.
type Options struct {
	// Agent is whose notifications are told.
	Agent string
	// Store keeps the registrations across restarts; nil: they are not kept.
	Store *state.Store
	// Group finds a group as configured at that moment, by UUID.
	Group func(id string) (rights.Caller, bool)
	// Outbox posts; it should do so in order.
	Outbox *outbox.Outbox
	// Filters are those of output.
	Filters script.Filters
	// Most is how many registrations a group may have. 0 means 1000.
	Most int
	// Prune forgets URLs whose receivers answer that they are gone.
	Prune bool
	// Log receives what went wrong. Nil: discarded.
	Log *slog.Logger
}

// Book is the registrations of one agent's groups. Its methods may be called
// from any goroutine.
type Book struct {
	o    Options
	kept state.Collection[[]Registration]

	mu     sync.Mutex // held while something is changed
	groups map[string]registrations
	// byType is what groups say, by notification. It is never changed once
	// stored, so that telling needs no lock.
	byType atomic.Pointer[map[string][]target]
}

// target is a registration with its group's UUID.
type target struct {
	group string
	Registration
}

// Open returns the book with what was kept of it.
func Open(ctx context.Context, o Options) (*Book, error) {
	if o.Most <= 0 {
		o.Most = 1000
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Book{o: o, groups: make(map[string]registrations)}
	if o.Store != nil {
		b.kept = state.In[[]Registration](o.Store, "webhooks")
		all, err := b.kept.All(ctx, o.Agent)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if b.groups[e.Group] == nil {
				b.groups[e.Group] = make(registrations)
			}
			b.groups[e.Group][e.Name] = e.Value
		}
	}
	b.index()
	return b, nil
}

// Check tells whether a URL may be registered; the error says why not and what
// is allowed.
func (b *Book) Check(url string) error { return b.o.Outbox.Check(url) }

// Add registers a URL for notifications beside those there are. A URL that is
// there already keeps its tags; the rest of it is replaced.
func (b *Book) Add(ctx context.Context, group grid.UUID, types []string, r Registration) error {
	return b.change(ctx, group, func(all registrations) error {
		for _, kind := range types {
			if i := find(all[kind], r.URL); i >= 0 {
				again := r
				again.Tags = all[kind][i].Tags
				all[kind][i] = again
				continue
			}
			all[kind] = append(all[kind], r)
		}
		return nil
	})
}

// Set registers a URL in place of all others of the same notifications.
func (b *Book) Set(ctx context.Context, group grid.UUID, types []string, r Registration) error {
	return b.change(ctx, group, func(all registrations) error {
		for _, kind := range types {
			all[kind] = []Registration{r}
		}
		return nil
	})
}

// Update replaces tags, afterburn and raw fields of a URL that is registered
// already, for some notifications or, without types, for all it is registered
// for. It fails with [ErrNotRegistered] where the URL is not.
func (b *Book) Update(ctx context.Context, group grid.UUID, types []string, r Registration) error {
	return b.change(ctx, group, func(all registrations) error {
		found := false
		for kind, list := range all {
			if len(types) > 0 && !slices.Contains(types, kind) {
				continue
			}
			if i := find(list, r.URL); i >= 0 {
				list[i], found = r, true
			}
		}
		for _, kind := range types {
			if find(all[kind], r.URL) < 0 {
				return fmt.Errorf("%w for %s", ErrNotRegistered, kind)
			}
		}
		if !found {
			return ErrNotRegistered
		}
		return nil
	})
}

// Match picks registrations: those that fit everything that is given.
type Match struct {
	Types []string // one of these notifications
	Tags  []string // at least one of these labels
	URL   string   // a part of the URL
}

func (m Match) fits(kind string, r Registration) bool {
	return (len(m.Types) == 0 || slices.Contains(m.Types, kind)) &&
		(len(m.Tags) == 0 || slices.ContainsFunc(r.Tags, func(tag string) bool { return slices.Contains(m.Tags, tag) })) &&
		strings.Contains(r.URL, m.URL)
}

// Remove forgets what fits; that may be nothing.
func (b *Book) Remove(ctx context.Context, group grid.UUID, m Match) error {
	return b.change(ctx, group, func(all registrations) error {
		for kind, list := range all {
			all[kind] = slices.DeleteFunc(list, func(r Registration) bool { return m.fits(kind, r) })
		}
		return nil
	})
}

// Listing is what one notification of a group is posted to.
type Listing struct {
	Type          string
	Registrations []Registration
}

// List returns what fits, by notification.
func (b *Book) List(group grid.UUID, m Match) []Listing {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Listing
	for kind, list := range b.groups[group.String()] {
		l := Listing{Type: kind}
		for _, r := range list {
			if m.fits(kind, r) {
				l.Registrations = append(l.Registrations, r)
			}
		}
		if len(l.Registrations) > 0 {
			found = append(found, l)
		}
	}
	slices.SortFunc(found, func(x, y Listing) int { return strings.Compare(x.Type, y.Type) })
	return found
}

// change lets f change a copy of a group's registrations, keeps it, and puts
// it in place of the old ones: all of it or nothing.
func (b *Book) change(ctx context.Context, group grid.UUID, f func(registrations) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := group.String()
	changed := make(registrations, len(b.groups[id]))
	for kind, list := range b.groups[id] {
		changed[kind] = slices.Clone(list)
	}
	if err := f(changed); err != nil {
		return err
	}
	before, n := 0, 0
	for _, list := range b.groups[id] {
		before += len(list)
	}
	for kind, list := range changed {
		if n += len(list); len(list) == 0 {
			delete(changed, kind)
		}
	}
	// A limit that was lowered does not forbid having fewer.
	if n > b.o.Most && n > before {
		return fmt.Errorf("%w: a group may have %d", ErrTooMany, b.o.Most)
	}
	if b.o.Store != nil {
		// Once begun it is done, even if nobody waits for the answer any more.
		ctx = context.WithoutCancel(ctx)
		if err := b.kept.Replace(ctx, state.Owner{Agent: b.o.Agent, Group: id}, changed); err != nil {
			return err
		}
	}
	b.groups[id] = changed
	b.index()
	return nil
}

// index makes byType anew. The caller holds mu, or is the only one.
func (b *Book) index() {
	byType := make(map[string][]target)
	for group, all := range b.groups {
		for kind, list := range all {
			for _, r := range list {
				byType[kind] = append(byType[kind], target{group, r})
			}
		}
	}
	b.byType.Store(&byType)
}

func find(list []Registration, url string) int {
	return slices.IndexFunc(list, func(r Registration) bool { return r.URL == url })
}
