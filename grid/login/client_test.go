package login_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"rookery/grid/login"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { http.DefaultClient.CloseIdleConnections() }),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

var welcome = &login.Response{
	AgentID: agentID, SessionID: uuid.MustParse("bbbbbbbb-0000-4000-8000-000000000001"), First: "Robin", Last: "Rook",
	Simulator: netip.MustParseAddrPort("127.0.0.1:9000"), CircuitCode: 5, RegionX: 256000, RegionY: 256256, SeedCapability: "http://127.0.0.1/",
}

type loginFunc = func(ctx context.Context, r *login.Request) (*login.Response, error)

func serve(t *testing.T, f loginFunc) string {
	t.Helper()
	s := httptest.NewServer(&login.Handler{Login: f})
	t.Cleanup(s.Close)
	return s.URL
}

func quick(form login.Form) *login.Client {
	return &login.Client{Form: form, Attempts: 3, MinBackoff: time.Millisecond, MaxBackoff: time.Millisecond}
}

var robin = login.Params{First: "Robin", Last: "Rook", Password: "a password of some length"}

func TestBothHalvesUnderstandEachOther(t *testing.T) {
	t.Parallel()
	for _, form := range []login.Form{login.XMLRPC, login.LLSD} {
		t.Run(form.String(), func(t *testing.T) {
			t.Parallel()
			p := robin
			p.Starts = []login.Start{place("Pelican <> Bay", 1, 2, 3)}
			p.Channel, p.Version, p.Platform, p.MAC, p.ID0, p.HostID, p.ViewerDigest = "Chan", "1.2.3.4", "lnx", "m", "i", "h", "v"
			p.PlatformVersion = "6.1"
			p.AgreeToTOS, p.ReadCritical, p.SkipOptional, p.Token, p.MFAHash = true, true, true, "123456", "hash"
			p.ScopeID, p.Options, p.Extra = agentID, []string{"buddy-list"}, map[string]string{"more": "x"}
			var got *login.Request
			uri := serve(t, func(_ context.Context, r *login.Request) (*login.Response, error) {
				got = r
				return welcome, nil
			})
			r, err := quick(form).Login(t.Context(), uri, p)
			if err != nil {
				t.Fatal(err)
			}
			if r.AgentID != welcome.AgentID || r.Simulator != welcome.Simulator || r.Handle() != welcome.Handle() {
				t.Errorf("%+v", r)
			}
			if !got.CheckPassword(p.Password) || got.CheckPassword("another") {
				t.Error("the password is not checked rightly")
			}
			if got.Form != form || got.Method != "login_to_simulator" || got.Remote == "" || !got.Wants("buddy-list") || got.Wants("gestures") ||
				got.StartText != "uri:Pelican <> Bay&1&2&3" || got.Raw["more"] != "x" {
				t.Errorf("%+v", got)
			}
			p.Password, p.Extra = "", nil
			got.Params.Password = ""
			if d := cmp.Diff(p, got.Params); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDefaultsMakeACompleteRequest(t *testing.T) {
	t.Parallel()
	var got *login.Request
	uri := serve(t, func(_ context.Context, r *login.Request) (*login.Response, error) {
		got = r
		return welcome, nil
	})
	if _, err := quick(login.XMLRPC).Login(t.Context(), uri, login.Params{First: "Robin", Password: "x"}); err != nil {
		t.Fatal(err)
	}
	if got.Last != "Resident" || got.StartText != "last" || len(got.MAC) != 32 || len(got.ID0) != 32 || got.Channel == "" || got.Version == "" ||
		!slices.Equal(got.Options, login.DefaultOptions) || got.AgreeToTOS {
		t.Errorf("%+v", got.Params)
	}
}

func TestPasswordsAreHashedAndCutAsViewersDo(t *testing.T) {
	t.Parallel()
	const md5x = "$1$9dd4e461268c8034f5c8564e155c67a6" // of "x"
	tests := []struct {
		password string
		limit    int
		want     string
	}{
		{"x", 0, md5x},
		{"xyz", 1, md5x},
		{"xyz", -1, login.HashPassword("xyz", 0)},
		{md5x, 16, md5x},
		{strings.ToUpper(md5x), 0, md5x},
		{"äöü", 2, login.HashPassword("äö", 0)},
	}
	for _, tt := range tests {
		if got := login.HashPassword(tt.password, tt.limit); got != tt.want {
			t.Errorf("%s cut to %d: got %s, want %s", tt.password, tt.limit, got, tt.want)
		}
	}
	if login.HashPassword("$1$short", 0) == "$1$short" {
		t.Error("a password that only looks like a hash is not hashed")
	}
	r := login.Request{Params: login.Params{Password: login.HashPassword("12345678901234567", 16)}}
	if !r.CheckPassword("12345678901234567") || r.CheckPassword("1234567890123456x7") == r.CheckPassword("x") {
		t.Error("a password that the client cut is not recognised")
	}
}

func TestRefusalsThatPassAreRetried(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	uri := serve(t, func(context.Context, *login.Request) (*login.Response, error) {
		switch n.Add(1) {
		case 1:
			return nil, login.Fail(login.ErrPresence, "You appear to be already logged in.")
		case 2:
			return nil, errors.New("some trouble")
		}
		return welcome, nil
	})
	c := quick(login.XMLRPC)
	var steps []string
	c.Progress = func(p login.Progress) {
		steps = append(steps, fmt.Sprintf("%d %t %v", p.Attempt, p.Wait > 0, p.Err != nil))
	}
	if _, err := c.Login(t.Context(), uri, robin); err != nil {
		t.Fatal(err)
	}
	want := []string{"1 false false", "1 true true", "2 false false", "2 true true", "3 false false"}
	if d := cmp.Diff(want, steps); d != "" {
		t.Error(d)
	}
}

func TestRefusalsThatDoNotPassAreNotRetried(t *testing.T) {
	t.Parallel()
	for _, kind := range []error{login.ErrKey, login.ErrTOS, login.ErrCritical, login.ErrUpdate, login.ErrMFA, login.ErrSuspended, login.ErrUnverified} {
		var n atomic.Int32
		uri := serve(t, func(context.Context, *login.Request) (*login.Response, error) {
			n.Add(1)
			return nil, login.Fail(kind, "no")
		})
		_, err := quick(login.LLSD).Login(t.Context(), uri, robin)
		if !errors.Is(err, kind) || n.Load() != 1 {
			t.Errorf("%v: got %v after %d attempts", kind, err, n.Load())
		}
	}
}

func TestARefusalThatDoesNotPassInTimeIsReturned(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	uri := serve(t, func(context.Context, *login.Request) (*login.Response, error) {
		n.Add(1)
		return nil, login.Fail(login.ErrDisabled, "closed")
	})
	_, err := quick(login.XMLRPC).Login(t.Context(), uri, robin)
	if !errors.Is(err, login.ErrDisabled) || n.Load() != 3 {
		t.Errorf("got %v after %d attempts", err, n.Load())
	}
}

func TestStartLocationsAreTriedInTurn(t *testing.T) {
	t.Parallel()
	var tried []string
	uri := serve(t, func(_ context.Context, r *login.Request) (*login.Response, error) {
		tried = append(tried, r.StartText)
		if r.StartText != "home" {
			return nil, login.Fail(login.ErrRegion, "")
		}
		return welcome, nil
	})
	p := robin
	p.Starts = []login.Start{place("A", 1, 2, 3), {}, {Place: login.Home}, place("B", 1, 2, 3)}
	if _, err := quick(login.XMLRPC).Login(t.Context(), uri, p); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"uri:A&1&2&3", "last", "home"}, tried); d != "" {
		t.Error(d)
	}
	p.Starts = p.Starts[:2]
	if _, err := quick(login.XMLRPC).Login(t.Context(), uri, p); !errors.Is(err, login.ErrRegion) {
		t.Error(err)
	}
}

func TestIndeterminateIsFollowed(t *testing.T) {
	t.Parallel()
	for _, form := range []login.Form{login.XMLRPC, login.LLSD} {
		next := serve(t, func(_ context.Context, r *login.Request) (*login.Response, error) {
			if !r.CheckPassword(robin.Password) || !slices.Equal(r.Options, []string{"gestures"}) {
				return nil, login.Fail(login.ErrKey, fmt.Sprint(r.Options))
			}
			return welcome, nil
		})
		uri := serve(t, func(context.Context, *login.Request) (*login.Response, error) {
			return nil, &login.Redirect{URL: next, Options: []string{"gestures"}, Duration: time.Millisecond, Message: "please wait"}
		})
		c := quick(form)
		said := ""
		c.Progress = func(p login.Progress) { said += p.Message }
		if _, err := c.Login(t.Context(), uri, robin); err != nil || said != "please wait" {
			t.Errorf("%s: %v, %q", form, err, said)
		}
	}
}

func TestRedirectionsThatLeadNowhereEnd(t *testing.T) {
	t.Parallel()
	var self string
	var n atomic.Int32
	self = serve(t, func(context.Context, *login.Request) (*login.Response, error) {
		n.Add(1)
		return nil, &login.Redirect{URL: self}
	})
	if _, err := quick(login.XMLRPC).Login(t.Context(), self, robin); !errors.Is(err, login.ErrRedirect) || n.Load() > 10 {
		t.Errorf("%v after %d requests", err, n.Load())
	}
	for _, to := range []string{"", "ftp://x/", "http:///x", "://"} {
		uri := serve(t, func(context.Context, *login.Request) (*login.Response, error) { return nil, &login.Redirect{URL: to} })
		if _, err := quick(login.XMLRPC).Login(t.Context(), uri, robin); !errors.Is(err, login.ErrRedirect) {
			t.Errorf("to %q: %v", to, err)
		}
	}
}

func TestAPasswordIsNeverSentFromHTTPSToHTTP(t *testing.T) {
	t.Parallel()
	plain := serve(t, func(context.Context, *login.Request) (*login.Response, error) {
		t.Error("the password was sent in the clear")
		return welcome, nil
	})
	for name, h := range map[string]http.Handler{
		"indeterminate": &login.Handler{Login: func(context.Context, *login.Request) (*login.Response, error) {
			return nil, &login.Redirect{URL: plain}
		}},
		"status 307": http.RedirectHandler(plain, http.StatusTemporaryRedirect),
		"status 301": http.RedirectHandler(plain, http.StatusMovedPermanently),
	} {
		s := httptest.NewTLSServer(h)
		c := quick(login.XMLRPC)
		c.HTTP = s.Client()
		if _, err := c.Login(t.Context(), s.URL, robin); !errors.Is(err, login.ErrRedirect) || !strings.Contains(err.Error(), "in the clear") {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
	}
}

func TestHTTPRedirectionsKeepTheRequest(t *testing.T) {
	t.Parallel()
	uri := serve(t, func(context.Context, *login.Request) (*login.Response, error) { return welcome, nil })
	s := httptest.NewServer(http.RedirectHandler(uri+"/login", http.StatusFound))
	defer s.Close()
	if _, err := quick(login.XMLRPC).Login(t.Context(), s.URL, robin); err != nil {
		t.Error(err)
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(&login.Handler{Login: func(context.Context, *login.Request) (*login.Response, error) { return welcome, nil }})
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	c := quick(login.XMLRPC)
	c.Attempts = 1
	if _, err := c.Login(t.Context(), s.URL, robin); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Error(err)
	}
	c.HTTP = s.Client()
	if _, err := c.Login(t.Context(), s.URL, robin); err != nil {
		t.Error(err)
	}
}

func TestALoginEndsWithItsContext(t *testing.T) {
	t.Parallel()
	reached := make(chan struct{})
	uri := serve(t, func(ctx context.Context, _ *login.Request) (*login.Response, error) {
		close(reached)
		<-ctx.Done()
		return nil, ctx.Err()
	})
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-reached
		cancel(enough)
	}()
	if _, err := quick(login.XMLRPC).Login(ctx, uri, robin); !errors.Is(err, enough) {
		t.Error(err)
	}
	// And while it waits between attempts.
	uri = serve(t, func(context.Context, *login.Request) (*login.Response, error) {
		return nil, login.Fail(login.ErrPresence, "")
	})
	ctx, cancel = context.WithCancelCause(t.Context())
	c := &login.Client{MinBackoff: time.Hour, Progress: func(p login.Progress) {
		if p.Wait > 0 {
			cancel(enough)
		}
	}}
	if _, err := c.Login(ctx, uri, robin); !errors.Is(err, enough) {
		t.Error(err)
	}
}

func TestWrongParametersAreNamed(t *testing.T) {
	t.Parallel()
	tests := []struct {
		uri  string
		p    login.Params
		want string
	}{
		{"login.example.org", robin, `login address "login.example.org": want http:// or https://`},
		{"http:///x", robin, "the host is missing"},
		{"http://[", robin, "login address"},
		{"http://127.0.0.1/", login.Params{Password: "x"}, "first name is missing"},
		{"http://127.0.0.1/", login.Params{First: "x"}, "password is missing"},
	}
	for _, tt := range tests {
		if _, err := quick(login.XMLRPC).Login(t.Context(), tt.uri, tt.p); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

func TestAnswersThatAreNoAnswerAreErrorsWithoutTheAddressesSecrets(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]http.HandlerFunc{
		"HTTP status 404": http.NotFound,
		"not llsd":        func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>hello</html>") },
		"llsd is empty":   func(http.ResponseWriter, *http.Request) {},
		"unexpected EOF":  func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<methodResponse>") },
	} {
		s := httptest.NewServer(h)
		c := quick(login.XMLRPC)
		c.Attempts = 1
		_, err := c.Login(t.Context(), strings.Replace(s.URL, "http://", "http://user:secret@", 1), robin)
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
	}
}

func TestTheServerRefusesWhatIsNoLogin(t *testing.T) {
	t.Parallel()
	uri := serve(t, func(context.Context, *login.Request) (*login.Response, error) {
		t.Error("the request reached the login")
		return nil, errors.New("no")
	})
	tests := []struct {
		name, method, body string
		status             int
		want               string
	}{
		{"get", http.MethodGet, "", 405, "by POST"},
		{"nothing", http.MethodPost, "", 400, "llsd is empty"},
		{"garbage", http.MethodPost, "hello", 400, "login request: not llsd"},
		{"another method", http.MethodPost, "<methodCall><methodName>system.listMethods</methodName></methodCall>", 200, `method "system.listMethods" is not known; want login_to_simulator`},
		{"no parameter", http.MethodPost, "<methodCall><methodName>login_to_simulator</methodName></methodCall>", 200, "the parameter is missing"},
		{"a string", http.MethodPost, "<methodCall><methodName>login_to_simulator</methodName><params><param><value>x</value></param></params></methodCall>", 200, "is string where a struct should be"},
		{"llsd array", http.MethodPost, "<llsd><array/></llsd>", 400, "where a struct should be"},
		{"cut off", http.MethodPost, "<methodCall><methodName>login", 200, "unexpected EOF"},
		{"too large", http.MethodPost, strings.Repeat("x", 2<<20), 413, "longer than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), tt.method, uri, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != tt.status || !strings.Contains(string(body), tt.want) {
				t.Errorf("%d %s, %v; want %d %s", resp.StatusCode, body, err, tt.status, tt.want)
			}
		})
	}
}

func TestFailuresKeepTheirDetailsOnTheWire(t *testing.T) {
	t.Parallel()
	sent := &login.Failure{
		Reason: "tos", Message: "Read <this>", MessageID: "LoginFailedTOS", Args: map[string]string{"A": "b"}, URL: "http://x/", RetryAfter: 3 * time.Second,
	}
	for _, form := range []login.Form{login.XMLRPC, login.LLSD} {
		uri := serve(t, func(context.Context, *login.Request) (*login.Response, error) {
			return nil, fmt.Errorf("wrapped: %w", sent)
		})
		_, err := quick(form).Login(t.Context(), uri, robin)
		var f *login.Failure
		if !errors.As(err, &f) || !errors.Is(err, login.ErrTOS) {
			t.Fatal(err)
		}
		if f.Reason != sent.Reason || f.Message != sent.Message || f.MessageID != sent.MessageID || f.Args["A"] != "b" || f.URL != sent.URL || f.RetryAfter != sent.RetryAfter {
			t.Errorf("%+v", f)
		}
	}
}

func TestLogsDoNotHoldSecrets(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, nil))
	p, r := robin, *welcome
	p.Token, p.MFAHash, p.Starts = "token-secret", "hash-secret", []login.Start{place("Pelican", 1, 2, 3)}
	r.SecureSessionID, r.SeedCapability = uuid.MustParse("5ec4e700-0000-4000-8000-000000000001"), "http://127.0.0.1/seed-secret"
	log.Info("login", "params", p, "response", &r)
	for _, secret := range []string{p.Password, "secret", r.SessionID.String(), "5ec4e7"} {
		if strings.Contains(b.String(), secret) {
			t.Errorf("%q is in the log %s", secret, b.String())
		}
	}
	if !strings.Contains(b.String(), "Robin") || !strings.Contains(b.String(), "uri:Pelican&1&2&3") || !strings.Contains(b.String(), agentID.String()) {
		t.Errorf("the log does not say who and where: %s", b.String())
	}
}
