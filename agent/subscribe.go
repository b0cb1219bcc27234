package agent

import (
	"sync"
	"time"
)

// Subscribe calls f with every event from now on, one at a time and in order,
// until cancel is called. After cancel returns f is not called again, except
// for the call that may be running.
//
// Each subscriber has a queue of its own, [Config.EventQueue] long. When f is
// slower than the world for so long that the queue is full, the oldest event
// is dropped and counted; the loss is logged at most once every ten seconds
// and told to f with [Lagged] as soon as f is back.
func (a *Agent) Subscribe(f func(Event)) (cancel func()) {
	s := &subscriber{f: f, limit: a.cfg.EventQueue, lag: a.logLag}
	a.mu.Lock()
	// Copied on write: emit walks the slice without a lock of its own.
	a.subs = append(a.subs[:len(a.subs):len(a.subs)], s)
	a.mu.Unlock()
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		for i, other := range a.subs {
			if other == s {
				a.subs = append(a.subs[:i:i], a.subs[i+1:]...)
				break
			}
		}
		s.close()
	}
}

// emit tells the subscribers. It is called with a.mu held, which keeps events
// in the order of the changes they tell of; it never blocks.
func (a *Agent) emit(e Event) {
	for _, s := range a.subs {
		s.push(e)
	}
}

// heard tells whether anybody listens, for events that cost something to make.
func (a *Agent) heard() bool { return len(a.subs) > 0 }

func (a *Agent) logLag(lost int) {
	a.log.Warn("an event subscriber is too slow", "lost", lost)
}

// subscriber is a queue and the goroutine that empties it, which exists only
// while there is something to tell: a thousand idle agents cost none.
type subscriber struct {
	f     func(Event)
	limit int
	lag   func(lost int)

	mu      sync.Mutex
	queue   []Event // ring: head is the oldest of n
	head, n int
	lost    int
	logged  time.Time
	running bool
	closed  bool
}

func (s *subscriber) push(e Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	switch {
	case s.n == s.limit:
		s.queue[s.head] = nil
		s.head = (s.head + 1) % len(s.queue)
		s.n--
		s.lost++
		if now := time.Now(); now.Sub(s.logged) > 10*time.Second {
			s.logged = now
			s.lag(s.lost)
		}
	case s.n == len(s.queue):
		s.grow()
	}
	s.queue[(s.head+s.n)%len(s.queue)] = e
	s.n++
	if !s.running {
		s.running = true
		go s.drain()
	}
}

func (s *subscriber) grow() {
	bigger := make([]Event, min(max(16, 2*len(s.queue)), s.limit))
	for i := range s.n {
		bigger[i] = s.queue[(s.head+i)%len(s.queue)]
	}
	s.queue, s.head = bigger, 0
}

func (s *subscriber) drain() {
	for {
		s.mu.Lock()
		var e Event
		switch {
		case s.closed || s.n == 0:
			s.running = false
			if len(s.queue) > 64 { // give back what a burst took
				s.queue, s.head = nil, 0
			}
			s.mu.Unlock()
			return
		case s.lost > 0:
			e, s.lost = Lagged{Lost: s.lost}, 0
		default:
			e = s.queue[s.head]
			s.queue[s.head] = nil
			s.head = (s.head + 1) % len(s.queue)
			s.n--
		}
		s.mu.Unlock()
		s.f(e)
	}
}

func (s *subscriber) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.queue, s.head, s.n = true, nil, 0, 0
}
