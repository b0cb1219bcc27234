// Package circuittest puts faults under a circuit: loss, duplication,
// reordering, delay and corruption of datagrams.
package circuittest

import (
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"
)

// Faults say how often what happens to a datagram that is written, each as a
// probability from 0 to 1. The zero value does no harm.
type Faults struct {
	// Seed makes the same sequence of decisions each time.
	Seed uint64
	// Loss drops the datagram.
	Loss float64
	// Duplicate writes it twice.
	Duplicate float64
	// Reorder holds it (each of two) back by up to ReorderBy, 5 ms by default,
	// while later ones pass.
	Reorder   float64
	ReorderBy time.Duration
	// Corrupt changes one to eight of its bytes.
	Corrupt float64
	// Delay holds every datagram back by that much, and by up to Jitter more.
	Delay, Jitter time.Duration
}

// Stats counts what a Conn has done to the datagrams written to it.
type Stats struct {
	Written    uint64 // by the user of the Conn
	Lost       uint64
	Duplicated uint64
	Reordered  uint64
	Corrupted  uint64
}

// Conn is a net.PacketConn that mistreats what is written to it. What is read
// is left alone: wrap both ends to disturb both directions.
type Conn struct {
	net.PacketConn

	mu      sync.Mutex
	faults  Faults
	random  *rand.Rand
	stats   Stats
	closed  bool
	pending sync.WaitGroup
}

// Wrap returns pc with faults.
func Wrap(pc net.PacketConn, f Faults) *Conn {
	c := &Conn{PacketConn: pc}
	c.Set(f)
	return c
}

// Set changes the faults and starts their decisions anew.
func (c *Conn) Set(f Faults) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.ReorderBy <= 0 {
		f.ReorderBy = 5 * time.Millisecond
	}
	c.faults = f
	c.random = rand.New(rand.NewPCG(f.Seed, f.Seed+1))
}

// Stats returns the counts so far.
func (c *Conn) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stats
}

// WriteTo writes b, or does what the faults say.
func (c *Conn) WriteTo(b []byte, to net.Addr) (int, error) {
	for _, w := range c.decide(b) {
		if w.after == 0 {
			if _, err := c.PacketConn.WriteTo(w.b, to); err != nil {
				return 0, err
			}
			continue
		}
		time.AfterFunc(w.after, func() {
			defer c.pending.Done()
			_, _ = c.PacketConn.WriteTo(w.b, to) // as good as lost
		})
	}
	return len(b), nil
}

type write struct {
	b     []byte
	after time.Duration
}

// decide draws the same number of decisions for every datagram, so that one
// does not change the fate of the next.
func (c *Conn) decide(b []byte) []write {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stats.Written++
	f := &c.faults
	r := rand.New(rand.NewPCG(c.random.Uint64(), c.random.Uint64()))
	if r.Float64() < f.Loss || c.closed {
		c.stats.Lost++
		return nil
	}
	writes := []write{{b: b}}
	if r.Float64() < f.Duplicate {
		c.stats.Duplicated++
		writes = append(writes, write{b: b})
	}
	for i := range writes {
		w := &writes[i]
		if r.Float64() < f.Corrupt && len(b) > 0 {
			c.stats.Corrupted++
			w.b = slices.Clone(b)
			for range 1 + r.IntN(8) {
				w.b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
			}
		}
		w.after = f.Delay
		if f.Jitter > 0 {
			w.after += time.Duration(r.Int64N(int64(f.Jitter)))
		}
		if r.Float64() < f.Reorder {
			c.stats.Reordered++
			w.after += 1 + time.Duration(r.Int64N(int64(f.ReorderBy)))
		}
		if w.after > 0 {
			w.b = slices.Clone(w.b)
			c.pending.Add(1)
		}
	}
	return writes
}

// Close closes the connection and waits for the datagrams held back, which are
// lost.
func (c *Conn) Close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	err := c.PacketConn.Close()
	c.pending.Wait()
	return err
}
