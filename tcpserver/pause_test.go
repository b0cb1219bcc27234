package tcpserver

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// Reading is paused after each line and resumed from elsewhere at once, so that
// now and then it is resumed while the rest of what was received is put by.
func TestNoLineWaitsForTheNextWhenReadingIsResumed(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const lines = 3000
			j := newJournal(t)
			events := j.events()
			var paused atomic.Pointer[Conn]
			events.DataIn = func(c *Conn, text []byte, eol bool) {
				if string(text) == "last" {
					j.note("the last line")
					return
				}
				if !eol {
					t.Errorf("%q without a line end", text)
				}
				c.PauseData()
				paused.Store(c)
			}
			s := begin(t, &Server{DefaultSingleLineMode: true, SSLStartMode: mode, SSLCert: serverPair(), Events: events})
			var done atomic.Bool
			t.Cleanup(func() { done.Store(true) })
			go func() { // it does not sleep, to be in time
				for !done.Load() {
					if c := paused.Swap(nil); c != nil {
						c.ProcessData()
					}
					runtime.Gosched()
				}
			}()
			var c *client
			if mode == StartNone {
				c = dial(t, s)
			} else {
				c = dialTLS(t, s, nil)
			}
			j.up()
			for range 20 {
				c.send(strings.Repeat("line\n", lines-1) + "last\n")
				j.await("the last line")
			}
		})
	}
}

// crypto/tls tells the end of the stream together with the last bytes.
func TestLinesHeldBackWhenTheClientEndsAreDelivered(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJournal(t)
			events := j.events()
			events.DataIn = func(c *Conn, text []byte, eol bool) {
				c.PauseData()
				j.note("data %q %v", text, eol)
			}
			s := begin(t, &Server{DefaultSingleLineMode: true, SSLStartMode: mode, SSLCert: serverPair(), Events: events})
			var c *client
			if mode == StartNone {
				c = dial(t, s)
			} else {
				c = dialTLS(t, s, nil)
			}
			conn := j.up()
			c.send("1\n2\n3\n4")
			if err := c.Conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				j.await(fmt.Sprintf(`data "%d" true`, i+1))
				conn.ProcessData()
			}
			j.await(`data "4" false`)
		})
	}
}
