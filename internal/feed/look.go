package feed

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"rookery/internal/fetch"
)

const (
	// atOnce is how many feeds are looked at at the same time, one of each host.
	atOnce = 4
	// longestPause bounds the pause after failures, longestWish what a host may
	// wish for.
	longestPause = time.Hour
	longestWish  = 24 * time.Hour
	// lookAround is the longest time between two looks at the clock, which may
	// be set meanwhile.
	lookAround = 30 * time.Second
)

// accept is what documents are wanted.
const accept = "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, " +
	"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"

// document is what a look at a feed found.
type document struct {
	unchanged      bool // since the memory that was looked with
	etag, modified string
	items          []Item
}

// failure says why a look found nothing; it is an [ErrInvalid].
type failure struct {
	error
	// host tells that the host is to blame, not the feed; wish is how long it
	// wants to be left alone.
	host bool
	wish time.Duration
}

func (f failure) Is(target error) bool { return target == ErrInvalid }
func (f failure) Unwrap() error        { return f.error }

// look asks for a feed, unless it is as it was remembered. Its error is a
// [failure].
func (b *Book) look(ctx context.Context, url string, known memory) (document, error) {
	limits := b.limits.Load()
	ctx, cancel := context.WithTimeout(ctx, limits.Timeout)
	defer cancel()
	header := http.Header{"Accept": {accept}}
	if known.ETag != "" {
		header.Set("If-None-Match", known.ETag)
	}
	if known.Modified != "" {
		header.Set("If-Modified-Since", known.Modified)
	}
	answer, err := b.o.Web.Do(ctx, fetch.Request{URL: url, Header: header, MaxSize: limits.MaxSize})
	if err != nil {
		f := failure{error: err}
		f.host = !errors.Is(err, fetch.ErrURL) && !errors.Is(err, fetch.ErrTooLarge)
		return document{}, f
	}
	switch s := answer.Status; {
	case s == http.StatusNotModified:
		return document{unchanged: true}, nil
	case s == http.StatusRequestTimeout, s == http.StatusTooManyRequests, s >= 500:
		f := failure{error: fmt.Errorf("the server answered %s", answer)}
		f.host, f.wish = true, fetch.RetryAfter(answer.Header)
		return document{}, f
	case s != http.StatusOK:
		return document{}, failure{error: fmt.Errorf("the server answered %s", answer)}
	}
	items, err := parse(ctx, answer.Body)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("it takes too long to read")
	}
	if err != nil {
		return document{}, failure{error: err}
	}
	return document{etag: answer.Header.Get("ETag"), modified: answer.Header.Get("Last-Modified"), items: items}, nil
}

// watcher looks at feeds when it is time.
type watcher struct {
	*Book
	looks sync.WaitGroup
	under int // looks under way; guarded by mu
}

// Start looks at the feeds from now on, and hands every new item to tell, once
// for each group that subscribed, until stop is called. Tell must not block for
// long. The first looks come in the second half of the interval, when those who
// want to hear had time to come back. Stop returns when nothing is told any
// more.
func (b *Book) Start(tell func(News)) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watcher{Book: b}
	b.mu.Lock()
	b.tell = tell
	interval := b.limits.Load().Interval
	for _, f := range b.feeds {
		f.next = b.o.Now().Add(interval/2 + rand.N(interval/2+1))
	}
	b.mu.Unlock()
	w.looks.Go(func() { w.run(ctx) })
	return func() {
		b.mu.Lock()
		b.tell = nil
		b.mu.Unlock()
		cancel()
		w.looks.Wait()
	}
}

func (w *watcher) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.changed:
		case <-timer.C:
		}
		timer.Reset(w.begin(ctx))
	}
}

// begin begins the looks that are due and returns the time until the next one
// is.
func (w *watcher) begin(ctx context.Context) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.o.Now()
	pause := lookAround
	for _, f := range w.waiting() {
		switch due := f.due(); {
		case due.After(now):
			return min(pause, due.Sub(now))
		case w.under == atOnce:
			return pause // the end of a look wakes
		case f.host.busy:
		case !w.heard(f):
			f.next = w.later(w.limits.Load().Interval)
			pause = min(pause, f.next.Sub(now))
		default:
			f.looking, f.host.busy = true, true
			w.under++
			w.looks.Go(func() { w.see(ctx, f) })
		}
	}
	return pause
}

// due is when to look at the feed.
func (f *watched) due() time.Time {
	if f.host.until.After(f.next) {
		return f.host.until
	}
	return f.next
}

// waiting lists the feeds that nobody looks at, the next one first. The caller
// holds mu.
func (b *Book) waiting() []*watched {
	var list []*watched
	for _, f := range b.feeds {
		if !f.looking {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(x, y *watched) int { return x.due().Compare(y.due()) })
	return list
}

// heard tells whether any group may hear of a feed. The caller holds mu.
func (b *Book) heard(f *watched) bool {
	for group := range f.names {
		if b.listens(group) {
			return true
		}
	}
	return false
}

// see looks at a feed, tells what is new and sets the time of the next look.
func (w *watcher) see(ctx context.Context, f *watched) {
	w.mu.Lock()
	known := f.memory
	w.mu.Unlock()
	found, err := w.look(ctx, f.url, known)

	w.mu.Lock()
	defer w.mu.Unlock()
	f.looking, f.host.busy = false, false
	w.under--
	defer w.wake()
	if ctx.Err() != nil || w.feeds[f.url] != f {
		return
	}
	if err != nil {
		w.rest(f, err)
		return
	}
	w.recovered(f)
	f.next = w.later(w.limits.Load().Interval)
	if found.unchanged {
		return
	}
	if err := w.takeIn(context.WithoutCancel(ctx), f, found, burst); err != nil {
		w.o.Log.Error("news are told, but may be told again after a restart", "host", f.host.name, "error", err)
	}
}

// rest leaves a feed, or all of its host, alone for a while: twice as long each
// time, or as long as the host wishes. The caller holds mu.
func (b *Book) rest(f *watched, err error) {
	interval := b.limits.Load().Interval
	failures := &f.failures
	why, _ := errors.AsType[failure](err)
	if why.host {
		failures = &f.host.failures
	}
	*failures++
	pause := interval
	for range *failures {
		if pause < longestPause {
			pause = min(2*pause, max(longestPause, interval))
		}
	}
	pause = max(pause, min(why.wish, longestWish))
	f.next = b.later(pause)
	if why.host {
		f.host.until = f.next
	}
	level := b.o.Log.Debug
	if *failures == 1 {
		level = b.o.Log.Warn
	}
	level("a feed cannot be read", "host", f.host.name, "names", f.called(), "again", f.next, "error", why.error)
}

// recovered notes that a feed, and so its host, can be read. The caller holds
// mu.
func (b *Book) recovered(f *watched) {
	if f.failures > 0 || f.host.failures > 0 {
		b.o.Log.Info("a feed can be read again", "host", f.host.name, "names", f.called())
	}
	f.failures, f.host.failures, f.host.until = 0, 0, time.Time{}
}

// called lists what groups call the feed.
func (f *watched) called() []string {
	var names []string
	for _, name := range f.names {
		names = append(names, name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// later is about this much from now: feeds that came together drift apart.
func (b *Book) later(pause time.Duration) time.Time {
	return b.o.Now().Add(pause + rand.N(pause/10+1))
}
