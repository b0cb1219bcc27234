package tcpserver

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Every way of sending at once, to clients that read at their own pace and are
// paused and resumed: each stream arrives whole, in order and unmixed.
func TestEveryWayOfSendingKeepsItsOrder(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			events := j.events()
			events.DataIn = func(c *Conn, line []byte, _ bool) { _ = c.SendLine("e " + string(line)) }
			s := begin(t, &Server{
				DefaultSingleLineMode: true, SendQueueSize: 64 << 20, ConnectionBacklog: 64,
				SSLStartMode: mode, SSLCert: serverPair(), Events: events,
				Settings: Settings{SSLEnabledProtocols: ProtocolsModern, OutBufferSize: 16 << 10},
			})
			const clients, rounds = 8, 150
			file := filepath.Join(t.TempDir(), "file")
			content := strings.Repeat("f "+strings.Repeat("f", 997)+"\n", 40)
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var wg sync.WaitGroup
			for i := range clients {
				var c *client
				if mode == StartNone {
					c = dial(t, s)
				} else {
					c = dialTLS(t, s, nil)
				}
				conn := j.up()
				r := rand.New(rand.NewPCG(uint64(i), 7))
				seeds := [2]uint64{r.Uint64(), r.Uint64()}
				wg.Go(func() { // one goroutine sends numbered lines in every way there is
					r := rand.New(rand.NewPCG(seeds[0], 1))
					for n := range rounds {
						line := fmt.Sprintf("s %d %s\n", n, strings.Repeat("s", r.IntN(3000)))
						var err error
						switch r.IntN(5) {
						case 0:
							err = conn.Send([]byte(line))
						case 1:
							err = conn.SendText(line)
						case 2:
							err = conn.SendWait(ctx, []byte(line))
						case 3:
							err = conn.Enqueue([]byte(line))
						case 4:
							if err = conn.Send([]byte(line)); err == nil && n%10 == 0 {
								_, err = conn.SendFile(ctx, file)
							}
						}
						if err != nil {
							t.Errorf("line %d: %v", n, err)
							return
						}
					}
				})
				wg.Go(func() { // the client writes lines, which are echoed
					r := rand.New(rand.NewPCG(seeds[1], 2))
					for n := range rounds {
						if _, err := fmt.Fprintf(c, "%d %s\n", n, strings.Repeat("e", r.IntN(500))); err != nil {
							t.Error(err)
							return
						}
						if n%20 == 0 {
							conn.PauseData()
							conn.ProcessData()
						}
					}
				})
				wg.Go(func() { // and reads everything
					next := map[byte]int{}
					for next['s'] < rounds || next['e'] < rounds || next['b'] < rounds {
						line, err := c.r.ReadString('\n')
						if err != nil {
							t.Errorf("client %d: %v after %v", i, err, next)
							return
						}
						kind := line[0]
						if kind == 'f' {
							continue
						}
						var n int
						var tail string
						_, _ = fmt.Sscanf(line[1:], "%d %s", &n, &tail)
						if n != next[kind] || strings.Trim(tail, string(kind)) != "" {
							t.Errorf("client %d: %.40q, want number %d of %q", i, line, next[kind], kind)
							return
						}
						next[kind]++
						if r.IntN(50) == 0 {
							time.Sleep(time.Duration(r.IntN(300)) * time.Microsecond)
						}
					}
				})
			}
			wg.Go(func() {
				for n := range rounds {
					if got := s.Broadcast(fmt.Appendf(nil, "b %d %s\n", n, strings.Repeat("b", 300))); got != clients {
						t.Errorf("broadcast %d: %d took it", n, got)
					}
				}
			})
			wg.Wait()
		})
	}
}
