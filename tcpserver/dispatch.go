package tcpserver

import (
	"context"
	"fmt"
	"sync"
)

// call runs an event while c.events is held, and survives its panic.
func (c *Conn) call(name string, f func()) {
	if c.opt.manual {
		c.srv.manual.do(func() {
			defer c.recoverEvent(name)
			f()
		})
		return
	}
	defer c.recoverEvent(name)
	f()
}

// recoverEvent is deferred around events.
func (c *Conn) recoverEvent(name string) {
	p := recover()
	if p == nil {
		return
	}
	e := &Error{Code: 10053, Text: fmt.Sprintf("panic in the %s event: %v", name, p)}
	if err, ok := p.(error); ok {
		e.Err = err
	}
	if f := c.opt.events.Error; f != nil && name != "Error" {
		func() {
			defer func() { _ = recover() }() // a panic in the Error event has nowhere left to go
			f(c, e.Code, e.Text)
		}()
	}
	c.abort(e)
}

// tell runs an event in the reading goroutine.
func (c *Conn) tell(name string, f func()) {
	c.events.Lock()
	defer c.events.Unlock()
	c.runPending() // what was posted earlier comes first
	c.call(name, f)
}

// post has an event run that does not arise in the reading goroutine.
func (c *Conn) post(f func()) {
	c.mu.Lock()
	c.postLocked(f)
	c.mu.Unlock()
}

func (c *Conn) postLocked(f func()) {
	if c.finished || len(c.pending) >= maxPending {
		return
	}
	c.pending = append(c.pending, f)
	if !c.draining {
		c.draining = true
		c.srv.spawn(c.deliverPending)
	}
}

// maxPending bounds the events of one connection that wait for a slow handler.
const maxPending = 1024

func (c *Conn) deliverPending() {
	c.events.Lock()
	defer c.events.Unlock()
	c.runPending()
}

// runPending runs the posted events, with c.events held.
func (c *Conn) runPending() {
	for {
		c.mu.Lock()
		todo := c.pending
		c.pending = nil
		if len(todo) == 0 {
			c.draining = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		for _, f := range todo {
			f()
		}
	}
}

// The tell… functions below are for postLocked and run with c.events held.

func (c *Conn) tellError(e *Error) {
	if f := c.opt.events.Error; f != nil {
		c.call("Error", func() { f(c, e.Code, e.describe()) })
	}
}

func (c *Conn) tellReady() {
	if f := c.opt.events.ReadyToSend; f != nil {
		c.call("ReadyToSend", func() { f(c) })
	}
}

func (c *Conn) tellStatus(message string) {
	if f := c.opt.events.SSLStatus; f != nil {
		c.call("SSLStatus", func() { f(c, message) })
	}
}

// mailbox delivers the events that concern no connection, one after another.
type mailbox struct {
	mu      sync.Mutex
	pending []func()
	running bool
}

func (s *Server) report(opt *options, e *Error) {
	f := opt.events.Error
	if f == nil {
		return
	}
	b := &s.box
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.pending) >= maxPending {
		return
	}
	b.pending = append(b.pending, func() { s.callServer(opt, func() { f(nil, e.Code, e.describe()) }) })
	if !b.running {
		b.running = true
		s.spawn(b.run)
	}
}

func (b *mailbox) run() {
	for {
		b.mu.Lock()
		todo := b.pending
		b.pending = nil
		if len(todo) == 0 {
			b.running = false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		for _, f := range todo {
			f()
		}
	}
}

// callServer runs an event that concerns no connection, or none yet, and
// reports whether it returned.
func (s *Server) callServer(opt *options, f func()) (returned bool) {
	guarded := func() {
		defer func() {
			if p := recover(); p != nil {
				returned = false
			}
		}()
		f()
		returned = true
	}
	if opt.manual {
		s.manual.do(guarded)
	} else {
		guarded()
	}
	return returned
}

// manualQueue holds the events of a server with ManualEvents until DoEvents
// runs them.
type manualQueue struct {
	mu    sync.Mutex
	items []manualEvent
	wake  chan struct{}
}

type manualEvent struct {
	run  func()
	done chan struct{}
}

func (q *manualQueue) signal() chan struct{} {
	if q.wake == nil {
		q.wake = make(chan struct{}, 1)
	}
	return q.wake
}

// do queues an event and waits until it has run.
func (q *manualQueue) do(f func()) {
	ev := manualEvent{run: f, done: make(chan struct{})}
	q.mu.Lock()
	q.items = append(q.items, ev)
	select {
	case q.signal() <- struct{}{}:
	default:
	}
	q.mu.Unlock()
	<-ev.done
}

// runAll runs what is queued and reports whether there was anything.
func (q *manualQueue) runAll() bool {
	q.mu.Lock()
	todo := q.items
	q.items = nil
	q.mu.Unlock()
	for _, ev := range todo {
		ev.run()
		close(ev.done)
	}
	return len(todo) > 0
}

// DoEvents runs the events that wait, when ManualEvents is set. When there are
// none it waits for the first one. It returns the context's error when ctx ends
// before any event came. Without ManualEvents nothing ever waits, so it
// returns when ctx ends.
func (s *Server) DoEvents(ctx context.Context) error {
	q := &s.manual
	for {
		if q.runAll() {
			return nil
		}
		q.mu.Lock()
		wake := q.signal()
		q.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
