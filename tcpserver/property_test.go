package tcpserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestConnectionsMayChangeWhileTheyAreRangedOver(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	for range 3 {
		dial(t, s)
		j.up()
	}
	seen := map[string]bool{}
	for id, c := range s.Connections() {
		if c.ID() != id || seen[id] {
			t.Errorf("connection %q under %q", c.ID(), id)
		}
		seen[id] = true
		_ = c.Disconnect()
		dial(t, s)
		j.up()
	}
	if len(seen) != 3 {
		t.Errorf("saw %d connections, want the 3 from the start", len(seen))
	}
}

func TestUnknownConnectionIsError126(t *testing.T) {
	s := begin(t, &Server{})
	for _, id := range []string{"", "1", "x", "-1"} {
		if _, err := s.Conn(id); !errors.Is(err, ErrInvalidConnection) {
			t.Errorf("%q: got %v, want error 126", id, err)
		}
	}
}

func TestDefaultEOLCutsLines(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{DefaultEOL: "\x00END", Events: j.events()})
	c := dial(t, s)
	conn := j.up()
	c.send("one\x00E")
	c.send("NDtwo\x00ENDthree")
	j.await(`data "one" true`)
	j.await(`data "two" true`)
	if conn.EOL() != "\x00END" {
		t.Errorf("EOL is %q", conn.EOL())
	}
	_ = c.Close()
	j.await(`data "three" false`)
	j.await("disconnected 0 OK")
}

func TestWithoutEOLDataArrivesAsReceived(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	c := dial(t, s)
	c.send("a\r\nb")
	j.await(`data "a\r\nb" true`)
}

func TestSingleLineModeJoinsCRLFAcrossReads(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{DefaultSingleLineMode: true, Events: j.events()})
	c := dial(t, s)
	c.send("one\r")
	j.await(`data "one" true`)
	c.send("\ntwo\n")
	j.await(`data "two" true`)
	c.send("three\r\n")
	j.await(`data "three" true`)
	if n := j.count("data"); n != 3 {
		t.Errorf("%d lines: %q", n, j.list())
	}
}

func TestLongLinesArriveInPieces(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{DefaultSingleLineMode: true, DefaultMaxLineLength: 300, Events: j.events()})
	c := dial(t, s)
	conn := j.up()
	c.send(strings.Repeat("a", 700) + "\n")
	piece := strings.Repeat("a", 300)
	j.await(`data "` + piece + `" false`)
	j.await(`data "`+piece+`" false`, 1)
	j.await(`data "` + strings.Repeat("a", 100) + `" true`)
	if err := conn.SetMaxLineLength(255); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("255: %v", err)
	}
	if err := conn.SetMaxLineLength(1000); err != nil || conn.MaxLineLength() != 1000 {
		t.Errorf("1000: %v, %d", err, conn.MaxLineLength())
	}
	c.send(strings.Repeat("b", 1000) + "\n")
	j.await(`data "` + strings.Repeat("b", 1000) + `" true`)
}

func TestMaxLineLengthCannotFallBelowWhatIsHeld(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{DefaultEOL: "\n", Events: j.events()})
	c := dial(t, s)
	conn := j.up()
	c.send("x\n" + strings.Repeat("a", 500))
	j.await(`data "x" true`)
	for conn.held.Load() != 500 {
		c.send("") // the rest is on its way
		time.Sleep(time.Millisecond)
	}
	if err := conn.SetMaxLineLength(400); !errors.Is(err, ErrMaxLineFixed) {
		t.Errorf("got %v, want error 112", err)
	}
	if err := conn.SetMaxLineLength(500); err != nil {
		t.Error(err)
	}
}

func TestIdleClientsAreDisconnected(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{DefaultIdleTimeout: 50 * time.Millisecond, Events: j.events()})
	c := dial(t, s)
	j.await("disconnected 10060 no traffic for 50ms")
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the client is still connected")
	}
}

func TestTrafficKeepsAClientFromBeingIdle(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	c := dial(t, s)
	conn := j.up()
	conn.SetIdleTimeout(time.Hour)
	conn.moved.Add(-int64(59 * time.Minute)) // as if so long ago
	c.send("x")
	j.await("data")
	conn.moved.Add(-int64(59 * time.Minute))
	conn.checkIdle()
	if !conn.Connected() || conn.IdleTimeout() != time.Hour {
		t.Fatal("disconnected although it was not idle for an hour")
	}
	conn.moved.Add(-int64(2 * time.Minute))
	conn.checkIdle()
	j.await("disconnected 10060")
}

func TestWithoutTimeoutSendNeverBlocks(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, &Server{SendQueueSize: 4096, SSLStartMode: mode, SSLCert: serverPair(), LingerTimeout: time.Millisecond, Events: j.events()})
			var c *client
			if mode == StartNone {
				c = dial(t, s)
			} else {
				c = dialTLS(t, s, nil)
			}
			conn := j.up()
			j.await("ready")
			if !conn.ReadyToSend() {
				t.Error("not ready right after Connected")
			}
			total, chunk := 0, bytes.Repeat([]byte("x"), 8192)
			for {
				err := conn.Send(chunk)
				total += conn.BytesSent()
				if err == nil {
					continue
				}
				if !errors.Is(err, ErrWouldBlock) {
					t.Fatal(err)
				}
				if conn.BytesSent() == 0 {
					break
				}
			}
			if conn.ReadyToSend() || conn.Queued() > 4096 {
				t.Errorf("ready %v with %d bytes queued", conn.ReadyToSend(), conn.Queued())
			}
			if _, err := io.ReadFull(c, make([]byte, total)); err != nil {
				t.Fatal(err)
			}
			j.await("ready", 1)
			if !conn.ReadyToSend() {
				t.Error("not ready after ReadyToSend")
			}
			if err := conn.Send([]byte("more")); err != nil || conn.BytesSent() != 4 {
				t.Errorf("%v, %d bytes sent", err, conn.BytesSent())
			}
			if _, err := io.ReadFull(c, make([]byte, 4)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestWithTimeoutSendWaitsAsLongAsBytesMove(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, &Server{SendQueueSize: 4096, DefaultTimeout: patience, SSLStartMode: mode, SSLCert: serverPair(), LingerTimeout: time.Millisecond, Events: j.events()})
			var c *client
			if mode == StartNone {
				c = dial(t, s)
			} else {
				c = dialTLS(t, s, nil)
			}
			conn := j.up()
			c.shrink()
			const size = 12 << 20
			sent := make(chan error, 1)
			go func() { sent <- conn.Send(make([]byte, size)) }()
			if _, err := io.ReadFull(c, make([]byte, size)); err != nil {
				t.Fatal(err)
			}
			if err := await(t, sent, "end of Send"); err != nil {
				t.Fatal(err)
			}
			if conn.BytesSent() != 0 {
				t.Errorf("BytesSent is %d with a Timeout, want 0", conn.BytesSent())
			}
			conn.SetTimeout(50 * time.Millisecond)
			if err := conn.Send(make([]byte, 4*size)); !errors.Is(err, ErrTimedOut) {
				t.Errorf("to a client that does not read: got %v, want error 10060", err)
			}
			if !conn.Connected() {
				t.Error("the connection is gone after a timeout")
			}
		})
	}
}

func TestWithoutLingerClosingResets(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Linger: Off, Events: j.events()})
	c := dial(t, s)
	conn := j.up()
	if err := conn.Send(make([]byte, 8<<20)); err != nil && !errors.Is(err, ErrWouldBlock) {
		t.Fatal(err)
	}
	if err := conn.Disconnect(); err != nil {
		t.Fatal(err)
	}
	j.await("disconnected 0 OK")
	if _, err := io.Copy(io.Discard, c); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("client sees %v, want a reset", err)
	}
}

func TestListensWhereItIsTold(t *testing.T) {
	s := begin(t, &Server{LocalHost: "127.0.0.2"})
	if got := s.Addr(); got.Addr().String() != "127.0.0.2" || got.Port() == 0 {
		t.Errorf("listens on %v", got)
	}
	j := newJournal(t)
	s.Events = j.events()
	if err := s.Apply(); err != nil {
		t.Fatal(err)
	}
	c := dial(t, s)
	conn := j.up()
	local := c.LocalAddr().(*net.TCPAddr)
	if conn.LocalAddress() != "127.0.0.2" || conn.RemoteHost() != local.IP.String() || conn.RemotePort() != local.Port {
		t.Errorf("connection shows %s, %s:%d", conn.LocalAddress(), conn.RemoteHost(), conn.RemotePort())
	}
}

func TestListeningTellsWhetherClientsAreAccepted(t *testing.T) {
	s := begin(t, &Server{})
	if !s.Listening() {
		t.Error("false while listening")
	}
	addr := s.Addr()
	if err := s.StopListening(); err != nil {
		t.Fatal(err)
	}
	if s.Listening() || s.Addr().IsValid() {
		t.Error("true after StopListening")
	}
	if nc, err := net.Dial("tcp", addr.String()); err == nil {
		nc.Close()
		t.Error("a client got in after StopListening")
	}
}

func TestPortInUseIsError10048(t *testing.T) {
	s := begin(t, &Server{})
	other := &Server{LocalHost: "127.0.0.1", LocalPort: int(s.Addr().Port())}
	err := other.StartListening()
	var own *Error
	if !errors.As(err, &own) || own.Code != 10048 || !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
}

func TestShutdownStopsEverything(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{LingerTimeout: time.Millisecond, Events: j.events()})
	for range 5 {
		dial(t, s) // clients that do not close their side
		j.up()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if s.Listening() || s.Len() != 0 || j.count("disconnected 0 OK") != 5 {
		t.Errorf("listening %v, %d connections, %q", s.Listening(), s.Len(), j.list())
	}
}

func TestShutdownEndsWithItsContext(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{SendQueueSize: 64 << 20, Events: j.events()})
	dial(t, s)
	conn := j.up()
	if err := conn.Send(make([]byte, 32<<20)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, ErrTimedOut) || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want error 10060", err)
	}
	j.await("disconnected")
}
