package tcpserver

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// secretBatch is how much plain text is encrypted at a time: two TLS records
// that fit in one 32 KiB buffer with their headers and tags.
const secretBatch = 31 << 10

// How long, and for how many bytes, a client that gets a PlainTextReply is
// waited for.
const (
	plainTimeout = 3 * time.Second
	plainRest    = 64 << 10
)

// tlsSide is the encrypted half of a connection. To crypto/tls it is the
// socket: during a handshake it blocks; afterwards reading never does, and
// writing only collects what the owner of the writing side then sends.
type tlsSide struct {
	c    *Conn
	conn *tls.Conn
	fd   uintptr // the socket, while readReady runs
	firm int     // plain bytes of Send in out; of the owner of the writing side

	mu     sync.Mutex
	direct bool    // the handshake runs
	closed bool    // close_notify was written
	prefix []byte  // received before the handshake was started
	out    *[]byte // encrypted and not yet written
	gone   int     // bytes of out that are written

	until time.Time     // the handshake's end
	quiet time.Duration // how long the client may be silent within it
	log   *packetLog
}

// errNotNow tells crypto/tls that the same read may work later.
type errNotNow struct{}

func (errNotNow) Error() string   { return "nothing to read for now" }
func (errNotNow) Timeout() bool   { return false }
func (errNotNow) Temporary() bool { return true }

// read decrypts what the socket has; its error satisfies wouldBlock when that
// is no whole record.
func (s *tlsSide) read(fd uintptr, b []byte) (int, error) {
	s.fd = fd
	n, err := s.conn.Read(b)
	if _, ok := err.(errNotNow); ok { // crypto/tls hands it through as it is
		return n, errWouldBlock
	}
	return n, err
}

// Read is the socket for crypto/tls.
func (s *tlsSide) Read(b []byte) (n int, err error) {
	if len(s.prefix) > 0 {
		n = copy(b, s.prefix)
		s.prefix = s.prefix[n:]
		s.log.received(b[:n])
		return n, nil
	}
	s.mu.Lock()
	direct := s.direct
	s.mu.Unlock()
	if direct {
		if err := s.c.nc.SetReadDeadline(s.nextDeadline()); err != nil {
			return 0, err
		}
		n, err = s.c.nc.Read(b)
	} else {
		n, err = sysRead(s.fd, b)
		if err != nil && wouldBlock(err) {
			err = errNotNow{}
		}
	}
	s.log.received(b[:n])
	return n, err
}

func (s *tlsSide) nextDeadline() time.Time {
	if s.quiet <= 0 {
		return s.until
	}
	next := time.Now().Add(s.quiet)
	if !s.until.IsZero() && s.until.Before(next) {
		return s.until
	}
	return next
}

// Write is the socket for crypto/tls.
func (s *tlsSide) Write(b []byte) (int, error) {
	s.log.sent(b)
	s.mu.Lock()
	if s.direct {
		s.mu.Unlock()
		if err := s.c.nc.SetWriteDeadline(s.nextDeadline()); err != nil {
			return 0, err
		}
		return s.c.nc.Write(b)
	}
	defer s.mu.Unlock()
	if s.out == nil {
		s.out = getBuffer(len(b))
	} else if need := len(*s.out) + len(b); need > cap(*s.out) {
		larger := getBuffer(need)
		*larger = append(*larger, *s.out...)
		s.out = larger // the old one may just be being written
	}
	*s.out = append(*s.out, b...)
	return len(b), nil
}

// unsent returns what is encrypted and not yet written.
func (s *tlsSide) unsent() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == nil {
		return nil
	}
	return (*s.out)[s.gone:]
}

// consume notes that n bytes of unsent are written.
func (s *tlsSide) consume(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone += n
	if s.out != nil && s.gone == len(*s.out) {
		putBuffer(s.out)
		s.out, s.gone = nil, 0
	}
}

func (s *tlsSide) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out == nil
}

// setDirect switches between blocking and collecting.
func (s *tlsSide) setDirect(on bool) {
	s.mu.Lock()
	s.direct = on
	s.mu.Unlock()
}

// Close and the rest of net.Conn, for crypto/tls. Deadlines are the server's
// own affair.
func (s *tlsSide) Close() error                     { return s.c.nc.Close() }
func (s *tlsSide) LocalAddr() net.Addr              { return s.c.nc.LocalAddr() }
func (s *tlsSide) RemoteAddr() net.Addr             { return s.c.nc.RemoteAddr() }
func (s *tlsSide) SetDeadline(time.Time) error      { return nil }
func (s *tlsSide) SetReadDeadline(time.Time) error  { return nil }
func (s *tlsSide) SetWriteDeadline(time.Time) error { return nil }

// flushAlerts sends what crypto/tls wrote while reading, such as the answer to
// a key update.
func (c *Conn) flushAlerts() {
	side := c.tls.Load()
	if side == nil || side.empty() {
		return
	}
	c.mu.Lock()
	own := c.takeWriting()
	c.mu.Unlock()
	if own {
		c.srv.flush.schedule(c)
	}
}

// TLS returns the state of the connection's TLS session; false when it is in
// plain text.
func (c *Conn) TLS() (tls.ConnectionState, bool) {
	side := c.tls.Load()
	if side == nil {
		return tls.ConnectionState{}, false
	}
	return side.conn.ConnectionState(), true
}

// StartSSL starts TLS on a plain connection of a server whose SSLStartMode is
// StartExplicit. What was sent before is delivered in plain text first; what is
// sent after is encrypted. It returns at once: the Connected event fires again
// when the handshake is done or has failed. Whatever the client sent after the
// command that led here is taken for its part of the handshake, so nothing
// can be slipped in under plain text.
func (c *Conn) StartSSL() error {
	if c.opt.tls == nil {
		return ErrNoCredentials.because("StartSSL needs SSLStartMode StartExplicit and a certificate")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.state != stateOpen:
		return ErrNotConnected
	case c.upgrading || c.tls.Load() != nil:
		return &Error{Code: 10037, Text: "TLS is already started on this connection"}
	case c.sending:
		return &Error{Code: 10036, Text: "StartSSL while SendFile runs"}
	}
	c.upgrading = true
	if c.q != nil {
		c.barrier = c.q.bytes
	}
	c.wakeReader()
	return nil
}

// upgrade runs the handshake of StartSSL in the reading goroutine.
func (c *Conn) upgrade() {
	c.mu.Lock()
	for (c.barrier > 0 || c.writing != writeIdle) && c.state == stateOpen {
		c.cond.Wait()
	}
	c.hold = true
	alive := c.state == stateOpen
	c.mu.Unlock()
	if alive {
		var prefix []byte
		if c.in.rest != nil {
			prefix = append(prefix, *c.in.rest...)
			putBuffer(c.in.rest)
			c.in.rest, c.in.again = nil, false
			c.held.Store(0)
		}
		c.handshake(prefix)
	}
	_ = c.nc.SetDeadline(time.Time{})
	c.mu.Lock()
	c.hold, c.upgrading = false, false
	c.updateStop()
	own := c.q != nil && c.takeWriting()
	alive = c.state == stateOpen
	c.mu.Unlock()
	if own {
		c.srv.flush.schedule(c)
	}
	if alive {
		c.connected(0, "OK")
	}
}

// secure starts TLS on a new connection as SSLStartMode says. False means that
// the connection is over, and that Connected told so.
func (c *Conn) secure() bool {
	switch c.opt.startMode {
	case StartImplicit:
		return c.handshake(nil)
	case StartAutomatic:
		first, err := c.firstByte()
		if err != nil {
			return c.refuse(err)
		}
		if first == recordHandshake {
			return c.handshake(nil)
		}
		_ = c.nc.SetDeadline(time.Time{})
	}
	return true
}

// firstByte waits for the client's first byte and leaves it where it is. A
// client that says nothing costs no more than a goroutine.
func (c *Conn) firstByte() (byte, error) {
	var until time.Time
	if c.opt.handshake > 0 {
		until = time.Now().Add(c.opt.handshake)
	}
	if err := c.nc.SetReadDeadline(until); err != nil {
		return 0, err
	}
	var (
		b     [1]byte
		fault error
	)
	if err := c.raw.Read(func(fd uintptr) bool {
		_, fault = sysPeek(fd, b[:])
		return fault == nil || !wouldBlock(fault)
	}); err != nil {
		return 0, err
	}
	return b[0], fault
}

// handshake runs a TLS handshake to its end.
func (c *Conn) handshake(prefix []byte) bool {
	begun := time.Now()
	if len(prefix) == 0 {
		if _, err := c.firstByte(); err != nil {
			return c.refuse(err)
		}
	}
	side := &tlsSide{c: c, direct: true, prefix: prefix, quiet: c.opt.settings.DefaultConnectionTimeout}
	if c.opt.handshake > 0 {
		side.until = begun.Add(c.opt.handshake)
	}
	side.log = newPacketLog(c)
	side.conn = tls.Server(side, c.opt.tls.configFor(c))
	c.tellHandshake("handshake started")
	if err := side.conn.Handshake(); err != nil {
		return c.refuse(err)
	}
	side.setDirect(false)
	_ = c.nc.SetDeadline(time.Time{})
	c.tls.Store(side)
	c.tellHandshake(describeSession(side.conn.ConnectionState()))
	return true
}

// refuse ends a connection whose handshake failed.
func (c *Conn) refuse(err error) bool {
	e := wrap("", err)
	switch {
	case errors.Is(err, io.EOF):
		e = &Error{Code: 10054, Text: "the client left before the TLS handshake was done", Err: err}
	case e.Code == 10060:
		e = ErrTimedOut.because("the TLS handshake took too long")
	case e.Code == 10022:
		e = &Error{Code: 276, Text: errorTexts[276], Err: err}
	}
	c.tellHandshake("handshake failed: " + e.describe())
	if plain, ok := errors.AsType[tls.RecordHeaderError](err); ok && plain.Conn != nil && c.opt.plainReply != nil {
		c.replyPlain(plain.RecordHeader[:])
	}
	c.abort(e)
	c.connected(e.Code, e.describe())
	return false
}

// replyPlain tells a client that spoke plain text what it has done. What else it
// sends is thrown away, or closing would reset the connection under the reply.
func (c *Conn) replyPlain(start []byte) {
	reply := c.opt.plainReply(start)
	if len(reply) == 0 {
		return
	}
	wait := c.opt.lingerTimeout
	if wait < 0 || wait > plainTimeout {
		wait = plainTimeout
	}
	_ = c.nc.SetDeadline(time.Now().Add(wait))
	if _, err := c.nc.Write(reply); err != nil {
		return
	}
	_ = c.nc.CloseWrite()
	_, _ = io.CopyN(io.Discard, c.nc, plainRest)
}

// tellHandshake tells SSLStatus from the goroutine that runs the handshake.
func (c *Conn) tellHandshake(message string) {
	if f := c.opt.events.SSLStatus; f != nil {
		c.tell("SSLStatus", func() { f(c, message) })
	}
}
