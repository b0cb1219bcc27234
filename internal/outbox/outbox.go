// Package outbox posts texts to URLs that scripts name.
//
// A post is handed in and forgotten: [Outbox.Send] never waits. Each post is
// tried again, with growing and jittered pauses, when the network fails or the
// receiver answers 408, 429 or a status from 500; Retry-After is honoured.
// Hosts have queues of their own, so one that hangs delays nobody else's posts.
// The URLs of one host share its queue: when it is full the URL that most waits
// for gives way to those that less waits for, and URLs that fail leave one of
// the host's places to those that do not. What no longer fits is dropped, logged
// and counted.
//
// # Where posts may go
//
// Only http and https, and only where the policy ([reach.Policy]) lets them go.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"rookery/internal/reach"
	"rookery/script"
)

// Errors of [Outbox.Send].
var (
	ErrFull   = errors.New("too much waits to be posted")
	ErrClosed = errors.New("the outbox is closed")
)

// Options say how an [Outbox] works.
type Options struct {
	// UserAgent is what receivers are told: "Rookery/1.0".
	UserAgent string
	// Queue is how many posts may wait for one host, those on their way
	// included. All hosts together may have ten times as many, and 64 MiB.
	// 0 means 100.
	Queue int
	// InOrder posts to one URL one after the other, as they were handed in;
	// one that has to be tried again holds up those behind it. Otherwise they
	// go side by side.
	InOrder bool
	// PerHost is how many posts are on their way to one host at a time. 0
	// means 4.
	PerHost int
	// Rate is how many posts a second may be begun to one host, in bursts of
	// as many. 0 means no limit.
	Rate int
	// Timeout bounds each try, redirections included. 0 means 30 s.
	Timeout time.Duration
	// Retries is how often a post is tried again.
	Retries int
	// Backoff is the pause before the first retry; each following one is twice
	// as long, up to MaxBackoff, which bounds Retry-After too. 0 means 1 s and
	// 60 s.
	Backoff, MaxBackoff time.Duration
	// Reach is where posts may go; nil means the public Internet.
	Reach *reach.Policy
	// Log receives what was given up or dropped. URLs are logged without what
	// follows the host: it often is a secret. Nil: discarded.
	Log *slog.Logger
}

// Post is one text for one URL.
type Post struct {
	URL string
	// ContentType of the body, such as "text/plain; charset=utf-8".
	ContentType string
	// Body is not changed by the outbox, and must not be changed after it was
	// handed in. Posts may share it.
	Body []byte
	// From names whose post it is, for the log.
	From string
	// Done, if not nil, is told what became of a post that was accepted: the
	// last status, 0 when there was no answer. It must not block.
	Done func(status int, err error)
}

// ContentType is that of texts which passed these output filters: form data
// when the last one is RFC1738.
func ContentType(output script.Filters) string {
	if output.FormEncoded() {
		return "application/x-www-form-urlencoded; charset=utf-8"
	}
	return "text/plain; charset=utf-8"
}

// maxBytes bounds the bodies that wait, all together.
const maxBytes = 64 << 20

// Outbox posts. Make it with [New]; its methods may be called from any
// goroutine.
type Outbox struct {
	o      Options
	client *http.Client

	// ctx ends when the outbox gives up what is left; closing is closed
	// before that, when nothing new is taken.
	ctx     context.Context
	cancel  context.CancelFunc
	closing chan struct{}
	running sync.WaitGroup

	mu     sync.Mutex
	closed bool
	hosts  map[string]*host
	load   // of all that waits or is on its way
	stats  Stats
}

// Stats count posts since the outbox was made.
type Stats struct {
	Waiting   int    // now, those on their way included
	Delivered uint64 // answered with a status below 400
	Retried   uint64 // tries after the first one
	GivenUp   uint64 // refused, or tried too often
	Dropped   uint64 // did not fit, or gave way to others
}

// New returns an outbox. It must be closed.
func New(o Options) *Outbox {
	if o.Queue <= 0 {
		o.Queue = 100
	}
	if o.PerHost <= 0 {
		o.PerHost = 4
	}
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Backoff <= 0 {
		o.Backoff = time.Second
	}
	if o.MaxBackoff <= 0 {
		o.MaxBackoff = time.Minute
	}
	if o.Reach == nil {
		o.Reach = reach.NewPolicy()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Outbox{
		o:       o,
		closing: make(chan struct{}),
		hosts:   make(map[string]*host),
	}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	b.client = newClient(o.Reach, o.PerHost)
	return b
}

// Check tells whether a text is a URL that posts may go to, as far as that can
// be seen from it: absolute, http or https, and no private address that is not
// allowed. The error says what is wrong and what is allowed.
func (b *Outbox) Check(text string) error {
	_, err := b.o.Reach.ParseURL(text)
	return err
}

// Send hands in a post. It fails with [ErrFull] when too many wait already,
// with [ErrClosed], and with what [Outbox.Check] says of the URL.
func (b *Outbox) Send(p Post) error {
	u, err := b.o.Reach.ParseURL(p.URL)
	if err != nil {
		return err
	}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return ErrClosed
	}
	r := b.recipient(p.URL, u)
	pushed, err := b.makeRoom(r, len(p.Body))
	if err == nil {
		b.begin(r, p)
	} else {
		b.drop(r, p)
	}
	b.mu.Unlock()
	for _, out := range pushed {
		if out.Done != nil {
			out.Done(0, ErrFull)
		}
	}
	return err
}

// begin takes in a post for which there is room. The caller holds mu.
func (b *Outbox) begin(r *recipient, p Post) {
	b.count(r, p, 1)
	if b.o.InOrder && r.lanes.Len() > 0 {
		l := r.lanes.Front().Value.(*lane)
		l.posts = append(l.posts, p)
		return
	}
	l := &lane{recipient: r, posts: []Post{p}, pushed: make(chan struct{})}
	l.place = r.lanes.PushBack(l)
	b.running.Go(func() { b.run(l) })
}

// count adds a post to what is held, or with -1 takes it away. The caller holds
// mu.
func (b *Outbox) count(r *recipient, p Post, n int) {
	for _, l := range []*load{&b.load, &r.host.load, &r.load} {
		l.posts += n
		l.bytes += n * len(p.Body)
	}
}

// drop counts and logs a post that has no place. The caller holds mu.
func (b *Outbox) drop(r *recipient, p Post) {
	b.stats.Dropped++
	if n, ok := r.host.dropped.now(); ok {
		b.o.Log.Warn("posts are dropped: too many wait", "host", r.host.name, "from", p.From, "dropped", n)
	}
}

// Stats returns the counts at this moment.
func (b *Outbox) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	s.Waiting = b.posts
	return s
}

// Close takes nothing new and returns when all that waits was posted or given
// up. What waits for a retry is tried once more at once. When ctx ends the
// rest is given up, and the error says how many posts that were.
func (b *Outbox) Close(ctx context.Context) error {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.closing)
	}
	b.mu.Unlock()
	drained := make(chan struct{})
	go func() {
		b.running.Wait()
		close(drained)
	}()
	var left int
	select {
	case <-drained:
	case <-ctx.Done():
		left = b.Stats().Waiting
		b.cancel()
		<-drained
	}
	b.cancel()
	b.client.CloseIdleConnections()
	if left > 0 {
		return fmt.Errorf("%d posts were given up: %w", left, ctx.Err())
	}
	return nil
}
