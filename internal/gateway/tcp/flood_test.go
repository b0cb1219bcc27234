package tcp_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/tcp"
	"rookery/tcpserver"
)

// TestAFloodCostsAClientThatDoesNotReadBoundedMemoryAndNobodyElseAnything sends
// 30 MB past a client that does not read, no faster than another one reads. It
// measures the whole process, so it runs alone.
func TestAFloodCostsAClientThatDoesNotReadBoundedMemoryAndNobodyElseAnything(t *testing.T) {
	const (
		notifications = 100_000
		queue         = 256 << 10
		ahead         = 500 // on their way to who reads, so that they fit into its queue
		mostMemory    = 8 << 20
	)
	filler := strings.Repeat("x", 270)
	text := func(n int) string { return "type=local&n=" + strconv.Itoa(n) + "&message=" + filler }
	for _, policy := range []tcpserver.QueuePolicy{tcpserver.DropNewest, tcpserver.DropOldest, tcpserver.DisconnectSlow} {
		t.Run(fmt.Sprint("policy ", policy), func(t *testing.T) {
			h := open(t, tcp.Config{QueueBytes: queue, Queue: policy})
			deaf, good := h.call(), h.call()
			for _, c := range []*caller{deaf, good} {
				c.say(hello)
				c.hear("success=True\r\n")
			}
			sent, heard := 0, 0
			flood := func(n int) {
				t.Helper()
				for _, c := range []*caller{deaf, good} {
					_ = c.conn.SetDeadline(time.Now().Add(gatewaytest.Patience))
				}
				for range n {
					h.Notify("local", "", text(sent))
					for sent++; sent-heard > ahead; heard++ {
						good.hear(text(heard) + "\r\n")
					}
				}
				for ; heard < sent; heard++ {
					good.hear(text(heard) + "\r\n")
				}
			}
			before := live()
			for sent < notifications {
				flood(notifications / 100)
				if sent%(notifications/10) > 0 {
					continue
				}
				if grown := live() - before; grown > mostMemory {
					t.Fatalf("%d notifications cost %d bytes of memory", sent, grown)
				}
			}

			// What the other one has heard, as ranges without a gap.
			type span struct{ from, to int }
			var spans []span
			for {
				line, err := deaf.in.ReadString('\n')
				if err != nil {
					if policy != tcpserver.DisconnectSlow {
						t.Fatal(err)
					}
					break // perhaps within a line
				}
				number, rest, _ := strings.Cut(strings.TrimPrefix(line, "type=local&n="), "&")
				n, err := strconv.Atoi(number)
				if err != nil || rest != "message="+filler+"\r\n" {
					t.Fatalf("heard %s", brief(line))
				}
				if last := len(spans) - 1; last >= 0 && spans[last].to == n {
					spans[last].to++
				} else {
					spans = append(spans, span{n, n + 1})
				}
				if n >= notifications {
					break
				}
				switch {
				case policy == tcpserver.DropNewest && deaf.in.Buffered() == 0:
					flood(1) // until there is room again for one
				case policy == tcpserver.DropOldest && n == notifications-1:
					flood(1)
				}
			}
			if len(spans) == 0 || spans[0].from != 0 || spans[0].to >= notifications {
				t.Fatalf("heard were %v, want the first ones", spans)
			}
			// A writer that is late on a busy machine may drop a few before.
			last := spans[len(spans)-1]
			switch policy {
			case tcpserver.DisconnectSlow:
				if len(spans) != 1 || h.door.Connections() != 1 {
					t.Errorf("heard were %v, there are %d clients; want the first ones and the end", spans, h.door.Connections())
				}
			case tcpserver.DropNewest:
				if len(spans) < 2 || last.from < notifications {
					t.Errorf("heard were %v, want the first ones and what came after the flood", spans)
				}
			case tcpserver.DropOldest:
				if len(spans) < 2 || last.from >= notifications || last.to <= notifications {
					t.Errorf("heard were %v, want the first and the last ones", spans)
				}
			}
		})
	}
}

// live is how many bytes are in use.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
