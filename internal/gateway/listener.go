package gateway

import (
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"
)

const (
	// spare is how many connections beyond its limit a door takes in to tell
	// them that it is full.
	spare = 64
	// takeTimeout is how long a client may take for takeStep bytes that are sent
	// to it.
	takeTimeout = time.Minute
	takeStep    = 64 << 10

	// tlsHandshake is the first byte of a client that speaks TLS (RFC 8446 §5.1).
	tlsHandshake = 0x16
)

// Listener takes in the clients of a door that speaks HTTP. It bounds how many
// there are and how slowly they may take what is sent to them, and tells the log
// about those that speak TLS to a plain door.
type Listener struct {
	net.Listener
	limit int64
	plain bool
	log   *slog.Logger
	open  atomic.Int64
	full  atomic.Bool // and the log knows it
}

// Listen listens at HOST:PORT for so many clients at a time. Up to 64 more are
// taken in, for the door to refuse them in words ([Listener.Crowded]); beyond
// that they are closed at once. Plain tells that the door speaks no TLS.
func Listen(address string, limit int, plain bool, log *slog.Logger) (*Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("at %q: %w", address, err)
	}
	return &Listener{Listener: l, limit: int64(limit), plain: plain, log: log}, nil
}

// Open is how many connections there are.
func (l *Listener) Open() int { return int(l.open.Load()) }

// Crowded tells whether there are more connections than there may be.
func (l *Listener) Crowded() bool { return l.open.Load() > l.limit }

// Accept waits for the next client.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		open := l.open.Add(1)
		if open > l.limit && !l.full.Swap(true) {
			l.log.Warn("too many connections: clients are refused", "remote", c.RemoteAddr(), "limit", l.limit)
		}
		if open <= l.limit+spare {
			return &accepted{Conn: c, from: l}, nil
		}
		l.left()
		_ = c.Close()
	}
}

func (l *Listener) left() {
	if l.open.Add(-1) < l.limit*9/10 {
		l.full.Store(false) // not sooner, or a door that is just full would tell it again and again
	}
}

// accepted is one client. Its owner reads in one goroutine at a time.
type accepted struct {
	net.Conn
	from   *Listener
	heard  bool
	closed atomic.Bool
}

func (c *accepted) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.heard {
		c.heard = true
		if c.from.plain && b[0] == tlsHandshake {
			c.from.log.Info("refused: a client speaks TLS, and this door does not", "remote", c.RemoteAddr())
		}
	}
	return n, err
}

func (c *accepted) Write(b []byte) (n int, err error) {
	for first := true; err == nil && (first || len(b) > 0); first = false {
		if err := c.SetWriteDeadline(time.Now().Add(takeTimeout)); err != nil {
			return n, err
		}
		var m int
		m, err = c.Conn.Write(b[:min(len(b), takeStep)])
		n, b = n+m, b[m:]
	}
	return n, err
}

func (c *accepted) Close() error {
	if !c.closed.Swap(true) {
		c.from.left()
	}
	return c.Conn.Close()
}
