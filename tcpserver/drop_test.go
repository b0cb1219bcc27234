package tcpserver

import (
	"fmt"
	"strings"
	"testing"
)

// A client that reads, but slower than messages come, gets whole messages in
// order, whatever is dropped between them: also while some are being written.
func TestWhatIsDroppedIsDroppedWhole(t *testing.T) {
	filler := strings.Repeat("x", 200)
	for _, secret := range []bool{false, true} {
		for _, policy := range []QueuePolicy{DropNewest, DropOldest} {
			t.Run(fmt.Sprintf("TLS %v, policy %d", secret, policy), func(t *testing.T) {
				t.Parallel()
				j := newJournal(t)
				s := &Server{SendQueueSize: 16 << 10, SendQueuePolicy: policy, Events: j.events()}
				if secret {
					s.SSLEnabled, s.SSLCert = true, serverPair()
				}
				begin(t, s)
				var c *client
				if secret {
					c = dialTLS(t, s, nil)
				} else {
					c = dial(t, s)
				}
				c.shrink()
				conn := j.up()
				const most = 100_000
				go func() {
					for n := range most {
						if err := conn.Enqueue(fmt.Appendf(nil, "%d %s\n", n, filler[:n%len(filler)])); err != nil && !conn.Connected() {
							return
						}
					}
					_ = conn.Disconnect()
				}()
				last, heard := -1, 0
				for {
					line, err := c.r.ReadString('\n')
					if err != nil {
						break
					}
					var n int
					if _, err := fmt.Sscan(line, &n); err != nil || line != fmt.Sprintf("%d %s\n", n, filler[:n%len(filler)]) || n <= last {
						t.Fatalf("after %d messages, the last one %d, came %q", heard, last, line)
					}
					last, heard = n, heard+1
				}
				if heard == 0 || heard == most {
					t.Errorf("%d of %d messages came", heard, most)
				}
			})
		}
	}
}
