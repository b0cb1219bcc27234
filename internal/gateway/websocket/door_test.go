package websocket_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"rookery/internal/gateway"
	"rookery/internal/gateway/gatewaytest"
	wsdoor "rookery/internal/gateway/websocket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type house struct {
	*gatewaytest.House
	door *wsdoor.Door
}

func open(t *testing.T, cfg wsdoor.Config) *house {
	t.Helper()
	h := gatewaytest.New(t)
	cfg.Address = "127.0.0.1:0"
	door, err := wsdoor.Open(cfg, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	h.CloseAtEnd(door)
	return &house{h, door}
}

type caller struct {
	t    *testing.T
	ctx  context.Context
	conn *websocket.Conn
}

func (h *house) call(path string) *caller {
	h.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), gatewaytest.Patience)
	client := &http.Client{Transport: &http.Transport{}}
	conn, _, err := websocket.Dial(ctx, "ws://"+h.door.Addr()+path, &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() {
		_ = conn.CloseNow()
		client.CloseIdleConnections()
		cancel()
	})
	return &caller{h.T, ctx, conn}
}

func (c *caller) say(text string) {
	c.t.Helper()
	if err := c.conn.Write(c.ctx, websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *caller) hear(want string) {
	c.t.Helper()
	_, got, err := c.conn.Read(c.ctx)
	if err != nil || string(got) != want {
		c.t.Fatalf("want %.200q, got %.200q and %v", want, got, err)
	}
}

func (c *caller) hearEnd(want websocket.StatusCode) {
	c.t.Helper()
	kind, got, err := c.conn.Read(c.ctx)
	if websocket.CloseStatus(err) != want {
		c.t.Fatalf("want the end with %v, got %v %.200q and %v", want, kind, got, err)
	}
}

const echo = "command=echo&group=G&password=p&message="

func TestNotificationsAreAskedForByPathOrFirstMessage(t *testing.T) {
	t.Parallel()
	h := open(t, wsdoor.Config{})
	byPath, byMessage, byJSON := h.call("/g/p/local,message"), h.call("/"), h.call("/")
	byPath.hear("success=True")
	byMessage.say(gatewaytest.Hello)
	byMessage.hear("success=True")
	byJSON.say(`{"group":"G","password":"p","type":["local","message"]}`)
	byJSON.hear(`{"success":"True"}`)
	h.Notify("alert", "", "type=alert")
	h.Notify("message", "another", "type=message&n=1")
	h.Notify("local", "", "type=local&message=a+b%26")
	byPath.hear("type=local&message=a+b%26")
	byMessage.hear("type=local&message=a+b%26")
	byJSON.hear(`{"type":"local","message":"a b&"}`)
}

func TestClientsThatAskByTheirPathHearTheLanguageOfTheDoorOrTheirOwn(t *testing.T) {
	t.Parallel()
	for _, language := range []gateway.Language{gateway.WAS, gateway.JSON} {
		h := open(t, wsdoor.Config{Language: language})
		own, text, object := h.call("/g/p/local"), h.call("/g/p/local?language=was"), h.call("/g/p/local?language=JSON&subscription=s")
		text.hear("success=True")
		object.hear(`{"success":"True","subscription":"s","from":"1"}`)
		wantOwn, wantHello := "type=local&message=a+b", "success=True"
		if language == gateway.JSON {
			wantOwn, wantHello = `{"type":"local","message":"a b"}`, `{"success":"True"}`
		}
		own.hear(wantHello)
		h.Notify("local", "", "type=local&message=a+b")
		own.hear(wantOwn)
		text.hear("type=local&message=a+b")
		object.hear(`{"type":"local","message":"a b","sequence":"1"}`)
		if _, resp, err := websocket.Dial(t.Context(), "ws://"+h.door.Addr()+"/g/p/local?language=xml", nil); err == nil || resp.StatusCode != http.StatusNotFound {
			t.Errorf("an unknown language: %v", err)
		}
	}
}

func TestRefusalsCloseTheConnection(t *testing.T) {
	t.Parallel()
	h := open(t, wsdoor.Config{MaxMessage: 1000})
	denied := "success=False&error=access+denied&status=70001"
	for _, tc := range []struct {
		name, path, say, want string
		code                  websocket.StatusCode
	}{
		{"a wrong password in the path", "/g/q/local", "", denied, websocket.StatusPolicyViolation},
		{"an escaped group that is unknown", "/My%20Group%2F/p/local", "", denied, websocket.StatusPolicyViolation},
		{"an unknown notification", "/g/p/local,nonsense", "", "success=False&error=invalid+notification+types&status=65327", websocket.StatusPolicyViolation},
		{"a wrong password in a message", "/", "group=g&password=q&type=local", denied, websocket.StatusPolicyViolation},
		{"no words", "/", "hello", "success=False&error=" + url.QueryEscape(gateway.ErrNoWords.Text) + "&status=70007", websocket.StatusInvalidFramePayloadData},
		{"broken JSON", "/", `{"group":`, `{"success":"False","error":"could not decode message: the JSON object is not finished","status":"70007"}`, websocket.StatusInvalidFramePayloadData},
		{"a message that is too long", "/", strings.Repeat("x", 1001), "", websocket.StatusMessageTooBig},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := h.call(tc.path)
			c.t = t
			if tc.say != "" {
				c.say(tc.say)
			}
			if tc.want != "" {
				c.hear(tc.want)
			}
			c.hearEnd(tc.code)
		})
	}
	t.Run("a binary message", func(t *testing.T) {
		c := h.call("/g/p/local")
		c.hear("success=True")
		if err := c.conn.Write(c.ctx, websocket.MessageBinary, []byte("x")); err != nil {
			t.Fatal(err)
		}
		c.hearEnd(websocket.StatusUnsupportedData)
	})
	for path, want := range map[string]int{"/": http.StatusUpgradeRequired, "/a/b": http.StatusUpgradeRequired} {
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get("http://" + h.door.Addr() + path)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("a browser at %s gets %d, want %d", path, resp.StatusCode, want)
		}
	}
	if _, resp, err := websocket.Dial(t.Context(), "ws://"+h.door.Addr()+"/only/two", nil); err == nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("a path of two parts: %v", err)
	}
}

func TestCommandsAreAnsweredInTheirLanguage(t *testing.T) {
	t.Parallel()
	h := open(t, wsdoor.Config{CommandsInFlight: 2})
	c := h.call("/")
	c.say(echo + "1&_id=a")
	c.hear("group=G&command=echo&data=1&success=True&_id=a")
	c.say(`{"command":"echo","group":"G","password":"p","message":"x,y"}`)
	c.hear(`{"group":"G","command":"echo","data":["x","y"],"success":"True"}`)
	c.say("\xff")
	c.say("hello=1")
	for range 2 { // both are errors, and the connection lives
		if _, got, err := c.conn.Read(c.ctx); err != nil || !strings.Contains(string(got), "success=False") {
			t.Fatalf("%q, %v", got, err)
		}
	}
	c.say(strings.Replace(echo, "echo", "wait", 1) + "&_id=w")
	c.say(echo + "2")
	c.hear("group=G&command=echo&data=2&success=True")
	close(h.Release)
	c.hear("group=G&command=wait&data=&success=True&_id=w")

	stranger := h.call("/")
	stranger.say("command=echo&group=G&password=q")
	if _, got, err := stranger.conn.Read(stranger.ctx); err != nil || !strings.Contains(string(got), "access+denied") {
		t.Fatalf("%q, %v", got, err)
	}
	stranger.hearEnd(websocket.StatusPolicyViolation)
}

func TestAClientThatNeverReadsHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	for _, overflow := range []gateway.Overflow{gateway.Disconnect, gateway.DropNewest, gateway.DropOldest} {
		t.Run(fmt.Sprint(overflow), func(t *testing.T) {
			t.Parallel()
			h := open(t, wsdoor.Config{QueueBytes: 64 << 10, Overflow: overflow})
			deaf, good := h.call("/g/p/local"), h.call("/g/p/local")
			deaf.hear("success=True")
			good.hear("success=True")
			text := "type=local&message=" + strings.Repeat("x", 16<<10)
			for i := range 1000 {
				h.Notify("local", "", fmt.Sprintf("%s&n=%d", text, i))
				good.hear(fmt.Sprintf("%s&n=%d", text, i))
			}
		})
	}
}

func TestSilentAndVanishedClientsAreLetGo(t *testing.T) {
	t.Parallel()
	silent := open(t, wsdoor.Config{HandshakeTimeout: 50 * time.Millisecond}).call("/")
	silent.hearEnd(websocket.StatusPolicyViolation)

	h := open(t, wsdoor.Config{PingInterval: 50 * time.Millisecond, MaxConnections: 1})
	// A client that answers no pings, as Go's does while nobody reads.
	for {
		c := h.call("/g/p/local")
		if _, got, err := c.conn.Read(c.ctx); err == nil {
			if string(got) != "success=True" {
				t.Fatalf("%q", got)
			}
			break
		}
	}
	for { // there is one place, which gets free again
		c := h.call("/g/p/local")
		if _, _, err := c.conn.Read(c.ctx); err == nil {
			return
		}
	}
}

func TestAClientWhoseCommandsTakeLongIsNotTakenForGone(t *testing.T) {
	t.Parallel()
	const ping = 500 * time.Millisecond
	h := open(t, wsdoor.Config{PingInterval: ping, CommandsInFlight: 1})
	c := h.call("/")
	ended := make(chan error, 1)
	heard := make(chan string, 4)
	go func() { // Go's client answers pings while somebody reads
		for {
			_, got, err := c.conn.Read(c.ctx)
			if err != nil {
				ended <- err
				return
			}
			heard <- string(got)
		}
	}()
	await := func(n int) {
		t.Helper()
		for range n {
			select {
			case <-heard:
			case err := <-ended:
				t.Fatalf("sent away: %v", err)
			}
		}
	}
	c.say(echo + "1")
	await(1)
	c.say("command=wait&group=G&password=p&_id=1")
	<-h.Running
	// These wait for the first one, and answers to pings wait behind them.
	c.say("command=wait&group=G&password=p&_id=2")
	c.say(echo + "3")
	select {
	case err := <-ended:
		t.Fatalf("sent away: %v", err)
	case <-time.After(4 * ping): // in half of which it would have been
	}
	close(h.Release)
	await(3)
}

func TestCommandsGoOnWhenTheirClientHasLeft(t *testing.T) {
	t.Parallel()
	h := open(t, wsdoor.Config{})
	c := h.call("/g/p/local")
	c.hear("success=True")
	c.say("command=wait&group=G&password=p")
	<-h.Running
	_ = c.conn.Close(websocket.StatusNormalClosure, "")
	gatewaytest.Until(t, "the client is gone", func() bool { return h.door.Clients() == 0 })
	select {
	case answer := <-h.Ended:
		t.Fatalf("the command ended with its client: %v", answer)
	default:
	}
	close(h.Release)
	if answer := <-h.Ended; answer.Get("success") != "True" {
		t.Errorf("the command came to %v", answer)
	}
}

func TestClosingDeliversWhatIsQueuedAndSaysGoodbye(t *testing.T) {
	t.Parallel()
	h := gatewaytest.New(t)
	door, err := wsdoor.Open(wsdoor.Config{Address: "127.0.0.1:0"}, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	c := (&house{h, door}).call("/g/p/local")
	c.hear("success=True")
	c.say("command=wait&group=G&password=p")
	<-h.Running
	closed := make(chan error)
	go func() { closed <- door.Close(t.Context()) }()
	if _, got, err := c.conn.Read(c.ctx); err != nil || !strings.HasPrefix(string(got), "group=G&command=wait&error=command+timed+out") {
		t.Errorf("%q, %v", got, err)
	}
	c.hearEnd(websocket.StatusGoingAway)
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestPagesOfOtherHostsAreLetInWhereTheyAreListed(t *testing.T) {
	t.Parallel()
	h := open(t, wsdoor.Config{Origins: []string{"*.example.com", "http://localhost:3000", "[::1]:*"}})
	for origin, want := range map[string]bool{
		"":                          true, // no browser
		"http://" + h.door.Addr():   true,
		"https://a.example.com":     true,
		"https://example.com":       false,
		"http://localhost:3000":     true,
		"https://localhost:3000":    false,
		"http://[::1]:8000":         true,
		"http://1:8000":             false, // what a class of characters would be
		"http://[::2]:8000":         false,
		"https://evil.example.com.": false,
		"null":                      false,
	} {
		ctx, cancel := context.WithTimeout(context.Background(), gatewaytest.Patience)
		client := &http.Client{Transport: &http.Transport{}}
		conn, _, err := websocket.Dial(ctx, "ws://"+h.door.Addr()+"/", &websocket.DialOptions{HTTPClient: client, HTTPHeader: http.Header{"Origin": {origin}}})
		if (err == nil) != want {
			t.Errorf("%q: let in is %v, want %v (%v)", origin, err == nil, want, err)
		}
		if err == nil {
			_ = conn.CloseNow()
		}
		client.CloseIdleConnections()
		cancel()
	}
}
