package mqtt

import (
	"hash/maphash"
	"sync"
)

// maxEchoes is how many of the texts that the door sent it knows again.
const maxEchoes = 4096

// echoes knows the last texts that the door published. A client that publishes
// one of them, such as a bridge to another broker, is not asking anything: an
// answer to it would be passed round for ever.
type echoes struct {
	seed maphash.Seed

	mu    sync.Mutex
	known map[uint64]int
	order []uint64
	next  int
}

func newEchoes() *echoes {
	return &echoes{seed: maphash.MakeSeed(), known: make(map[uint64]int), order: make([]uint64, 0, maxEchoes)}
}

func (e *echoes) add(text []byte) {
	sum := maphash.Bytes(e.seed, text)
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.order) < maxEchoes {
		e.order = append(e.order, sum)
	} else {
		old := e.order[e.next]
		if e.known[old]--; e.known[old] == 0 {
			delete(e.known, old)
		}
		e.order[e.next] = sum
		e.next = (e.next + 1) % maxEchoes
	}
	e.known[sum]++
}

func (e *echoes) has(text []byte) bool {
	sum := maphash.Bytes(e.seed, text)
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.known[sum] > 0
}
