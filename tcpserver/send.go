package tcpserver

import (
	"context"
	"time"
)

// Send sends bytes to the client; the caller may reuse them afterwards.
//
// With a Timeout of 0 it never blocks: it accepts what the send queue has room
// for. When that is not all it returns error 135, and BytesSent tells how much
// was accepted; after a Send that accepted nothing the ReadyToSend event tells
// when there is room again. With a Timeout it waits until everything is handed
// to the system, and returns error 10060 when nothing moved for that long; what
// is queued by then is still sent when the client reads again.
func (c *Conn) Send(data []byte) error {
	c.mu.Lock()
	if timeout := c.timeout; timeout > 0 {
		c.mu.Unlock()
		return c.sendWait(context.Background(), data, timeout)
	}
	err := c.sendNow(data)
	c.mu.Unlock()
	return err
}

// SendBytes is Send.
func (c *Conn) SendBytes(data []byte) error { return c.Send(data) }

// Write is Send as an io.Writer.
func (c *Conn) Write(data []byte) (int, error) {
	if err := c.Send(data); err != nil {
		return c.BytesSent(), err
	}
	return len(data), nil
}

// SendWait sends bytes and waits until everything is handed to the system or
// ctx ends, whatever Timeout says.
func (c *Conn) SendWait(ctx context.Context, data []byte) error {
	return c.sendWait(ctx, data, 0)
}

// SendText sends text in the server's code page; see Send. Text with a
// character that the page does not have is error 10022.
func (c *Conn) SendText(text string) error {
	if c.opt.page == nil {
		return c.sendString(text, "")
	}
	b, err := c.opt.page.Encode(text)
	if err != nil {
		return &Error{Code: 10022, Text: "send text", Err: err}
	}
	return c.Send(b)
}

// SendLine sends text in the server's code page, followed by CR LF; see Send.
func (c *Conn) SendLine(text string) error {
	if c.opt.page == nil {
		return c.sendString(text, "\r\n")
	}
	b, err := c.opt.page.Encode(text)
	if err != nil {
		return &Error{Code: 10022, Text: "send line", Err: err}
	}
	return c.Send(append(b, '\r', '\n'))
}

func (c *Conn) sendString(text, end string) error {
	buf := getBuffer(len(text) + len(end))
	defer putBuffer(buf)
	*buf = append(append(*buf, text...), end...)
	return c.Send(*buf)
}

// Text converts received bytes from the server's code page to UTF-8.
func (c *Conn) Text(received []byte) string {
	if c.opt.page == nil {
		return string(received)
	}
	text, err := c.opt.page.Decode(received)
	if err != nil {
		return string(received)
	}
	return text
}

// Enqueue queues one message without waiting and without copying it: the bytes
// must not change afterwards, and the same bytes may be given to any number of
// connections. The message is sent as a whole or not at all. When the send
// queue is full the queue policy decides; a message that is dropped is error
// 10055. The first drop since the queue was last empty is also told by an
// Error event.
func (c *Conn) Enqueue(message []byte) error {
	own, err := c.enqueue(message)
	if own {
		c.srv.flush.schedule(c)
	}
	return err
}

// Broadcast queues one message for every connection as Enqueue does and
// returns how many took it.
func (s *Server) Broadcast(message []byte) int { return s.Multicast(message, s.list()) }

// Multicast queues one message for some connections as Enqueue does and
// returns how many took it.
func (s *Server) Multicast(message []byte, to []*Conn) int {
	var (
		took  int
		ready [128]*Conn
		n     int
	)
	for _, c := range to {
		own, err := c.enqueue(message)
		if err == nil {
			took++
		}
		if own {
			ready[n] = c
			if n++; n == len(ready) {
				s.flush.schedule(ready[:]...)
				n = 0
			}
		}
	}
	s.flush.schedule(ready[:n]...)
	return took
}

// enqueue reports whether the caller has become the owner of the writing side.
func (c *Conn) enqueue(message []byte) (own bool, err error) {
	c.mu.Lock()
	if c.state != stateOpen {
		c.mu.Unlock()
		return false, ErrNotConnected
	}
	if len(message) == 0 {
		c.mu.Unlock()
		return false, nil
	}
	if c.q == nil {
		c.q = outQueues.Get().(*outQueue)
	}
	if c.q.bytes+len(message) > c.queueSize {
		if err := c.makeRoom(len(message)); err != nil {
			c.mu.Unlock()
			return false, err
		}
		if c.state != stateOpen {
			c.mu.Unlock()
			c.hangUp()
			return false, ErrNotConnected
		}
	}
	c.q.push(queueItem{b: message, kind: itemShared})
	own = c.takeWriting()
	c.mu.Unlock()
	return own, nil
}

// takeWriting is called with mu held; true makes the caller the owner of the
// writing side.
func (c *Conn) takeWriting() bool {
	if c.writing != writeIdle || c.hold || c.upgrading && c.barrier == 0 {
		return false
	}
	c.writing = writeBusy
	return true
}

// makeRoom applies the queue policy with mu held.
func (c *Conn) makeRoom(n int) error {
	full := ErrNoBufferSpace
	if !c.dropping {
		c.dropping = true
		full = ErrNoBufferSpace.because("send queue full: %d of %d bytes", c.q.bytes, c.queueSize)
		c.postLocked(func() { c.tellError(full) })
	}
	switch c.policy {
	case DropOldest:
		if c.upgrading || n > c.queueSize {
			break
		}
		c.dropped += uint64(c.q.dropOldest(c.q.bytes + n - c.queueSize))
		if c.q.bytes+n <= c.queueSize {
			return nil
		}
	case DisconnectSlow:
		c.dropped++
		c.hard = true
		c.dieLocked(full)
		return nil
	}
	c.dropped++
	return full
}

// sendNow accepts what there is room for, and remembers how much; with mu held.
func (c *Conn) sendNow(data []byte) error {
	c.bytesSent = 0
	if c.state != stateOpen {
		return ErrNotConnected
	}
	if len(data) == 0 {
		return nil
	}
	secret := c.tls.Load() != nil
	if c.q == nil && !c.corked.Load() && (!secret || len(data) <= secretBatch) && c.takeWriting() {
		return c.sendDirect(data)
	}
	if c.q == nil {
		c.q = outQueues.Get().(*outQueue)
	}
	n := min(len(data), c.queueSize-c.q.bytes)
	if n <= 0 {
		c.wantReady = true
		return ErrWouldBlock
	}
	c.q.pushCopy(data[:n])
	c.firmQueued += uint64(n)
	c.bytesSent = n
	if c.takeWriting() {
		c.srv.flush.schedule(c)
	}
	if n < len(data) {
		return ErrWouldBlock
	}
	return nil
}

// sendDirect writes data from where it is, for nothing waits before it, and
// queues a copy of what the socket does not take. It is called with mu held by
// the owner of the writing side.
func (c *Conn) sendDirect(data []byte) error {
	side := c.tls.Load()
	if side != nil {
		c.firmQueued += uint64(len(data))
	}
	c.mu.Unlock()
	c.wr = writeSide{result: writeFailed, direct: data, budget: gatherSize * 4}
	var err error
	if side != nil {
		// Once it is encrypted the connection has taken all of it.
		if _, err = side.conn.Write(data); err != nil {
			err = &Error{Code: 283, Text: errorTexts[283], Err: err}
		}
		side.firm += len(data)
		c.wr.direct = side.unsent()
	}
	size := len(c.wr.direct)
	if err == nil {
		err = c.raw.Write(c.writeFn)
	}
	if err != nil {
		c.wr.result, c.wr.err = writeFailed, err
	}
	result, left := c.wr.result, c.wr.direct
	c.wr.direct = nil
	gone := size - len(left)
	if side != nil {
		side.consume(gone)
		left = nil
	}
	c.mu.Lock()
	if result == writeFailed || c.state == stateDead {
		c.mu.Unlock()
		c.afterWrite(result)
		c.mu.Lock()
		return ErrNotConnected
	}
	kept := min(len(left), c.queueSize)
	c.bytesSent = len(data) - len(left) + kept
	c.sent += uint64(gone)
	c.touch()
	switch {
	case side == nil:
		c.firmQueued += uint64(c.bytesSent)
		c.firmSent += uint64(gone)
	case side.empty():
		c.firmSent += uint64(side.firm)
		side.firm = 0
	}
	if kept > 0 {
		if c.q == nil {
			c.q = outQueues.Get().(*outQueue)
		}
		c.q.pushFront(left[:kept])
	}
	if result == writeDrained && c.q == nil && c.state == stateOpen && (side == nil || side.empty()) {
		c.writing = writeIdle
		c.cond.Broadcast()
	} else {
		c.mu.Unlock()
		c.afterWrite(result)
		c.mu.Lock()
	}
	if kept < len(left) {
		return ErrWouldBlock
	}
	return nil
}

// sendWait queues data piece by piece and waits until it is gone. idle bounds
// the time without progress; 0 means no bound but ctx.
func (c *Conn) sendWait(ctx context.Context, data []byte, idle time.Duration) error {
	c.mu.Lock()
	c.bytesSent = 0
	wait := c.newWait(ctx, idle)
	defer wait.stop()
	for len(data) > 0 {
		if c.state != stateOpen {
			c.mu.Unlock()
			return ErrNotConnected
		}
		if c.q == nil {
			c.q = outQueues.Get().(*outQueue)
		}
		if n := min(len(data), c.queueSize-c.q.bytes); n > 0 {
			c.q.pushCopy(data[:n])
			c.firmQueued += uint64(n)
			data = data[n:]
			if c.takeWriting() {
				c.mu.Unlock()
				c.afterWrite(c.writeSome(gatherSize * 4))
				c.mu.Lock()
			}
			continue
		}
		if err := wait.wait(); err != nil {
			c.mu.Unlock()
			return err
		}
	}
	target := c.firmQueued
	for c.firmSent < target {
		if c.state == stateDead {
			c.mu.Unlock()
			return ErrNotConnected
		}
		if err := wait.wait(); err != nil {
			c.mu.Unlock()
			return err
		}
	}
	c.mu.Unlock()
	return nil
}
