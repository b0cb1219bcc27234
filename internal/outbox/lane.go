package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// host is what the posts to one host share.
type host struct {
	name string
	// held counts posts that wait or are on their way; the outbox's mu guards it.
	held  int
	slots chan struct{}
	pace  *rate.Limiter

	mu sync.Mutex
	// quiet is until when the host wants to be left alone.
	quiet time.Time
}

// idle tells whether forgetting the host would forget nothing that matters.
func (h *host) idle() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.held == 0 && !time.Now().Before(h.quiet) && h.pace.Tokens() >= float64(h.pace.Burst())
}

// leaveAlone puts off every post to the host.
func (h *host) leaveAlone(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if until := time.Now().Add(d); until.After(h.quiet) {
		h.quiet = until
	}
}

func (h *host) quietFor() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Until(h.quiet)
}

// lane is posts that go one after the other. The first one is on its way.
type lane struct {
	url   *url.URL
	host  *host
	posts []Post // the outbox's mu guards it
	// failures counts tries in a row that failed but may succeed later, over
	// all posts of the lane: a receiver that is down is not asked more often
	// for having more posts.
	failures int
}

// run posts what is in the lane until nothing is left.
func (b *Outbox) run(l *lane) {
	for {
		b.mu.Lock()
		p := l.posts[0]
		b.mu.Unlock()
		status, err := b.deliver(l, p)
		b.settle(l.host, p, status, err)
		b.mu.Lock()
		l.posts[0] = Post{}
		l.posts = l.posts[1:]
		if len(l.posts) == 0 {
			if b.lanes[p.URL] == l {
				delete(b.lanes, p.URL)
			}
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
	}
}

// deliver tries a post until it is taken or given up.
func (b *Outbox) deliver(l *lane, p Post) (status int, err error) {
	for try := 0; ; try++ {
		last := !b.pause(l)
		if err := b.enter(l.host); err != nil {
			return status, err
		}
		var again bool
		var wish time.Duration
		status, wish, again, err = b.try(l.url, p)
		<-l.host.slots
		if err == nil || !again {
			l.failures = 0
			return status, err
		}
		l.failures++
		if wish > 0 {
			l.host.leaveAlone(min(wish, b.o.MaxBackoff))
		}
		switch {
		case b.ctx.Err() != nil:
			return status, fmt.Errorf("%w: %w", ErrClosed, err)
		case try >= b.o.Retries || last:
			return status, fmt.Errorf("after %d tries: %w", try+1, err)
		}
		b.o.Log.Debug("a post is tried again later", "host", l.host.name, "from", p.From, "status", status, "error", err)
		b.mu.Lock()
		b.stats.Retried++
		b.mu.Unlock()
	}
}

// pause waits as long as earlier failures and the host's wish ask for. It
// returns false when the outbox is being closed, and the coming try is the
// last one for it.
func (b *Outbox) pause(l *lane) (open bool) {
	var pause time.Duration
	if l.failures > 0 {
		pause = backoff(b.o.Backoff, b.o.MaxBackoff, l.failures)
	}
	for pause = max(pause, l.host.quietFor()); pause > 0; pause = l.host.quietFor() {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-b.closing:
			timer.Stop()
			return false
		}
	}
	select {
	case <-b.closing:
		return false
	default:
		return true
	}
}

// backoff is the pause after some failures in a row: twice as long after each,
// and somewhere between the half and the whole of it, so that posts which
// failed together do not come back together.
func backoff(first, most time.Duration, failures int) time.Duration {
	d := most
	if failures < 32 && first < most>>(failures-1) {
		d = first << (failures - 1)
	}
	return d/2 + rand.N(d/2+1)
}

// enter waits for a place among the posts that are on their way to a host.
func (b *Outbox) enter(h *host) error {
	select {
	case h.slots <- struct{}{}:
	case <-b.ctx.Done():
		return ErrClosed
	}
	if err := h.pace.Wait(b.ctx); err != nil {
		<-h.slots
		return ErrClosed
	}
	return nil
}

// dropLog says that posts are dropped without saying it for each of them.
type dropLog struct {
	mu      sync.Mutex
	next    time.Time
	dropped int // since the last line
}

const dropLogEvery = 5 * time.Second

func (d *dropLog) note(log *slog.Logger, host, from string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dropped++
	if now := time.Now(); now.After(d.next) {
		log.Log(context.Background(), slog.LevelWarn, "posts are dropped: too many wait", "host", host, "from", from, "dropped", d.dropped)
		d.next, d.dropped = now.Add(dropLogEvery), 0
	}
}
