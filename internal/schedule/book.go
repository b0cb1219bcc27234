// Package schedule runs commands at the times that groups chose.
//
// What is scheduled survives a restart; what came due meanwhile runs once,
// late. A command for one time is forgotten before it runs: after a kill it may
// not have run, but it never runs twice.
//
// Passwords are not kept. A schedule belongs to the group that made it, and
// runs with what that group may do at that moment.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/internal/bus"
	"rookery/internal/rights"
	"rookery/internal/state"
	"rookery/script"
)

// Errors that callers decide on.
var (
	ErrTooMany = errors.New("too many schedules")
	ErrNone    = errors.New("no such schedule")
)

// Schedule is a command to run.
type Schedule struct {
	When
	// Sender and Identifier are who scheduled it, and from where.
	Sender, Identifier string
	// Message is the command without group and password.
	Message script.Pairs
}

// entry is a schedule of a group.
type entry struct {
	group string
	name  string
	Schedule
}

// Options say what a [Book] works with. Agent and Group are needed.
type Options struct {
	// Agent is whose commands are run.
	Agent string
	// Store keeps the schedules across restarts; nil: they are not kept.
	Store *state.Store
	// Group finds a group as configured at that moment, by UUID.
	Group func(id string) (rights.Caller, bool)
	// Input are the filters that messages are written with; nil means the
	// default ones.
	Input script.Filters
	// Ready is closed when commands may be run; nil: from the beginning.
	Ready <-chan struct{}
	// Now tells the time; nil means time.Now.
	Now func() time.Time
	// Log receives what ran and what went wrong. Nil: discarded.
	Log *slog.Logger
}

// Book is the schedules of one agent's groups. Its methods may be called from
// any goroutine.
type Book struct {
	o    Options
	kept state.Collection[Schedule]
	// changed wakes the goroutine that waits for the next one.
	changed chan struct{}

	mu      sync.Mutex
	entries []entry
}

// Open returns the book with what was kept of it.
func Open(ctx context.Context, o Options) (*Book, error) {
	if o.Input == nil {
		o.Input = script.DefaultFilters()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Book{o: o, changed: make(chan struct{}, 1)}
	if o.Store != nil {
		b.kept = state.In[Schedule](o.Store, "schedules")
		all, err := b.kept.All(ctx, o.Agent)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			b.entries = append(b.entries, entry{group: e.Group, name: e.Name, Schedule: e.Value})
		}
	}
	return b, nil
}

// ParseWhen is [ParseWhen] by the clock of the book.
func (b *Book) ParseWhen(text string) (When, error) { return ParseWhen(text, b.o.Now()) }

// ParseMessage reads a command as doors do, for a group, and takes group and
// password out of it.
func (b *Book) ParseMessage(text string, caller rights.Caller) (script.Pairs, error) {
	message, err := script.DecodeLine(text, b.o.Input)
	if err != nil {
		return nil, err
	}
	message = message.Unique()
	if group := message.Get("group"); group != "" && !strings.EqualFold(group, caller.Name) && !strings.EqualFold(group, caller.ID.String()) {
		return nil, fmt.Errorf("group %q: a schedule runs for the group that makes it, %s", group, caller.Name)
	}
	message.Delete("group")
	message.Delete("password")
	switch message.Get("command") {
	case "":
		return nil, errors.New("there is no command in it: want the text of a whole command, escaped once more")
	case "at":
		// Its data could hold passwords, and rules repeat commands already.
		return nil, errors.New("a schedule cannot make schedules: use a rule to repeat a command")
	}
	return message, nil
}

// Add keeps a schedule. It fails with [ErrTooMany] when the group has as many
// as it may.
func (b *Book) Add(ctx context.Context, caller rights.Caller, s Schedule) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := entry{group: caller.ID.String(), name: uuid.Must(uuid.NewV7()).String(), Schedule: s}
	if n := len(b.of(e.group)); n >= caller.Schedules {
		return fmt.Errorf("%w: the group has %d and may have %d", ErrTooMany, n, caller.Schedules)
	}
	if err := b.keep(ctx, e); err != nil {
		return err
	}
	b.entries = append(b.entries, e)
	b.wake()
	return nil
}

// List returns the schedules of a group, the latest first.
func (b *Book) List(group grid.UUID) []Schedule {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Schedule
	for _, e := range b.of(group.String()) {
		list = append(list, e.Schedule)
	}
	return list
}

// Remove forgets the schedule at a place of what [Book.List] returns. It fails
// with [ErrNone] when there is none.
func (b *Book) Remove(ctx context.Context, group grid.UUID, index int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.of(group.String())
	if index < 0 || index >= len(list) {
		return ErrNone
	}
	return b.forget(ctx, list[index])
}

// of lists the schedules of a group, the latest first. The caller holds mu.
func (b *Book) of(group string) []entry {
	var list []entry
	for _, e := range b.entries {
		if e.group == group {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(x, y entry) int { return y.Time.Compare(x.Time) })
	return list
}

// keep writes an entry to the store.
func (b *Book) keep(ctx context.Context, e entry) error {
	if b.o.Store == nil {
		return nil
	}
	// Once begun it is done, even if nobody waits for the answer any more.
	return b.kept.Put(context.WithoutCancel(ctx), state.Owner{Agent: b.o.Agent, Group: e.group}, e.name, e.Schedule)
}

// forget removes an entry. The caller holds mu.
func (b *Book) forget(ctx context.Context, e entry) error {
	if b.o.Store != nil {
		err := b.kept.Delete(context.WithoutCancel(ctx), state.Owner{Agent: b.o.Agent, Group: e.group}, e.name)
		if err != nil {
			return err
		}
	}
	b.entries = slices.DeleteFunc(b.entries, func(other entry) bool { return other.name == e.name })
	b.wake()
	return nil
}

func (b *Book) wake() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// message writes a command as it is kept.
func (s Schedule) message() string {
	return string(script.AppendLine(nil, s.Message, script.DefaultFilters()))
}

// Cells are sender, identifier, time (the next one of a rule) and message.
func (s Schedule) Cells() []string {
	return []string{s.Sender, s.Identifier, script.FormatTime(s.Time), s.message()}
}

// tooManyWorkers is how an answer says that the group has too much to do.
var tooManyWorkers = strconv.Itoa(script.ErrTooManyWorkers.Status)

func busy(answer bus.Reply) bool { return answer.Pairs.Get("status") == tooManyWorkers }
