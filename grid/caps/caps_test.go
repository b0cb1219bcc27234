package caps_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/grid/caps"
	"rookery/grid/llsd"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL + "/CAPS/secret"
}

func TestTheSeedYieldsWhatTheRegionGrants(t *testing.T) {
	t.Parallel()
	var asked []string
	h := caps.SeedHandler(func(_ *http.Request, names []string) map[string]string {
		asked = names
		return map[string]string{"EventQueueGet": "http://127.0.0.1/eq", "GetTexture": ""}
	})
	url := serve(t, h.ServeHTTP)
	var c caps.Client
	set, err := c.Seed(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(caps.DefaultNames, asked); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(caps.Set{"EventQueueGet": "http://127.0.0.1/eq"}, set); d != "" {
		t.Error(d)
	}
	if u, err := set.URL(caps.NameEventQueue); u == "" || err != nil || !set.Has(caps.NameEventQueue) {
		t.Error(u, err)
	}
	if _, err := set.URL("GetTexture"); !errors.Is(err, caps.ErrNotGranted) || !strings.HasPrefix(err.Error(), "GetTexture: ") {
		t.Error(err)
	}
	if _, err := c.Seed(t.Context(), url, []string{"One"}); err != nil || len(asked) != 1 {
		t.Error(err, asked)
	}
}

func TestASeedThatIsNoSeedIsAnError(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"": "<nil> where a map should be", "<llsd><array/></llsd>": "where a map should be", "<html>": "not llsd",
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		if _, err := new(caps.Client).Seed(t.Context(), url, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestNoNameIsAskedForTwice(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, n := range caps.DefaultNames {
		if seen[n] {
			t.Error(n)
		}
		seen[n] = true
	}
}

func TestEveryMethodCarriesLLSDBothWays(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		v, err := llsd.ParseBytes(body)
		if err != nil && !errors.Is(err, llsd.ErrEmpty) {
			t.Error(err)
		}
		caps.WriteLLSD(w, http.StatusCreated, map[string]any{"method": r.Method, "body": v, "type": r.Header.Get("Content-Type"), "agent": r.UserAgent()})
	})
	c := &caps.Client{UserAgent: "Rookery"}
	in := struct{ A int }{5}
	want := map[string]any{"A": int32(5)}
	tests := []struct {
		method string
		call   func(ctx context.Context) (any, error)
		body   any
	}{
		{"GET", func(ctx context.Context) (any, error) { return c.Get(ctx, url) }, nil},
		{"DELETE", func(ctx context.Context) (any, error) { return c.Delete(ctx, url) }, nil},
		{"POST", func(ctx context.Context) (any, error) { return c.Post(ctx, url, in) }, want},
		{"PUT", func(ctx context.Context) (any, error) { return c.Put(ctx, url, in) }, want},
		{"PATCH", func(ctx context.Context) (any, error) { return c.Patch(ctx, url, in) }, want},
		{"POST", func(ctx context.Context) (any, error) { return c.Post(ctx, url, nil) }, nil},
	}
	for _, tt := range tests {
		v, err := tt.call(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		contentType := "application/llsd+xml"
		if tt.method == "GET" || tt.method == "DELETE" {
			contentType = ""
		}
		if d := cmp.Diff(any(map[string]any{"method": tt.method, "body": tt.body, "type": contentType, "agent": "Rookery"}), v); d != "" {
			t.Errorf("%s: %s", tt.method, d)
		}
	}
}

func TestABusyRegionIsAskedAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusServiceUnavailable, http.StatusTooManyRequests} {
		var n atomic.Int32
		url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1) < 3 {
				w.Header().Set("Retry-After", "0.001")
				w.WriteHeader(status)
				return
			}
			v, _ := caps.ReadLLSD(w, r, 1000)
			caps.WriteLLSD(w, http.StatusOK, v)
		})
		if v, err := new(caps.Client).Post(t.Context(), url, "hi"); v != "hi" || err != nil || n.Load() != 3 {
			t.Errorf("%d: %v, %v after %d requests", status, v, err, n.Load())
		}
	}
}

func TestRetriesEnd(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n.Add(1)
		w.Header().Set("Retry-After", "0.001")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	var status *caps.StatusError
	c := &caps.Client{Retries: 2}
	if _, err := c.Get(t.Context(), url); !errors.As(err, &status) || !status.Busy() || n.Load() != 3 {
		t.Errorf("%v after %d requests", err, n.Load())
	}
	n.Store(0)
	c.Retries = -1
	if _, err := c.Get(t.Context(), url); err == nil || n.Load() != 1 {
		t.Errorf("%v after %d requests", err, n.Load())
	}
	// A wait that the time does not allow is not begun.
	slow := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "50")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	c = &caps.Client{Timeout: 10 * time.Second}
	if _, err := c.Get(t.Context(), slow); !errors.As(err, &status) || status.RetryAfter != 50*time.Second {
		t.Error(err)
	}
}

func TestOnlyReadingIsRepeatedAfterAGatewayError(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if n.Add(1) == 1 {
			w.Header().Set("Retry-After", "0.001")
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	if v, err := new(caps.Client).Get(t.Context(), url); v != nil || err != nil || n.Load() != 2 {
		t.Errorf("%v, %v after %d requests", v, err, n.Load())
	}
	n.Store(0)
	if _, err := new(caps.Client).Post(t.Context(), url, nil); err == nil || n.Load() != 1 {
		t.Errorf("%v after %d requests", err, n.Load())
	}
}

func TestErrorsSayWhatTheRegionSaidButNotTheAddress(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		caps.WriteLLSD(w, http.StatusForbidden, map[string]any{"message": "not yours"})
	})
	_, err := new(caps.Client).Get(t.Context(), url)
	var status *caps.StatusError
	if !errors.As(err, &status) || status.Status != 403 || err.Error() != "HTTP status 403 Forbidden: not yours" {
		t.Error(err)
	}
	plain := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "gone fishing", http.StatusInternalServerError)
	})
	if _, err = new(caps.Client).Get(t.Context(), plain); !errors.As(err, &status) || status.Text != "gone fishing\n" {
		t.Error(err)
	}
	closed := httptest.NewServer(http.NotFoundHandler())
	addr := closed.URL + "/CAPS/secret"
	closed.Close()
	for _, addr := range []string{addr, "ftp://127.0.0.1/secret", "http:///secret", "http://[secret", "secret"} {
		if _, err := new(caps.Client).Get(t.Context(), addr); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestAnswersAreLimited(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1001)) })
	c := &caps.Client{MaxBody: 1000}
	if _, err := c.Get(t.Context(), url); err == nil || !strings.Contains(err.Error(), "longer than 1000 bytes") {
		t.Error(err)
	}
	c.MaxBody = 1001
	if b, _, err := c.Do(t.Context(), http.MethodGet, url, "", nil); err != nil || len(b) != 1001 {
		t.Error(err)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "20")
		w.WriteHeader(http.StatusServiceUnavailable)
		cancel(enough)
	})
	c := &caps.Client{Timeout: -1}
	if _, err := c.Get(ctx, url); !errors.Is(err, enough) && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAServedBodyIsChecked(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if v, ok := caps.ReadLLSD(w, r, 100); ok {
			caps.WriteLLSD(w, http.StatusOK, v)
		}
	})
	tests := []struct {
		method, body string
		status       int
	}{
		{http.MethodGet, "", 405},
		{http.MethodPost, "", 200},
		{http.MethodPost, "<llsd><integer>1</integer></llsd>", 200},
		{http.MethodPost, "{'a':i1}", 200},
		{http.MethodPost, "nonsense", 400},
		{http.MethodPut, "<llsd><string>" + strings.Repeat("x", 200), 413},
	}
	for _, tt := range tests {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, url, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.status {
			t.Errorf("%s %s: %d, want %d", tt.method, tt.body, resp.StatusCode, tt.status)
		}
	}
}
