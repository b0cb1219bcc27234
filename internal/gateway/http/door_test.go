package http_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/internal/attempts"
	"rookery/internal/gateway"
	"rookery/internal/gateway/gatewaytest"
	httpdoor "rookery/internal/gateway/http"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type house struct {
	*gatewaytest.House
	door   *httpdoor.Door
	client *http.Client
}

func open(t *testing.T, cfg httpdoor.Config, filters ...script.Filter) *house {
	t.Helper()
	h := gatewaytest.New(t, filters...)
	cfg.Address = "127.0.0.1:0"
	door, err := httpdoor.Open(cfg, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	h.CloseAtEnd(door)
	client := &http.Client{Transport: &http.Transport{}, Timeout: gatewaytest.Patience}
	t.Cleanup(client.CloseIdleConnections)
	return &house{h, door, client}
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (h *house) do(method, path, body string, header ...string) reply {
	h.T.Helper()
	r, err := http.NewRequest(method, "http://"+h.door.Addr()+path, strings.NewReader(body))
	if err != nil {
		h.T.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := h.client.Do(r)
	if err != nil {
		h.T.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.T.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(text)}
}

const (
	form = "application/x-www-form-urlencoded"
	echo = "command=echo&group=G&password=p&message=a+%26+b&_id=7"
)

func squeezed(t *testing.T, text string, w func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	z := w(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	z.Close()
	return b.String()
}

func TestCommandsAreAnsweredInTheLanguageTheyCameIn(t *testing.T) {
	t.Parallel()
	h := open(t, httpdoor.Config{MaxBody: 2000})
	was := "group=G&command=echo&data=a+%26+b&success=True&_id=7"
	object := `{"group":"G","command":"echo","data":["a & b"],"success":"True","_id":"7"}`
	asJSON := `{"command":"echo","group":"G","password":"p","message":"a & b","_id":7}`
	undecodable := func(why string) string {
		return "error=" + url.QueryEscape("could not decode message: "+why) + "&status=70007&success=False"
	}
	undecodableJSON := func(why string) string {
		return `{"error":"could not decode message: ` + why + `","status":"70007","success":"False"`
	}
	noWords := "want key=value&key=value or one JSON object, with command, group and password"
	tooLarge := undecodable("a body may have 2000 bytes")
	for _, tc := range []struct {
		name, body string
		header     []string
		status     int
		want       string
	}{
		{"a form", echo, []string{"Content-Type", form}, 200, was},
		{"text with a line end", echo + "\r\n", nil, 200, was},
		{"JSON", asJSON, []string{"Content-Type", "application/json"}, 200, object},
		{"JSON from a tool that says form", asJSON, []string{"Content-Type", form}, 200, object},
		{"a form answered as JSON", echo, []string{"Accept", "application/json"}, 200, object},
		{"gzip", squeezed(t, echo, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), []string{"Content-Encoding", "gzip"}, 200, was},
		{"deflate", squeezed(t, echo, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), []string{"Content-Encoding", "deflate"}, 200, was},
		{"a wrong password", "command=echo&group=G&password=q", nil, 403, "group=G&command=echo&error=access+denied&status=70001&success=False"},
		{"deflate without zlib, as .NET writes it", squeezed(t, echo, func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, 5); return z }), []string{"Content-Encoding", "deflate"}, 200, was},
		{"JSON answered as a form", asJSON, []string{"Accept", "text/html, " + form + ";q=0.9, application/json;q=0.5"}, 200, was},
		{"a form that takes anything", echo, []string{"Accept", "text/html, application/json;q=0, */*"}, 200, was},
		{"nothing", "", nil, 400, undecodable(noWords)},
		{"no words", "hello", nil, 400, undecodable(noWords)},
		{"broken JSON", `{"command":`, nil, 400, undecodableJSON("the JSON object is not finished")},
		{"JSON that is no object", `["x"]`, []string{"Content-Type", "application/json; charset=UTF-8"}, 400, undecodableJSON(noWords)},
		{"no JSON at all", "", []string{"Content-Type", "application/json"}, 400, undecodableJSON(noWords)},
		{"bytes that are not UTF-8", "command=\xff", nil, 400, undecodable("the text is not UTF-8")},
		{"a body that is too large", "message=" + strings.Repeat("x", 2000), nil, 413, tooLarge},
		{"one that grows too large", squeezed(t, strings.Repeat("x", 1<<20), func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), []string{"Content-Encoding", "gzip"}, 413, tooLarge},
		{"an unknown encoding", echo, []string{"Content-Encoding", "br"}, 415, undecodable("content encoding br: want gzip, deflate or none")},
		{"another charset", echo, []string{"Content-Type", form + "; charset=latin1"}, 415, undecodable("charset latin1: want utf-8")},
		{"a form in parts, as PHP and browsers make it of arrays", echo, []string{"Content-Type", "multipart/form-data; boundary=x"}, 415, undecodable("content type multipart/form-data: want application/x-www-form-urlencoded or application/json")},
		{"broken gzip", echo, []string{"Content-Encoding", "gzip"}, 400, undecodable("the body ended early or is damaged: gzip: invalid header")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := h.do("POST", "/any/path", tc.body, tc.header...)
			if got.status != tc.status || !strings.HasPrefix(got.body, tc.want) {
				t.Errorf("got %d %q, want %d %q", got.status, got.body, tc.status, tc.want)
			}
		})
	}
}

func TestABodyThatIsTooLargeNeedNotBeSent(t *testing.T) {
	t.Parallel()
	h := open(t, httpdoor.Config{MaxBody: 2000})
	conn, err := net.Dial("tcp", h.door.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(gatewaytest.Patience))
	for _, tc := range []struct{ length, want string }{
		{strconv.Itoa(len(echo)), "HTTP/1.1 100 Continue\r\n"},
		{"2001", "HTTP/1.1 413 "},
	} {
		if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "+tc.length+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.HasPrefix(line, tc.want) {
			t.Fatalf("%s bytes: %q, %v", tc.length, line, err)
		}
		if tc.length == "2001" {
			return
		}
		if _, err := in.ReadString('\n'); err != nil { // the blank line behind it
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, echo); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v, %v", resp, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

func TestLargeAnswersAreCompressedForThoseWhoAsk(t *testing.T) {
	t.Parallel()
	h := open(t, httpdoor.Config{})
	got := h.do("POST", "/", "command=echo&group=G&password=p&message="+strings.Repeat("x", 5000), "Accept-Encoding", "gzip")
	if got.header.Get("Content-Encoding") != "gzip" || len(got.body) > 1000 {
		t.Errorf("%d bytes, content encoding %q", len(got.body), got.header.Get("Content-Encoding"))
	}
	if got := h.do("POST", "/", echo, "Accept-Encoding", "gzip"); got.header.Get("Content-Encoding") != "" {
		t.Error("a small answer was compressed")
	}
}

func TestPagesAndMethods(t *testing.T) {
	t.Parallel()
	sick := errors.New("the agent is not in the grid")
	healthy := true
	h := open(t, httpdoor.Config{
		User: "u", Password: "secret",
		OpenAPI: []byte(`{"openapi":"3.1.0"}`),
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "metric 1\n") }),
		Health: func(context.Context) error {
			if healthy {
				return nil
			}
			return sick
		},
	})
	auth := []string{"Authorization", "Basic dTpzZWNyZXQ="}
	for _, tc := range []struct {
		name, method, path string
		header             []string
		status             int
		want               string
	}{
		{"health without a password", "GET", "/healthz", nil, 200, "ok\n"},
		{"metrics", "GET", "/metrics", auth, 200, "metric 1\n"},
		{"metrics without a password", "GET", "/metrics", nil, 401, ""},
		{"the description", "GET", "/openapi.json", auth, 200, `{"openapi":"3.1.0"}`},
		{"a wrong password", "POST", "/", []string{"Authorization", "Basic dTp3cm9uZw=="}, 401, ""},
		{"a command to the health page", "POST", "/healthz", nil, 401, ""},
		{"a command", "POST", "/", auth, 200, "group=G&command=echo&data=a+%26+b&success=True&_id=7"},
		{"another page", "GET", "/nowhere", auth, 405, "a command is a POST request"},
		{"another method", "PUT", "/", auth, 405, "a command is a POST request"},
		{"the headers of a page", "HEAD", "/healthz", nil, 200, ""},
		{"which methods there are", "OPTIONS", "/", auth, 204, ""},
		{"a WebSocket at the wrong door", "GET", "/g/p/local", append([]string{"Connection", "Upgrade", "Upgrade", "WebSocket"}, auth...), 405, "the WebSocket door has an address of its own"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := h.do(tc.method, tc.path, echo, tc.header...); got.status != tc.status || !strings.Contains(got.body, tc.want) {
				t.Errorf("got %d %q, want %d %q", got.status, got.body, tc.status, tc.want)
			}
		})
	}
	healthy = false
	if got := h.do("GET", "/healthz", ""); got.status != 503 || !strings.Contains(got.body, sick.Error()) {
		t.Errorf("got %d %q", got.status, got.body)
	}
}

func TestContentTypeFollowsTheFiltersAndTheLanguage(t *testing.T) {
	t.Parallel()
	h := open(t, httpdoor.Config{Language: gateway.JSON}, script.RFC3986)
	body := script.EncodeLine(script.ParsePairs("command=echo&group=G&password=p&message=x"), h.Desk.Output)
	if got := h.do("POST", "/", body); got.header.Get("Content-Type") != "text/plain; charset=utf-8" || got.status != 200 {
		t.Errorf("%d, %s", got.status, got.header.Get("Content-Type"))
	}
	if got := h.do("POST", "/", ""); got.header.Get("Content-Type") != "application/json" {
		t.Errorf("an empty body is answered as %s", got.header.Get("Content-Type"))
	}
}

func TestClosingEndsRunningCommandsAndAnswersThem(t *testing.T) {
	t.Parallel()
	h := gatewaytest.New(t)
	door, err := httpdoor.Open(httpdoor.Config{Address: "127.0.0.1:0"}, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan string, 1)
	go func() {
		resp, err := http.Post("http://"+door.Addr()+"/", form, strings.NewReader("command=wait&group=G&password=p"))
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		answered <- string(body)
	}()
	<-h.Running
	if err := door.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-answered; !strings.HasPrefix(got, "group=G&command=wait&error=command+timed+out") {
		t.Errorf("the running command was answered %q", got)
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestGuessingTheDoorsPasswordIsSlowed(t *testing.T) {
	t.Parallel()
	h := open(t, httpdoor.Config{User: "u", Password: "secret"})
	auth := func(password string) []string {
		return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte("u:"+password))}
	}
	for range 3 * attempts.Burst { // who brings none has not guessed
		if got := h.do("POST", "/", echo); got.status != 401 || got.header.Get("WWW-Authenticate") == "" {
			t.Fatalf("without a password: %d", got.status)
		}
	}
	if got := h.do("POST", "/", echo, auth("secret")...); got.status != 200 {
		t.Fatalf("the right one: %d %q", got.status, got.body)
	}
	refused := 0
	for refused == 0 {
		switch got := h.do("POST", "/", echo, auth("wrong")...); {
		case got.status == 429 && got.header.Get("Retry-After") != "":
			refused++
		case got.status != 401:
			t.Fatalf("a wrong one: %d %q", got.status, got.body)
		}
	}
	if got := h.do("POST", "/", echo, auth("secret")...); got.status != 429 {
		t.Errorf("the right one, which tells whether it is right: %d", got.status)
	}
}

func TestPagesOfListedHostsMayReadAnswers(t *testing.T) {
	t.Parallel()
	h := open(t, httpdoor.Config{Origins: []string{"https://*.example.com"}, User: "u", Password: "secret"})
	ask := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type, authorization"}
	for _, tc := range []struct {
		origin  string
		allowed bool
	}{
		{"https://a.example.com", true},
		{"http://a.example.com", false},
		{"https://example.org", false},
		{"null", false},
		{"http://" + h.door.Addr(), true},
	} {
		asked := h.do("OPTIONS", "/any/path", "", append([]string{"Origin", tc.origin}, ask...)...)
		posted := h.do("POST", "/", echo, "Origin", tc.origin, "Authorization", "Basic dTpzZWNyZXQ=")
		refused := h.do("POST", "/", echo, "Origin", tc.origin)
		origin, status := "", 403
		if tc.allowed {
			origin, status = tc.origin, 204
		}
		for _, got := range []reply{asked, posted, refused} {
			if allow, vary := got.header.Get("Access-Control-Allow-Origin"), got.header.Values("Vary"); allow != origin || !slices.Contains(vary, "Origin") {
				t.Errorf("%s: a page of %q may read it, want %q; it varies by %q", tc.origin, allow, origin, vary)
			}
		}
		if asked.status != status || tc.allowed && !strings.Contains(asked.header.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%s: asking is answered %d, %v", tc.origin, asked.status, asked.header)
		}
		if posted.status != 200 || refused.status != 401 {
			t.Errorf("%s: %d, and %d without the password", tc.origin, posted.status, refused.status)
		}
	}
}

func TestCommandsGoOnWhenTheirClientHasLeft(t *testing.T) {
	t.Parallel()
	h := open(t, httpdoor.Config{})
	ctx, leave := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", "http://"+h.door.Addr()+"/", strings.NewReader("command=wait&group=G&password=p"))
	if err != nil {
		t.Fatal(err)
	}
	left := make(chan struct{})
	go func() {
		defer close(left)
		if resp, err := h.client.Do(r); err == nil {
			resp.Body.Close()
			t.Error("the client was answered")
		}
	}()
	<-h.Running
	leave()
	<-left
	h.client.CloseIdleConnections()
	select {
	case <-h.Ended:
		t.Error("the command ended with its client")
	case <-time.After(50 * time.Millisecond): // long enough for the server to notice that the client is gone
	}
	close(h.Release)
	if answer := <-h.Ended; answer.Get("success") != "True" {
		t.Errorf("the command came to %v", answer)
	}
}

func TestTooManyConnectionsAreToldSo(t *testing.T) {
	t.Parallel()
	h := open(t, httpdoor.Config{MaxConnections: 2})
	hold := make([]net.Conn, 2)
	for i := range hold {
		c, err := net.Dial("tcp", h.door.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		hold[i] = c
	}
	gatewaytest.Until(t, "two connections", func() bool { return h.door.Connections() == 2 })
	if got := h.do("POST", "/", echo); got.status != 503 || got.header.Get("Retry-After") == "" {
		t.Errorf("one too many: %d %q", got.status, got.body)
	}
	hold[0].Close()
	gatewaytest.Until(t, "room again", func() bool { return h.door.Connections() < 2 })
	if got := h.do("POST", "/", echo); got.status != 200 {
		t.Errorf("with room again: %d %q", got.status, got.body)
	}
}
