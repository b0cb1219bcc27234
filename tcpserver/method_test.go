package tcpserver

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestChangeRecordLengthInsideDataIn(t *testing.T) {
	j := newJournal(t)
	events := j.events()
	events.DataIn = func(c *Conn, text []byte, eol bool) {
		j.note("data %q %v", text, eol)
		if c.RecordLength() == 0 { // a header line tells the length of what follows
			if err := c.ChangeRecordLength(len(text)); err != nil {
				t.Error(err)
			}
			return
		}
		if err := c.ChangeRecordLength(0); err != nil {
			t.Error(err)
		}
	}
	s := begin(t, &Server{DefaultSingleLineMode: true, Events: events})
	c := dial(t, s)
	conn := j.up()
	c.send("12345\r\nab\r\ncnext\r\n")
	for _, want := range []string{`data "12345" true`, `data "ab\r\nc" true`, `data "next" true`} {
		j.await(want)
	}
	if err := conn.ChangeRecordLength(-1); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("-1: %v", err)
	}
}

func TestRecordCutShortArrivesWhenTheClientCloses(t *testing.T) {
	j := newJournal(t)
	events := j.events()
	events.ConnectionRequest = func(*ConnectionRequest) {}
	events.Connected = func(c *Conn, _ int, _ string) { _ = c.ChangeRecordLength(10) }
	s := begin(t, &Server{Events: events})
	c := dial(t, s)
	c.send("0123456789abc")
	j.await(`data "0123456789" true`)
	_ = c.Close()
	j.await(`data "abc" false`)
}

func TestDisconnectDeliversAndClosesOnce(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	c := dial(t, s)
	conn := j.up()
	if err := conn.SendLine("goodbye"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Disconnect(); err != nil {
		t.Fatal(err)
	}
	if err := conn.Disconnect(); !errors.Is(err, ErrNotConnected) {
		t.Errorf("second time: %v", err)
	}
	if err := conn.Send([]byte("x")); !errors.Is(err, ErrNotConnected) {
		t.Errorf("send after it: %v", err)
	}
	got, err := io.ReadAll(c)
	if err != nil || string(got) != "goodbye\r\n" {
		t.Errorf("client got %q, %v", got, err)
	}
	_ = c.Close()
	j.await("disconnected 0 OK")
	if conn.Connected() || conn.Err() != nil || s.Len() != 0 {
		t.Errorf("connected %v, %v, %d connections", conn.Connected(), conn.Err(), s.Len())
	}
}

func TestPauseDataPutsBackPressureOnTheClient(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			var got int
			j := newJournal(t)
			events := j.events()
			events.DataIn = func(c *Conn, text []byte, _ bool) {
				if got == 0 {
					c.PauseData()
					j.note("paused")
				}
				if got += len(text); got == 16<<20 {
					j.note("all")
				}
			}
			s := begin(t, &Server{SSLStartMode: mode, SSLCert: serverPair(), Settings: Settings{InBufferSize: 64 << 10}, Events: events})
			var c *client
			if mode == StartNone {
				c = dial(t, s)
			} else {
				c = dialTLS(t, s, nil)
			}
			conn := j.up()
			written := make(chan int, 1)
			go func() {
				n, _ := c.Write(make([]byte, 16<<20))
				written <- n
			}()
			j.await("paused")
			if conn.AcceptData() {
				t.Error("AcceptData is true while paused")
			}
			select {
			case <-written:
				t.Fatal("the client could send 16 MiB to a server that does not read")
			case <-time.After(100 * time.Millisecond):
			}
			conn.ProcessData()
			await(t, written, "end of the client's write")
			j.await("all")
			if !conn.AcceptData() {
				t.Error("AcceptData is false after ProcessData")
			}
		})
	}
}

func TestPauseDataHoldsBackLinesAlreadyReceived(t *testing.T) {
	j := newJournal(t)
	events := j.events()
	events.DataIn = func(c *Conn, text []byte, eol bool) {
		c.PauseData()
		j.note("data %q %v", text, eol)
	}
	s := begin(t, &Server{DefaultSingleLineMode: true, Events: events})
	c := dial(t, s)
	conn := j.up()
	c.send("one\ntwo\nthree\nfo")
	for i, line := range []string{"one", "two", "three"} {
		j.await(`data "` + line + `"`)
		if n := j.count("data"); n != i+1 {
			t.Errorf("%d lines while paused after %d", n, i+1)
		}
		conn.ProcessData()
	}
	c.send("ur\n")
	j.await(`data "four" true`)
}

func TestSendsFromManyGoroutinesArriveWhole(t *testing.T) {
	for name, mode := range map[string]StartMode{"plain": StartNone, "TLS": StartImplicit} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, &Server{SSLStartMode: mode, SSLCert: serverPair(), SendQueueSize: 64 << 20, Events: j.events()})
			var c *client
			if mode == StartNone {
				c = dial(t, s)
			} else {
				c = dialTLS(t, s, nil)
			}
			conn := j.up()
			const writers, lines = 16, 300
			sends := []func(string) error{
				conn.SendLine,
				func(l string) error { return conn.Send([]byte(l + "\r\n")) },
				func(l string) error { return conn.SendBytes([]byte(l + "\r\n")) },
				func(l string) error { return conn.SendText(l + "\r\n") },
				func(l string) error { return conn.Enqueue([]byte(l + "\r\n")) },
				func(l string) error { _, err := io.WriteString(conn, l+"\r\n"); return err },
				func(l string) error { return conn.SendWait(t.Context(), []byte(l+"\r\n")) },
			}
			var wg sync.WaitGroup
			for w := range writers {
				wg.Go(func() {
					for i := range lines {
						line := strings.Repeat(string(rune('a'+w)), 1+(i*37)%900)
						if err := sends[(w+i)%len(sends)](line); err != nil {
							t.Error(err)
						}
					}
				})
			}
			next := make([]int, writers)
			for range writers * lines {
				line := c.line()
				w := int(line[0] - 'a')
				if want := strings.Repeat(line[:1], 1+(next[w]*37)%900); line != want {
					t.Fatalf("writer %d: got %d bytes, want %d", w, len(line), len(want))
				}
				next[w]++
			}
			wg.Wait()
		})
	}
}

func TestSendTextConvertsToTheCodePage(t *testing.T) {
	j := newJournal(t)
	events := j.events()
	events.DataIn = func(c *Conn, text []byte, _ bool) { j.note("text %s", c.Text(text)) }
	s := begin(t, &Server{DefaultSingleLineMode: true, Settings: Settings{CodePage: 1252}, Events: events})
	c := dial(t, s)
	conn := j.up()
	if err := conn.SendLine("10 €"); err != nil {
		t.Fatal(err)
	}
	c.want("10 \x80")
	if err := conn.SendText("é\n"); err != nil {
		t.Fatal(err)
	}
	c.want("\xe9")
	if err := conn.SendText("語"); !errors.Is(err, ErrInvalidArgument) {
		t.Errorf("a character that is not in the page: %v", err)
	}
	c.send("\x80\n")
	j.await("text €")
}

func TestBroadcastReachesEverybodyOnce(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	clients := make([]*client, 40)
	for i := range clients {
		clients[i] = dial(t, s)
		j.up()
	}
	const messages = 200
	for i := range messages {
		message := append(bytes.Repeat([]byte{'a' + byte(i%26)}, 1+i), '\n')
		if n := s.Broadcast(message); n != len(clients) {
			t.Fatalf("%d connections took message %d", n, i)
		}
	}
	for _, c := range clients {
		for i := range messages {
			c.want(strings.Repeat(string(rune('a'+i%26)), 1+i))
		}
	}
}

// stuff fills a connection's socket and queue until Enqueue has to decide, and
// returns how many messages it took until then.
func stuff(t *testing.T, conn *Conn, message []byte) (took int, err error) {
	t.Helper()
	for range 1 << 20 {
		if err := conn.Enqueue(message); err != nil {
			return took, err
		}
		took++
		if conn.Dropped() > 0 || !conn.Connected() {
			return took, nil
		}
	}
	t.Fatal("the queue is never full")
	return 0, nil
}

func TestQueuePolicies(t *testing.T) {
	message := bytes.Repeat([]byte("x"), 1000)
	last := bytes.Repeat([]byte("y"), 1000)
	begun := func(t *testing.T, p QueuePolicy) (*journal, *client, *Conn) {
		j := newJournal(t)
		s := begin(t, &Server{SendQueueSize: 64 << 10, SendQueuePolicy: p, Linger: Off, Events: j.events()})
		return j, dial(t, s), j.up()
	}
	read := func(t *testing.T, c *client, conn *Conn) string {
		t.Helper()
		done := make(chan struct{})
		var got bytes.Buffer
		go func() {
			defer close(done)
			_, _ = io.Copy(&got, c)
		}()
		for conn.Queued() > 0 {
			time.Sleep(time.Millisecond)
		}
		conn.opt.linger = true
		_ = conn.Disconnect()
		await(t, done, "end of stream")
		return got.String()
	}
	t.Run("drop newest", func(t *testing.T) {
		j, c, conn := begun(t, DropNewest)
		took, err := stuff(t, conn, message)
		if !errors.Is(err, ErrNoBufferSpace) || conn.Dropped() != 1 {
			t.Fatalf("got %v and %d dropped, want error 10055 and 1", err, conn.Dropped())
		}
		j.await("error 10055 send queue full")
		if got := read(t, c, conn); len(got) != took*1000 {
			t.Errorf("got %d bytes, want all of the %d messages that were taken", len(got), took)
		}
		if n := j.count("error"); n != 1 {
			t.Errorf("%d Error events for one episode", n)
		}
	})
	t.Run("drop oldest", func(t *testing.T) {
		_, c, conn := begun(t, DropOldest)
		if _, err := stuff(t, conn, message); err != nil {
			t.Fatal(err)
		}
		if err := conn.Enqueue(last); err != nil {
			t.Error(err)
		}
		if got := read(t, c, conn); !strings.HasSuffix(got, string(last)) || len(got)%1000 != 0 {
			t.Errorf("got %d bytes, ending in %q", len(got), got[len(got)-1:])
		}
	})
	t.Run("disconnect", func(t *testing.T) {
		j, _, conn := begun(t, DisconnectSlow)
		if _, err := stuff(t, conn, message); !errors.Is(err, ErrNotConnected) {
			t.Fatalf("got %v, want error 10057", err)
		}
		j.await("disconnected 10055 send queue full")
	})
	t.Run("of one connection", func(t *testing.T) {
		j, _, conn := begun(t, DropNewest)
		conn.SetSendQueue(32<<10, DisconnectSlow)
		if _, err := stuff(t, conn, message); !errors.Is(err, ErrNotConnected) {
			t.Fatal(err)
		}
		j.await("disconnected 10055")
	})
}

func TestUserDataStaysWithTheConnection(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	dial(t, s)
	conn := j.up()
	if conn.UserData() != nil {
		t.Error("not empty at first")
	}
	conn.SetUserData([]byte{0, 1})
	again, err := s.Conn(conn.ID())
	if err != nil || !bytes.Equal(again.UserData().([]byte), []byte{0, 1}) || again.Server() != s {
		t.Errorf("%v, %v", again, err)
	}
}

func TestStopListeningKeepsConnections(t *testing.T) {
	s := begin(t, &Server{DefaultSingleLineMode: true, Events: Events{DataIn: echoLines}})
	c := dial(t, s)
	c.send("before\n")
	c.want("before")
	if err := s.StopListening(); err != nil {
		t.Fatal(err)
	}
	c.send("after\n")
	c.want("after")
	if err := s.StartListening(); err != nil {
		t.Fatal(err)
	}
	again := dial(t, s)
	again.send("again\n")
	again.want("again")
	if s.Len() != 2 {
		t.Errorf("%d connections, want the old one and the new one", s.Len())
	}
}

func TestFramingChangesBetweenLines(t *testing.T) {
	j := newJournal(t)
	events := j.events()
	events.DataIn = func(c *Conn, text []byte, eol bool) {
		j.note("data %q %v", text, eol)
		switch string(text) {
		case "to semicolons":
			c.SetSingleLineMode(false)
			c.SetEOL(";")
		case "to lines":
			c.SetSingleLineMode(true)
		case "to raw":
			c.SetSingleLineMode(false)
			c.SetEOL("")
		}
	}
	s := begin(t, &Server{DefaultSingleLineMode: true, Events: events})
	c := dial(t, s)
	conn := j.up()
	c.send("one\nto semicolons\ntwo;three\n;to lines;four\nto raw\nfive\nsix;")
	for _, want := range []string{`"one"`, `"to semicolons"`, `"two"`, `"three\n"`, `"to lines"`, `"four"`, `"to raw"`, `"five\nsix;"`} {
		j.await("data " + want + " true")
	}
	if conn.SingleLineMode() || conn.EOL() != "" {
		t.Errorf("%v, %q", conn.SingleLineMode(), conn.EOL())
	}
}
