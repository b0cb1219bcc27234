package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rookery/grid/circuit"
	"rookery/grid/message"
)

// progress is what a waiter thinks of the world after a message.
type progress uint8

const (
	waiting  progress = iota // not what it waits for
	advanced                 // a part of it; the quiet time starts again
	complete
)

// A check looks at a message after the agent has taken it in, with a.mu held.
// It may read the session but must not call the agent's methods. From and m
// are nil when something other than a message changed the session.
type check func(from *region, m message.Message) progress

// waiter is somebody waiting for the session to come to a state, or for
// messages to come.
type waiter struct {
	check    check
	advanced chan struct{} // one token
	complete chan struct{} // closed
}

// expect registers a check. It is called at once with nils, so that a state
// that is there already is seen. Called with a.mu held.
func (s *session) expect(c check) *waiter {
	w := &waiter{check: c, advanced: make(chan struct{}, 1), complete: make(chan struct{})}
	if c(nil, nil) == complete {
		close(w.complete)
		return w
	}
	s.waiters = append(s.waiters, w)
	return w
}

// notify shows a change to all waiters. Called with a.mu held.
func (s *session) notify(from *region, m message.Message) {
	if len(s.waiters) == 0 {
		return
	}
	kept := s.waiters[:0]
	for _, w := range s.waiters {
		switch w.check(from, m) {
		case complete:
			close(w.complete)
			continue
		case advanced:
			select {
			case w.advanced <- struct{}{}:
			default:
			}
		case waiting:
		}
		kept = append(kept, w)
	}
	clear(s.waiters[len(kept):])
	s.waiters = kept
}

func (s *session) forget(w *waiter) {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	for i, other := range s.waiters {
		if other == w {
			s.waiters = append(s.waiters[:i], s.waiters[i+1:]...)
			return
		}
	}
}

// await waits until w is complete, or, when quiet is not 0, until it was
// advanced at least once and then not again for that long. It gives up when the
// session ends and with ctx; after limit when ctx has no deadline of its own.
func (s *session) await(ctx context.Context, w *waiter, limit, quiet time.Duration) error {
	defer s.forget(w)
	var deadline <-chan time.Time
	if _, bounded := ctx.Deadline(); !bounded {
		t := time.NewTimer(limit)
		defer t.Stop()
		deadline = t.C
	}
	var silence *time.Timer
	var silent <-chan time.Time
	for {
		select {
		case <-w.complete:
			return nil
		case <-w.advanced:
			if quiet > 0 && silence == nil {
				silence = time.NewTimer(quiet)
				silent = silence.C
				defer silence.Stop()
			} else if silence != nil {
				silence.Reset(quiet)
			}
		case <-silent:
			return nil
		case <-deadline:
			return ErrTimeout
		case <-ctx.Done():
			return waitError(ctx)
		case <-s.done:
			return ErrOffline
		}
	}
}

// waitError turns the end of a context into an error of this package, which
// wraps both.
func waitError(ctx context.Context) error {
	err := ctx.Err()
	if context.Cause(ctx) != err {
		return fmt.Errorf("%w: %w", err, context.Cause(ctx))
	}
	if err == context.DeadlineExceeded {
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return err
}

// online returns the session when the agent stands in a region.
func (a *Agent) online() (*session, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil || a.state != Online {
		return nil, ErrOffline
	}
	return a.session, nil
}

// ask sends messages to the current region and waits for c to be satisfied;
// see await. The check is in place before the first message is sent.
func (a *Agent) ask(ctx context.Context, quiet time.Duration, c check, messages ...message.Message) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	a.mu.Lock()
	w, to := s.expect(c), s.root.circuit
	a.mu.Unlock()
	for _, m := range messages {
		if err := to.SendReliable(m); err != nil {
			s.forget(w)
			return sendError(m, err)
		}
	}
	return s.await(ctx, w, a.timeouts.Load().service, quiet)
}

// tell sends messages to the current region, reliably.
func (a *Agent) tell(ctx context.Context, messages ...message.Message) error {
	if err := ctx.Err(); err != nil {
		return waitError(ctx)
	}
	s, err := a.online()
	if err != nil {
		return err
	}
	a.mu.Lock()
	to := s.root.circuit
	a.mu.Unlock()
	for _, m := range messages {
		if err := to.SendReliable(m); err != nil {
			return sendError(m, err)
		}
	}
	return nil
}

// confirm sends a message to the current region and returns when the region has
// acknowledged it: for what the grid never answers.
func (a *Agent) confirm(ctx context.Context, m message.Message) error {
	if err := ctx.Err(); err != nil {
		return waitError(ctx)
	}
	s, err := a.online()
	if err != nil {
		return err
	}
	a.mu.Lock()
	to := s.root.circuit
	a.mu.Unlock()
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, a.timeouts.Load().service)
		defer cancel()
	}
	err = to.SendWait(ctx, m)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = waitError(ctx)
	case errors.Is(err, circuit.ErrGivenUp):
		err = fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return sendError(m, err)
}

func sendError(m message.Message, err error) error {
	return fmt.Errorf("send %s: %w", m.Info().Name, err)
}

// outgoing is a message that a handler wants sent once a.mu is free.
type outgoing struct {
	to       *circuit.Circuit
	m        message.Message
	reliable bool
}

// reply queues a reliable message to the region r. Called with a.mu held.
func (s *session) reply(r *region, m message.Message) {
	s.outbox = append(s.outbox, outgoing{r.circuit, m, true})
}

// flush takes the queued messages. Called with a.mu held; what it returns is
// sent without.
func (s *session) flush() []outgoing {
	out := s.outbox
	s.outbox = nil
	return out
}

func (s *session) post(out []outgoing) {
	for _, o := range out {
		var err error
		if o.reliable {
			err = o.to.SendReliable(o.m)
		} else {
			err = o.to.Send(o.m)
		}
		if err != nil {
			s.log.Debug("message not sent", "message", o.m.Info().Name, "error", err)
		}
	}
}
