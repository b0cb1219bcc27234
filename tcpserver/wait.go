package tcpserver

import (
	"context"
	"time"
)

// waiter waits on a connection's condition with a context and a bound on the
// time without progress.
type waiter struct {
	c     *Conn
	ctx   context.Context
	idle  time.Duration
	timer *time.Timer
	unctx func() bool
	sent  uint64
	until time.Time
}

// newWait is called with mu held; so is wait.
func (c *Conn) newWait(ctx context.Context, idle time.Duration) *waiter {
	w := &waiter{c: c, ctx: ctx, idle: idle, sent: c.sent}
	if idle > 0 {
		w.until = time.Now().Add(idle)
	}
	return w
}

func (w *waiter) wait() error {
	c := w.c
	if err := w.ctx.Err(); err != nil {
		return &Error{Code: 10060, Text: "send", Err: err}
	}
	if c.sent != w.sent {
		w.sent = c.sent
		if w.idle > 0 {
			w.until = time.Now().Add(w.idle)
			if w.timer != nil {
				w.timer.Reset(w.idle)
			}
		}
	}
	if w.idle > 0 && !time.Now().Before(w.until) {
		return ErrTimedOut.because("send: nothing moved for %v", w.idle)
	}
	wake := func() {
		c.mu.Lock()
		c.cond.Broadcast()
		c.mu.Unlock()
	}
	if w.idle > 0 && w.timer == nil {
		w.timer = time.AfterFunc(w.idle, wake)
	}
	if w.unctx == nil && w.ctx.Done() != nil {
		w.unctx = context.AfterFunc(w.ctx, wake)
	}
	c.cond.Wait()
	return nil
}

func (w *waiter) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
	if w.unctx != nil {
		w.unctx()
	}
}
