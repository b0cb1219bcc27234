package mqtt

import (
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/listeners"
)

// connectTimeout bounds the time from the accepted connection to the end of its
// CONNECT packet, encryption included.
const connectTimeout = 30 * time.Second

// spare is how many connections beyond the limit are taken in, so that they can
// be told that there is no room.
const spare = 16

// listener takes clients in and hands them to the broker.
type listener struct {
	net.Listener
	door *Door

	mu      sync.Mutex
	closing bool
	entered uint64 // how many there have been
	conns   map[*conn]bool
	running sync.WaitGroup
}

func (l *listener) Init(*slog.Logger) error { return nil }
func (l *listener) ID() string              { return "door" }
func (l *listener) Protocol() string        { return "tcp" }
func (l *listener) Address() string         { return l.Addr().String() }

// Serve accepts until the listener is closed.
func (l *listener) Serve(establish listeners.EstablishFn) {
	for {
		socket, err := l.Accept()
		if err != nil {
			if l.closed() {
				return
			}
			l.door.log.Warn("accept", "error", err)
			// Such as too many open files: better once some are closed.
			select {
			case <-time.After(time.Second / 10):
			case <-l.door.ctx.Done():
				return
			}
			continue
		}
		c := newConn(socket, l.door.cfg.QueueBytes)
		if !l.enter(c) {
			l.door.log.Warn("refused: too many connections", "remote", socket.RemoteAddr(), "limit", l.door.cfg.MaxConnections)
			socket.Close()
			continue
		}
		go c.send()
		go func() {
			defer l.leave(c)
			_ = c.Conn.SetDeadline(time.Now().Add(connectTimeout))
			err := establish(l.ID(), c)
			c.session.end(err)
			_ = c.Close()
			<-c.written
		}()
	}
}

func (l *listener) closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closing
}

// enter takes a connection in; false when not even its refusal has room. A
// client without a password may wait as long as it likes before it publishes or
// subscribes, but not keep others out.
func (l *listener) enter(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing || len(l.conns) >= l.door.cfg.MaxConnections+spare {
		return false
	}
	c.session = newSession(l.door, c)
	if len(l.conns) >= l.door.cfg.MaxConnections {
		if idle := l.oldestStranger(); idle != nil {
			l.door.log.Info("closed to make room: no password was shown", "remote", idle.session.remote)
			idle.cut()
		} else {
			c.session.late = true
		}
	}
	l.entered++
	c.number = l.entered
	l.conns[c] = true
	l.running.Add(1)
	return true
}

// oldestStranger is the connection that has been without a password longest.
func (l *listener) oldestStranger() *conn {
	var oldest *conn
	for c := range l.conns {
		if (oldest == nil || c.number < oldest.number) && c.session.stranger() {
			oldest = c
		}
	}
	return oldest
}

func (l *listener) leave(c *conn) {
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
	l.running.Done()
}

// Close stops accepting, says goodbye to everybody and waits until they are
// gone.
func (l *listener) Close(listeners.CloseFn) {
	l.mu.Lock()
	l.closing = true
	_ = l.Listener.Close()
	for c := range l.conns {
		c.session.goodbye()
	}
	l.mu.Unlock()
	l.running.Wait()
}

// cut stops accepting and ends all connections at once.
func (l *listener) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closing = true
	_ = l.Listener.Close()
	for c := range l.conns {
		c.cut()
	}
}
