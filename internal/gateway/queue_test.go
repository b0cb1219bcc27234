package gateway_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"rookery/internal/gateway"
)

// What comes out of a queue is what went in, in order, less what was dropped; it
// never holds more than its limit, but for one text that is longer than that.
func TestAQueueKeepsOrderAndItsLimit(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 50).Draw(t, "limit")
		overflow := rapid.SampledFrom([]gateway.Overflow{gateway.Disconnect, gateway.DropNewest, gateway.DropOldest}).Draw(t, "overflow")
		q := gateway.NewQueue(limit, overflow)
		var held [][]byte
		size := func() (n int) {
			for _, text := range held {
				n += len(text)
			}
			return n
		}
		dropped, over := uint64(0), false
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if over {
				break
			}
			text := bytes.Repeat([]byte{byte(rapid.IntRange('a', 'z').Draw(t, "letter"))}, rapid.IntRange(1, 20).Draw(t, "length"))
			step := rapid.IntRange(0, 2).Draw(t, "step")
			policy := overflow
			switch step {
			case 0:
				if len(held) > 0 {
					if got, ok := q.Pop(); !ok || !bytes.Equal(got, held[0]) {
						t.Fatalf("popped %q, %v; want %q", got, ok, held[0])
					}
					held = held[1:]
				}
				continue
			case 1:
				policy = gateway.Disconnect
				q.Push(text)
			case 2:
				q.Offer(text)
			}
			if policy == gateway.DropOldest {
				for len(held) > 0 && size()+len(text) > limit {
					held, dropped = held[1:], dropped+1
				}
			}
			switch {
			case len(held) == 0 || size()+len(text) <= limit:
				held = append(held, text)
			default:
				dropped++
				over = policy == gateway.Disconnect
			}
			select {
			case <-q.Over():
				if !over {
					t.Fatal("the queue has run over")
				}
			default:
				if over {
					t.Fatal("the queue has not run over")
				}
			}
			if q.Overflown() != over || q.Dropped() != dropped {
				t.Fatalf("overflown %v, dropped %d; want %v and %d", q.Overflown(), q.Dropped(), over, dropped)
			}
		}
		q.Close()
		if over {
			held = nil
		}
		for _, want := range held {
			if got, ok := q.Pop(); !ok || !bytes.Equal(got, want) {
				t.Fatalf("popped %q, %v; want %q", got, ok, want)
			}
		}
		if got, ok := q.Pop(); ok {
			t.Fatalf("popped %q, want the end", got)
		}
	})
}
