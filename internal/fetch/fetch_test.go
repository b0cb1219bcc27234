package fetch

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/internal/reach"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// local is a client that may reach 127.0.0.1 and nothing else of this machine.
func local(t *testing.T) *Client {
	t.Helper()
	here, err := reach.ParseAllowed("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	c := New(Options{Reach: reach.NewPolicy(here), UserAgent: "Rookery/test", MaxSize: 1000})
	t.Cleanup(c.Close)
	return c
}

func server(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(handle)
	t.Cleanup(s.Close)
	return s
}

func TestARequestArrivesAsItWasMade(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Said", r.Method+" "+r.URL.RequestURI()+" "+string(body))
		w.Header().Set("X-Agent", r.UserAgent()+" "+r.Header.Get("X-Mine"))
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "short and stout")
	})
	got, err := local(t).Do(t.Context(), Request{
		Method: "PUT", URL: s.URL + "/a%20b?c=d", Header: http.Header{"x-mine": {"yes"}}, Body: []byte("hello"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("X-Said") != "PUT /a%20b?c=d hello" || got.Header.Get("X-Agent") != "Rookery/test yes" ||
		got.Status != http.StatusTeapot || string(got.Body) != "short and stout" || got.String() != "418 I'm a teapot" {
		t.Errorf("%v", got)
	}
}

func TestRedirectionsAreFollowedAndCounted(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		left, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if left > 0 {
			if r.Referer() != "" {
				t.Errorf("the referer %s went along", r.Referer())
			}
			http.Redirect(w, r, "/"+strconv.Itoa(left-1), http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "there")
	})
	c := local(t)
	if got, err := c.Do(t.Context(), Request{URL: s.URL + "/5"}); err != nil || string(got.Body) != "there" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := c.Do(t.Context(), Request{URL: s.URL + "/6"}); err == nil || !strings.Contains(err.Error(), "more than 5 redirections") {
		t.Errorf("%v", err)
	}
}

func TestRedirectionsKeepTheBodyWhereTheirStatusSaysSo(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		http.StatusFound: "GET ", http.StatusSeeOther: "GET ", http.StatusTemporaryRedirect: "POST text", http.StatusPermanentRedirect: "POST text",
	} {
		s := server(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/" {
				http.Redirect(w, r, "/next", status)
				return
			}
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, r.Method+" "+string(body))
		})
		if got, err := local(t).Do(t.Context(), Request{Method: "POST", URL: s.URL, Body: []byte("text")}); err != nil || string(got.Body) != want {
			t.Errorf("%d: %v, %v; want %s", status, got, err, want)
		}
	}
}

func TestSecretsDoNotGoAlongToAnotherHost(t *testing.T) {
	t.Parallel()
	echo := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("X-Key")+r.Header.Get("Authorization")+r.Header.Get("Cookie")+r.Header.Get("Accept-Language"))
	}
	var home *httptest.Server
	other := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			http.Redirect(w, r, home.URL+"/echo", http.StatusFound)
			return
		}
		echo(w, r)
	})
	home = server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/within":
			http.Redirect(w, r, "/echo", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/round":
			http.Redirect(w, r, other.URL+"/back", http.StatusFound)
		default:
			echo(w, r)
		}
	})
	header := http.Header{"X-Key": {"k"}, "Authorization": {"a"}, "Cookie": {"c=d"}, "Accept-Language": {"de"}}
	for path, want := range map[string]string{"/echo": "kac=dde", "/within": "kac=dde", "/away": "de", "/round": "de"} {
		if got, err := local(t).Do(t.Context(), Request{URL: home.URL + path, Header: header}); err != nil || string(got.Body) != want {
			t.Errorf("%s: %v, %v; want %s", path, got, err, want)
		}
	}
}

func TestARedirectionIntoTheClearIsRefused(t *testing.T) {
	t.Parallel()
	plain := server(t, func(http.ResponseWriter, *http.Request) { t.Error("it was followed") })
	s := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer s.Close()
	c := local(t)
	if _, err := c.Do(t.Context(), Request{URL: s.URL}); err == nil || !strings.Contains(err.Error(), "certificate of the server is not valid") {
		t.Errorf("an unknown certificate: %v", err)
	}
	c.http.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	if _, err := c.Do(t.Context(), Request{URL: s.URL}); err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("%v", err)
	}
}

func TestPrivateAddressesAreNotReached(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
	})
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	c := local(t)
	for _, u := range []string{"file:///etc/passwd", "ftp://example.com/", "http://", "//example.com", "", "http://10.1.2.3/", "http://[::1]/", "http://%zz/", "http://169.254.169.254/latest"} {
		if _, err := c.Do(t.Context(), Request{URL: u}); !errors.Is(err, ErrURL) {
			t.Errorf("%s: %v", u, err)
		}
		if u == "" {
			continue
		}
		if _, err := c.Do(t.Context(), Request{URL: s.URL + "?to=" + u}); err == nil {
			t.Errorf("redirection to %s is followed", u)
		}
	}
	// A name shows what it leads to when it is dialled, and scripts are not told.
	strangers := New(Options{})
	defer strangers.Close()
	_, err := strangers.Do(t.Context(), Request{URL: "http://localhost:" + port})
	if !errors.Is(err, reach.ErrPrivate) || strings.Contains(err.Error(), "127.") || strings.Contains(err.Error(), "::") {
		t.Errorf("%v", err)
	}
}

func TestAnAnswerMayNotBeLargerThanAllowed(t *testing.T) {
	t.Parallel()
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		size, _ := strconv.Atoi(r.URL.Query().Get("size"))
		text := bytes.Repeat([]byte("a"), size)
		switch r.URL.Path {
		case "/chunked":
			w.(http.Flusher).Flush()
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(text)
			_ = z.Close()
			return
		default:
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		_, _ = w.Write(text)
	})
	c := local(t)
	for _, path := range []string{"/", "/chunked", "/gzip"} {
		if got, err := c.Do(t.Context(), Request{URL: s.URL + path + "?size=1000"}); err != nil || len(got.Body) != 1000 {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := c.Do(t.Context(), Request{URL: s.URL + path + "?size=1001"}); !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "1000 bytes") {
			t.Errorf("%s: %v", path, err)
		}
		if _, err := c.Do(t.Context(), Request{URL: s.URL + path + "?size=1001", MaxSize: 2000}); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got, err := c.Do(t.Context(), Request{Method: "HEAD", URL: s.URL + "/?size=1001"}); err != nil || got.Header.Get("Content-Length") != "1001" {
		t.Errorf("HEAD: %v, %v", got, err)
	}
}

func TestAServerThatHangsIsLeft(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/midway" {
			_, _ = io.WriteString(w, "begin")
			w.(http.Flusher).Flush()
		}
		<-release
	})
	defer close(release)
	for _, path := range []string{"/", "/midway"} {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(50*time.Millisecond))
		defer cancel()
		if _, err := local(t).Do(ctx, Request{URL: s.URL + path}); !errors.Is(err, context.DeadlineExceeded) || err.Error() != "the server has not answered in time" {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestFailuresTellNothingOfTheOwnNetwork(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	_ = l.Close()
	_, err = local(t).Do(t.Context(), Request{URL: "http://" + closed + "/secret"})
	if err == nil || err.Error() != "the server cannot be reached: connection refused" {
		t.Errorf("%v", err)
	}
	err = plain(&url.Error{Op: "Get", URL: "http://nowhere.invalid/secret", Err: &net.OpError{
		Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "nowhere.invalid", Server: "10.0.0.53:53", IsNotFound: true},
	}})
	if err.Error() != "the name of the host cannot be looked up" {
		t.Errorf("%v", err)
	}
}

func TestBrokenAnswersAreNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ answer, want string }{
		"no answer":       {"", "the server closed the connection before it answered"},
		"half a header":   {"HTTP/1.1 200 OK\r\nContent-", "what answers there does not speak HTTP as it should"},
		"another service": {"SSH-2.0-OpenSSH\r\n", "what answers there does not speak HTTP as it should"},
		"no end":          {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "the answer is cut off: the server closed the connection in the midst of it"},
		"no last chunk": {
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
			"the answer is cut off: the server closed the connection in the midst of it",
		},
		"a wrong chunk": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", "the answer cannot be read: invalid byte in chunk length"},
		"no gzip":       {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\nabcdefghijklmnopqrst", "the answer cannot be read: gzip: invalid header"},
		"large headers": {"HTTP/1.1 200 OK\r\nX: " + strings.Repeat("y", 200<<10) + "\r\n\r\n", "the answer is too large: its headers alone are"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := local(t).Do(t.Context(), Request{URL: "http://" + raw(t, tc.answer) + "/"})
			if err == nil || err.Error() != tc.want {
				t.Errorf("%v\nwant %s", err, tc.want)
			}
		})
	}
	_, err := local(t).Do(t.Context(), Request{URL: "https://" + raw(t, "HTTP/1.1 400 Bad Request\r\n\r\n") + "/"})
	if err == nil || !strings.Contains(err.Error(), "does not speak TLS") {
		t.Errorf("http where https is wanted: %v", err)
	}
}

// raw is where a server says one thing to everybody and goes.
func raw(t *testing.T, answer string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, answer)
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

func TestHeadersThatCannotBeSet(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"Host": "x", "host": "x", "Content-Length": "1", "transfer-encoding": "chunked", "CONNECTION": "close", "Upgrade": "h2c", "TE": "trailers",
		"Proxy-Authorization": "x", "proxy-connection": "x", "Accept-Encoding": "br", "Expect": "100-continue",
		"": "x", "a b": "x", "a:": "x", "X-A": "b\r\nX-C: d", "X-B": "\x00", "ü": "x",
	} {
		if err := CheckHeader(name, value); err == nil {
			t.Errorf("%q: %q may be set", name, value)
		}
		if _, err := local(t).Do(t.Context(), Request{URL: "http://127.0.0.1:1/", Header: http.Header{name: {value}}}); err == nil || strings.Contains(err.Error(), "reached") {
			t.Errorf("%q: %q was sent: %v", name, value, err)
		}
	}
	for _, name := range []string{"Authorization", "X-Key", "cookie", "If-None-Match", "Accept", "User-Agent"} {
		if err := CheckHeader(name, "value, \"x\"; y=é"); err != nil {
			t.Error(err)
		}
	}
}

func TestBodiesAreTextWhereTheyCanBe(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind, body, want string
		inBase64         bool
	}{
		{"", "hello é", "hello é", false},
		{"text/html; charset=iso-8859-1", "\xe9", "é", false},
		{"text/plain; charset=Shift_JIS", "\x93\xfa", "日", false},
		{"text/plain; charset=utf-16le", "h\x00i\x00", "hi", false},
		{"text/plain; charset=utf-8", "\xff\xfe", "//4=", true},
		{"text/plain; charset=nonsense", "é", "é", false},
		{"text/plain; charset", "é", "é", false},
		{"image/png", "\x89PNG", "iVBORw==", true},
		{"image/png", "", "", false},
	} {
		a := Answer{Header: http.Header{"Content-Type": {tc.kind}}, Body: []byte(tc.body)}
		if text, inBase64 := a.Text(); text != tc.want || inBase64 != tc.inBase64 {
			t.Errorf("%s %q: %q, %v", tc.kind, tc.body, text, inBase64)
		}
	}
}

func TestAServerSaysHowLongToLeaveItAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-1": 0, "-5": 0, "7": 7 * time.Second, "99999999999999999999": 0, "120": 2 * time.Minute, "99999999999": 0, "Wed, 21 Oct 2015 07:28:00 GMT": 0,
		time.Now().Add(time.Hour).UTC().Format(http.TimeFormat): time.Hour,
	} {
		got := RetryAfter(http.Header{"Retry-After": {text}})
		if diff := want - got; diff < 0 || diff > patience {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("text/plain; charset=utf-16", []byte("a\x00"))
	f.Add("text/html; charset=iso-2022-jp", []byte("\x1b$B"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		text, _ := (&Answer{Header: http.Header{"Content-Type": {kind}}, Body: body}).Text()
		if strings.ToValidUTF8(text, "") != text {
			t.Errorf("%q is no UTF-8", text)
		}
	})
}
