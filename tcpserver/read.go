package tcpserver

import (
	"errors"
	"io"
	"os"
	"time"
)

// readLoop runs for the life of a connection. It waits without a buffer until
// something arrives.
func (c *Conn) readLoop() {
	for {
		switch c.mayRead() {
		case readOver:
			c.finish()
			return
		case readAnew:
			c.srv.spawn(c.readLoop)
			return
		}
		if c.in.again {
			c.in.again = false
			c.deliver(nil) // what was held back when reading was paused
			continue
		}
		err := c.raw.Read(c.readFn)
		if c.in.idle {
			c.in.idle = false
			continue
		}
		if buf := c.in.buf; buf != nil {
			c.in.buf = nil
			c.touch()
			c.deliver(*buf)
			putBuffer(buf)
		}
		if err == nil {
			err = c.in.err
		}
		if err != nil {
			c.in.err = nil
			if errors.Is(err, os.ErrDeadlineExceeded) {
				_ = c.nc.SetReadDeadline(time.Time{})
				continue // woken: mayRead knows why
			}
			if c.in.again {
				continue // crypto/tls tells the end with the last bytes, and then again
			}
			c.inputEnded(err)
		}
	}
}

// readReady is called by the runtime with the socket; false means to wait
// until something arrives.
func (c *Conn) readReady(fd uintptr) bool {
	if c.stop.Load() {
		c.in.idle = true
		return true
	}
	buf := getBuffer(readBuffer)
	b := (*buf)[:cap(*buf)]
	var (
		n   int
		err error
	)
	if side := c.tls.Load(); side != nil {
		n, err = side.read(fd, b)
	} else {
		n, err = sysRead(fd, b)
	}
	if n > 0 {
		*buf = b[:n]
		c.in.buf = buf
	} else {
		putBuffer(buf)
	}
	if err != nil && wouldBlock(err) {
		if n > 0 {
			return true
		}
		c.flushAlerts()
		return false
	}
	c.in.err = err
	return true
}

type readVerdict uint8

const (
	readOn   readVerdict = iota
	readAnew             // in a new goroutine
	readOver
)

// mayRead waits while reading is paused and does what else the reading
// goroutine is needed for.
func (c *Conn) mayRead() readVerdict {
	if !c.stop.Load() {
		return readOn
	}
	c.mu.Lock()
	for {
		switch {
		case c.state >= stateClosing:
			c.mu.Unlock()
			return readOver
		case c.upgrading:
			c.mu.Unlock()
			c.upgrade()
			c.mu.Lock()
		case c.paused:
			c.cond.Wait()
		case c.dozing:
			c.dozing = false
			c.updateStop()
			c.mu.Unlock()
			return readAnew
		default:
			c.updateStop()
			c.mu.Unlock()
			return readOn
		}
	}
}

// inputEnded is told once that nothing more will come from the client.
func (c *Conn) inputEnded(err error) {
	if errors.Is(err, io.EOF) {
		c.in.ended = true
		c.deliverRest()
		c.dataEnd()
		c.mu.Lock()
		if c.state == stateOpen {
			c.state = stateClosing
			c.updateStop()
		}
		c.mu.Unlock()
		return
	}
	c.deliverRest()
	e := wrap("", err)
	if c.tls.Load() != nil && e.Code == 10022 {
		e = &Error{Code: 284, Text: errorTexts[284], Err: err}
	}
	c.abort(e)
}

// dataEnd tells that nothing more will come, unless the connection is being
// closed from here already.
func (c *Conn) dataEnd() {
	if c.opt.events.DataEnd == nil || !c.Connected() {
		return
	}
	c.events.Lock()
	defer c.events.Unlock()
	c.call("DataEnd", func() { c.opt.events.DataEnd(c) })
}

// deliver cuts the input into pieces and calls DataIn for each.
func (c *Conn) deliver(chunk []byte) {
	in := &c.in
	if in.rest != nil {
		*in.rest = append(*in.rest, chunk...)
		chunk = *in.rest
	}
	left, halted := c.pieces(chunk)
	c.keep(left)
	in.again = halted
}

// keep holds what is not delivered until more comes. left is the tail of the
// bytes that were received, or of what was held already.
func (c *Conn) keep(left []byte) {
	in := &c.in
	switch {
	case len(left) == 0:
		if in.rest != nil {
			putBuffer(in.rest)
			in.rest = nil
		}
	case in.rest == nil:
		in.rest = getBuffer(len(left))
		*in.rest = append(*in.rest, left...)
	default:
		n := copy(*in.rest, left)
		*in.rest = (*in.rest)[:n]
	}
	c.held.Store(int64(len(left)))
}

// pieces calls DataIn until the input is used up or the connection must be
// looked at, and returns what is left. halted is set in the second case: whole
// pieces may be left, whatever the connection is like when somebody asks next.
func (c *Conn) pieces(in []byte) (left []byte, halted bool) {
	c.stackGrows()
	c.events.Lock()
	defer c.events.Unlock()
	defer c.corked.Store(false)
	if !c.opt.manual {
		defer c.recoverEvent("DataIn")
	}
	split := &c.in.split
	for len(in) > 0 {
		if c.stop.Load() {
			return in, true
		}
		f := c.framing.Load()
		if f != c.in.framing {
			c.in.framing = f
			split.reset()
		}
		piece, eol, rest, ok := split.next(f, in)
		if !ok {
			return rest, false
		}
		c.corked.Store(len(rest) > 0)
		in = rest
		if c.opt.events.DataIn == nil {
			continue
		}
		if c.opt.manual {
			c.call("DataIn", func() { c.opt.events.DataIn(c, piece, eol) })
			continue
		}
		c.opt.events.DataIn(c, piece, eol)
	}
	return in, false
}

// deliverRest delivers a line or record that the end of the input cut short.
func (c *Conn) deliverRest() {
	if c.in.rest == nil || c.stop.Load() {
		return
	}
	rest := c.in.rest
	c.in.rest = nil
	c.events.Lock()
	defer c.events.Unlock()
	if c.opt.events.DataIn != nil {
		c.call("DataIn", func() { c.opt.events.DataIn(c, *rest, false) })
	}
	putBuffer(rest)
}
