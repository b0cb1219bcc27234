package udp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/udp"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type house struct {
	*gatewaytest.House
	door *udp.Door
}

func open(t *testing.T, cfg udp.Config) *house {
	t.Helper()
	h := gatewaytest.New(t)
	if cfg.Address == "" {
		cfg.Address = "127.0.0.1:0"
	}
	door, err := udp.Open(cfg, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	h.CloseAtEnd(door)
	return &house{h, door}
}

type caller struct {
	t    *testing.T
	conn net.Conn
}

func (h *house) call() *caller {
	h.T.Helper()
	conn, err := net.Dial("udp", h.door.Addr())
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(gatewaytest.Patience))
	return &caller{h.T, conn}
}

func (c *caller) say(text string) {
	c.t.Helper()
	if _, err := c.conn.Write([]byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *caller) read() string {
	c.t.Helper()
	buffer := make([]byte, 1<<16)
	n, err := c.conn.Read(buffer)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(buffer[:n])
}

func (c *caller) hear(want string) {
	c.t.Helper()
	if got := c.read(); got != want {
		c.t.Fatalf("want %q, got %q", want, got)
	}
}

func (c *caller) startsWith(want string) string {
	c.t.Helper()
	got := c.read()
	if !strings.HasPrefix(got, want) {
		c.t.Fatalf("want the start %q, got %q", want, got)
	}
	return got
}

const (
	hello  = gatewaytest.Hello
	denied = "success=False&error=access+denied&status=70001"
)

func TestAnAddressHearsWhatItAskedForAndNothingElse(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	both, one := h.call(), h.call()
	both.say(hello)
	both.hear("success=True")
	one.say("type=message&password=p&group=G\r\n")
	one.hear("success=True")
	h.Notify("alert", "", "type=alert")
	h.Notify("local", "", "type=local&message=a+b%0D%0A")
	h.Notify("message", "other group", "type=message&n=1")
	h.Notify("message", "g", "type=message&n=2")
	both.hear("type=local&message=a+b%0D%0A")
	both.hear("type=message&n=2")
	one.hear("type=message&n=2")

	// Asking again replaces what was asked for.
	both.say("group=G&password=p&type=local")
	both.hear("success=True")
	h.Notify("message", "", "type=message&n=3")
	h.Notify("local", "", "type=local&n=4")
	both.hear("type=local&n=4")
	one.hear("type=message&n=3")
	if n := h.door.Sessions(); n != 2 {
		t.Errorf("%d sessions", n)
	}
}

func TestCommandsAreAnsweredWithOrWithoutAHandshake(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	c := h.call()
	c.say("command=echo&group=G&password=p&message=first&_id=1")
	c.hear("group=G&command=echo&data=first&success=True&_id=1")
	c.say(hello)
	c.hear("success=True")
	c.say("\n")
	c.say("command=echo&group=G&password=p&message=h%C3%A9+l%0Ao&_id=7\n")
	c.hear("group=G&command=echo&data=h%C3%A9+l%0Ao&success=True&_id=7")
	c.say("command=echo&_id=8")
	c.startsWith("group=&command=echo&error=access+denied&status=70001&success=False")
	c.say("command=echo&group=\xff")
	c.startsWith("error=could+not+decode+message%3A+the+text+is+not+UTF-8&status=70007&success=False")
	c.say("group=G&password=p")
	c.startsWith("error=command+not+found&status=")
	h.Notify("local", "", "type=local&still=here")
	c.hear("type=local&still=here")
}

func TestJSONIsAnsweredAsJSON(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	c := h.call()
	c.say(`{"group":"G","password":"p","type":"local"}`)
	c.hear(`{"success":"True"}`)
	h.Notify("local", "", "type=local&message=a+b")
	c.hear(`{"type":"local","message":"a b"}`)
	c.say(`{"command":"echo","group":"G","password":"p","message":"x"}`)
	c.hear(`{"group":"G","command":"echo","data":["x"],"success":"True"}`)
}

func TestStrangersHearShortRefusalsAndFew(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text, want string }{
		{"a wrong password", "group=G&password=q&type=local", denied},
		{"an unknown group", "group=H&password=p&type=local", denied},
		{"a command with a wrong password", "command=echo&group=G&password=q&message=" + strings.Repeat("x", 1000), denied},
		{"an unknown notification", "group=G&password=p&type=local,nonsense", "success=False&error=invalid+notification+types&status=65327"},
		{"no words", "hello", "success=False&error=could+not+decode+message&status=70007"},
		{"an empty datagram", "", "success=False&error=could+not+decode+message&status=70007"},
		{"bytes that are not UTF-8", "group=\xff", "success=False&error=could+not+decode+message&status=70007"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := open(t, udp.Config{})
			c := h.call()
			c.say(tc.text)
			c.hear(tc.want)
			if n := h.door.Sessions(); n != 0 {
				t.Errorf("%d sessions after a refusal", n)
			}
		})
	}
}

func TestAFloodOfWrongPasswordsIsNotAnsweredAsOften(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	stranger, friend := h.call(), h.call()
	for range 500 {
		stranger.say("group=G&password=q&type=local")
	}
	// The friend gets in as soon as the flood has been looked through.
	for in := false; !in; {
		friend.say(hello)
		_ = friend.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		buffer := make([]byte, 100)
		if n, err := friend.conn.Read(buffer); err == nil {
			in = string(buffer[:n]) == "success=True"
		}
	}
	heard := 0
	_ = stranger.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	for buffer := make([]byte, 100); ; heard++ {
		if _, err := stranger.conn.Read(buffer); err != nil {
			break
		}
	}
	if heard == 0 || heard > 100 {
		t.Errorf("500 wrong passwords were refused %d times; want some, and far fewer", heard)
	}
}

func TestAnEmptyTypeEndsTheSession(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	c, other := h.call(), h.call()
	other.say(hello)
	other.hear("success=True")
	c.say(hello)
	c.hear("success=True")
	c.say("group=G&password=q&type=")
	c.hear(denied)
	c.say("group=G&password=p&type=")
	c.hear("success=True")
	if n := h.door.Sessions(); n != 1 {
		t.Errorf("%d sessions after the end of one of two", n)
	}
	h.Notify("local", "", "type=local&n=1")
	other.hear("type=local&n=1")
	c.say(hello)
	c.hear("success=True")
	h.Notify("local", "", "type=local&n=2")
	c.hear("type=local&n=2")
}

func TestASilentSessionIsForgotten(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{SessionTimeout: 50 * time.Millisecond})
	c := h.call()
	c.say(hello)
	c.hear("success=True")
	for late := time.After(gatewaytest.Patience); h.door.Sessions() > 0; {
		select {
		case <-late:
			t.Fatal("the session stays")
		case <-time.After(time.Millisecond):
		}
	}
	c.say("")
	c.hear("success=False&error=could+not+decode+message&status=70007")
}

func TestThereIsRoomForSoManySessions(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{MaxSessions: 1})
	first, second := h.call(), h.call()
	first.say(hello)
	first.hear("success=True")
	second.say(hello)
	second.hear("success=False&error=too+much+to+do&status=70013")
	second.say("command=echo&group=G&password=p")
	second.hear("success=False&error=too+much+to+do&status=70013")
	first.say("group=G&password=p&type=")
	first.hear("success=True")
	second.say(hello)
	second.hear("success=True")
}

func TestAnAnswerThatDoesNotFitSaysSo(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	c := h.call()
	// What comes in as one byte goes out as three.
	c.say("command=echo&group=G&password=p&_id=9&message=" + strings.Repeat("~", 60000))
	got := c.startsWith("group=G&command=echo&error=line+too+long%3A+the+answer+has+")
	pairs, err := script.DecodeLine(got, script.DefaultFilters())
	if err != nil || pairs.Get("success") != "False" || pairs.Get("status") != "70010" || pairs.Get("_id") != "9" || pairs.Has("password") {
		t.Errorf("got %q (%v)", got, err)
	}
}

func TestCommandsOfOneAddressRunBesideEachOtherUpToALimit(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{CommandsInFlight: 2})
	c := h.call()
	for i := range 6 {
		c.say(fmt.Sprintf("command=wait&group=G&password=p&_id=%d", i))
		if i < 2 {
			<-h.Running
		}
	}
	close(h.Release)
	seen := make(map[string]bool)
	for range 6 {
		pairs, err := script.DecodeLine(c.startsWith("group=G&command=wait"), script.DefaultFilters())
		if err != nil {
			t.Fatal(err)
		}
		seen[pairs.Get("_id")] = true
	}
	if len(seen) != 6 || h.Most() > 2 {
		t.Errorf("answers to %v, %d commands ran at a time", seen, h.Most())
	}
}

func TestClosingEndsRunningCommandsAndAnswersThem(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	c := h.call()
	c.say("command=wait&group=G&password=p&_id=1")
	<-h.Running
	if err := h.door.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.startsWith("group=G&command=wait&error=command+timed+out")
}

func TestAnAddressInUseIsAnError(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	if _, err := udp.Open(udp.Config{Address: h.door.Addr()}, h.Desk); err == nil || !strings.Contains(err.Error(), h.door.Addr()) {
		t.Errorf("got %v", err)
	}
	if _, err := udp.Open(udp.Config{Address: "nowhere"}, h.Desk); err == nil {
		t.Error("an address without a port opened")
	}
}

func TestACommandThatDoesNotEndDoesNotHoldUpTheClosing(t *testing.T) {
	t.Parallel()
	h := open(t, udp.Config{})
	h.call().say("command=cling&group=G&password=p")
	<-h.Running
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := h.door.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that its time is over", err)
	}
	close(h.Release)
}

func TestTheLargestDatagramIsReadWhole(t *testing.T) {
	t.Parallel()
	for address, size := range map[string]int{"127.0.0.1:0": 65507, "[::1]:0": 65527} {
		t.Run(address, func(t *testing.T) {
			t.Parallel()
			if conn, err := net.ListenPacket("udp", address); err != nil {
				t.Skipf("there is no IPv6 here: %v", err)
			} else {
				conn.Close()
			}
			h := open(t, udp.Config{Address: address})
			c := h.call()
			const begin, end = "command=echo&group=G&password=p&message=", "&_id=9"
			c.say(begin + strings.Repeat("x", size-len(begin)-len(end)) + end)
			if got := c.read(); !strings.HasSuffix(got, end) {
				t.Errorf("the end is missing: %.200q", got)
			}
		})
	}
}

func TestABusySessionIsToldInItsLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"command=wait&group=G&password=p":               "success=False&error=too+much+to+do&status=70013",
		`{"command":"wait","group":"G","password":"p"}`: `{"success":"False","error":"too much to do","status":"70013"}`,
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			h := open(t, udp.Config{CommandsInFlight: 1})
			c := h.call()
			c.say(text)
			<-h.Running
			for range 17 { // one runs, 16 may wait
				c.say(text)
			}
			c.hear(want)
			close(h.Release)
		})
	}
}
