package gateway

import (
	"sync"

	"rookery/internal/bus"
)

// Audience knows which subscribers of one door hear which notification. S is
// the door's own idea of a subscriber. The zero value is empty and ready; its
// methods may be called from any goroutine.
type Audience[S comparable] struct {
	mu     sync.Mutex
	byType map[string]*hall[S]
}

// hall is the audience of one notification.
type hall[S comparable] struct {
	groups map[S]string
	// seats is groups as a list, made when it is next needed and never
	// changed afterwards, so that it can be read without the lock.
	seats []seat[S]
}

type seat[S comparable] struct {
	subscriber S
	group      string
}

// Add lets a subscriber hear what was granted to it.
func (a *Audience[S]) Add(s S, grant bus.Grant) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byType == nil {
		a.byType = make(map[string]*hall[S])
	}
	for _, kind := range grant.Types {
		h := a.byType[kind]
		if h == nil {
			h = &hall[S]{groups: make(map[S]string)}
			a.byType[kind] = h
		}
		h.groups[s] = grant.GroupID
		h.seats = nil
	}
}

// Remove forgets a subscriber.
func (a *Audience[S]) Remove(s S) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for kind, h := range a.byType {
		if _, here := h.groups[s]; !here {
			continue
		}
		delete(h.groups, s)
		h.seats = nil
		if len(h.groups) == 0 {
			delete(a.byType, kind)
		}
	}
}

// Each calls tell for every subscriber that was granted n and may hear it
// still.
func (a *Audience[S]) Each(n bus.Notification, tell func(S)) {
	for _, s := range a.seats(n.Type) {
		if n.MayHear(s.group) {
			tell(s.subscriber)
		}
	}
}

func (a *Audience[S]) seats(kind string) []seat[S] {
	a.mu.Lock()
	defer a.mu.Unlock()
	h := a.byType[kind]
	if h == nil {
		return nil
	}
	if h.seats == nil {
		h.seats = make([]seat[S], 0, len(h.groups))
		for s, group := range h.groups {
			h.seats = append(h.seats, seat[S]{s, group})
		}
	}
	return h.seats
}
