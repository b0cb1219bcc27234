package simgrid

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"rookery/grid"
	"rookery/grid/circuit"
)

// Event is something that happened in the grid; one of the types of this file.
type Event interface{ event() }

// LoggedIn says that a login was answered with yes. The avatar arrives later.
type LoggedIn struct {
	Agent grid.UUID
	Name  string
}

// LoginRefused says that a login was answered with no.
type LoginRefused struct{ Name, Reason string }

// LoggedOut says that a session ended.
type LoggedOut struct {
	Agent grid.UUID
	Name  string
	Cause Cause
}

// Cause says why a session ended.
type Cause string

// The causes.
const (
	CauseLogout   Cause = "logout"   // the client asked for it
	CauseKick     Cause = "kick"     // Grid.Kick
	CauseTimeout  Cause = "timeout"  // the client fell silent or never came
	CauseRelogin  Cause = "relogin"  // the same account logged in again
	CauseShutdown Cause = "shutdown" // region or grid went down
)

// Arrived says that an avatar became a root agent of a region.
type Arrived struct {
	Agent    grid.UUID
	Region   string
	Position grid.Vector3
	Via      Via
}

// Left says that an avatar is no longer in a region.
type Left struct {
	Agent  grid.UUID
	Region string
}

// Via says how an avatar came into a region.
type Via string

// The ways in.
const (
	ViaLogin    Via = "login"
	ViaTeleport Via = "teleport"
	ViaCrossing Via = "crossing"
)

// ChatSpoken says that something was spoken: by an agent, an inhabitant or a
// prim. Typing has no text.
type ChatSpoken struct {
	Region   string
	Speaker  grid.UUID
	Name     string
	Source   grid.ChatSource
	Type     grid.ChatType
	Channel  int32
	Text     string
	Position grid.Vector3
}

// MessageSent says that an agent, inhabitant or prim sent an instant message.
type MessageSent struct {
	From, To  grid.UUID
	FromName  string
	Dialog    grid.IMDialog
	Text      string
	Delivered bool // false: stored, dropped or undeliverable
}

// ThrottleAsked says that an agent asked a region to send no faster than that.
type ThrottleAsked struct {
	Agent    grid.UUID
	Region   string
	Throttle circuit.Throttle
}

// SeatChanged says that an avatar sat down or stood up.
type SeatChanged struct {
	Agent  grid.UUID
	Region string
	Seat   grid.UUID // null when on the ground or standing
	Ground bool
}

// TeleportRefused says that a teleport was answered with TeleportFailed.
type TeleportRefused struct {
	Agent  grid.UUID
	Reason string
}

// TeleportedWithin says that an avatar teleported inside its region.
type TeleportedWithin struct {
	Agent    grid.UUID
	Region   string
	Position grid.Vector3
}

// MuteChanged says that an agent changed its mute list.
type MuteChanged struct {
	Agent grid.UUID
	Mute  grid.Mute
	Muted bool // false: the entry was removed
}

// FriendshipFormed says that an offer of friendship was accepted.
type FriendshipFormed struct{ From, By grid.UUID } // who offered, who accepted

// FriendshipDeclined says that an offer of friendship was declined.
type FriendshipDeclined struct{ From, By grid.UUID } // who offered, who declined

// FriendshipEnded says that an agent ended a friendship.
type FriendshipEnded struct{ By, With grid.UUID }

// GroupJoined says that an agent became a member of a group; GroupLeft that it
// is none any more; GroupDeclined that it declined an invitation.
type (
	GroupJoined   struct{ Group, Agent grid.UUID }
	GroupLeft     struct{ Group, Agent grid.UUID }
	GroupDeclined struct{ Group, Agent grid.UUID }
)

// ItemPlaced says that an item came into an inventory, or went to another
// folder of it.
type ItemPlaced struct {
	Agent grid.UUID // whose inventory it is
	Item  Item
}

func (LoggedIn) event()           {}
func (LoginRefused) event()       {}
func (LoggedOut) event()          {}
func (Arrived) event()            {}
func (Left) event()               {}
func (ChatSpoken) event()         {}
func (MessageSent) event()        {}
func (SeatChanged) event()        {}
func (ThrottleAsked) event()      {}
func (TeleportRefused) event()    {}
func (TeleportedWithin) event()   {}
func (MuteChanged) event()        {}
func (FriendshipFormed) event()   {}
func (FriendshipDeclined) event() {}
func (FriendshipEnded) event()    {}
func (GroupJoined) event()        {}
func (GroupLeft) event()          {}
func (GroupDeclined) event()      {}
func (ItemPlaced) event()         {}

// watchLimit is how many events a watcher keeps for a slow reader.
const watchLimit = 1 << 14

// ErrWatcherClosed is returned by Next after Close or after the grid closed.
var ErrWatcherClosed = errors.New("watcher closed")

// A Watcher receives every event from the moment it was made, in order.
type Watcher struct {
	hub     *hub
	mu      sync.Mutex
	events  []Event
	dropped int
	closed  bool
	wake    chan struct{} // holds one token when events or closed changed
}

// Watch starts to observe the grid. A watcher that is not read keeps the
// newest 16,384 events. Close it when done.
func (g *Grid) Watch() *Watcher { return g.hub.watch() }

// Next returns the next event, waiting for it. It returns ctx's error, or
// ErrWatcherClosed.
func (w *Watcher) Next(ctx context.Context) (Event, error) {
	for {
		w.mu.Lock()
		if len(w.events) > 0 {
			e := w.events[0]
			w.events[0] = nil
			w.events = w.events[1:]
			w.mu.Unlock()
			return e, nil
		}
		closed := w.closed
		w.mu.Unlock()
		if closed {
			return nil, ErrWatcherClosed
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// All returns the events from now on, until ctx ends or the watcher is closed.
func (w *Watcher) All(ctx context.Context) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		for {
			e, err := w.Next(ctx)
			if err != nil || !yield(e) {
				return
			}
		}
	}
}

// Dropped returns how many events were lost because nobody read them.
func (w *Watcher) Dropped() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dropped
}

// Close ends the watching. A Next that waits returns ErrWatcherClosed.
func (w *Watcher) Close() {
	w.hub.remove(w)
	w.close()
}

func (w *Watcher) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.signal()
}

func (w *Watcher) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *Watcher) put(e Event) {
	w.mu.Lock()
	if len(w.events) >= watchLimit {
		w.events = w.events[1:]
		w.dropped++
	}
	w.events = append(w.events, e)
	w.mu.Unlock()
	w.signal()
}

// Await reads events until one has type E and satisfies match (nil: any), and
// returns it. Events before it are consumed.
func Await[E Event](ctx context.Context, w *Watcher, match func(E) bool) (E, error) {
	for {
		e, err := w.Next(ctx)
		if err != nil {
			var zero E
			return zero, fmt.Errorf("wait for %T: %w", zero, err)
		}
		if e, ok := e.(E); ok && (match == nil || match(e)) {
			return e, nil
		}
	}
}

// hub spreads events to watchers and wakes those who wait for a state.
type hub struct {
	mu       sync.Mutex
	watchers map[*Watcher]struct{}
	closed   bool
	changed  chan struct{} // closed at the next change; nil when nobody waits
}

func (h *hub) watch() *Watcher {
	w := &Watcher{hub: h, wake: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		w.closed = true
		return w
	}
	if h.watchers == nil {
		h.watchers = make(map[*Watcher]struct{})
	}
	h.watchers[w] = struct{}{}
	return w
}

func (h *hub) remove(w *Watcher) {
	h.mu.Lock()
	delete(h.watchers, w)
	h.mu.Unlock()
}

func (h *hub) emit(e Event) {
	h.mu.Lock()
	for w := range h.watchers {
		w.put(e)
	}
	h.wakeLocked()
	h.mu.Unlock()
}

// touch wakes those who wait for a state.
func (h *hub) touch() {
	h.mu.Lock()
	h.wakeLocked()
	h.mu.Unlock()
}

func (h *hub) wakeLocked() {
	if h.changed != nil {
		close(h.changed)
		h.changed = nil
	}
}

// next returns a channel that is closed at the next change.
func (h *hub) next() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changed == nil {
		h.changed = make(chan struct{})
	}
	return h.changed
}

func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	watchers := h.watchers
	h.watchers = nil
	h.wakeLocked()
	h.mu.Unlock()
	for w := range watchers {
		w.close()
	}
}
