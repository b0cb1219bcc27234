package outbox

import (
	"container/list"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// load is posts that wait or are on their way. The outbox's mu guards it.
type load struct{ posts, bytes int }

// host is what the posts to one host share.
type host struct {
	name string
	load
	recipients map[string]*recipient // by URL; the outbox's mu guards it
	// slots are the places of posts that are on their way, doubtful those that
	// URLs which fail may have of them.
	slots, doubtful chan struct{}
	pace            *rate.Limiter

	dropped, givenUp rarely
}

// recipient is what the posts to one URL share.
type recipient struct {
	text string // the URL as it was written
	url  *url.URL
	host *host
	load
	// lanes are of *lane, the oldest first: one in order, or one for each post.
	// The outbox's mu guards it.
	lanes list.List

	mu sync.Mutex
	// failing tells that the last try failed and may succeed later.
	failing bool
	// quiet is until when the receiver wants to be left alone.
	quiet time.Time
}

// tried notes what became of a try, and how long the receiver wants to be left
// alone.
func (r *recipient) tried(failed bool, wish time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing = failed
	if until := time.Now().Add(wish); until.After(r.quiet) {
		r.quiet = until
	}
}

func (r *recipient) quietFor() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Until(r.quiet)
}

func (r *recipient) fails() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failing
}

// tidy forgets receivers that there is nothing to know of. The caller holds the
// outbox's mu.
func (h *host) tidy() {
	for _, r := range h.recipients {
		r.forget()
	}
}

// forget lets go of a receiver unless there is something to know of it. The
// caller holds the outbox's mu.
func (r *recipient) forget() {
	if r.posts == 0 && r.quietFor() <= 0 {
		delete(r.host.recipients, r.text)
	}
}

// idle tells whether forgetting the host would forget nothing that matters. The
// caller holds the outbox's mu.
func (h *host) idle() bool {
	h.tidy()
	return len(h.recipients) == 0 && h.pace.Tokens() >= float64(h.pace.Burst())
}

// many is from how many hosts, and URLs of a host, on those that nothing waits
// for are forgotten.
const many = 1000

// recipient finds what is known of a URL. The caller holds mu.
func (b *Outbox) recipient(text string, u *url.URL) *recipient {
	h := b.host(hostOf(u))
	r := h.recipients[text]
	if r == nil {
		if len(h.recipients) >= many {
			h.tidy()
		}
		r = &recipient{text: text, url: u, host: h}
		h.recipients[text] = r
	}
	return r
}

// host finds what is known of a host. The caller holds mu.
func (b *Outbox) host(name string) *host {
	if h := b.hosts[name]; h != nil {
		return h
	}
	if len(b.hosts) >= many {
		for name, h := range b.hosts {
			if h.idle() {
				delete(b.hosts, name)
			}
		}
	}
	limit := rate.Inf
	if b.o.Rate > 0 {
		limit = rate.Limit(b.o.Rate)
	}
	h := &host{
		name:       name,
		recipients: make(map[string]*recipient),
		slots:      make(chan struct{}, b.o.PerHost),
		doubtful:   make(chan struct{}, max(1, b.o.PerHost-1)),
		pace:       rate.NewLimiter(limit, max(b.o.Rate, 1)),
	}
	b.hosts[name] = h
	return h
}

// hostOf is the same text for every way to write a host and a port.
func hostOf(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// makeRoom makes room for a post. Where there is none the newest post of the
// URL that has most waiting gives way, unless the post's own URL would then have
// more: so receivers that hang leave room to their neighbours. It returns the
// posts that gave way, and [ErrFull] when there still is no room. The caller
// holds mu.
func (b *Outbox) makeRoom(r *recipient, size int) (pushed []Post, err error) {
	posts := func(r *recipient) int { return r.posts }
	bytes := func(r *recipient) int { return r.bytes }
	for {
		var victim *recipient
		switch {
		case r.host.posts >= b.o.Queue:
			victim = r.host.greatest(posts, r.posts+1)
		case b.posts >= 10*b.o.Queue:
			victim = b.greatest(posts, r.posts+1)
		case b.bytes+size > maxBytes:
			victim = b.greatest(bytes, r.bytes+size)
		default:
			return pushed, nil
		}
		if victim == nil {
			return pushed, ErrFull
		}
		p, ok := victim.pushOut(b.o.InOrder)
		if !ok {
			return pushed, ErrFull
		}
		b.count(victim, p, -1)
		b.drop(victim, p)
		pushed = append(pushed, p)
	}
}

// greatest finds the URL of the host that has most of something, if that is more
// than least. The caller holds the outbox's mu.
func (h *host) greatest(of func(*recipient) int, least int) *recipient {
	var found *recipient
	for _, r := range h.recipients {
		if n := of(r); n > least {
			found, least = r, n
		}
	}
	return found
}

// greatest finds the URL of any host. The caller holds mu.
func (b *Outbox) greatest(of func(*recipient) int, least int) *recipient {
	var found *recipient
	for _, h := range b.hosts {
		if r := h.greatest(of, least); r != nil {
			found, least = r, of(r)
		}
	}
	return found
}

// pushOut takes out the newest post that is not on its way. The caller holds the
// outbox's mu.
func (r *recipient) pushOut(inOrder bool) (Post, bool) {
	if inOrder {
		l := r.lanes.Front().Value.(*lane)
		last := len(l.posts) - 1
		if last == 0 {
			return Post{}, false
		}
		p := l.posts[last]
		l.posts[last] = Post{}
		l.posts = l.posts[:last]
		return p, true
	}
	for e := r.lanes.Back(); e != nil; e = e.Prev() {
		if l := e.Value.(*lane); !l.trying {
			close(l.pushed)
			r.lanes.Remove(e)
			return l.posts[0], true
		}
	}
	return Post{}, false
}

// rarelyEvery is how often at most something is said.
const rarelyEvery = 5 * time.Second

// rarely says something that happens often, and how often it did, once in a
// while.
type rarely struct {
	mu   sync.Mutex
	next time.Time
	n    int // since it was said
}

// now notes that it happened, and tells whether to say so.
func (r *rarely) now() (n int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	now := time.Now()
	if now.Before(r.next) {
		return 0, false
	}
	n, r.n, r.next = r.n, 0, now.Add(rarelyEvery)
	return n, true
}
