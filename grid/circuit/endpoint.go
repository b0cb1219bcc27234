package circuit

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"rookery/grid/message"
)

// firstBuffer is the receive buffer of an endpoint at first; no simulator or
// viewer sends longer packets. It grows when one comes that fills it, and the
// peer sends that again if it is reliable.
const firstBuffer = 8192

// readBuffer is asked of the system for a socket, in bytes.
const readBuffer = 1 << 20

// Endpoint is one UDP socket with its circuits. Its methods may be called from
// any goroutine.
type Endpoint struct {
	conn  packetConn
	local netip.AddrPort
	o     Options
	done  chan struct{} // closed when the receive loop has ended

	mu       sync.RWMutex
	circuits map[netip.AddrPort]*Circuit
	closed   bool

	packetAck message.PacketAck // reused by the receive loop

	stats struct{ malformed, refused atomic.Uint64 }

	complaint struct {
		sync.Mutex
		last  time.Time
		count int // malformed packets since then
	}
}

// EndpointStats counts what an endpoint could not give to a circuit.
type EndpointStats struct {
	Malformed uint64 // datagrams that are no packet
	Refused   uint64 // packets from addresses without a circuit that were not accepted
}

// Listen opens a UDP socket on addr, "127.0.0.1:0" for example.
func Listen(addr string, o Options) (*Endpoint, error) {
	udp, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", addr, err)
	}
	conn, err := net.ListenUDP("udp", udp)
	if err != nil {
		return nil, err
	}
	return NewEndpoint(conn, o), nil
}

// NewEndpoint serves pc, which it owns from now on. The local address of pc
// must be a UDP address.
func NewEndpoint(pc net.PacketConn, o Options) *Endpoint {
	e := &Endpoint{
		conn:     direct(pc),
		o:        o.withDefaults(),
		done:     make(chan struct{}),
		circuits: make(map[netip.AddrPort]*Circuit),
	}
	if udp, ok := pc.LocalAddr().(*net.UDPAddr); ok {
		e.local = unmap(udp.AddrPort())
	}
	if conn, ok := pc.(interface{ SetReadBuffer(bytes int) error }); ok {
		// As much as the system grants: a burst from the peer waits there.
		_ = conn.SetReadBuffer(readBuffer)
	}
	go e.receive()
	return e
}

// Dial opens a circuit to remote. Nothing is sent yet: the grid's handshake
// starts with the first message, UseCircuitCode. Errors are ErrExists and
// ErrClosed.
func (e *Endpoint) Dial(remote netip.AddrPort, h Handler) (*Circuit, error) {
	remote = unmap(remote)
	if !remote.IsValid() || remote.Port() == 0 {
		return nil, fmt.Errorf("dial circuit: %v is not an address with a port", remote)
	}
	if h == nil {
		return nil, errors.New("dial circuit: no handler")
	}
	c, err := e.open(remote, h)
	if err != nil {
		return nil, fmt.Errorf("dial circuit to %v: %w", remote, err)
	}
	return c, nil
}

func (e *Endpoint) open(remote netip.AddrPort, h Handler) (*Circuit, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	if e.circuits[remote] != nil {
		return nil, ErrExists
	}
	c := newCircuit(e, remote, h)
	e.circuits[remote] = c
	return c, nil
}

func (e *Endpoint) forget(c *Circuit) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.circuits[c.remote] == c {
		delete(e.circuits, c.remote)
	}
}

// LocalAddr is the address of the socket.
func (e *Endpoint) LocalAddr() netip.AddrPort { return e.local }

// Circuits returns the open circuits in no particular order.
func (e *Endpoint) Circuits() []*Circuit {
	e.mu.RLock()
	defer e.mu.RUnlock()
	all := make([]*Circuit, 0, len(e.circuits))
	for _, c := range e.circuits {
		all = append(all, c)
	}
	return all
}

// Stats returns what could not be given to a circuit so far.
func (e *Endpoint) Stats() EndpointStats {
	return EndpointStats{Malformed: e.stats.malformed.Load(), Refused: e.stats.refused.Load()}
}

// Close closes every circuit and the socket. It does not wait for handlers,
// so a handler may call it. Closing again does nothing.
func (e *Endpoint) Close() error {
	e.mu.Lock()
	closed := e.closed
	e.closed = true
	e.mu.Unlock()
	if closed {
		return nil
	}
	for _, c := range e.Circuits() {
		_ = c.Close() // is always nil
	}
	err := e.conn.Close()
	<-e.done
	return err
}

// receive is the receive loop.
func (e *Endpoint) receive() {
	defer close(e.done)
	buf := make([]byte, firstBuffer)
	var scratch []byte
	failures := 0
	for {
		n, from, err := e.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if n == len(buf) && n < maxDatagram {
			buf = make([]byte, maxDatagram+1)
			e.complain(from, errors.New("longer than the receive buffer, which has grown now"))
			continue
		}
		if err != nil {
			// Some systems report here that an earlier packet had no taker.
			if failures++; failures%1000 == 1 {
				e.o.Log.Warn("receiving failed", "address", e.local, "error", err)
			}
			time.Sleep(min(time.Duration(failures)*time.Millisecond, 100*time.Millisecond))
			continue
		}
		failures = 0
		from = unmap(from)
		if e.o.Trace != nil {
			e.o.Trace(Received, from, buf[:n])
		}
		scratch = e.dispatch(buf[:n], from, scratch)
	}
}

// dispatch gives a datagram to its circuit. It returns scratch, grown perhaps.
func (e *Endpoint) dispatch(b []byte, from netip.AddrPort, scratch []byte) []byte {
	p, err := message.ParsePacket(b)
	if err != nil {
		e.malformed(from, err)
		return scratch
	}
	plain, err := p.Plain(scratch)
	if p.Flags&message.FlagZerocoded != 0 {
		scratch = plain[:0]
	}
	if err != nil {
		e.malformed(from, err)
		return scratch
	}
	e.mu.RLock()
	c := e.circuits[from]
	e.mu.RUnlock()
	if c == nil {
		c = e.greet(plain, from)
	}
	if c != nil {
		c.receive(&p, plain, len(b))
	}
	return scratch
}

// decode decodes a message for the receive loop. A PacketAck is valid until
// the next one.
func (e *Endpoint) decode(plain []byte) (message.Message, error) {
	id, body, err := message.ParseID(plain)
	if err == nil && id == packetAckID {
		return &e.packetAck, e.packetAck.Decode(body)
	}
	return message.Decode(plain)
}

var packetAckID = (*message.PacketAck).Info(nil).ID

// greet asks Accept about a packet from an unknown address.
func (e *Endpoint) greet(plain []byte, from netip.AddrPort) *Circuit {
	if e.o.Accept == nil {
		e.stats.refused.Add(1)
		return nil
	}
	m, err := message.Decode(plain)
	if err != nil {
		e.malformed(from, err)
		return nil
	}
	var h Handler
	switch m.(type) {
	case *message.PacketAck, *message.StartPingCheck, *message.CompletePingCheck, *message.CloseCircuit:
		// The remains of a circuit that has ended.
	default:
		h = e.o.Accept(from, m)
	}
	if h == nil {
		e.stats.refused.Add(1)
		return nil
	}
	c, err := e.open(from, h)
	if err != nil {
		return nil // closed meanwhile
	}
	return c
}

func (e *Endpoint) write(b []byte, to netip.AddrPort) error {
	_, err := e.conn.WriteToUDPAddrPort(b, to)
	if err == nil && e.o.Trace != nil {
		e.o.Trace(Sent, to, b)
	}
	return err
}

func (e *Endpoint) malformed(from netip.AddrPort, err error) {
	e.stats.malformed.Add(1)
	e.complain(from, err)
}

// complain logs a malformed packet, at most once a second.
func (e *Endpoint) complain(from netip.AddrPort, err error) {
	e.complaint.Lock()
	defer e.complaint.Unlock()
	e.complaint.count++
	now := time.Now()
	if now.Sub(e.complaint.last) < time.Second {
		return
	}
	e.o.Log.Warn("malformed packet dropped", "address", e.local, "remote", from, "error", err, "count", e.complaint.count)
	e.complaint.last, e.complaint.count = now, 0
}

func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
