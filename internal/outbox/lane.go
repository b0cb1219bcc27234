package outbox

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
)

// lane is posts that go one after the other. The first one is on its way.
type lane struct {
	*recipient
	place *list.Element // among the recipient's lanes
	posts []Post        // the outbox's mu guards it
	// pushed is closed when the post of a lane of one gave way to others, which
	// it does not while it is being tried; the outbox's mu guards trying.
	pushed chan struct{}
	trying bool
	// failures counts tries in a row that failed but may succeed later, over
	// all posts of the lane: a receiver that is down is not asked more often
	// for having more posts.
	failures int
}

// errPushed reports a post that gave way to others.
var errPushed = errors.New("it gave way to others")

// run posts what is in the lane until nothing is left.
func (b *Outbox) run(l *lane) {
	for {
		b.mu.Lock()
		p := l.posts[0]
		b.mu.Unlock()
		status, err := b.deliver(l, p)
		if errors.Is(err, errPushed) {
			return // it was settled by who pushed it
		}
		if !b.settle(l, p, status, err) {
			return
		}
	}
}

// deliver tries a post until it is taken or given up.
func (b *Outbox) deliver(l *lane, p Post) (status int, err error) {
	for try := 0; ; try++ {
		last := !b.pause(l)
		taken, err := b.enter(l)
		if err != nil {
			return status, err
		}
		var again bool
		var wish time.Duration
		status, wish, again, err = b.try(l.url, p)
		l.tried(again, min(wish, b.o.MaxBackoff))
		b.clearTrying(l)
		taken.leave()
		if err == nil || !again {
			l.failures = 0
			return status, err
		}
		l.failures++
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

// pause waits as long as earlier failures and the receiver's wish ask for, or
// until the post is pushed out. It returns false when the outbox is being
// closed, and the coming try is the last one for it.
func (b *Outbox) pause(l *lane) (open bool) {
	var pause time.Duration
	if l.failures > 0 {
		pause = backoff(b.o.Backoff, b.o.MaxBackoff, l.failures)
	}
	for pause = max(pause, l.quietFor()); pause > 0; pause = l.quietFor() {
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
			continue
		case <-l.pushed:
			timer.Stop()
			return true
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

// enter waits for places among the posts that are on their way to the host, to
// be given back with [places.leave]. The errors are [ErrClosed] and errPushed.
func (b *Outbox) enter(l *lane) (taken places, err error) {
	wanted := places{l.host.slots}
	if l.fails() {
		wanted = places{l.host.doubtful, l.host.slots}
	}
	for _, place := range wanted {
		select {
		case place <- struct{}{}:
			taken = append(taken, place)
		case <-l.pushed:
			taken.leave()
			return nil, errPushed
		case <-b.ctx.Done():
			taken.leave()
			return nil, ErrClosed
		}
	}
	if !b.setTrying(l) {
		taken.leave()
		return nil, errPushed
	}
	if err := l.host.pace.Wait(b.ctx); err != nil {
		taken.leave()
		return nil, ErrClosed
	}
	return taken, nil
}

// places are what a post has while it is on its way.
type places []chan struct{}

func (p places) leave() {
	for _, place := range p {
		<-place
	}
}

// setTrying keeps a post from being pushed out; false when it was already.
func (b *Outbox) setTrying(l *lane) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-l.pushed:
		return false
	default:
		l.trying = true
		return true
	}
}

func (b *Outbox) clearTrying(l *lane) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.trying = false
}

// settle takes the first post out of a lane, counts and tells what became of it,
// and tells whether there are more.
func (b *Outbox) settle(l *lane, p Post, status int, err error) (more bool) {
	b.mu.Lock()
	b.count(l.recipient, p, -1)
	if err == nil {
		b.stats.Delivered++
	} else {
		b.stats.GivenUp++
	}
	l.posts[0] = Post{}
	l.posts = l.posts[1:]
	if more = len(l.posts) > 0; !more {
		l.lanes.Remove(l.place)
		l.forget()
	}
	b.mu.Unlock()
	if err != nil {
		b.o.logGivenUp(l.host, p, status, err)
	}
	if p.Done != nil {
		p.Done(status, err)
	}
	return more
}

// logGivenUp says that a post was given up: aloud once in a while, for a
// receiver may refuse everything that it gets.
func (o Options) logGivenUp(h *host, p Post, status int, err error) {
	level, posts := slog.LevelDebug, 1
	if n, ok := h.givenUp.now(); ok {
		level, posts = slog.LevelWarn, n
	}
	o.Log.Log(context.Background(), level, "a post was given up",
		"host", h.name, "from", p.From, "status", status, "posts", posts, "error", err)
}
