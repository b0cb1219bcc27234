package gateway

import "sync"

// Overflow says what happens to a notification that finds the queue of its
// subscriber full.
type Overflow int

// The policies.
const (
	Disconnect Overflow = iota // the subscriber is sent away
	DropNewest                 // it is dropped
	DropOldest                 // the oldest ones make room
)

// defaultQueueBytes is how much a queue holds unless told otherwise.
const defaultQueueBytes = 1 << 20

// Queue is what waits to be sent to one subscriber, bounded in bytes. It is for
// doors whose transport has no queue of its own.
type Queue struct {
	limit    int
	overflow Overflow
	over     chan struct{} // closed when the queue has run over

	mu      sync.Mutex
	filled  sync.Cond
	waiting [][]byte
	size    int
	closed  bool
	ranOver bool
	dropped uint64
}

// NewQueue returns a queue of so many bytes; 0 means 1 MiB.
func NewQueue(limit int, overflow Overflow) *Queue {
	if limit == 0 {
		limit = defaultQueueBytes
	}
	q := &Queue{limit: limit, overflow: overflow, over: make(chan struct{})}
	q.filled.L = &q.mu
	return q
}

// Push queues what must not be lost: an answer. Where it does not fit, the
// queue has run over, whatever the policy.
func (q *Queue) Push(text []byte) { q.add(text, Disconnect) }

// Offer queues a notification, as the policy allows.
func (q *Queue) Offer(text []byte) { q.add(text, q.overflow) }

func (q *Queue) add(text []byte, overflow Overflow) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	if overflow == DropOldest {
		for len(q.waiting) > 0 && q.size+len(text) > q.limit {
			q.take()
			q.dropped++
		}
	}
	if q.size+len(text) > q.limit && q.size > 0 {
		q.dropped++
		if overflow == Disconnect {
			q.ranOver, q.closed = true, true
			close(q.over)
			q.filled.Broadcast()
		}
		return
	}
	q.waiting = append(q.waiting, text)
	q.size += len(text)
	q.filled.Signal()
}

func (q *Queue) take() []byte {
	text := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	q.size -= len(text)
	return text
}

// Pop waits for the next text; false when the queue is closed and empty, or has
// run over.
func (q *Queue) Pop() ([]byte, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.filled.Wait()
	}
	if len(q.waiting) == 0 || q.ranOver {
		return nil, false
	}
	return q.take(), true
}

// Close lets Pop end when what is queued has been taken.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}

// Over is closed when the queue has run over.
func (q *Queue) Over() <-chan struct{} { return q.over }

// Overflown tells whether the queue has run over.
func (q *Queue) Overflown() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.ranOver
}

// Dropped is how many texts did not fit.
func (q *Queue) Dropped() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}
