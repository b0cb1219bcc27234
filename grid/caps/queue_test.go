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

	"rookery/grid/caps"
	"rookery/grid/llsd"
)

func event(n int) caps.Event {
	return caps.Event{Name: "Test", Body: map[string]any{"n": int32(n)}}
}

// follow runs a Poller and hands on the numbers of the events it gets.
func follow(t *testing.T, url string) (got chan int32, ended chan error) {
	t.Helper()
	got, ended = make(chan int32, 10_000), make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	p := &caps.Poller{
		URL: url, MinBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond,
		Handle: func(e caps.Event) { got <- llsd.Int(e.Body["n"]) },
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		ended <- p.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return got, ended
}

func expect(t *testing.T, got chan int32, want ...int32) {
	t.Helper()
	for _, w := range want {
		select {
		case g := <-got:
			if g != w {
				t.Fatalf("got event %d, want %d", g, w)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("event %d did not come", w)
		}
	}
}

func TestEventsArriveOnceAndInOrder(t *testing.T) {
	t.Parallel()
	q := caps.NewQueue()
	q.Hold = 2 * time.Millisecond // many polls end with nothing
	s := httptest.NewServer(q)
	t.Cleanup(s.Close)
	got, ended := follow(t, s.URL)
	next := int32(0)
	for i := range int32(500) {
		if err := q.PushEvents(event(int(i))); err != nil {
			t.Fatal(err)
		}
		for i%50 == 0 && next <= i { // lets the queue run empty now and then
			expect(t, got, next)
			next++
		}
	}
	for ; next < 500; next++ {
		expect(t, got, next)
	}
	q.Close()
	if err := <-ended; !errors.Is(err, caps.ErrClosed) {
		t.Error(err)
	}
	if err := q.PushEvents(event(1)); !errors.Is(err, caps.ErrClosed) {
		t.Error(err)
	}
}

// flaky loses the answers of a Queue after they were made.
type flaky struct {
	q *caps.Queue
	n atomic.Int32
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	f.q.ServeHTTP(rec, r)
	switch f.n.Add(1) % 4 {
	case 1:
		panic(http.ErrAbortHandler) // the connection breaks
	case 2:
		http.Error(w, "trouble", http.StatusInternalServerError)
	default:
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	}
}

func TestLostAnswersAreSentAgain(t *testing.T) {
	t.Parallel()
	q := caps.NewQueue()
	s := httptest.NewServer(&flaky{q: q})
	t.Cleanup(s.Close)
	got, _ := follow(t, s.URL)
	for i := range 40 {
		if err := q.PushEvents(event(i)); err != nil {
			t.Fatal(err)
		}
		expect(t, got, int32(i))
	}
	q.Close()
}

// script answers polls in turn, then with 404, and notes the acks.
func script(t *testing.T, answers ...func(w http.ResponseWriter)) (url string, acks *[]any) {
	t.Helper()
	acks = new([]any)
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, ok := caps.ReadLLSD(w, r, 1000)
		if !ok {
			t.Error("the poll is not llsd")
			return
		}
		*acks = append(*acks, llsd.Get(v, "ack"))
		if n == len(answers) {
			http.NotFound(w, r)
			return
		}
		n++
		answers[n-1](w)
	}))
	t.Cleanup(s.Close)
	return s.URL, acks
}

func batch(id, n int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		caps.WriteLLSD(w, http.StatusOK, map[string]any{"id": id, "events": []any{map[string]any{"message": "Test", "body": map[string]any{"n": n}}}})
	}
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { http.Error(w, "text", code) }
}

func text(s string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { fmt.Fprint(w, s) }
}

func TestThePollerCopesWithEveryAnswerOfGrids(t *testing.T) {
	t.Parallel()
	url, acks := script(t,
		status(502), status(499), status(504), text(""), text("<llsd><undef/></llsd>"), text("<llsd/>"),
		func(w http.ResponseWriter) { http.Error(w, "502 Proxy Error", http.StatusInternalServerError) },
		batch(17, 1), batch(17, 1), // sent again
		status(500), status(503), text("<html>"), text("<llsd><map>"), batch(18, 2),
		batch(18, 2), batch(17, 1), // stale ones
		batch(3, 3), // the region came up again and counts anew
		text("<llsd><map><key>events</key><array><map><key>message</key><string>Test</string><key>body</key><map><key>n</key><integer>4</integer></map></map><map/></array></map></llsd>"),
		status(http.StatusGone),
	)
	got, ended := follow(t, url)
	expect(t, got, 1, 2, 3, 4)
	if err := <-ended; !errors.Is(err, caps.ErrClosed) {
		t.Fatal(err)
	}
	if len(got) > 0 {
		t.Errorf("%d events too many", len(got))
	}
	want := []any{nil, nil, nil, nil, nil, nil, nil, nil, int32(17), int32(17), int32(17), int32(17), int32(17), int32(17), int32(18), int32(18), int32(17), int32(3), nil}
	if d := cmp.Diff(want, *acks); d != "" {
		t.Error(d)
	}
}

func TestThePollerGivesUpWhenPollsKeepFailing(t *testing.T) {
	t.Parallel()
	url, acks := script(t, status(500), status(400), status(403), batch(1, 1))
	p := &caps.Poller{URL: url, MinBackoff: time.Microsecond, MaxErrors: 3, Handle: func(caps.Event) {}}
	err := p.Run(t.Context())
	var code *caps.StatusError
	if !errors.As(err, &code) || code.Status != 403 || !strings.Contains(err.Error(), "3 polls in a row failed") || len(*acks) != 3 {
		t.Errorf("%v after %d polls", err, len(*acks))
	}
}

func TestThePollerSaysWhenItStops(t *testing.T) {
	t.Parallel()
	q := caps.NewQueue()
	polled := make(chan struct{}, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		polled <- struct{}{}
		q.ServeHTTP(w, r)
	}))
	defer s.Close()
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-polled
		cancel(enough)
	}()
	if err := (&caps.Poller{URL: s.URL, Handle: func(caps.Event) {}}).Run(ctx); !errors.Is(err, enough) {
		t.Error(err)
	}
	if err := q.Push(&caps.AgentDropGroup{}); !errors.Is(err, caps.ErrClosed) {
		t.Errorf("the queue is still open: %v", err)
	}
}

func post(t *testing.T, url, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(url, "application/llsd+xml", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

const (
	pollFirst = "<llsd><map><key>ack</key><undef/><key>done</key><boolean>false</boolean></map></llsd>"
	pollAck   = "<llsd><map><key>ack</key><integer>%d</integer><key>done</key><boolean>false</boolean></map></llsd>"
)

func TestAQueueRepeatsABatchUntilItIsAcknowledgedButNotForEver(t *testing.T) {
	t.Parallel()
	q := caps.NewQueue()
	q.Hold = time.Millisecond
	s := httptest.NewServer(q)
	defer s.Close()
	if err := q.PushEvents(event(1)); err != nil {
		t.Fatal(err)
	}
	code, first := post(t, s.URL, pollFirst)
	if code != 200 {
		t.Fatal(code)
	}
	if err := q.PushEvents(event(2)); err != nil {
		t.Fatal(err)
	}
	if _, again := post(t, s.URL, pollFirst); again != first {
		t.Errorf("%s instead of %s", again, first)
	}
	if _, next := post(t, s.URL, fmt.Sprintf(pollAck, 1)); next == first {
		t.Error("the acknowledged batch came again")
	}
	if code, _ := post(t, s.URL, fmt.Sprintf(pollAck, 2)); code != 502 {
		t.Errorf("%d instead of 502", code)
	}
	if err := q.PushEvents(event(3)); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for ; sent < 100; sent++ {
		if code, _ := post(t, s.URL, pollFirst); code != 200 {
			break
		}
	}
	if sent != 4 {
		t.Errorf("a batch that is never acknowledged was sent %d times", sent)
	}
}

func TestANewerPollSupersedesAnOlder(t *testing.T) {
	t.Parallel()
	q := caps.NewQueue()
	q.Hold = time.Hour
	arrived := make(chan struct{}, 2)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		q.ServeHTTP(w, r)
	}))
	defer s.Close()
	codes := make(chan int, 2)
	poll := func() {
		code, _ := post(t, s.URL, pollFirst)
		codes <- code
	}
	go poll()
	<-arrived
	go poll()
	if code := <-codes; code != 502 {
		t.Errorf("the older poll was answered with %d", code)
	}
	if err := q.PushEvents(event(1)); err != nil {
		t.Fatal(err)
	}
	if code := <-codes; code != 200 {
		t.Errorf("the newer poll was answered with %d", code)
	}
}

func TestAQueueIsBounded(t *testing.T) {
	t.Parallel()
	q := caps.NewQueue()
	q.MaxEvents = 2
	if err := q.PushEvents(event(1), event(2)); err != nil {
		t.Fatal(err)
	}
	if err := q.PushEvents(event(3)); !errors.Is(err, caps.ErrFull) {
		t.Error(err)
	}
}

func TestAClosedQueueAnswersWaitingPolls(t *testing.T) {
	t.Parallel()
	q := caps.NewQueue()
	q.Hold = time.Hour
	s := httptest.NewServer(q)
	defer s.Close()
	codes := make(chan int, 1)
	go func() {
		code, _ := post(t, s.URL, pollFirst)
		codes <- code
	}()
	q.Close()
	if code := <-codes; code != 404 {
		t.Error(code)
	}
}
