package tcpserver

import (
	"context"
	"io"
	"os"
	"time"
)

// fileChunk is how much of a file is sent before Interrupt and the context are
// looked at again.
const fileChunk = 512 << 10

// SendFile sends a file and returns how many bytes of it were handed to the
// system. What was queued before goes first, what is sent meanwhile comes
// after it. On a plain connection the system copies the file itself
// (sendfile(2)). It ends early when ctx ends or, with error 10004, on
// Interrupt, and with error 10060 when nothing moved for the connection's
// Timeout; the connection lives on.
func (c *Conn) SendFile(ctx context.Context, name string) (int64, error) {
	f, err := os.Open(name)
	if err != nil {
		return 0, wrap("send file", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, wrap("send file", err)
	}
	if !info.Mode().IsRegular() {
		return 0, ErrInvalidArgument.because("send file: %s is not a regular file", name)
	}
	return c.sendFile(ctx, f)
}

func (c *Conn) sendFile(ctx context.Context, f *os.File) (sent int64, err error) {
	timeout, err := c.takeForFile(ctx)
	if err != nil {
		return 0, err
	}
	defer c.fileDone()
	// Interrupt and the end of ctx break a write that is stuck.
	stop := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.sending {
			_ = c.nc.SetWriteDeadline(time.Unix(1, 0))
		}
	})
	defer stop()
	side := c.tls.Load()
	for {
		c.mu.Lock()
		stopped, dead, before := c.stopFile, c.state == stateDead, c.sent
		if !stopped && ctx.Err() == nil {
			deadline := time.Time{}
			if timeout > 0 {
				deadline = time.Now().Add(timeout)
			}
			_ = c.nc.SetWriteDeadline(deadline)
		}
		c.mu.Unlock()
		switch {
		case dead:
			return sent, ErrNotConnected
		case stopped:
			return sent, ErrInterrupted.because("send file: interrupted after %d bytes", sent)
		case ctx.Err() != nil:
			return sent, &Error{Code: 10060, Text: "send file", Err: ctx.Err()}
		}
		n, err := c.sendChunk(side, f)
		sent += n
		switch {
		case err == nil:
		case err == io.EOF:
			return sent, nil
		case codeOf(err) != 10060:
			e := wrap("send file", err)
			c.abort(e)
			return sent, e
		case c.stuckSince(ctx, before):
			return sent, ErrTimedOut.because("send file: nothing moved for %v", timeout)
		}
	}
}

// stuckSince reports whether a write that ran into its deadline moved nothing,
// rather than being broken off on purpose.
func (c *Conn) stuckSince(ctx context.Context, before uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.stopFile && ctx.Err() == nil && c.sent == before
}

func (c *Conn) progressed(n int64) {
	if n == 0 {
		return
	}
	c.touch()
	c.mu.Lock()
	c.sent += uint64(n)
	c.mu.Unlock()
}

// sendChunk sends the next part of a file; io.EOF means that there is none.
func (c *Conn) sendChunk(side *tlsSide, f *os.File) (int64, error) {
	if side == nil {
		n, err := c.nc.ReadFrom(&io.LimitedReader{R: f, N: fileChunk})
		c.progressed(n)
		if n == 0 && err == nil {
			err = io.EOF
		}
		return n, err
	}
	if err := side.drain(); err != nil {
		return 0, err
	}
	buf := getBuffer(secretBatch)
	defer putBuffer(buf)
	n, err := f.Read((*buf)[:secretBatch])
	if err != nil {
		return 0, err
	}
	if _, err := side.conn.Write((*buf)[:n]); err != nil {
		return 0, &Error{Code: 283, Text: errorTexts[283], Err: err}
	}
	return int64(n), side.drain()
}

// takeForFile makes the caller the owner of the writing side once everything
// queued is gone.
func (c *Conn) takeForFile(ctx context.Context) (time.Duration, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wait := c.newWait(ctx, 0)
	defer wait.stop()
	for {
		switch {
		case c.state != stateOpen:
			return 0, ErrNotConnected
		case c.sending:
			return 0, &Error{Code: 10036, Text: "a SendFile is already running on this connection"}
		case c.upgrading:
			return 0, &Error{Code: 10036, Text: "SendFile while TLS is being started"}
		case c.writing == writeIdle && !c.hold:
			c.writing, c.hold, c.sending, c.stopFile = writeBusy, true, true, false
			c.bytesSent = 0
			return c.timeout, nil
		}
		if err := wait.wait(); err != nil {
			return 0, err
		}
	}
}

// fileDone gives the writing side back and sends what was queued meanwhile.
func (c *Conn) fileDone() {
	_ = c.nc.SetWriteDeadline(time.Time{})
	c.mu.Lock()
	c.hold, c.sending = false, false
	c.cond.Broadcast()
	c.mu.Unlock()
	c.afterWrite(c.writeSome(gatherSize))
}

// Interrupt stops a SendFile that runs on the connection without closing it.
// It does nothing when none runs.
func (c *Conn) Interrupt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sending {
		c.stopFile = true
		_ = c.nc.SetWriteDeadline(time.Unix(1, 0))
	}
}

// drain writes what is encrypted, as long as the write deadline allows. What is
// left, which may be part of a TLS record, leaves before anything else.
func (s *tlsSide) drain() error {
	for {
		b := s.unsent()
		if len(b) == 0 {
			return nil
		}
		n, err := s.c.nc.Write(b)
		s.consume(n)
		s.c.progressed(int64(n))
		if err != nil {
			return err
		}
	}
}
