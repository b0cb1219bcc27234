package gateway

import (
	"sync"

	"rookery/internal/bus"
)

// Audience knows which subscribers of one door hear which notification. S is
// the door's own idea of a subscriber. The zero value is empty and ready; its
// methods may be called from any goroutine.
type Audience[S comparable] struct {
	mu       sync.Mutex
	byType   map[string]*hall[S]
	releases map[S]func()
}

// hall is the audience of one notification.
type hall[S comparable] struct {
	ears map[S]ear
	// seats is ears as a list, made when it is next needed and never
	// changed afterwards, so that it can be read without the lock.
	seats []seat[S]
}

// ear is for whom a subscriber hears, and which view.
type ear struct{ group, view string }

type seat[S comparable] struct {
	subscriber S
	ear
}

// Add lets a subscriber hear what was granted to it.
func (a *Audience[S]) Add(s S, admission Admission) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.byType == nil {
		a.byType = make(map[string]*hall[S])
		a.releases = make(map[S]func())
	}
	for _, kind := range admission.Types {
		h := a.byType[kind]
		if h == nil {
			h = &hall[S]{ears: make(map[S]ear)}
			a.byType[kind] = h
		}
		h.ears[s] = ear{admission.GroupID, admission.View}
		h.seats = nil
	}
	if admission.release != nil {
		if earlier := a.releases[s]; earlier != nil {
			defer earlier()
		}
		a.releases[s] = admission.release
	}
}

// Remove forgets a subscriber.
func (a *Audience[S]) Remove(s S) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if release := a.releases[s]; release != nil {
		delete(a.releases, s)
		defer release()
	}
	for kind, h := range a.byType {
		if _, here := h.ears[s]; !here {
			continue
		}
		delete(h.ears, s)
		h.seats = nil
		if len(h.ears) == 0 {
			delete(a.byType, kind)
		}
	}
}

// Each calls tell for every subscriber that was granted n and may hear it
// still.
func (a *Audience[S]) Each(n bus.Notification, tell func(S)) {
	for _, s := range a.seats(n.Type) {
		if n.View == s.view && n.MayHear(s.group) {
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
		h.seats = make([]seat[S], 0, len(h.ears))
		for s, ear := range h.ears {
			h.seats = append(h.seats, seat[S]{s, ear})
		}
	}
	return h.seats
}
