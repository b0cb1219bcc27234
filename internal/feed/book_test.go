package feed

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rookery/internal/access"
)

func TestNewItemsAreToldOnceTheOldestFirst(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	p.publish(rss("old"))
	d := start(t, anywhere(t), Limits{})
	must(t, d.Add(t.Context(), ann.ID, "news", p.URL))
	p.publish(rss("third", "second", "old"))
	d.hears(t, "Ann news: second", "Ann news: third")
	p.await(t, len(p.requests())+3)
	p.publish(rss("fourth", "third"))
	d.hears(t, "Ann news: fourth")
	// What leaves and comes back is not new.
	p.publish(rss("fifth", "old", "second"))
	d.hears(t, "Ann news: fifth")
}

func TestEachGroupHearsItsOwnFeeds(t *testing.T) {
	t.Parallel()
	p, q := newPress(t), newPress(t)
	p.publish(rss("a"))
	q.publish(rss("x"))
	l := byHand(t, anywhere(t), Limits{}, nil)
	must(t, l.Add(t.Context(), ann.ID, "mine", p.URL))
	must(t, l.Add(t.Context(), bob.ID, "his", p.URL))
	must(t, l.Add(t.Context(), bob.ID, "other", q.URL))
	p.publish(rss("b"))
	q.publish(rss("y"))
	before := len(p.requests())
	told := l.look(p.URL)
	slices.Sort(told)
	if diff := cmp.Diff([]string{"Ann mine: b", "Bob his: b"}, told); diff != "" {
		t.Error(diff)
	}
	if n := len(p.requests()) - before; n != 1 {
		t.Errorf("%d requests for two groups", n)
	}
	if diff := cmp.Diff([]string{"Bob other: y"}, l.look(q.URL)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Subscription{{"his", p.URL}, {"other", q.URL}}, l.List(bob.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestAGroupThatComesLaterHearsWhatComesLater(t *testing.T) {
	t.Parallel()
	path := anywhere(t)
	p := newPress(t)
	p.publish(rss("a"))
	l := byHand(t, path, Limits{}, nil)
	must(t, l.Add(t.Context(), ann.ID, "mine", p.URL))
	p.publish(rss("b", "a"))
	// Nobody has looked since, so this is news to the first one only.
	must(t, l.Add(t.Context(), bob.ID, "his", p.URL))
	if got := <-l.heard; got != "Ann mine: b" || len(l.heard) > 0 {
		t.Errorf("told was %q, and %d more", got, len(l.heard))
	}
	l.close()

	l = byHand(t, path, Limits{}, nil)
	if got := l.List(bob.ID); len(got) != 1 {
		t.Errorf("the subscription to a known feed was not kept: %v", got)
	}
	p.publish(rss("c", "b", "a"))
	told := l.look(p.URL)
	slices.Sort(told)
	if diff := cmp.Diff([]string{"Ann mine: c", "Bob his: c"}, told); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsLostOrRepeatedAcrossRestarts(t *testing.T) {
	t.Parallel()
	path := anywhere(t)
	p := newPress(t)
	p.publish(rss("a"))
	d := start(t, path, Limits{})
	must(t, d.Add(t.Context(), ann.ID, "news", p.URL))
	p.publish(rss("b", "a"))
	d.hears(t, "Ann news: b")
	d.close()
	p.publish(rss("d", "c", "b", "a"))

	d = start(t, path, Limits{})
	d.hears(t, "Ann news: c", "Ann news: d")
	p.publish(rss("e", "d", "c", "b", "a"))
	d.hears(t, "Ann news: e")
	must(t, d.Remove(t.Context(), ann.ID, p.URL))
	d.close()

	d = start(t, path, Limits{})
	if got := d.List(ann.ID); len(got) != 0 {
		t.Errorf("what was removed is there: %v", got)
	}
	// Subscribed anew, what is there is not news, whatever was seen before.
	p.publish(rss("f", "e"))
	must(t, d.Add(t.Context(), ann.ID, "again", p.URL))
	p.publish(rss("g", "f"))
	d.hears(t, "Ann again: g")
}

// What cannot be kept is told once by this program, and again by the next one:
// better twice than never.
func TestWhatCouldNotBeRememberedIsToldAgainAfterARestart(t *testing.T) {
	t.Parallel()
	path := anywhere(t)
	p := newPress(t)
	p.publish(rss("a"))
	l := byHand(t, path, Limits{}, nil)
	must(t, l.Add(t.Context(), ann.ID, "news", p.URL))
	must(t, l.store.Close())
	p.publish(rss("b", "a"))
	if diff := cmp.Diff([]string{"Ann news: b"}, l.look(p.URL)); diff != "" {
		t.Error(diff)
	}
	if told := l.look(p.URL); len(told) != 0 {
		t.Errorf("told again: %v", told)
	}
	l.close()
	l = byHand(t, path, Limits{}, nil)
	if diff := cmp.Diff([]string{"Ann news: b"}, l.look(p.URL)); diff != "" {
		t.Error(diff)
	}
}

func TestAnUnchangedFeedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	path := anywhere(t)
	p := newPress(t)
	p.set(rss("a"), `"one"`, nil)
	l := byHand(t, path, Limits{}, nil)
	must(t, l.Add(t.Context(), ann.ID, "news", p.URL))
	if told := l.look(p.URL); len(told) != 0 {
		t.Errorf("%v", told)
	}
	l.close()
	l = byHand(t, path, Limits{}, nil)
	l.look(p.URL)
	for i, h := range p.requests()[1:] {
		if got := h.Get("If-None-Match"); got != `"one"` {
			t.Errorf("request %d: %q", i+1, got)
		}
	}
	p.set(rss("b", "a"), `"two"`, nil)
	if diff := cmp.Diff([]string{"Ann news: b"}, l.look(p.URL)); diff != "" {
		t.Error(diff)
	}
	modified := "Wed, 21 Oct 2015 07:28:00 GMT"
	p.set("", "", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Last-Modified", modified)
		_, _ = io.WriteString(w, rss("b", "a"))
	})
	l.look(p.URL)
	l.look(p.URL)
	all := p.requests()
	if got := all[len(all)-1].Get("If-Modified-Since"); got != modified {
		t.Errorf("asked with %q", got)
	}
}

func TestAFloodOfItemsIsToldBitByBit(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	p.set(rss("old"), `"0"`, nil)
	l := byHand(t, anywhere(t), Limits{}, nil)
	must(t, l.Add(t.Context(), ann.ID, "news", p.URL))
	var titles, want []string
	for i := range 2*burst + 20 {
		titles = append(titles, fmt.Sprint("n", i))
		want = append(want, fmt.Sprint("Ann news: n", i))
	}
	slices.Reverse(titles)
	p.set(rss(titles...), `"1"`, nil)
	var told []string
	for _, n := range []int{burst, burst, 20, 0} {
		got := l.look(p.URL)
		if len(got) != n {
			t.Errorf("%d told at a look, want %d", len(got), n)
		}
		told = append(told, got...)
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

func TestAFeedThatBreaksLosesNothing(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]http.HandlerFunc{
		"cut off":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, rss("b", "a")[:90]) },
		"a page":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html><body>Sorry") },
		"an error":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"not found": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"hangs up":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"too large": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat(rss("z"), 100)) },
		"empty":     func(http.ResponseWriter, *http.Request) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPress(t)
			p.publish(rss("a"))
			l := byHand(t, anywhere(t), Limits{MaxSize: 10000}, nil)
			must(t, l.Add(t.Context(), ann.ID, "news", p.URL))
			p.set("", "", broken)
			for range 3 {
				if told := l.look(p.URL); len(told) != 0 {
					t.Errorf("%v", told)
				}
			}
			if f := l.feeds[p.URL]; f.failures+f.host.failures != 3 {
				t.Errorf("%d failures, %d of the host", f.failures, f.host.failures)
			}
			p.publish(rss("c", "b", "a"))
			if diff := cmp.Diff([]string{"Ann news: b", "Ann news: c"}, l.look(p.URL)); diff != "" {
				t.Error(diff)
			}
			if f := l.feeds[p.URL]; f.failures+f.host.failures != 0 {
				t.Error("it has not recovered")
			}
		})
	}
}

func TestWhatIsNoFeedIsRefused(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	d := start(t, anywhere(t), Limits{MaxSize: 100000})
	release := make(chan struct{})
	defer close(release)
	text := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	for _, tc := range []struct {
		answer http.HandlerFunc
		says   string
	}{
		{text("<html><body>hello</body></html>"), "neither RSS, Atom nor JSON Feed"},
		{text("hello"), "neither RSS, Atom nor JSON Feed"},
		{text(""), "neither RSS, Atom nor JSON Feed"},
		{text(`{"error":"no such feed"}`), "its version is missing"},
		{text(`{"version":`), "cannot be read"},
		{text(rss("a")[:80]), "cannot be read"},
		{text(strings.Repeat(" ", 100001)), "allowed are 100000 bytes"},
		{text(rss(strings.Fields(strings.Repeat("a ", 20))...) + strings.Repeat("<a:b>", 101)), "more than 100"},
		{func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "404 Not Found"},
		{func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "204 No Content"},
		{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.2/", http.StatusFound)
		}, "private address"},
		{func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, "allowed are http and https"},
		{func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ""},
	} {
		p.set("", "", tc.answer)
		if err := d.Add(t.Context(), ann.ID, "news", p.URL); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%v, want it to say %q", err, tc.says)
		}
	}
	p.set("", "", func(http.ResponseWriter, *http.Request) { <-release })
	d.SetLimits(Limits{Timeout: 50 * time.Millisecond})
	if err := d.Add(t.Context(), ann.ID, "news", p.URL); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "not answered in time") {
		t.Errorf("%v", err)
	}
	if err := d.Check("file:///etc/passwd"); err == nil {
		t.Error("files may be asked for")
	}
	if len(d.feeds)+len(d.hosts)+len(d.List(ann.ID)) != 0 {
		t.Errorf("%d feeds are left, of %d hosts", len(d.feeds), len(d.hosts))
	}
}

func TestAGroupHasEachFeedOnceAndNotTooMany(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	p.publish(rss("a"))
	d := start(t, anywhere(t), Limits{Most: 2})
	must(t, d.Add(t.Context(), ann.ID, "one", p.URL+"/1"))
	if err := d.Add(t.Context(), ann.ID, "two", p.URL+"/1"); !errors.Is(err, ErrSubscribed) || !strings.Contains(err.Error(), `"one"`) {
		t.Errorf("%v", err)
	}
	must(t, d.Add(t.Context(), ann.ID, "one", p.URL+"/2"))
	if err := d.Add(t.Context(), ann.ID, "three", p.URL+"/3"); !errors.Is(err, ErrTooMany) || !strings.Contains(err.Error(), "may have 2") {
		t.Errorf("%v", err)
	}
	must(t, d.Add(t.Context(), bob.ID, "three", p.URL+"/3"))
	must(t, d.Remove(t.Context(), ann.ID, p.URL+"/3"))
	must(t, d.Remove(t.Context(), ann.ID, "never there"))
	must(t, d.Remove(t.Context(), ann.ID, p.URL+"/1"))
	must(t, d.Add(t.Context(), ann.ID, "three", p.URL+"/3"))
	if diff := cmp.Diff([]Subscription{{"one", p.URL + "/2"}, {"three", p.URL + "/3"}}, d.List(ann.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeKeptIsNotSubscribed(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	p.publish(rss("a"))
	l := byHand(t, anywhere(t), Limits{}, nil)
	must(t, l.Add(t.Context(), bob.ID, "his", p.URL))
	must(t, l.store.Close())
	for _, u := range []string{p.URL, p.URL + "/new"} {
		if err := l.Add(t.Context(), ann.ID, "news", u); err == nil {
			t.Error("kept in a closed file")
		}
	}
	if err := l.Remove(t.Context(), bob.ID, p.URL); err == nil {
		t.Error("removed in a closed file")
	}
	if len(l.List(ann.ID)) != 0 || len(l.List(bob.ID)) != 1 || len(l.feeds) != 1 {
		t.Errorf("%v, %v", l.List(ann.ID), l.List(bob.ID))
	}
}

func TestAGroupWithoutTheRightIsToldNothing(t *testing.T) {
	t.Parallel()
	for name, groups := range map[string][]access.Group{
		"lost the permission":   {with(ann, func(g *access.Group) { g.Permissions = 0 }), bob},
		"lost the notification": {with(ann, func(g *access.Group) { g.Notifications = nil }), bob},
		"was removed":           {bob},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shared, hers := newPress(t), newPress(t)
			shared.publish(rss("a"))
			hers.publish(rss("a"))
			d := start(t, anywhere(t), Limits{})
			must(t, d.Add(t.Context(), ann.ID, "shared", shared.URL))
			must(t, d.Add(t.Context(), bob.ID, "shared", shared.URL))
			must(t, d.Add(t.Context(), ann.ID, "hers", hers.URL))
			must(t, d.groups.Update(access.Settings{Groups: groups}))
			// One look may still be under way.
			for looking := true; looking; {
				shared.await(t, len(shared.requests())+2)
				d.mu.Lock()
				looking = d.feeds[hers.URL].looking
				d.mu.Unlock()
			}
			before := len(hers.requests())
			shared.publish(rss("b", "a"))
			d.hears(t, "Bob shared: b")
			shared.await(t, len(shared.requests())+5)
			if n := len(hers.requests()); n != before {
				t.Errorf("%d requests for a group that hears nothing", n-before)
			}

			hers.publish(rss("b", "a"))
			must(t, d.groups.Update(access.Settings{Groups: []access.Group{ann, bob}}))
			d.hears(t, "Ann hers: b")
		})
	}
}

func with(g access.Group, change func(*access.Group)) access.Group {
	change(&g)
	return g
}

// Whatever a feed publishes, each item that comes after the subscription is
// told exactly once, as long as it is there for a look.
func TestEachItemIsToldExactlyOnce(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	l := byHand(t, anywhere(t), Limits{}, nil)
	agents := 0
	rapid.Check(t, func(r *rapid.T) {
		agents++
		open := func() {
			l.reopen(t, fmt.Sprint("agent ", agents), Limits{}, nil)
			l.tell = l.hear
		}
		open()
		documents := rapid.SliceOfN(rapid.SliceOfDistinct(rapid.StringMatching(`[a-h]`), func(s string) string { return s }), 1, 8).Draw(r, "documents")
		p.publish(rss(documents[0]...))
		must(t, l.Add(t.Context(), ann.ID, "news", p.URL))
		seen := make(map[string]bool)
		for _, title := range documents[0] {
			seen[title] = true
		}
		for _, titles := range documents[1:] {
			if rapid.Bool().Draw(r, "restart") {
				open()
			}
			p.publish(rss(titles...))
			var want []string
			for _, title := range slices.Backward(titles) {
				if !seen[title] {
					want = append(want, "Ann news: "+title)
				}
				seen[title] = true
			}
			if diff := cmp.Diff(want, l.look(p.URL)); diff != "" {
				r.Fatal(diff)
			}
		}
	})
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	d := open(t, anywhere(t), Limits{}, nil)
	d.tell = func(News) {}
	p.publish(rss())
	must(t, d.Add(t.Context(), ann.ID, "news", p.URL))
	f := d.feeds[p.URL]
	item := func(i int) Item { return Item{ID: hash(fmt.Sprint(i)), Title: fmt.Sprint(i)} }
	for round := range 4 {
		var found document
		for i := range maxItems {
			found.items = append(found.items, item(round*maxItems+i))
		}
		d.mu.Lock()
		must(t, d.takeIn(t.Context(), f, found, maxItems))
		d.mu.Unlock()
		if n := len(f.Seen); n > remembered {
			t.Errorf("%d are remembered", n)
		}
		if last := f.Seen[0]; last != found.items[maxItems-1].ID {
			t.Error("the last one is not the last seen")
		}
	}
	if slices.Contains(f.Seen, item(0).ID) || !slices.Contains(f.Seen, item(2*maxItems).ID) {
		t.Error("the wrong ones are forgotten")
	}
}
