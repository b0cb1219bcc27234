package bus_test

import (
	"bytes"
	"fmt"
	"testing"

	"rookery/internal/bus"
)

// BenchmarkPublish tells what it costs to publish a notification of 300 bytes
// that so many durable subscriptions keep.
func BenchmarkPublish(b *testing.B) {
	for _, kept := range []int{0, 1, 10} {
		b.Run(fmt.Sprintf("kept by %d", kept), func(b *testing.B) {
			house, err := bus.Open(bus.Config{Store: b.TempDir(), Durable: bus.Limits{Bytes: 16 << 20}})
			if err != nil {
				b.Fatal(err)
			}
			defer house.Close()
			stop, err := house.Serve(b.Context(), "robin", parrot{})
			if err != nil {
				b.Fatal(err)
			}
			defer stop()
			for i := range kept {
				d := bus.Durable{Group: "g", Name: fmt.Sprint(i), Types: []string{"local"}}
				if err := house.Keep(b.Context(), "robin", d); err != nil {
					b.Fatal(err)
				}
			}
			n := bus.Notification{Type: "local", Text: bytes.Repeat([]byte("x"), 300)}
			b.ReportAllocs()
			for b.Loop() {
				if err := house.Publish("robin", n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
