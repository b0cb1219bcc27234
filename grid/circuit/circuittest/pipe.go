package circuittest

import (
	"net"
	"slices"
	"sync"
	"time"
)

// Pipe returns two connected PacketConns without a network, for tests in a
// synctest bubble. Writing never blocks: a datagram that finds 4096 waiting is
// lost. Deadlines are not supported.
func Pipe() (a, b net.PacketConn) {
	x, y := newPipeConn(1), newPipeConn(2)
	x.peer, y.peer = y, x
	return x, y
}

type pipeConn struct {
	addr   *net.UDPAddr
	peer   *pipeConn
	in     chan []byte
	closed chan struct{}
	once   sync.Once
}

func newPipeConn(port int) *pipeConn {
	return &pipeConn{
		addr:   &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port},
		in:     make(chan []byte, 4096),
		closed: make(chan struct{}),
	}
}

func (c *pipeConn) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case <-c.closed:
		return 0, nil, net.ErrClosed
	case p := <-c.in:
		return copy(b, p), c.peer.addr, nil
	}
}

func (c *pipeConn) WriteTo(b []byte, to net.Addr) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	if to.String() == c.peer.addr.String() {
		select {
		case c.peer.in <- slices.Clone(b):
		default:
		}
	}
	return len(b), nil
}

func (c *pipeConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

func (c *pipeConn) LocalAddr() net.Addr              { return c.addr }
func (c *pipeConn) SetDeadline(time.Time) error      { return nil }
func (c *pipeConn) SetReadDeadline(time.Time) error  { return nil }
func (c *pipeConn) SetWriteDeadline(time.Time) error { return nil }
