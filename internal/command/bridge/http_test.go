package bridge_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"rookery/internal/bridge/brokertest"
	"rookery/internal/command/commandtest"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// mirror answers what it was asked.
func mirror(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/missing":
			w.Header().Set("X-Hint", "left")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "no such thing")
		case "/picture":
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte{0x89, 'P', 'N', 'G', 0})
		case "/large":
			_, _ = io.WriteString(w, strings.Repeat("x", 4097))
		case "/away":
			http.Redirect(w, r, "http://127.0.0.2/", http.StatusFound)
		case "/slow":
			<-r.Context().Done()
		default:
			w.Header()["X-Twice"] = []string{"a", "b"}
			w.WriteHeader(http.StatusCreated)
			fmt.Fprintf(w, "%s %s %q %s %s", r.Method, r.URL.RequestURI(), body, r.Header.Get("Content-Type"), r.Header.Get("X-Key"))
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func TestHTTPAsksAndAnswers(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	s := mirror(t)
	for _, tc := range []struct {
		pairs []string
		want  string
	}{
		{nil, `GET / ""  `},
		{[]string{"action", "DELETE"}, `DELETE / ""  `},
		{[]string{"action", "post", "data", "a=b&c d"}, `POST / "a=b&c d" text/plain; charset=utf-8 `},
		{
			[]string{"action", "put", "data", `{"a":"é"}`, "type", "application/json", "headers", `X-Key,"k, l",Accept,*/*`},
			`PUT / "{\"a\":\"é\"}" application/json k, l`,
		},
		{[]string{"action", "patch", "type", "text/x"}, `PATCH / "" text/x `},
	} {
		if got := w.Ask(t, commandtest.Line("HTTP", append(tc.pairs, "URL", s.URL+"/")...)); got.Get("success") != "True" || got.Get("data") != tc.want {
			t.Errorf("%v: %v, want %s", tc.pairs, got, tc.want)
		}
	}
	if got := w.Ask(t, commandtest.Line("HTTP", "action", "head", "URL", s.URL)); got.Get("success") != "True" || got.Has("data") {
		t.Errorf("%v", got)
	}
}

func TestHTTPAnswersWhatIsAskedOfAnAnswer(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	s := mirror(t)
	for _, tc := range []struct {
		path, output string
		want         []string
	}{
		{"/", "status,x-twice,X-None,encoding", []string{"status", "201", "x-twice", "a, b", "encoding", "text"}},
		{"/picture", "Body, Encoding ,Content-Type", []string{"Body", "iVBORwA=", "Encoding", "base64", "Content-Type", "image/png"}},
		{"/picture", "", []string{"iVBORwA="}},
	} {
		if got := w.Do(t, commandtest.Line("HTTP", "URL", s.URL+tc.path, "output", tc.output)); !slices.Equal(got, tc.want) {
			t.Errorf("%s %s: %q, want %q", tc.path, tc.output, got, tc.want)
		}
	}
	got := w.Fails(t, commandtest.Line("HTTP", "URL", s.URL+"/missing"), script.ErrUnableToRetrieveData)
	if got.Get("data") != "no such thing" || !strings.Contains(got.Get("error"), "404 Not Found") {
		t.Errorf("%v", got)
	}
	got = w.Fails(t, commandtest.Line("HTTP", "URL", s.URL+"/missing", "output", "status,X-Hint"), script.ErrUnableToRetrieveData)
	if got.Get("data") != "status,404,X-Hint,left" {
		t.Errorf("%v", got)
	}
}

func TestHTTPRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	s := mirror(t)
	with := func(pairs ...string) string { return commandtest.Line("HTTP", append(pairs, "URL", s.URL)...) }
	w.Refuses(t, []commandtest.Refusal{
		{Line: commandtest.Line("HTTP"), Error: script.ErrInvalidURLProvided, Says: "URL is missing"},
		{Line: commandtest.Line("HTTP", "URL", "nowhere"), Error: script.ErrInvalidURLProvided, Says: "allowed are http and https"},
		{Line: commandtest.Line("HTTP", "URL", "file:///etc/passwd"), Error: script.ErrInvalidURLProvided, Says: "allowed are http and https"},
		{Line: commandtest.Line("HTTP", "URL", "http://[::1]/"), Error: script.ErrInvalidURLProvided, Says: "private address"},
		{Line: commandtest.Line("HTTP", "URL", s.URL+"/"+strings.Repeat("x", 4096)), Error: script.ErrInvalidURLProvided, Says: "allowed are 4096"},
		{Line: with("action", "connect"), Error: script.ErrUnknownAction, Says: "get, post, put"},
		{Line: with("data", "x"), Error: script.ErrInvalidParameter, Says: "allowed with one are post"},
		{Line: with("action", "head", "data", "x"), Error: script.ErrInvalidParameter, Says: "no body"},
		{Line: with("action", "post", "data", "x", "type", "a\r\nb: c"), Error: script.ErrInvalidParameter, Says: "type: "},
		{Line: with("headers", "X-Key"), Error: script.ErrInvalidParameter, Says: "the last name has no value"},
		{Line: with("headers", "host,x"), Error: script.ErrInvalidParameter, Says: "Host cannot be set"},
		{Line: with("headers", "X-A,\"b\nX-C: d\""), Error: script.ErrInvalidParameter, Says: "control character"},
		{Line: with("headers", "a b,c"), Error: script.ErrInvalidParameter, Says: "no name of a header"},
		{Line: with("headers", "content-type,text/html"), Error: script.ErrInvalidParameter, Says: "parameter type"},
		{Line: commandtest.Line("HTTP", "URL", s.URL+"/large"), Error: script.ErrUnableToRetrieveData, Says: "allowed are 4096 bytes"},
		{Line: commandtest.Line("HTTP", "URL", s.URL+"/away"), Error: script.ErrUnableToRetrieveData, Says: "private address"},
		{Line: commandtest.Line("HTTP", "URL", s.URL+"/slow", "timeout", "50"), Error: script.ErrTimeout, Says: "50ms"},
		{Line: commandtest.Line("HTTP", "URL", fmt.Sprintf("http://127.0.0.1:%d/", brokertest.NobodysPort(t))), Error: script.ErrUnableToRetrieveData, Says: "connection refused"},
	}...)
}
