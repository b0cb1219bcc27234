package feed

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"
)

// clock is set by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// wait is the time until a feed is looked at again.
func (l looker) wait(url string) time.Duration { return l.feeds[url].due().Sub(l.o.Now()) }

// near allows for the drift of feeds.
func near(got, want time.Duration) bool { return got >= want && got <= want+want/10 }

func TestAFeedThatFailsIsLeftAloneForLongerAndLonger(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Now()}
	p := newPress(t)
	p.publish(rss("a"))
	l := byHand(t, anywhere(t), Limits{Interval: time.Minute}, c.Now)
	must(t, l.Add(t.Context(), ann.ID, "news", p.URL))
	must(t, l.Add(t.Context(), ann.ID, "more", p.URL+"/more"))
	if got := l.wait(p.URL); !near(got, time.Minute) {
		t.Errorf("%v", got)
	}
	p.set("", "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	for i, want := range []time.Duration{2, 4, 8, 16, 32, 60, 60} {
		l.look(p.URL)
		if got := l.wait(p.URL); !near(got, want*time.Minute) {
			t.Errorf("after %d failures: %v", i+1, got)
		}
		if got := l.wait(p.URL + "/more"); !near(got, time.Minute) {
			t.Errorf("another feed of the host waits %v", got)
		}
	}
	p.publish(rss("a"))
	l.look(p.URL)
	if got := l.wait(p.URL); !near(got, time.Minute) {
		t.Errorf("after it recovered: %v", got)
	}
}

func TestAHostThatFailsIsLeftAloneWithAllItsFeeds(t *testing.T) {
	t.Parallel()
	c := &clock{now: time.Now()}
	p := newPress(t)
	p.publish(rss("a"))
	l := byHand(t, anywhere(t), Limits{Interval: time.Minute}, c.Now)
	must(t, l.Add(t.Context(), ann.ID, "news", p.URL))
	must(t, l.Add(t.Context(), ann.ID, "more", p.URL+"/more"))
	fails := func(status int, retryAfter string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", retryAfter)
			w.WriteHeader(status)
		}
	}
	for _, tc := range []struct {
		status     int
		retryAfter string
		want       time.Duration
	}{
		{http.StatusServiceUnavailable, "", 2 * time.Minute},
		{http.StatusTooManyRequests, "1", 4 * time.Minute},
		{http.StatusTooManyRequests, "7200", 2 * time.Hour},
		{http.StatusBadGateway, strconv.Itoa(99 * 3600), 24 * time.Hour},
	} {
		p.set("", "", fails(tc.status, tc.retryAfter))
		l.look(p.URL)
		for _, u := range []string{p.URL, p.URL + "/more"} {
			if got := l.wait(u); !near(got, tc.want) {
				t.Errorf("%d, Retry-After %q: %s waits %v, want %v", tc.status, tc.retryAfter, u, got, tc.want)
			}
		}
	}
	p.publish(rss("a"))
	l.look(p.URL + "/more")
	if got := l.wait(p.URL + "/more"); !near(got, time.Minute) {
		t.Errorf("after the host recovered: %v", got)
	}
}

func TestAServerThatHangsDelaysNoOtherHost(t *testing.T) {
	t.Parallel()
	hangs, works := newPress(t), newPress(t)
	hangs.publish(rss("a"))
	works.publish(rss("a"))
	d := start(t, anywhere(t), Limits{})
	must(t, d.Add(t.Context(), ann.ID, "hangs", hangs.URL))
	must(t, d.Add(t.Context(), ann.ID, "works", works.URL))
	release := make(chan struct{})
	hangs.set("", "", func(http.ResponseWriter, *http.Request) { <-release })
	hangs.await(t, len(hangs.requests())+1)
	for _, title := range []string{"b", "c", "d"} {
		works.publish(rss(title))
		d.hears(t, "Ann works: "+title)
	}
	// Stopping does not wait for it either.
	d.close()
	close(release)
}

func TestFeedsOfOneHostAreAskedForOneByOne(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	p.publish(rss("a"))
	d := start(t, anywhere(t), Limits{})
	for i := range 5 {
		must(t, d.Add(t.Context(), ann.ID, "news", p.URL+"/"+strconv.Itoa(i)))
	}
	var mu sync.Mutex
	under, seen := 0, make(map[string]int)
	p.set("", "", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		under++
		if seen[r.URL.Path]++; under > 1 {
			t.Errorf("%d at the same time", under)
		}
		mu.Unlock()
		_, _ = w.Write([]byte(rss("a")))
		mu.Lock()
		under--
		mu.Unlock()
	})
	p.await(t, len(p.requests())+50)
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != 5 {
		t.Errorf("asked for were %v", seen)
	}
}

func TestAShorterIntervalCountsAtOnce(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	p.publish(rss("a"))
	d := start(t, anywhere(t), Limits{Interval: time.Hour})
	must(t, d.Add(t.Context(), ann.ID, "news", p.URL))
	p.publish(rss("b", "a"))
	d.SetLimits(Limits{Interval: 10 * time.Millisecond})
	d.hears(t, "Ann news: b")
}

func TestTheFirstLooksAfterAStartGiveListenersTime(t *testing.T) {
	t.Parallel()
	path := anywhere(t)
	p := newPress(t)
	p.publish(rss("a"))
	c := &clock{now: time.Now()}
	l := byHand(t, path, Limits{Interval: time.Minute}, c.Now)
	must(t, l.Add(t.Context(), ann.ID, "news", p.URL))
	l.close()
	l = byHand(t, path, Limits{Interval: time.Minute}, c.Now)
	defer l.Start(l.hear)()
	l.mu.Lock()
	defer l.mu.Unlock()
	if got := l.wait(p.URL); got < 30*time.Second || got > time.Minute {
		t.Errorf("%v", got)
	}
}
