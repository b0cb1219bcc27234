package tcpserver

import (
	"slices"
	"sync"
)

type itemKind uint8

const (
	itemShared itemKind = iota // a message of Enqueue: belongs to everybody, may be dropped
	itemOwned                  // a copy in a pooled buffer
)

type queueItem struct {
	b    []byte
	own  *[]byte // for itemOwned
	kind itemKind
}

// outQueue is what waits to be sent to one connection. A connection has one
// only while something waits.
type outQueue struct {
	items  []queueItem
	head   int
	offset int // bytes of items[head] that are gone
	flying int // how many from items[head] on are being written
	bytes  int // in all, without those gone
	gather *[]byte
}

var outQueues = sync.Pool{New: func() any { return &outQueue{items: make([]queueItem, 0, 8)} }}

const (
	gatherSize   = 64 << 10 // plain text that leaves in one write
	gatherSecret = 16 << 10 // plain text of one TLS record, RFC 8446 §5.1
	smallSend    = 4 << 10  // Sends that are gathered in one owned buffer
)

func (q *outQueue) len() int { return len(q.items) - q.head }

func (q *outQueue) push(it queueItem) {
	// Only when that frees half of it, so that a message costs no more the longer
	// the queue is.
	if q.head > 0 && q.head >= len(q.items)/2 && len(q.items) == cap(q.items) {
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items = q.items[:n]
		q.head = 0
	}
	q.items = append(q.items, it)
	q.bytes += len(it.b)
}

// pushCopy queues a copy of b, behind others in one buffer where that is small.
func (q *outQueue) pushCopy(b []byte) {
	if n := len(q.items); n > q.head {
		last := &q.items[n-1]
		if last.kind == itemOwned && cap(*last.own)-len(*last.own) >= len(b) {
			*last.own = append(*last.own, b...)
			last.b = *last.own
			q.bytes += len(b)
			return
		}
	}
	size := len(b)
	if size < smallSend && q.len() > 0 {
		size = smallSend
	}
	own := getBuffer(size)
	*own = append(*own, b...)
	q.push(queueItem{b: *own, own: own, kind: itemOwned})
}

// peek returns the next bytes to write, at most limit; several small messages
// come together in one buffer that stays good until the next peek. What they
// belong to is not dropped before advance or landed is called.
func (q *outQueue) peek(limit int) []byte {
	if q.len() == 0 {
		return nil
	}
	q.flying = 1
	first := q.items[q.head].b[q.offset:]
	if len(first) >= limit {
		return first[:limit]
	}
	if q.len() == 1 || len(first) >= limit/2 {
		return first
	}
	if q.gather == nil {
		q.gather = getBuffer(gatherSize)
	}
	buf := append((*q.gather)[:0], first...)
	for i := q.head + 1; i < len(q.items); i++ {
		b := q.items[i].b
		q.flying++
		if room := limit - len(buf); len(b) > room {
			buf = append(buf, b[:room]...)
			break
		}
		buf = append(buf, b...)
	}
	*q.gather = buf
	return buf
}

// landed is called when what peek returned is not being written any more, none of
// it perhaps.
func (q *outQueue) landed() { q.flying = 0 }

// advance drops n bytes that are gone from the front and returns how many of
// them were not shared messages.
func (q *outQueue) advance(n int) (firm int) {
	q.landed()
	q.bytes -= n
	for n > 0 {
		it := &q.items[q.head]
		part := min(n, len(it.b)-q.offset)
		if it.kind != itemShared {
			firm += part
		}
		n -= part
		q.offset += part
		if q.offset == len(it.b) {
			q.release(it)
			q.head++
			q.offset = 0
		}
	}
	if q.head == len(q.items) {
		q.items = q.items[:0]
		q.head = 0
	}
	return firm
}

func (q *outQueue) release(it *queueItem) {
	if it.own != nil {
		putBuffer(it.own)
	}
	*it = queueItem{}
}

// dropOldest drops shared messages that have not begun to leave, oldest first,
// until n bytes are free or there are none left. It returns how many. It looks at
// no more of the queue than it has to: when a client stands still it is called for
// every message.
func (q *outQueue) dropOldest(n int) (count int) {
	begun := q.head + q.flying
	if q.offset > 0 {
		begun = max(begun, q.head+1)
	}
	droppable := func(i int) bool { return q.items[i].kind == itemShared && i >= begun }
	free, end := 0, q.head
	for ; end < len(q.items) && free < n; end++ {
		if droppable(end) {
			free += len(q.items[end].b)
			count++
		}
	}
	// What stays of those looked at moves up to the rest.
	to := end
	for i := end - 1; i >= q.head; i-- {
		if !droppable(i) {
			to--
			q.items[to] = q.items[i]
		}
	}
	clear(q.items[q.head:to])
	q.head = to
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
	}
	q.bytes -= free
	return count
}

// pushFront queues a copy of b before everything else. Nothing of the queue
// may have begun to leave.
func (q *outQueue) pushFront(b []byte) {
	own := getBuffer(len(b))
	*own = append(*own, b...)
	it := queueItem{b: *own, own: own, kind: itemOwned}
	q.bytes += len(b)
	if q.head > 0 {
		q.head--
		q.items[q.head] = it
		return
	}
	q.items = slices.Insert(q.items, 0, it)
}

// recycle returns the queue's buffers.
func (q *outQueue) recycle() {
	for i := q.head; i < len(q.items); i++ {
		q.release(&q.items[i])
	}
	if q.gather != nil {
		putBuffer(q.gather)
		q.gather = nil
	}
	if cap(q.items) > 1024 {
		return
	}
	q.items = q.items[:0]
	q.head, q.offset, q.flying, q.bytes = 0, 0, 0, 0
	outQueues.Put(q)
}
