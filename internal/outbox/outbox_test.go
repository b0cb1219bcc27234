package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/internal/reach"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait; only a failing test waits that long.
const patience = 20 * time.Second

func loopback(t *testing.T) *reach.Policy {
	t.Helper()
	return reach.NewPolicy(allowed(t, "127.0.0.0/8"))
}

func allowed(t *testing.T, text string) reach.Allowed {
	t.Helper()
	a, err := reach.ParseAllowed(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// open makes an outbox that may post to this machine and pauses for a moment
// only, and closes it after the test.
func open(t *testing.T, o Options) *Outbox {
	t.Helper()
	if o.Reach == nil {
		o.Reach = loopback(t)
	}
	if o.Backoff == 0 {
		o.Backoff, o.MaxBackoff = time.Millisecond, 4*time.Millisecond
	}
	b := New(o)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = b.Close(ctx)
	})
	return b
}

// received is one request as a receiver saw it.
type received struct {
	method, path, body string
	header             http.Header
}

// receiver answers posts as answer says and tells of each.
func receiver(t *testing.T, answer http.HandlerFunc) (*httptest.Server, chan received) {
	t.Helper()
	got := make(chan received, 1000)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- received{r.Method, r.URL.Path, string(body), r.Header}
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s, got
}

func await[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s: not in %v", what, patience)
		panic("unreachable")
	}
}

type outcome struct {
	status int
	err    error
}

// send hands in a post and returns where its outcome will be told.
func send(t *testing.T, b *Outbox, p Post) <-chan outcome {
	t.Helper()
	done := make(chan outcome, 1)
	p.Done = func(status int, err error) { done <- outcome{status, err} }
	if err := b.Send(p); err != nil {
		t.Fatalf("send to %s: %v", p.URL, err)
	}
	return done
}

func TestAPostArrivesAsItWasHandedIn(t *testing.T) {
	t.Parallel()
	s, got := receiver(t, nil)
	b := open(t, Options{UserAgent: "Rookery/1.2.3"})
	done := send(t, b, Post{URL: s.URL + "/a/b?c=d", ContentType: "text/plain; charset=utf-8", Body: []byte("x=é&y=1")})
	r := await(t, "the post", got)
	if r.method != "POST" || r.path != "/a/b" || r.body != "x=é&y=1" ||
		r.header.Get("Content-Type") != "text/plain; charset=utf-8" || r.header.Get("User-Agent") != "Rookery/1.2.3" || r.header.Get("Accept") != "*/*" {
		t.Errorf("%+v", r)
	}
	if o := await(t, "the outcome", done); o.status != 200 || o.err != nil {
		t.Errorf("%+v", o)
	}
	if s := b.Stats(); s != (Stats{Delivered: 1}) {
		t.Errorf("%+v", s)
	}
}

func TestWhatMayHelpIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status  int
		retried bool
	}{{500, true}, {502, true}, {503, true}, {429, true}, {408, true}, {400, false}, {401, false}, {404, false}, {410, false}, {499, false}} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			s, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
				if tries.Add(1) <= 2 {
					w.Header().Set("Retry-After", "3600") // bounded by MaxBackoff
					w.WriteHeader(tc.status)
				}
			})
			b := open(t, Options{Retries: 3})
			o := await(t, "the outcome", send(t, b, Post{URL: s.URL}))
			want := outcome{200, nil}
			wantTries := int32(3)
			if !tc.retried {
				want, wantTries = outcome{tc.status, statusError(tc.status)}, 1
			}
			if o != want || tries.Load() != wantTries {
				t.Errorf("%+v after %d tries, want %+v after %d", o, tries.Load(), want, wantTries)
			}
		})
	}
}

func TestAPostIsGivenUpAfterItsRetries(t *testing.T) {
	t.Parallel()
	s, got := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	b := open(t, Options{Retries: 2})
	o := await(t, "the outcome", send(t, b, Post{URL: s.URL}))
	if o.status != 500 || o.err == nil || !strings.Contains(o.err.Error(), "3 tries") || len(got) != 3 {
		t.Errorf("%+v after %d", o, len(got))
	}
	if s := b.Stats(); s != (Stats{GivenUp: 1, Retried: 2}) {
		t.Errorf("%+v", s)
	}
}

// signal is a log handler that tells that something was logged.
type signal chan struct{}

func (s signal) Enabled(context.Context, slog.Level) bool { return true }
func (s signal) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s signal) WithGroup(string) slog.Handler            { return s }
func (s signal) Handle(context.Context, slog.Record) error {
	select {
	case s <- struct{}{}:
	default:
	}
	return nil
}

// address picks an address that nobody listens on.
func address(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestAReceiverThatIsDownGetsItsPostsInOrderWhenItIsUp(t *testing.T) {
	t.Parallel()
	at := address(t)
	missed := make(signal, 1)
	b := open(t, Options{InOrder: true, Retries: 1 << 20, Log: slog.New(missed)})
	var outcomes []<-chan outcome
	for i := range 5 {
		outcomes = append(outcomes, send(t, b, Post{URL: "http://" + at, Body: []byte(fmt.Sprint(i))}))
	}
	for range 3 {
		await(t, "a try in vain", missed)
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Skipf("somebody else took the address meanwhile: %v", err)
	}
	var all strings.Builder
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(&all, r.Body)
	})}
	go func() { _ = s.Serve(l) }()
	defer s.Close()
	for _, done := range outcomes {
		if o := await(t, "an outcome", done); o.err != nil {
			t.Error(o.err)
		}
	}
	if all.String() != "01234" {
		t.Errorf("got %q", all.String())
	}
}

func TestAReceiverThatHangsDelaysNobody(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hangs, stuck := receiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	defer close(release)
	works, _ := receiver(t, nil)
	for _, inOrder := range []bool{false, true} {
		b := New(Options{Reach: loopback(t), InOrder: inOrder, Queue: 20, PerHost: 2, Timeout: time.Hour})
		for range 20 {
			send(t, b, Post{URL: hangs.URL})
		}
		await(t, "the one that hangs", stuck)
		if err := b.Send(Post{URL: hangs.URL}); !errors.Is(err, ErrFull) {
			t.Errorf("beyond the queue: %v", err)
		}
		for range 50 {
			if o := await(t, "an outcome", send(t, b, Post{URL: works.URL})); o.err != nil {
				t.Error(o.err)
			}
		}
		if s := b.Stats(); s.Waiting != 20 || s.Delivered != 50 || s.Dropped != 1 {
			t.Errorf("%+v", s)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Close(ended); err == nil || !strings.Contains(err.Error(), "20 posts") {
			t.Errorf("close: %v", err)
		}
		if err := b.Send(Post{URL: works.URL}); !errors.Is(err, ErrClosed) {
			t.Errorf("after close: %v", err)
		}
	}
}

func TestAHostGetsOnlySoManyAtATime(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	let := make(chan struct{})
	s, got := receiver(t, func(http.ResponseWriter, *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		<-let
		now.Add(-1)
	})
	b := open(t, Options{PerHost: 3})
	var outcomes []<-chan outcome
	for i := range 60 {
		outcomes = append(outcomes, send(t, b, Post{URL: fmt.Sprintf("%s/%d", s.URL, i)}))
	}
	for range 3 {
		await(t, "a post", got)
	}
	for range outcomes {
		let <- struct{}{}
	}
	for _, done := range outcomes {
		await(t, "an outcome", done)
	}
	if most.Load() != 3 {
		t.Errorf("%d at a time", most.Load())
	}
}

func TestAHostGetsOnlySoManyASecond(t *testing.T) {
	t.Parallel()
	s, _ := receiver(t, nil)
	b := open(t, Options{Rate: 100, Queue: 200})
	begin := time.Now()
	var outcomes []<-chan outcome
	for range 120 {
		outcomes = append(outcomes, send(t, b, Post{URL: s.URL}))
	}
	for _, done := range outcomes {
		await(t, "an outcome", done)
	}
	if took := time.Since(begin); took < 190*time.Millisecond {
		t.Errorf("20 more than the burst took %v, want at least 200 ms", took)
	}
}

func TestTheBytesThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	s, _ := receiver(t, func(http.ResponseWriter, *http.Request) { <-release })
	b := open(t, Options{})
	defer close(release)
	body := make([]byte, maxBytes/2)
	send(t, b, Post{URL: s.URL, Body: body})
	send(t, b, Post{URL: s.URL, Body: body})
	if err := b.Send(Post{URL: s.URL, Body: []byte("x")}); !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
}

func TestRedirectionsKeepThePost(t *testing.T) {
	t.Parallel()
	goal, got := receiver(t, nil)
	for _, status := range []int{301, 302, 307, 308} {
		s, _ := receiver(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, goal.URL+"/there", status) })
		o := await(t, "the outcome", send(t, open(t, Options{}), Post{URL: s.URL, Body: []byte("hello")}))
		r := await(t, "the post", got)
		if o.err != nil || r.method != "POST" || r.body != "hello" || r.path != "/there" {
			t.Errorf("%d: %+v %+v", status, o, r)
		}
	}
}

func TestSeeOtherCountsAsTaken(t *testing.T) {
	t.Parallel()
	goal, got := receiver(t, nil)
	s, _ := receiver(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, goal.URL, http.StatusSeeOther) })
	if o := await(t, "the outcome", send(t, open(t, Options{}), Post{URL: s.URL})); o != (outcome{303, nil}) || len(got) != 0 {
		t.Errorf("%+v, followed %d times", o, len(got))
	}
}

func TestRedirectionsAreCheckedAndBounded(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ location, want string }{
		"to a private address": {"http://10.0.0.1/x", "private address 10.0.0.1"},
		"to another scheme":    {"file:///etc/passwd", `scheme "file"`},
		"in a circle":          {"/", "redirections"},
		"nowhere":              {"", "redirection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, got := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
				if tc.location != "" {
					w.Header().Set("Location", tc.location)
				}
				w.WriteHeader(http.StatusTemporaryRedirect)
			})
			o := await(t, "the outcome", send(t, open(t, Options{Retries: 5}), Post{URL: s.URL}))
			if o.err == nil || !strings.Contains(o.err.Error(), tc.want) || len(got) > maxRedirections+1 {
				t.Errorf("%+v after %d requests", o, len(got))
			}
		})
	}
}

func TestARedirectionDoesNotLeaveEncryption(t *testing.T) {
	t.Parallel()
	goal, got := receiver(t, nil)
	s := httptest.NewTLSServer(http.RedirectHandler(goal.URL, http.StatusPermanentRedirect))
	defer s.Close()
	b := open(t, Options{})
	b.client.Transport.(*http.Transport).TLSClientConfig = s.Client().Transport.(*http.Transport).TLSClientConfig
	o := await(t, "the outcome", send(t, b, Post{URL: s.URL}))
	if o.err == nil || !strings.Contains(o.err.Error(), "https to http") || len(got) != 0 {
		t.Errorf("%+v", o)
	}
}

func TestACertificateNobodyKnowsIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	s.StartTLS()
	defer s.Close()
	b := open(t, Options{Retries: 5})
	o := await(t, "the outcome", send(t, b, Post{URL: s.URL}))
	if o.err == nil || b.Stats().Retried != 0 {
		t.Errorf("%+v after %d retries", o, b.Stats().Retried)
	}
}

func TestPrivateAddressesAreRefusedUnlessAllowed(t *testing.T) {
	t.Parallel()
	s, got := receiver(t, nil)
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	b := open(t, Options{Reach: reach.NewPolicy(), Retries: 3})
	if err := b.Send(Post{URL: s.URL}); !errors.Is(err, reach.ErrPrivate) || !strings.Contains(err.Error(), "allow_private") {
		t.Errorf("by address: %v", err)
	}
	// A name is refused when it is dialled, and once.
	o := await(t, "the outcome", send(t, b, Post{URL: "http://localhost" + port}))
	if !errors.Is(o.err, reach.ErrPrivate) || b.Stats().Retried != 0 {
		t.Errorf("by name: %+v", o)
	}
	if len(got) != 0 {
		t.Errorf("%d requests arrived", len(got))
	}

	byName := open(t, Options{Reach: reach.NewPolicy(allowed(t, "LocalHost"))})
	if o := await(t, "the outcome", send(t, byName, Post{URL: "http://localhost" + port})); o.err != nil {
		t.Errorf("an allowed name: %v", o.err)
	}
	if err := byName.Send(Post{URL: s.URL}); !errors.Is(err, reach.ErrPrivate) {
		t.Errorf("the address of an allowed name: %v", err)
	}
}

func TestWhatIsAllowedMayChange(t *testing.T) {
	t.Parallel()
	s, got := receiver(t, nil)
	policy := loopback(t)
	b := open(t, Options{Reach: policy})
	for range 2 {
		if o := await(t, "the outcome", send(t, b, Post{URL: s.URL})); o.err != nil {
			t.Fatal(o.err)
		}
		await(t, "the post", got)
		policy.Set(nil)
		if err := b.Send(Post{URL: s.URL}); !errors.Is(err, reach.ErrPrivate) {
			t.Errorf("not allowed any more: %v", err)
		}
		policy.Set([]reach.Allowed{allowed(t, "127.0.0.0/8")})
	}
}

func TestOnlyWholeHTTPURLsAreTaken(t *testing.T) {
	t.Parallel()
	b := open(t, Options{})
	for _, u := range []string{
		"", "x", "/path", "//host/path", "http://", "http:///x", "ftp://example.com/", "file:///etc/passwd", "mailto:a@b", "http://[::1", "http://a b/",
		"http://10.1.2.3/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://0.0.0.0/", "http://169.254.169.254/latest",
	} {
		if err := b.Check(u); err == nil {
			t.Errorf("%q is taken", u)
		}
	}
	for _, u := range []string{"http://example.com", "HTTPS://user:pass@example.com:12043/cap/x?y#z", "http://93.184.216.34/", "http://127.0.0.9/"} {
		if err := b.Check(u); err != nil {
			t.Errorf("%q: %v", u, err)
		}
	}
}

func TestClosingTriesOnceMoreWhatWaits(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	s, got := receiver(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries.Add(1) == 1 {
			w.WriteHeader(503)
		}
	})
	b := New(Options{Reach: loopback(t), InOrder: true, Retries: 10, Backoff: time.Hour, MaxBackoff: time.Hour})
	first := send(t, b, Post{URL: s.URL, Body: []byte("1")})
	second := send(t, b, Post{URL: s.URL, Body: []byte("2")})
	await(t, "the first try", got)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for _, done := range []<-chan outcome{first, second} {
		if o := await(t, "an outcome", done); o.err != nil {
			t.Errorf("%+v", o)
		}
	}
	if err := b.Close(ctx); err != nil {
		t.Errorf("closed twice: %v", err)
	}
}

func TestTheLogKeepsSecretsOfURLs(t *testing.T) {
	t.Parallel()
	var text lockedBuffer
	s, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) })
	b := open(t, Options{Log: slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "the outcome", send(t, b, Post{URL: "http://user:hush@" + u.Host + "/cap/hush?key=hush", From: "My Group"}))
	await(t, "the outcome", send(t, b, Post{URL: "http://user:hush@" + address(t) + "/cap/hush?key=hush", From: "My Group"}))
	if log := text.String(); strings.Contains(log, "hush") || !strings.Contains(log, "My Group") || !strings.Contains(log, u.Host) {
		t.Errorf("log: %s", log)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestPausesDoubleUpToTheirBound(t *testing.T) {
	t.Parallel()
	for failures, whole := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 6: 30 * time.Second, 40: 30 * time.Second, 100: 30 * time.Second} {
		for range 100 {
			if d := backoff(time.Second, 30*time.Second, failures); d < whole/2 || d > whole {
				t.Fatalf("after %d failures: %v, want %v to %v", failures, d, whole/2, whole)
			}
		}
	}
}

func BenchmarkPost(b *testing.B) {
	here, err := reach.ParseAllowed("127.0.0.1")
	if err != nil {
		b.Fatal(err)
	}
	body := bytes.Repeat([]byte("x"), 300)
	for name, inOrder := range map[string]bool{"side by side": false, "in order": true} {
		b.Run(name, func(b *testing.B) {
			s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
			defer s.Close()
			box := New(Options{InOrder: inOrder, Queue: 1 << 30, Reach: reach.NewPolicy(here)})
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				if err := box.Send(Post{URL: s.URL, ContentType: "text/plain; charset=utf-8", Body: body}); err != nil {
					b.Fatal(err)
				}
			}
			if err := box.Close(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
	}
}
