package bridge

import (
	"hash/maphash"
	"sync"
)

// maxEchoes is how many of the texts that were published are known again.
const maxEchoes = 4096

// echoes knows the last texts that were published, and by which subscription.
type echoes struct {
	seed maphash.Seed

	mu    sync.Mutex
	from  map[uint64]key
	order []uint64
	next  int
}

func newEchoes() *echoes {
	return &echoes{seed: maphash.MakeSeed(), from: make(map[uint64]key)}
}

// add notes a text that a subscription publishes. Of those that publish the same
// the last one is known.
func (e *echoes) add(text []byte, k key) {
	sum := maphash.Bytes(e.seed, text)
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.from[sum]; !known {
		if len(e.order) < maxEchoes {
			e.order = append(e.order, sum)
		} else {
			delete(e.from, e.order[e.next])
			e.order[e.next] = sum
			e.next = (e.next + 1) % maxEchoes
		}
	}
	e.from[sum] = k
}

// of tells which subscription published a text, if any did.
func (e *echoes) of(text []byte) (key, bool) {
	sum := maphash.Bytes(e.seed, text)
	e.mu.Lock()
	defer e.mu.Unlock()
	k, ok := e.from[sum]
	return k, ok
}
