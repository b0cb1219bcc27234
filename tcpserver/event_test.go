package tcpserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestEventsOfAConnectionComeInOrderAndOneAtATime(t *testing.T) {
	for _, manual := range []bool{false, true} {
		t.Run(fmt.Sprint("manual ", manual), func(t *testing.T) {
			var (
				j       = newJournal(t)
				running atomic.Int32
			)
			alone := func() func() {
				if running.Add(1) != 1 {
					t.Error("two events of one connection at the same time")
				}
				return func() { running.Add(-1) }
			}
			s := begin(t, &Server{ManualEvents: manual, DefaultSingleLineMode: true, SendQueueSize: 4096, LingerTimeout: time.Millisecond, Events: Events{
				Connected:    func(*Conn, int, string) { defer alone()(); j.note("connected") },
				DataIn:       func(c *Conn, text []byte, _ bool) { defer alone()(); j.note("data %s", text); _ = c.SendLine("") },
				Disconnected: func(*Conn, int, string) { defer alone()(); j.note("disconnected") },
				ReadyToSend:  func(*Conn) { defer alone()(); j.note("ready") },
				Error:        func(*Conn, int, string) { defer alone()(); j.note("error") },
			}})
			if manual {
				ctx, cancel := context.WithCancel(t.Context())
				var done sync.WaitGroup
				done.Go(func() {
					for s.DoEvents(ctx) == nil {
					}
				})
				t.Cleanup(func() { cancel(); done.Wait() })
			}
			c := dial(t, s)
			var want []string
			for i := range 100 {
				c.send(fmt.Sprintf("%d\n", i))
				want = append(want, fmt.Sprintf("data %d", i))
			}
			for range 100 {
				c.line()
			}
			conn := s.list()[0]
			for range 100 {
				conn.post(func() { conn.tellReady() }) // as other goroutines do
			}
			_ = c.Close()
			j.await("disconnected")
			all := j.list()
			if all[0] != "connected" || all[1] != "ready" || all[len(all)-1] != "disconnected" {
				t.Errorf("%q", all)
			}
			data := slices.DeleteFunc(all, func(e string) bool { return !strings.HasPrefix(e, "data") })
			if fmt.Sprint(data) != fmt.Sprint(want) {
				t.Errorf("%q", data)
			}
		})
	}
}

func TestConnectionsRunInParallel(t *testing.T) {
	var both sync.WaitGroup
	both.Add(2)
	s := begin(t, &Server{Events: Events{DataIn: func(c *Conn, _ []byte, _ bool) {
		both.Done()
		both.Wait() // only together do they get on
		_ = c.SendLine("met")
	}}})
	a, b := dial(t, s), dial(t, s)
	a.send("x")
	b.send("x")
	a.want("met")
	b.want("met")
}

func TestConnectionRequestHasTheLastWord(t *testing.T) {
	j := newJournal(t)
	events := j.events()
	answers := []bool{true, false}
	events.ConnectionRequest = func(r *ConnectionRequest) {
		j.note("request %s %v %v", r.Address, r.Port > 0, r.Accept)
		r.Accept = answers[0]
		answers = answers[1:]
	}
	s := begin(t, &Server{Settings: Settings{BlockedClients: "127.0.0.0/8"}, Events: events})
	dial(t, s)
	j.up() // blocked by the list, let in by the event
	j.await("request 127.0.0.1 true false")
	c := dial(t, s)
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("a refused client is connected")
	}
	if n := j.count("connected"); n != 1 {
		t.Errorf("%d connections", n)
	}
	for s.Len() > 1 {
		time.Sleep(time.Millisecond)
	}
	if n := j.count("disconnected"); n != 0 {
		t.Errorf("Disconnected without Connected: %q", j.list())
	}
}

func TestDisconnectedComesOnceWithItsReason(t *testing.T) {
	for name, tc := range map[string]struct {
		end  func(*client, *Conn)
		want string
	}{
		"client closes": {func(c *client, _ *Conn) { _ = c.Close() }, "disconnected 0 OK"},
		"server closes": {func(_ *client, conn *Conn) { _ = conn.Disconnect() }, "disconnected 0 OK"},
		"client resets": {func(c *client, _ *Conn) {
			_ = c.Conn.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		}, "disconnected 10054"},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, &Server{LingerTimeout: time.Millisecond, Events: j.events()})
			c := dial(t, s)
			conn := j.up()
			tc.end(c, conn)
			j.await(tc.want)
			if err := s.Shutdown(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := j.count("disconnected"); n != 1 {
				t.Errorf("%d times", n)
			}
		})
	}
}

func TestReadyToSendComesRightAfterConnected(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	dial(t, s)
	j.await("ready")
	if got := j.list(); got[0] != "connected 0 OK" || got[1] != "ready" {
		t.Errorf("%q", got)
	}
}

func TestPanickingEventEndsItsConnectionOnly(t *testing.T) {
	for _, event := range []string{"Connected", "DataIn", "ReadyToSend", "Disconnected", "Error", "ConnectionRequest"} {
		for _, manual := range []bool{false, true} {
			t.Run(fmt.Sprint(event, " manual ", manual), func(t *testing.T) {
				j := newJournal(t)
				events := j.events()
				var armed atomic.Bool
				armed.Store(true)
				bang := func(name string) {
					if name == event && armed.Swap(false) {
						panic("bang")
					}
				}
				plain := events
				events.Connected = func(c *Conn, s int, d string) { bang("Connected"); plain.Connected(c, s, d) }
				events.DataIn = func(c *Conn, b []byte, eol bool) {
					if event == "Error" {
						c.post(func() { c.tellError(&Error{Code: 1, Text: "made up"}) })
						return
					}
					bang("DataIn")
					plain.DataIn(c, b, eol)
				}
				events.ReadyToSend = func(c *Conn) { bang("ReadyToSend"); plain.ReadyToSend(c) }
				events.Disconnected = func(c *Conn, s int, d string) { plain.Disconnected(c, s, d); bang("Disconnected") }
				events.Error = func(c *Conn, n int, d string) { plain.Error(c, n, d); bang("Error") }
				events.ConnectionRequest = func(*ConnectionRequest) { bang("ConnectionRequest") }
				s := begin(t, &Server{ManualEvents: manual, LingerTimeout: time.Millisecond, Events: events})
				if manual {
					ctx, cancel := context.WithCancel(t.Context())
					var done sync.WaitGroup
					done.Go(func() {
						for s.DoEvents(ctx) == nil {
						}
					})
					t.Cleanup(func() { cancel(); done.Wait() })
				}
				c := dial(t, s)
				_, _ = c.Write([]byte("x"))
				if event == "Disconnected" {
					j.await("data")
					_ = c.Close()
				}
				switch event {
				case "ConnectionRequest", "Disconnected":
					j.await("error 10053")
				case "Error":
					j.await("disconnected 10053 panic in the Error event: bang")
				default:
					j.await("error 10053 panic in the " + event + " event: bang")
					j.await("disconnected 10053")
				}
				if event == "Error" {
					return
				}
				c = dial(t, s) // the server lives
				c.send("again")
				j.await(`data "again"`)
			})
		}
	}
}

func TestManualEventsWaitForDoEvents(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{ManualEvents: true, DefaultSingleLineMode: true, LingerTimeout: time.Millisecond, Events: j.events()})
	c := dial(t, s)
	c.send("one\ntwo\n")
	if len(j.list()) != 0 {
		t.Errorf("before DoEvents: %q", j.list())
	}
	for j.count("data") < 2 {
		if err := s.DoEvents(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"connected 0 OK", "ready", `data "one" true`, `data "two" true`}; fmt.Sprint(j.list()) != fmt.Sprint(want) {
		t.Errorf("%q", j.list())
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := s.DoEvents(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without events: %v", err)
	}
	if err := s.Shutdown(t.Context()); err != nil { // runs the last events itself
		t.Fatal(err)
	}
	j.await("disconnected 0 OK")
}

func TestDoEventsWithoutManualEventsWaits(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := new(Server).DoEvents(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestDataInAllocatesNothing(t *testing.T) {
	lines := 0
	s := &Server{DefaultSingleLineMode: true, Events: Events{DataIn: func(*Conn, []byte, bool) { lines++ }}}
	o, err := s.options()
	if err != nil {
		t.Fatal(err)
	}
	conn := &Conn{srv: s, opt: o}
	conn.framing.Store(o.framing)
	input := []byte(strings.Repeat("a line of text\r\n", 100))
	conn.deliver(input)
	s.stopSweeper()
	if n := testing.AllocsPerRun(100, func() { conn.deliver(input) }); n != 0 {
		t.Errorf("%v allocations for 100 lines", n)
	}
	if lines != 102*100 {
		t.Errorf("%d lines", lines)
	}
}
