package caps

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"rookery/grid/llsd"
)

// ErrClosed means that the region closed the event queue: the agent has left,
// or the region went down.
var ErrClosed = errors.New("the event queue is closed")

// How a Poller waits.
const (
	// pollTimeout is longer than any grid holds a poll (20 to 60 seconds).
	pollTimeout = 2 * time.Minute
	doneTimeout = 500 * time.Millisecond
	// A region that answers "nothing yet" sooner than quickAnswer again and
	// again is not holding polls, and is asked less often.
	quickAnswer    = time.Second
	minPollBackoff = 250 * time.Millisecond
	maxPollBackoff = 15 * time.Second
	maxPollErrors  = 10
	// recentIDs is how many batches back a resent one is recognised.
	recentIDs = 8
)

// A Poller receives a region's events. The fields are set before Run.
type Poller struct {
	Client *Client // nil means a zero Client
	URL    string  // of the capability EventQueueGet
	// Handle is called for every event, in order, from Run's goroutine.
	Handle func(Event)
	// MinBackoff and MaxBackoff bound the waits after errors; 0 means 250 ms
	// and 15 s.
	MinBackoff, MaxBackoff time.Duration
	// MaxErrors is how many polls in a row may fail before Run gives up;
	// 0 means 10.
	MaxErrors int

	ack    any
	recent []int32
}

// Run polls until ctx ends, whose cause it returns; until the region closes
// the queue, for which it returns ErrClosed; or until polls keep failing. It
// may be called again to poll on.
func (p *Poller) Run(ctx context.Context) error {
	failures, quick := 0, 0
	for {
		began := time.Now()
		b, err := p.poll(ctx, false, pollTimeout)
		if ctx.Err() != nil {
			p.finish(ctx)
			return context.Cause(ctx)
		}
		var wait time.Duration
		switch {
		case err == nil:
			failures, quick = 0, 0
			p.deliver(b)
			continue
		case errors.Is(err, ErrClosed):
			return err
		case errors.Is(err, errNothing):
			failures = 0
			if time.Since(began) >= quickAnswer {
				quick = 0
				continue
			}
			quick++
			wait = p.backoff(quick, 0)
		default:
			if failures++; failures >= p.maxErrors() {
				return fmt.Errorf("event queue: %d polls in a row failed: %w", failures, err)
			}
			var status *StatusError
			var asked time.Duration
			if errors.As(err, &status) {
				asked = status.RetryAfter
			}
			wait = p.backoff(failures, asked)
			p.client().log().Debug("event queue poll failed", "err", err, "retry_in", wait)
		}
		if err := sleep(ctx, wait); err != nil {
			p.finish(ctx)
			return err
		}
	}
}

func (p *Poller) client() *Client {
	if p.Client != nil {
		return p.Client
	}
	return &Client{}
}

func (p *Poller) maxErrors() int {
	if p.MaxErrors > 0 {
		return p.MaxErrors
	}
	return maxPollErrors
}

func (p *Poller) backoff(n int, asked time.Duration) time.Duration {
	if asked > 0 {
		return asked
	}
	wait, most := p.MinBackoff, p.MaxBackoff
	if wait <= 0 {
		wait = minPollBackoff
	}
	if most <= 0 {
		most = max(maxPollBackoff, wait)
	}
	for range n - 1 {
		if wait *= 2; wait >= most {
			wait = most
			break
		}
	}
	return wait*3/4 + rand.N(wait/2+1)
}

// errNothing is the answer of a poll that nothing happened in.
var errNothing = errors.New("nothing yet")

// poll makes one poll. It neither retries nor waits by itself.
func (p *Poller) poll(ctx context.Context, done bool, timeout time.Duration) (batch, error) {
	c := *p.client()
	c.Retries, c.Timeout = -1, timeout
	v, err := c.Post(ctx, p.URL, map[string]any{"ack": p.ack, "done": done})
	if err != nil {
		return batch{}, pollError(err)
	}
	b, ok := parseBatch(v)
	if !ok {
		return batch{}, errNothing
	}
	return b, nil
}

// pollError sorts out the answers that are no errors.
func pollError(err error) error {
	var netErr net.Error
	if errors.As(err, &netErr) && netErr.Timeout() {
		return errNothing
	}
	var status *StatusError
	if !errors.As(err, &status) {
		return err
	}
	switch status.Status {
	case http.StatusNotFound, http.StatusGone:
		return ErrClosed
	case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusRequestTimeout, 499:
		return errNothing
	case http.StatusInternalServerError:
		// Second Life's proxy wraps its own timeout in a 500.
		if strings.Contains(status.Text, "Proxy Error") {
			return errNothing
		}
	}
	return err
}

// deliver hands on a batch once, however often the region sends it.
func (p *Poller) deliver(b batch) {
	p.ack = b.ID
	if b.ID != nil {
		id := llsd.Int(b.ID)
		if slices.Contains(p.recent, id) {
			return
		}
		p.recent = append(p.recent, id)
		if len(p.recent) > recentIDs {
			p.recent = p.recent[1:]
		}
	}
	for _, e := range b.Events {
		p.Handle(e)
	}
}

// finish tells the region that nobody polls any more. The answer does not
// matter, and OpenSimulator holds even this poll.
func (p *Poller) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), doneTimeout)
	defer cancel()
	_, _ = p.poll(ctx, true, doneTimeout)
}
