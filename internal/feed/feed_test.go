package feed

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/access"
	"rookery/internal/fetch"
	"rookery/internal/reach"
	"rookery/internal/rights"
	"rookery/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests.
const patience = 20 * time.Second

var (
	ann = access.Group{Name: "Ann", ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"), Password: "x", Permissions: rights.Feed, Notifications: []string{Name}}
	bob = access.Group{Name: "Bob", ID: uuid.MustParse("22222222-2222-4222-8222-222222222222"), Password: "x", Permissions: rights.Feed, Notifications: []string{Name}}
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// press is a web server that publishes.
type press struct {
	*httptest.Server
	mu       sync.Mutex
	document string
	etag     string
	answer   http.HandlerFunc // in place of the document, if not nil
	asked    []http.Header
	news     chan struct{} // closed by the next request
}

func newPress(t *testing.T) *press {
	p := &press{news: make(chan struct{})}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r.Header)
		close(p.news)
		p.news = make(chan struct{})
		document, etag, answer := p.document, p.etag, p.answer
		p.mu.Unlock()
		switch {
		case answer != nil:
			answer(w, r)
		case etag != "" && r.Header.Get("If-None-Match") == etag:
			w.WriteHeader(http.StatusNotModified)
		default:
			if etag != "" {
				w.Header().Set("ETag", etag)
			}
			fmt.Fprint(w, document)
		}
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *press) publish(document string) { p.set(document, "", nil) }

func (p *press) set(document, etag string, answer http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.document, p.etag, p.answer = document, etag, answer
}

func (p *press) requests() []http.Header {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]http.Header(nil), p.asked...)
}

// await waits until there were n requests.
func (p *press) await(t *testing.T, n int) {
	t.Helper()
	late := time.After(patience)
	for {
		p.mu.Lock()
		got, news := len(p.asked), p.news
		p.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-news:
		case <-late:
			t.Fatalf("%d requests, want %d", got, n)
		}
	}
}

// rss writes a feed with items of these titles, the first one the newest.
func rss(titles ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>`)
	for _, title := range titles {
		fmt.Fprintf(&b, `<item><guid>%[1]s</guid><title>%[1]s</title><description>about %[1]s</description></item>`, title)
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

// desk is a book with what stands around it.
type desk struct {
	*Book
	groups *access.Access
	store  *state.Store
	web    *fetch.Client
	heard  chan string
	stop   func()
}

func anywhere(t *testing.T) string { return filepath.Join(t.TempDir(), state.FileName) }

// open opens a book that nobody looks for yet.
func open(t *testing.T, path string, l Limits, now func() time.Time) *desk {
	t.Helper()
	groups, err := access.New(access.Settings{Groups: []access.Group{ann, bob}})
	must(t, err)
	store, err := state.Open(path)
	must(t, err)
	here, err := reach.ParseAllowed("127.0.0.1")
	must(t, err)
	d := &desk{groups: groups, store: store, heard: make(chan string, 20000)}
	d.web = fetch.New(fetch.Options{Reach: reach.NewPolicy(here), UserAgent: "Rookery/test"})
	d.reopen(t, "Robin Rook", l, now)
	t.Cleanup(d.close)
	return d
}

// reopen opens the book of an agent with what is kept of it.
func (d *desk) reopen(t *testing.T, agent string, l Limits, now func() time.Time) {
	t.Helper()
	var err error
	d.Book, err = Open(t.Context(), Options{
		Agent: agent, Store: d.store, Group: d.groups.Group, Web: d.web, Limits: l, Now: now,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	must(t, err)
}

// start opens a book that is looked for every 10 ms.
func start(t *testing.T, path string, l Limits) *desk {
	t.Helper()
	if l.Interval == 0 {
		l.Interval = 10 * time.Millisecond
	}
	d := open(t, path, l, nil)
	d.stop = d.Start(d.hear)
	return d
}

func (d *desk) hear(n News) {
	who := map[grid.UUID]string{ann.ID: "Ann", bob.ID: "Bob"}[n.Group]
	d.heard <- who + " " + n.Feed + ": " + n.Title
}

func (d *desk) close() {
	if d.stop != nil {
		d.stop()
	}
	_ = d.store.Close()
	d.web.Close()
}

// hears waits for these news, in this order.
func (d *desk) hears(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-d.heard:
			if got != w {
				t.Errorf("told was %q, want %q", got, w)
			}
		case <-time.After(patience):
			t.Fatalf("%q was never told", w)
		}
	}
}

// looker looks at feeds one by one, by hand.
type looker struct {
	*desk
	w *watcher
}

func byHand(t *testing.T, path string, l Limits, now func() time.Time) looker {
	t.Helper()
	d := open(t, path, l, now)
	d.tell = d.hear
	return looker{d, &watcher{Book: d.Book}}
}

// look looks at a feed and returns what was told.
func (l looker) look(url string) (told []string) {
	l.mu.Lock()
	f := l.feeds[url]
	f.looking, f.host.busy, l.w.under = true, true, 1
	l.mu.Unlock()
	l.w.Book = l.Book
	l.w.see(context.Background(), f)
	for len(l.heard) > 0 {
		told = append(told, <-l.heard)
	}
	return told
}
