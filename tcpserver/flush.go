package tcpserver

import (
	"runtime"
	"sync"
	"time"
)

type writeResult uint8

const (
	writeDrained writeResult = iota // nothing is left to write
	writeYield                      // the budget is used up
	writeFull                       // the socket takes no more for now
	writeFailed
)

// flushPool writes the queues of connections that have become ready, with at
// most one goroutine for each processor and none while there is nothing to do.
type flushPool struct {
	mu      sync.Mutex
	ready   []*Conn
	head    int
	workers int
}

const flushChunk = 16

// schedule hands connections over whose writing side the caller owns.
func (p *flushPool) schedule(conns ...*Conn) {
	if len(conns) == 0 {
		return
	}
	s := conns[0].srv
	p.mu.Lock()
	p.ready = append(p.ready, conns...)
	start := p.workers < runtime.GOMAXPROCS(0) && p.workers*flushChunk < len(p.ready)-p.head
	if start {
		p.workers++
	}
	p.mu.Unlock()
	if start {
		s.spawn(p.work)
	}
}

func (p *flushPool) work() {
	var batch [flushChunk]*Conn
	for {
		p.mu.Lock()
		n := copy(batch[:], p.ready[p.head:])
		if n == 0 {
			p.workers--
			p.ready, p.head = p.ready[:0], 0
			if cap(p.ready) > 4096 {
				p.ready = nil
			}
			p.mu.Unlock()
			return
		}
		clear(p.ready[p.head : p.head+n])
		p.head += n
		if p.head > 1024 && p.head > len(p.ready)/2 {
			left := copy(p.ready, p.ready[p.head:])
			clear(p.ready[left:])
			p.ready, p.head = p.ready[:left], 0
		}
		p.mu.Unlock()
		for i, c := range batch[:n] {
			batch[i] = nil
			c.afterWrite(c.writeSome(gatherSize * 4))
		}
	}
}

// writeSome writes what is queued until the queue is empty, the socket full or
// the budget used up. The caller owns the writing side and calls afterWrite
// with the result.
func (c *Conn) writeSome(budget int) writeResult {
	c.wr = writeSide{budget: budget, result: writeFailed}
	if err := c.raw.Write(c.writeFn); err != nil {
		c.wr.err = err
		return writeFailed
	}
	return c.wr.result
}

// writeReady is called by the runtime with the socket; false means to wait
// until the socket takes data.
func (c *Conn) writeReady(fd uintptr) bool {
	w := &c.wr
	if len(w.direct) > 0 {
		w.writeDirect(fd)
		return true
	}
	side := c.tls.Load()
	for {
		b, state := c.nextWrite(side)
		if state == writeYield && b == nil {
			w.result = writeYield
			return true
		}
		if b == nil {
			w.result = state
			return true
		}
		n, err := sysWrite(fd, b)
		if n > 0 {
			w.n = n
			w.budget -= n
			c.touch()
			if side != nil {
				side.consume(n)
			}
		}
		if err == nil {
			continue
		}
		c.account(side)
		if wouldBlock(err) {
			w.result = writeFull
			return !w.waiting
		}
		w.err = err
		w.result = writeFailed
		return true
	}
}

// writeDirect writes the bytes of a Send that waits.
func (w *writeSide) writeDirect(fd uintptr) {
	for len(w.direct) > 0 {
		n, err := sysWrite(fd, w.direct)
		w.direct = w.direct[n:]
		switch {
		case err == nil:
		case wouldBlock(err):
			w.result = writeFull
			return
		default:
			w.result, w.err = writeFailed, err
			return
		}
	}
	w.result = writeDrained
}

// nextWrite accounts for the last write and returns the bytes of the next one,
// or nil and why there is none.
func (c *Conn) nextWrite(side *tlsSide) ([]byte, writeResult) {
	c.mu.Lock()
	c.accountLocked(side)
	if c.state == stateDead {
		c.mu.Unlock()
		return nil, writeDrained
	}
	if c.wr.budget <= 0 && !c.wr.waiting {
		c.mu.Unlock()
		return nil, writeYield
	}
	if side != nil {
		c.mu.Unlock()
		return c.nextSecret(side)
	}
	b := c.peekLocked(gatherSize)
	c.mu.Unlock()
	return b, writeDrained
}

// peekLocked returns the next plain bytes, called with mu held.
func (c *Conn) peekLocked(limit int) []byte {
	if c.q == nil {
		return nil
	}
	if c.upgrading {
		limit = min(limit, c.barrier)
	}
	if limit == 0 {
		return nil
	}
	return c.q.peek(limit)
}

func (c *Conn) account(side *tlsSide) {
	c.mu.Lock()
	c.accountLocked(side)
	c.mu.Unlock()
}

func (c *Conn) accountLocked(side *tlsSide) {
	n := c.wr.n
	if n == 0 {
		if side == nil && c.q != nil {
			c.q.landed()
		}
		return
	}
	c.wr.n = 0
	c.sent += uint64(n)
	if side != nil {
		if !side.empty() {
			return
		}
		c.firmSent += uint64(side.firm)
		side.firm = 0
	} else {
		if c.upgrading {
			c.barrier -= n
		}
		c.firmSent += uint64(c.q.advance(n))
	}
	c.cond.Broadcast()
	c.checkRoom()
}

// checkRoom tells ReadyToSend when half of the queue is free again.
func (c *Conn) checkRoom() {
	if !c.wantReady || c.state != stateOpen || c.q.bytes > c.queueSize/2 {
		return
	}
	c.wantReady = false
	c.postLocked(c.tellReady)
}

// nextSecret encrypts the next bytes of the queue unless some are still to be
// written.
func (c *Conn) nextSecret(side *tlsSide) ([]byte, writeResult) {
	if b := side.unsent(); len(b) > 0 {
		return b, writeDrained
	}
	c.mu.Lock()
	b := c.peekLocked(secretBatch)
	c.mu.Unlock()
	if len(b) == 0 {
		return nil, writeDrained
	}
	if _, err := side.conn.Write(b); err != nil {
		c.wr.err = &Error{Code: 283, Text: errorTexts[283], Err: err}
		return nil, writeFailed
	}
	c.mu.Lock()
	side.firm += c.q.advance(len(b))
	c.mu.Unlock()
	return side.unsent(), writeDrained
}

// afterWrite is called by the owner of the writing side and gives it up or
// hands it on.
func (c *Conn) afterWrite(result writeResult) {
	switch result {
	case writeDrained:
		c.settle()
	case writeYield:
		c.srv.flush.schedule(c)
	case writeFull:
		c.mu.Lock()
		c.writing = writeBlocked
		c.mu.Unlock()
		c.srv.spawn(c.writeLater)
	case writeFailed:
		err := c.wr.err
		c.mu.Lock()
		c.dieLocked(wrap("", err))
		c.releaseLocked()
		c.mu.Unlock()
		c.hangUp()
	}
}

// writeLater waits until the socket takes data again and writes on.
func (c *Conn) writeLater() {
	c.wr = writeSide{result: writeFailed, waiting: true}
	if err := c.raw.Write(c.writeFn); err != nil {
		c.wr.err = err
		c.wr.result = writeFailed
	}
	c.afterWrite(c.wr.result)
}

// settle gives up the writing side when nothing is left to write.
func (c *Conn) settle() {
	side := c.tls.Load()
	c.mu.Lock()
	if c.state == stateDead {
		c.releaseLocked()
		c.mu.Unlock()
		return
	}
	held := c.upgrading && c.barrier == 0
	if c.q != nil && c.q.bytes > 0 && !held || side != nil && !side.empty() {
		c.mu.Unlock()
		c.srv.flush.schedule(c)
		return
	}
	if c.state == stateClosing && !c.halfDone {
		if side != nil && !side.closed {
			side.closed = true
			c.mu.Unlock()
			_ = side.conn.CloseWrite() // puts close_notify among what is to be written
			c.afterWrite(c.writeSome(gatherSize))
			return
		}
		c.halfDone = true
		c.mu.Unlock()
		_ = c.nc.CloseWrite()
		c.setReadDeadline(c.opt.lingerTimeout)
		c.mu.Lock()
	}
	c.releaseLocked()
	c.mu.Unlock()
}

// releaseLocked gives up the writing side, with mu held.
func (c *Conn) releaseLocked() {
	c.writing = writeIdle
	if c.q != nil && (c.q.bytes == 0 || c.state == stateDead) {
		c.q.recycle()
		c.q = nil
		c.dropping = false
	}
	c.cond.Broadcast()
}

func (c *Conn) setReadDeadline(d time.Duration) {
	if d <= 0 {
		_ = c.nc.SetReadDeadline(time.Time{})
		return
	}
	_ = c.nc.SetReadDeadline(time.Now().Add(d))
}
