package tcp_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/tcp"
	"rookery/script"
	"rookery/tcpserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type house struct {
	*gatewaytest.House
	door *tcp.Door
}

func open(t *testing.T, cfg tcp.Config, filters ...script.Filter) *house {
	t.Helper()
	h := gatewaytest.New(t, filters...)
	cfg.Address = "127.0.0.1:0"
	door, err := tcp.Open(cfg, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	h.CloseAtEnd(door)
	return &house{h, door}
}

type caller struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (h *house) call() *caller {
	h.T.Helper()
	conn, err := net.Dial("tcp", h.door.Addr())
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(gatewaytest.Patience))
	return &caller{h.T, conn, bufio.NewReader(conn)}
}

func (c *caller) say(line string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, line); err != nil {
		c.t.Fatal(err)
	}
}

func (c *caller) hear(want string) {
	c.t.Helper()
	got, err := c.in.ReadString('\n')
	if err != nil || got != want {
		c.t.Fatalf("want %s, got %s and %v", brief(want), brief(got), err)
	}
}

// brief quotes a line for people, the middle of a long one left out.
func brief(line string) string {
	if len(line) > 200 {
		line = line[:100] + "…" + line[len(line)-100:]
	}
	return strconv.Quote(line)
}

func (c *caller) hearEnd() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.in); err != nil || len(rest) > 0 {
		c.t.Fatalf("want the end of the connection, got %q and %v", rest, err)
	}
}

const hello = gatewaytest.Hello + "\n"

func TestSubscribersHearWhatTheyAskedForAndNothingElse(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	both, one := h.call(), h.call()
	both.say(hello)
	both.hear("success=True\r\n")
	one.say("type=message&password=p&group=G\r\n")
	one.hear("success=True\r\n")
	h.Notify("alert", "", "type=alert")
	h.Notify("local", "", "type=local&message=a+b%0D%0A")
	h.Notify("message", "other group", "type=message&n=1")
	h.Notify("message", "g", "type=message&n=2")
	both.hear("type=local&message=a+b%0D%0A\r\n")
	both.hear("type=message&n=2\r\n")
	one.hear("type=message&n=2\r\n")
}

func TestAHandshakeIsAllOrNothing(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{MaxLine: 4096})
	denied := "success=False&error=access+denied&status=70001\r\n"
	types := "success=False&error=invalid+notification+types&status=65327\r\n"
	noWords := "success=False&error=" + url.QueryEscape(gateway.ErrNoWords.Text) + "&status=70007\r\n"
	for _, tc := range []struct{ name, line, want string }{
		{"a wrong password", "group=G&password=q&type=local\n", denied},
		{"an unknown group", "group=H&password=p&type=local\n", denied},
		{"one unknown notification among good ones", "group=G&password=p&type=local,nonsense,message\n", types},
		{"an empty line", "\n", noWords},
		{"an empty line, as people who speak CR LF leave it", "\r\n", noWords},
		{"no key-value text", "hello\r\n", noWords},
		{"one letter", "h\n", noWords},
		{"a request of HTTP without its version", "GET /\r\n", noWords},
		{"bytes that are not UTF-8", "group=G&password=\xff&type=local\n", "success=False&error=could+not+decode+message%3A+the+text+is+not+UTF-8&status=70007\r\n"},
		{"a line that is too long", "group=G&password=p&type=" + strings.Repeat("x", 5000), "success=False&error=line+too+long%3A+a+line+may+have+4096+bytes&status=70010\r\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := h.call()
			c.t = t
			c.say(tc.line)
			c.hear(tc.want)
			c.hearEnd()
		})
	}
}

func TestWhoSpeaksJSONHearsJSON(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	text, object := h.call(), h.call()
	text.say(hello)
	text.hear("success=True\r\n")
	object.say(`{"group":"G","password":"p","type":["local","message"]}` + "\n")
	object.hear(`{"success":"True"}` + "\r\n")
	h.Notify("local", "", "type=local&message=a+b%26%0A")
	text.hear("type=local&message=a+b%26%0A\r\n")
	object.hear(`{"type":"local","message":"a b&\n"}` + "\r\n")

	// Commands are answered in their own language, on both.
	ask, answer := `{"command":"echo","group":"G","password":"p","message":"x,y","_id":7}`+"\n", `{"group":"G","command":"echo","data":["x","y"],"success":"True","_id":"7"}`+"\r\n"
	for _, c := range []*caller{text, object, h.call()} {
		c.say(ask)
		c.hear(answer)
		c.say("command=echo&group=G&password=p&message=x,y\n")
		c.hear("group=G&command=echo&data=x%2Cy&success=True\r\n")
		c.say(`{"command":` + "\n")
		c.startsWith(`{"error":"could not decode message: the JSON object is not finished","status":"70007","success":"False"`)
	}
	kept := h.call()
	kept.say(`{"group":"G","password":"p","type":"local","subscription":"inbox"}` + "\n")
	kept.hear(`{"success":"True","subscription":"inbox","from":"1"}` + "\r\n")
	h.Notify("local", "", "type=local&message=b")
	kept.hear(`{"type":"local","message":"b","sequence":"1"}` + "\r\n")
	for line, want := range map[string]string{
		`{"group":"G","password":"q","type":"local"}`: `{"success":"False","error":"access denied","status":"70001"}`,
		`{}`:        `{"success":"False","error":"` + gateway.ErrNoWords.Text + `","status":"70007"}`,
		`{"group":`: `{"success":"False","error":"could not decode message: the JSON object is not finished","status":"70007"}`,
	} {
		c := h.call()
		c.say(line + "\n")
		c.hear(want + "\r\n")
		c.hearEnd()
	}
}

func TestAByteOrderMarkIsNoPartOfTheWords(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	for _, line := range []string{hello, strings.Replace(hello, "group=", "\ufeffgroup=", 1)} {
		c := h.call()
		c.say("\ufeff" + line)
		if strings.Contains(line, "\ufeff") { // one mark is the writer's, two are not
			c.hear("success=False&error=access+denied&status=70001\r\n")
		} else {
			c.hear("success=True\r\n")
		}
	}
}

func TestCommandsMayFollowAtAnyTimeAndNeedTheirOwnPassword(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	c := h.call()
	c.say(hello)
	c.hear("success=True\r\n")
	c.say("\r\ncommand=echo&group=G&password=p&message=h%C3%A9+l%0Ao&_id=7\r\n")
	c.hear("group=G&command=echo&data=h%C3%A9+l%0Ao&success=True&_id=7\r\n")
	c.say("command=echo&_id=8\n")
	c.startsWith("group=&command=echo&error=access+denied&status=70001&success=False")
	c.say("command=echo&group=G&password=\xff\n")
	c.startsWith("error=could+not+decode+message%3A+the+text+is+not+UTF-8&status=70007&success=False")
	h.Notify("local", "", "type=local&still=here")
	c.hear("type=local&still=here\r\n")
}

func (c *caller) startsWith(want string) {
	c.t.Helper()
	got, err := c.in.ReadString('\n')
	if err != nil || !strings.HasPrefix(got, want) {
		c.t.Fatalf("want %q…, got %q and %v", want, got, err)
	}
}

func TestACommandConnectionStartsWithACommand(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	c := h.call()
	c.say("command=echo&group=G&password=p&message=1\n")
	c.hear("group=G&command=echo&data=1&success=True\r\n")
	c.say("command=echo&group=G&password=p&message=2\n")
	c.hear("group=G&command=echo&data=2&success=True\r\n")

	stranger := h.call()
	stranger.say("command=echo&group=G&password=wrong&message=1\n")
	stranger.startsWith("group=G&command=echo&error=access+denied")
	stranger.hearEnd()
}

func TestCredentialsAreInheritedOnlyWhereTheSettingSaysSo(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{Inherit: true})
	c := h.call()
	c.say(hello)
	c.hear("success=True\r\n")
	c.say("command=echo&message=x\n")
	c.hear("group=g&command=echo&data=x&success=True\r\n")
	c.say("command=echo&group=G&password=wrong&message=x\n")
	c.startsWith("group=G&command=echo&error=access+denied")
}

func TestASlowCommandHoldsUpNeitherNotificationsNorOtherCommands(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{CommandsInFlight: 2})
	c := h.call()
	c.say(hello)
	c.hear("success=True\r\n")
	wait := "command=wait&group=G&password=p&_id=w\n"
	c.say(wait + "command=echo&group=G&password=p&_id=1\n")
	c.hear("group=G&command=echo&data=&success=True&_id=1\r\n")
	h.Notify("local", "", "type=local")
	c.hear("type=local\r\n")

	c.say(wait + wait + wait)
	h.Notify("local", "", "type=local")
	c.hear("type=local\r\n")
	close(h.Release)
	for range 4 {
		c.hear("group=G&command=wait&data=&success=True&_id=w\r\n")
	}
	if most := h.Most(); most > 2 {
		t.Errorf("%d commands of one connection ran at a time, the limit is 2", most)
	}
}

func TestAnswersReachAClientThatHasFinishedTalking(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{})
	c := h.call()
	var want []string
	for i := range 20 {
		c.say(fmt.Sprintf("command=echo&group=G&password=p&_id=%d\n", i))
		want = append(want, fmt.Sprintf("group=G&command=echo&data=&success=True&_id=%d\r\n", i))
	}
	c.say("command=echo&group=G&password=p&_id=last") // no line end at all
	want = append(want, "group=G&command=echo&data=&success=True&_id=last\r\n")
	if err := c.conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(c.in)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.SplitAfter(strings.TrimSuffix(string(all), "\n"), "\n")
	got[len(got)-1] += "\n"
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %d answers %q, want %d", len(got), got, len(want))
	}
}

func TestAStallingClientIsTurnedAway(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{HandshakeTimeout: 50 * time.Millisecond})
	silent, halfway := h.call(), h.call()
	halfway.say("group=G&password=")
	for _, c := range []*caller{silent, halfway} {
		c.hear("success=False&error=command+timed+out%3A+the+first+line+did+not+come+within+50ms&status=70005\r\n")
		c.hearEnd()
	}
}

func TestAClientThatNeverReadsHarmsNobodyElse(t *testing.T) {
	t.Parallel()
	for _, policy := range []tcpserver.QueuePolicy{tcpserver.DropNewest, tcpserver.DropOldest, tcpserver.DisconnectSlow} {
		t.Run(fmt.Sprint(policy), func(t *testing.T) {
			t.Parallel()
			h := open(t, tcp.Config{QueueBytes: 64 << 10, Queue: policy})
			deaf, good := h.call(), h.call()
			for _, c := range []*caller{deaf, good} {
				c.say(hello)
				c.hear("success=True\r\n")
			}
			// Far more than socket buffers and queue hold.
			text := "type=local&message=" + strings.Repeat("x", 16<<10)
			for i := range 1000 {
				h.Notify("local", "", fmt.Sprintf("%s&n=%d", text, i))
				good.hear(fmt.Sprintf("%s&n=%d\r\n", text, i))
			}
		})
	}
}

func TestOtherFiltersAndLineEndsAreUsedBothWays(t *testing.T) {
	t.Parallel()
	h := open(t, tcp.Config{EOL: "\n"}, script.Base64, script.RFC1738)
	enc := func(pairs ...script.Pair) string {
		return script.EncodeLine(pairs, script.Filters{script.Base64, script.RFC1738}) + "\n"
	}
	c := h.call()
	c.say(enc(script.Pair{Key: "group", Value: "G"}, script.Pair{Key: "password", Value: "p"}, script.Pair{Key: "type", Value: "local"}))
	c.hear("success=True\n")
	h.Notify("local", "", "type=local&message=a+b")
	c.hear(enc(script.Pair{Key: "type", Value: "local"}, script.Pair{Key: "message", Value: "a b"}))
}

func TestWithoutItsAgentTheDoorSaysSo(t *testing.T) {
	t.Parallel()
	b, err := bus.Open(bus.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	door, err := tcp.Open(tcp.Config{Address: "127.0.0.1:0"}, gateway.NewDesk(b, "nobody", script.DefaultFilters(), script.DefaultFilters(), nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = door.Close(context.Background()) })
	h := &house{&gatewaytest.House{T: t}, door}
	c := h.call()
	c.say("command=version&group=G&password=p\n")
	c.startsWith("group=G&command=version&error=agent+not+connected&status=70008&success=False")
	s := h.call()
	s.say(hello)
	s.hear("success=False&error=agent+not+connected&status=70008\r\n")
	s.hearEnd()
}

func TestWrongAddressesAreNamed(t *testing.T) {
	t.Parallel()
	b, err := bus.Open(bus.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	desk := gateway.NewDesk(b, "a", script.DefaultFilters(), script.DefaultFilters(), nil)
	for _, addr := range []string{"", "8095", "127.0.0.1:http!", "127.0.0.1:70000", "192.0.2.1:0"} {
		if _, err := tcp.Open(tcp.Config{Address: addr}, desk); err == nil || !strings.Contains(err.Error(), addr) {
			t.Errorf("address %q: error %v", addr, err)
		}
	}
	if _, err := tcp.Open(tcp.Config{Address: "127.0.0.1:0", TLS: &tls.Config{}}, desk); err == nil {
		t.Error("a TLS door without a certificate opened")
	}
}
