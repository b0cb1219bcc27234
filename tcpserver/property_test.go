package tcpserver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestZeroValuesAreTheDocumentedDefaults(t *testing.T) {
	o, err := new(Server).options()
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{
		"ConnectionBacklog 5":         o.backlog == 5,
		"DefaultEOL empty":            o.framing.eol == "",
		"DefaultIdleTimeout 0":        o.idle == 0,
		"DefaultMaxLineLength 2048":   o.framing.maxLine == 2048,
		"DefaultSingleLineMode false": !o.framing.singleLine,
		"DefaultTimeout 0":            o.timeout == 0,
		"KeepAlive false":             !o.keepAlive,
		"Linger true":                 o.linger,
		"MaxConnections 1000":         o.maxConns == 1000,
		"BindExclusively true":        o.exclusive,
		"UseIPv6 0":                   o.network == "tcp4",
		"SSLStartMode none":           o.startMode == StartNone && o.tls == nil,
		"CodePage UTF-8":              o.page == nil,
		"AllowedClients everybody":    o.clients.allowed.all,
		"BlockedClients nobody":       !o.clients.blocked.all,
	} {
		if !ok {
			t.Errorf("not so: %s", name)
		}
	}
}

func TestWrongFieldsAreRefusedWithWhatIsAllowed(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    *Server
		want string
	}{
		{"backlog", &Server{ConnectionBacklog: -1}, "ConnectionBacklog is -1, allowed is 1 or more"},
		{"line", &Server{DefaultMaxLineLength: 255}, "DefaultMaxLineLength is 255, allowed is 256 or more"},
		{"idle", &Server{DefaultIdleTimeout: -1}, "DefaultIdleTimeout"},
		{"timeout", &Server{DefaultTimeout: -1}, "DefaultTimeout"},
		{"port", &Server{LocalPort: 65536}, "LocalPort is 65536, allowed is 0 to 65535"},
		{"connections", &Server{Settings: Settings{MaxConnections: 100_001}}, "MaxConnections is 100001, allowed is 1 to 100000"},
		{"queue", &Server{SendQueueSize: -1}, "SendQueueSize"},
		{"policy", &Server{SendQueuePolicy: 9}, "SendQueuePolicy"},
		{"start", &Server{SSLStartMode: 9}, "SSLStartMode is 9"},
		{"buffers", &Server{Settings: Settings{InBufferSize: -1}}, "InBufferSize"},
		{"keep-alive", &Server{Settings: Settings{KeepAliveTime: -1}}, "KeepAliveTime"},
		{"silence", &Server{Settings: Settings{DefaultConnectionTimeout: -1}}, "DefaultConnectionTimeout"},
		{"IPv6", &Server{Settings: Settings{UseIPv6: 3}}, "UseIPv6 is 3, allowed are 0"},
		{"clients", &Server{Settings: Settings{AllowedClients: "10.0.0.0/99"}}, `AllowedClients: "10.0.0.0/99" is not`},
		{"page", &Server{Settings: Settings{CodePage: 4242}}, "CodePage 4242"},
		{"provider", &Server{SSLProvider: 7}, "SSLProvider is 7"},
		{"certificate", &Server{SSLStartMode: StartImplicit}, "set SSLCert"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.s.StartListening()
			var own *Error
			if !errors.As(err, &own) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an *Error with %q", err, tc.want)
			}
			if tc.s.Listening() {
				t.Error("the server listens all the same")
			}
		})
	}
}

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

func TestWhatIsFixedWhileListeningHasItsError(t *testing.T) {
	s := begin(t, &Server{})
	if err := s.StartListening(); !errors.Is(err, ErrAlreadyListening) {
		t.Errorf("StartListening: %v, want error 104", err)
	}
	for _, tc := range []struct {
		change func()
		undo   func()
		want   *Error
	}{
		{func() { s.LocalPort = 1 }, func() { s.LocalPort = 0 }, ErrLocalPortFixed},
		{func() { s.LocalHost = "127.0.0.2" }, func() { s.LocalHost = "127.0.0.1" }, ErrLocalHostFixed},
		{func() { s.Settings.MaxConnections = 5 }, func() { s.Settings.MaxConnections = 0 }, ErrMaxConnsFixed},
	} {
		tc.change()
		if err := s.Apply(); !errors.Is(err, tc.want) {
			t.Errorf("got %v, want error %d", err, tc.want.Code)
		}
		tc.undo()
	}
	if _, err := s.Config("MaxConnections=7"); !errors.Is(err, ErrMaxConnsFixed) {
		t.Errorf("Config: %v, want error 108", err)
	}
	if err := s.Apply(); err != nil {
		t.Errorf("back to what it was: %v", err)
	}
}

func TestApplyHoldsForNewConnections(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	dial(t, s)
	old := j.up()
	s.DefaultEOL = "|"
	s.ConnectionBacklog = 9
	if err := s.Apply(); err != nil {
		t.Fatal(err)
	}
	dial(t, s)
	if fresh := j.up(); fresh.EOL() != "|" || old.EOL() != "" {
		t.Errorf("new %q, old %q", fresh.EOL(), old.EOL())
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

func TestResetReturnsEveryFieldToItsDefault(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{
		DefaultEOL: "x", LocalHost: "127.0.0.1", SSLCert: serverPair(), SSLStartMode: StartExplicit,
		Settings: Settings{TCPNoDelay: true}, Linger: Off, Events: j.events(),
	})
	v := reflect.ValueOf(s).Elem()
	dial(t, s)
	j.up()
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	j.await("disconnected")
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && f.Name != "Events" && !v.Field(i).IsZero() {
			t.Errorf("%s is %v", f.Name, v.Field(i))
		}
	}
	if s.Listening() || s.Events.Connected == nil {
		t.Error("still listening, or the events are gone")
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
