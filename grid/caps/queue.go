package caps

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"rookery/grid/llsd"
)

// Defaults of a Queue.
const (
	DefaultHold      = 25 * time.Second
	DefaultMaxEvents = 4096
	// maxSends is how often a batch is sent that is never acknowledged.
	maxSends = 4
	maxPoll  = 64 << 10
)

// ErrFull means that a Queue holds all the events that it may: nobody polls.
var ErrFull = errors.New("the event queue is full")

// A Queue is the region's half of the event queue of one agent, an
// http.Handler for its capability EventQueueGet. A batch of events is sent
// again until the client acknowledges it. Use NewQueue.
type Queue struct {
	// Hold is how long a poll waits for events before it is answered with
	// 502; MaxEvents is how many may wait. To be set before the first use.
	Hold      time.Duration
	MaxEvents int

	mu      sync.Mutex
	waiting []Event
	sent    batch // not acknowledged yet; no events: none
	sends   int
	lastID  int32
	changed chan struct{} // closed and replaced at every change
	poll    uint64        // number of the poll that may answer
	closed  bool
}

// NewQueue returns an empty Queue.
func NewQueue() *Queue {
	return &Queue{Hold: DefaultHold, MaxEvents: DefaultMaxEvents, changed: make(chan struct{})}
}

// Push appends events. It returns ErrClosed after Close, ErrFull when too many wait.
func (q *Queue) Push(bodies ...Body) error {
	events := make([]Event, len(bodies))
	for i, b := range bodies {
		events[i] = NewEvent(b)
	}
	return q.PushEvents(events...)
}

// PushEvents is Push for events without a Go type.
func (q *Queue) PushEvents(events ...Event) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if len(q.waiting)+len(events) > q.MaxEvents {
		return ErrFull
	}
	q.waiting = append(q.waiting, events...)
	q.wake()
	return nil
}

// Close answers all polls, now and later, with 404.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.waiting, q.sent = nil, batch{}
	q.wake()
}

func (q *Queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// ServeHTTP answers a poll: with events, with 502 when there are none for the
// time of Hold, with 404 when the queue is closed. A newer poll supersedes an
// older one, which is answered with 502 at once.
func (q *Queue) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, ok := ReadLLSD(w, r, maxPoll)
	if !ok {
		return
	}
	q.mu.Lock()
	q.poll++
	mine := q.poll
	q.acknowledge(llsd.Get(v, "ack"))
	q.wake()
	q.mu.Unlock()
	if llsd.Bool(llsd.Get(v, "done")) {
		q.Close()
		WriteLLSD(w, http.StatusOK, map[string]any{})
		return
	}
	hold := time.NewTimer(q.Hold)
	defer hold.Stop()
	for {
		b, changed, status := q.next(mine)
		switch status {
		case http.StatusOK:
			WriteLLSD(w, http.StatusOK, b.value())
			return
		case http.StatusContinue:
		default:
			w.WriteHeader(status)
			return
		}
		select {
		case <-changed:
		case <-hold.C:
			w.WriteHeader(http.StatusBadGateway)
			return
		case <-r.Context().Done():
			return
		}
	}
}

// acknowledge drops the batch that the client has, or one sent too often.
func (q *Queue) acknowledge(ack any) {
	if len(q.sent.Events) == 0 {
		return
	}
	if ack != nil && llsd.Int(ack) == q.lastID || q.sends >= maxSends {
		q.sent = batch{}
	}
}

// next returns what poll number mine is to be answered with; StatusContinue
// means that it is to wait for a change.
func (q *Queue) next(mine uint64) (batch, <-chan struct{}, int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return batch{}, nil, http.StatusNotFound
	case mine != q.poll:
		return batch{}, nil, http.StatusBadGateway
	case len(q.sent.Events) > 0:
		q.sends++
		return q.sent, nil, http.StatusOK
	case len(q.waiting) == 0:
		return batch{}, q.changed, http.StatusContinue
	}
	q.lastID++
	q.sent = batch{ID: q.lastID, Events: q.waiting}
	q.waiting, q.sends = nil, 1
	return q.sent, nil, http.StatusOK
}
