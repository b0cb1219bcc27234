package broker

import "time"

// entry is a message on its way to the broker.
type entry struct {
	Message
	// done is told once what became of the message; it does not wait. Nil:
	// nobody wants to know.
	done func(error)
	// over tells that nobody wants the message to be sent any more.
	over bool
	// tries is on how many connections it was sent, since first.
	tries int
	first time.Time
}

// try notes that it is sent on another connection.
func (e *entry) try() {
	if e.tries++; e.tries == 1 {
		e.first = time.Now()
	}
}

func (e *entry) finish(err error) {
	if e.done != nil {
		e.done(err)
		e.done = nil
	}
}

// queue is messages that wait, up to a number of bytes. What does not fit pushes
// out the oldest ones.
type queue struct {
	most    int
	bytes   int
	waiting []*entry
}

// push adds a message at the end, and returns those that had to make room. It is
// not ok when the message is larger than the queue.
func (q *queue) push(e *entry) (dropped []*entry, ok bool) {
	if e.size() > q.most {
		return nil, false
	}
	for q.bytes+e.size() > q.most {
		dropped = append(dropped, q.pop())
	}
	q.waiting = append(q.waiting, e)
	q.bytes += e.size()
	return dropped, true
}

// back puts messages that were taken out before those that wait, even if that
// is more than fits.
func (q *queue) back(entries []*entry) {
	q.waiting = append(append(make([]*entry, 0, len(entries)+len(q.waiting)), entries...), q.waiting...)
	for _, e := range entries {
		q.bytes += e.size()
	}
}

// pop takes the oldest message out; nil when there is none.
func (q *queue) pop() *entry {
	if len(q.waiting) == 0 {
		return nil
	}
	e := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	q.bytes -= e.size()
	return e
}
