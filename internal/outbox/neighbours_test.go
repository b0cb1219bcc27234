package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Receivers in the same host share its queue: those that hang may not have all
// of it.
func TestReceiversThatHangLeaveRoomToTheirNeighbours(t *testing.T) {
	t.Parallel()
	for _, inOrder := range []bool{false, true} {
		t.Run(fmt.Sprint("in order ", inOrder), func(t *testing.T) {
			t.Parallel()
			release, works := make(chan struct{}), make(chan struct{})
			work := sync.OnceFunc(func() { close(works) })
			defer work()
			s, _ := receiver(t, func(_ http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/hang") {
					<-release
					return
				}
				<-works // what was delivered would need no room
			})
			// In order, four are on their way at a time.
			b := open(t, Options{InOrder: inOrder, Queue: 40, PerHost: 5, Timeout: time.Hour})
			defer close(release)
			outcomes := make(chan error, 1000)
			for i := range 100 {
				p := Post{URL: fmt.Sprintf("%s/hang/%d", s.URL, i%4), Done: func(_ int, err error) { outcomes <- err }}
				if err := b.Send(p); err != nil && (i < 40 || !errors.Is(err, ErrFull)) {
					t.Fatalf("post %d: %v", i, err)
				}
			}
			if s := b.Stats(); s.Waiting != 40 || s.Dropped != 60 {
				t.Fatalf("%+v", s)
			}
			var news []<-chan outcome
			for range 8 { // a fifth of the queue
				news = append(news, send(t, b, Post{URL: s.URL + "/works"}))
			}
			for range 8 {
				if err := await(t, "what gave way", outcomes); !errors.Is(err, ErrFull) {
					t.Errorf("gave way: %v", err)
				}
			}
			work()
			if !inOrder {
				return // those that hang have all places
			}
			for _, done := range news {
				if o := await(t, "the outcome", done); o.err != nil {
					t.Error(o.err)
				}
			}
			if s := b.Stats(); s.Waiting != 32 || s.Delivered != 8 || s.Dropped != 68 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// What waits for another try gives way, too.
func TestWhatWaitsForAnotherTryGivesWay(t *testing.T) {
	t.Parallel()
	s, _ := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			w.WriteHeader(503)
		}
	})
	missed := make(signal, 1)
	b := open(t, Options{Queue: 4, Retries: 1, Backoff: time.Hour, MaxBackoff: time.Hour, Log: slog.New(missed)})
	var down []<-chan outcome
	for range 4 {
		down = append(down, send(t, b, Post{URL: s.URL + "/down"}))
		await(t, "a try in vain", missed)
	}
	for range 2 {
		if o := await(t, "the outcome", send(t, b, Post{URL: s.URL + "/works"})); o.err != nil {
			t.Error(o.err)
		}
	}
	gave := 0
	for _, done := range down {
		select {
		case o := <-done:
			if gave++; !errors.Is(o.err, ErrFull) {
				t.Error(o.err)
			}
		default:
		}
	}
	if s := b.Stats(); gave != 1 || s.Waiting != 3 || s.Dropped != 1 || s.Delivered != 2 {
		t.Errorf("%d gave way, %+v", gave, s)
	}
}

// A receiver that answers wrongly first, and hangs then, does not take all the
// places of its host.
func TestReceiversThatFailLeaveAPlaceToTheirNeighbours(t *testing.T) {
	t.Parallel()
	for _, inOrder := range []bool{false, true} {
		t.Run(fmt.Sprint("in order ", inOrder), func(t *testing.T) {
			t.Parallel()
			release, hangs := make(chan struct{}), make(chan struct{}, 100)
			var tries sync.Map
			s, _ := receiver(t, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(r.URL.Path, "/bad") {
					return
				}
				if _, again := tries.LoadOrStore(r.URL.Path, true); !again {
					w.WriteHeader(503)
					return
				}
				hangs <- struct{}{}
				<-release
			})
			b := open(t, Options{InOrder: inOrder, PerHost: 2, Retries: 100, Timeout: time.Hour})
			defer close(release)
			for i := range 4 {
				send(t, b, Post{URL: fmt.Sprintf("%s/bad/%d", s.URL, i)})
			}
			await(t, "a receiver that hangs", hangs)
			for range 10 {
				if o := await(t, "the outcome", send(t, b, Post{URL: s.URL + "/works"})); o.err != nil {
					t.Error(o.err)
				}
			}
		})
	}
}

func TestAReceiverThatWantsToBeLeftAloneDelaysNobody(t *testing.T) {
	t.Parallel()
	s, got := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(429)
		}
	})
	b := New(Options{Reach: loopback(t), Retries: 3, Backoff: time.Millisecond, MaxBackoff: time.Hour})
	send(t, b, Post{URL: s.URL + "/busy"})
	await(t, "the first try", got)
	if o := await(t, "the outcome", send(t, b, Post{URL: s.URL + "/works"})); o.err != nil {
		t.Error(o.err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_ = b.Close(ended)
}

// Whoever answers a post has taken it, even if the answer does not end.
func TestAnAnswerWithoutEndDelaysNobody(t *testing.T) {
	t.Parallel()
	s, _ := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/drips" {
			_, _ = w.Write([]byte("drop"))
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}
	})
	b := open(t, Options{PerHost: 1, Timeout: time.Hour})
	for _, path := range []string{"/drips", "/works", "/drips"} {
		if o := await(t, "the outcome", send(t, b, Post{URL: s.URL + path})); o != (outcome{200, nil}) {
			t.Errorf("%s: %+v", path, o)
		}
	}
}

func TestWhatIsGivenUpIsNotSaidEachTime(t *testing.T) {
	t.Parallel()
	var text lockedBuffer
	s, _ := receiver(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) })
	b := open(t, Options{Queue: 200, Log: slog.New(slog.NewTextHandler(&text, nil))})
	var outcomes []<-chan outcome
	for range 200 {
		outcomes = append(outcomes, send(t, b, Post{URL: s.URL}))
	}
	for _, done := range outcomes {
		await(t, "an outcome", done)
	}
	if lines := strings.Count(text.String(), "\n"); lines == 0 || lines > 10 {
		t.Errorf("%d lines:\n%s", lines, text.String())
	}
}

func TestAHostIsTheSameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http://Example.com": "example.com:80", "http://example.com:80/": "example.com:80", "HTTPS://example.COM/x": "example.com:443",
		"http://[::1]/": "[::1]:80", "http://u:p@example.com:8080": "example.com:8080",
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := hostOf(u); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
