package tcpserver

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// Disconnect closes the connection. With Linger what is queued is delivered
// first; without, the connection is reset and the queue dropped. It returns at
// once; the Disconnected event tells when it is done. DataIn is not called any
// more.
func (c *Conn) Disconnect() error {
	c.mu.Lock()
	if c.state >= stateClosing {
		c.mu.Unlock()
		return ErrNotConnected
	}
	shaking := c.upgrading && c.hold // nothing can be delivered in the middle of a handshake
	if !c.opt.linger || c.state == stateNew || shaking {
		c.hard = !c.opt.linger
		c.dieLocked(nil)
		c.mu.Unlock()
		c.hangUp()
		return nil
	}
	c.state = stateClosing
	c.wakeReader()
	c.mu.Unlock()
	return nil
}

// wakeReader has the reading goroutine look at the state, with mu held: it must
// not set a deadline of its own before this one.
func (c *Conn) wakeReader() {
	c.updateStop()
	c.cond.Broadcast()
	c.setReadDeadline(time.Nanosecond)
}

// abort closes the connection at once, whatever is queued.
func (c *Conn) abort(e *Error) {
	c.mu.Lock()
	c.dieLocked(e)
	c.mu.Unlock()
	c.hangUp()
}

// dieLocked ends the connection's life with mu held; hangUp must follow.
func (c *Conn) dieLocked(e *Error) {
	if c.state == stateDead {
		return
	}
	if c.state != stateClosing {
		c.status = e
	}
	c.state = stateDead
	c.updateStop()
	if c.idleTimer != nil {
		c.idleTimer.Stop()
	}
	c.cond.Broadcast()
}

// hangUp closes the socket of a connection that is dead. It must not run
// inside readReady or writeReady.
func (c *Conn) hangUp() {
	c.mu.Lock()
	hard := c.hard
	c.mu.Unlock()
	if hard {
		_ = c.nc.SetLinger(0)
	}
	_ = c.nc.Close()
}

// finish runs at the end of the reading goroutine: it delivers what is queued,
// closes the socket and tells Disconnected.
func (c *Conn) finish() {
	c.farewell()
	c.mu.Lock()
	c.dieLocked(nil)
	c.mu.Unlock()
	c.hangUp()

	c.mu.Lock()
	for c.writing != writeIdle || c.sending {
		c.cond.Wait() // whoever writes notices that the socket is closed
	}
	c.releaseLocked()
	status := c.status
	c.mu.Unlock()
	if c.in.rest != nil {
		putBuffer(c.in.rest)
		c.in.rest = nil
	}

	c.events.Lock()
	c.runPending()
	c.srv.forget(c)
	if f := c.opt.events.Disconnected; f != nil && c.announced {
		c.call("Disconnected", func() { f(c, status.code(), status.describe()) })
	}
	c.runPending()
	c.mu.Lock()
	c.finished = true
	c.mu.Unlock()
	c.events.Unlock()
}

// farewell delivers the queue, shuts our side down and waits until the client
// shuts its own, as long as anything moves within LingerTimeout. Closing
// earlier could reset the connection under data that the client has not read.
func (c *Conn) farewell() {
	c.mu.Lock()
	if c.state != stateClosing {
		c.mu.Unlock()
		return
	}
	if !c.awaitFile() {
		c.mu.Unlock()
		return
	}
	if own := c.takeWriting(); own {
		c.mu.Unlock()
		c.afterWrite(c.writeSome(gatherSize * 4))
		c.mu.Lock()
	}
	sent := c.sent
	ended := c.in.ended
	c.mu.Unlock()
	for {
		var err error
		if ended {
			err = c.awaitFlush()
		} else {
			c.setReadDeadline(c.opt.lingerTimeout)
			err = c.discard()
			if errors.Is(err, io.EOF) {
				ended = true
				continue
			}
		}
		c.mu.Lock()
		done := c.state == stateDead || ended && c.halfDone
		moved := c.sent != sent
		sent = c.sent
		c.mu.Unlock()
		switch {
		case done:
			return
		case errors.Is(err, os.ErrDeadlineExceeded) && moved:
		case err != nil:
			return
		}
	}
}

// awaitFile waits, with mu held, until a file that is on its way is sent, as
// long as any of it moves within LingerTimeout.
func (c *Conn) awaitFile() bool {
	w := c.newWait(context.Background(), c.opt.lingerTimeout)
	defer w.stop()
	for c.sending && c.state == stateClosing {
		if w.wait() != nil {
			return false
		}
	}
	return true
}

// awaitFlush waits until our side is shut down, at most LingerTimeout.
func (c *Conn) awaitFlush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.newWait(context.Background(), c.opt.lingerTimeout)
	defer w.stop()
	for !c.halfDone && c.state != stateDead {
		if err := w.wait(); err != nil {
			return os.ErrDeadlineExceeded
		}
	}
	return nil
}

// discard reads and forgets until an error.
func (c *Conn) discard() error {
	var fault error
	err := c.raw.Read(func(fd uintptr) bool {
		buf := getBuffer(readBuffer)
		defer putBuffer(buf)
		for {
			if _, fault = sysRead(fd, (*buf)[:cap(*buf)]); fault != nil {
				return !wouldBlock(fault)
			}
		}
	})
	if err != nil {
		return err
	}
	return fault
}

// Reset disconnects everybody at once, stops listening and returns all fields
// but Events to their defaults. It must not be called from an event.
func (s *Server) Reset() error {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	if s.Listening() || s.Len() > 0 {
		if err := s.Shutdown(now); err != nil && s.Len() > 0 {
			return err
		}
	}
	s.fields.Lock()
	defer s.fields.Unlock()
	s.ConnectionBacklog = 0
	s.DefaultEOL = ""
	s.DefaultIdleTimeout = 0
	s.DefaultMaxLineLength = 0
	s.DefaultSingleLineMode = false
	s.DefaultTimeout = 0
	s.KeepAlive = false
	s.Linger = Default
	s.LocalHost = ""
	s.LocalPort = 0
	s.SSLAuthenticateClients = false
	s.SSLCert = nil
	s.SSLEnabled = false
	s.SSLProvider = ProviderAutomatic
	s.SSLStartMode = StartNone
	s.Settings = Settings{}
	s.ManualEvents = false
	s.TLSConfig = nil
	s.HandshakeTimeout = 0
	s.PlainTextReply = nil
	s.LingerTimeout = 0
	s.SendQueueSize = 0
	s.SendQueuePolicy = DropNewest
	return nil
}

// StopListening stops accepting clients; connections live on.
func (s *Server) StopListening() error {
	s.mu.Lock()
	l := s.listener
	s.listener = nil
	s.mu.Unlock()
	if l == nil {
		return nil
	}
	return asError("stop listening", l.Close())
}

// Shutdown stops listening, disconnects every client and waits until all of it
// is done. With Linger everything queued is delivered first. When ctx ends
// earlier the connections that are left are reset, and the error is 10060. It
// must not be called from an event. With ManualEvents it runs the events
// itself.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.StopListening()
	defer s.stopSweeper()
	for _, c := range s.list() {
		_ = c.Disconnect()
	}
	if s.awaitQuiet(ctx) {
		return err
	}
	for _, c := range s.list() {
		c.mu.Lock()
		c.hard = true
		c.mu.Unlock()
		c.abort(ErrTimedOut.because("the server shut down before everything was delivered"))
	}
	grace, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s.awaitQuiet(grace)
	return &Error{Code: 10060, Text: "shutdown", Err: ctx.Err()}
}

// awaitQuiet runs manual events until no goroutine of the server is left.
func (s *Server) awaitQuiet(ctx context.Context) bool {
	for {
		quiet := s.whenQuiet()
		s.manual.mu.Lock()
		wake := s.manual.signal()
		s.manual.mu.Unlock()
		select {
		case <-quiet:
			if s.Len() == 0 {
				return true
			}
		case <-wake:
			s.manual.runAll()
		case <-ctx.Done():
			return false
		}
	}
}

func asError(doing string, err error) error {
	if err == nil {
		return nil
	}
	return wrap(doing, err)
}
