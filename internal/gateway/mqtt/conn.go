package mqtt

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"

	"rookery/internal/gateway"
)

const (
	// writeTimeout bounds how long a client may take to take what is sent.
	writeTimeout = 15 * time.Second
	// lingerTimeout is how long a client that is sent away may take to read what
	// waits for it.
	lingerTimeout = 3 * time.Second
)

var errOverflow = errors.New("the client does not take what is sent to it")

// conn is a client's connection whose Write does not wait: the broker holds
// locks while it writes, and one slow client must not stop the others. What is
// written waits in a queue; when that is full the connection ends.
type conn struct {
	net.Conn
	queue   *gateway.Queue
	session *session
	number  uint64 // in the order of arrival

	// gone is closed when nothing more will be read, written when nothing more
	// will be sent.
	gone, written chan struct{}

	mu      sync.Mutex
	closing bool
}

func newConn(c net.Conn, queueBytes int) *conn {
	return &conn{Conn: c, queue: gateway.NewQueue(queueBytes, gateway.Disconnect), gone: make(chan struct{}), written: make(chan struct{})}
}

func (c *conn) Write(p []byte) (int, error) {
	c.queue.Push(append([]byte(nil), p...))
	if c.queue.Overflown() {
		c.cut()
		return 0, errOverflow
	}
	return len(p), nil
}

// SetDeadline sets when reading ends; writing has its own limits.
func (c *conn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return net.ErrClosed
	}
	return c.Conn.SetReadDeadline(t)
}

// Close ends reading at once, and writing when what waits has been taken.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil
	}
	c.closing = true
	close(c.gone)
	c.queue.Close()
	_ = c.Conn.SetDeadline(time.Now().Add(lingerTimeout))
	return c.Conn.SetReadDeadline(time.Now())
}

// cut ends the connection at once.
func (c *conn) cut() {
	_ = c.Close()
	socket := c.Conn
	if encrypted, ok := socket.(*tls.Conn); ok {
		socket = encrypted.NetConn() // without a word, which could take a while
	}
	_ = socket.Close()
}

// send writes what waits until the connection is closed, and then closes the
// socket.
func (c *conn) send() {
	defer close(c.written)
	defer c.Conn.Close()
	for {
		text, ok := c.queue.Pop()
		if !ok {
			return
		}
		c.mu.Lock()
		if !c.closing {
			_ = c.Conn.SetWriteDeadline(time.Now().Add(writeTimeout))
		}
		c.mu.Unlock()
		if _, err := c.Conn.Write(text); err != nil {
			c.queue.Close()
			return
		}
	}
}
