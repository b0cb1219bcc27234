package brokertest

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Proxy stands between a client and a broker, and can be unkind to both.
type Proxy struct {
	// Port is where it listens, at 127.0.0.1.
	Port int

	t      testing.TB
	target int
	listen net.Listener
	old    OldBroker
	all    sync.WaitGroup

	mu     sync.Mutex
	budget func() int
	conns  map[net.Conn]bool
	closed bool
}

// OldBroker is how a broker treats clients that speak MQTT 5.0.
type OldBroker int

// The kinds of brokers.
const (
	// Knows MQTT 5.0.
	Knows OldBroker = iota
	// Answers that the version of the protocol is not acceptable, as MQTT 3.1.1
	// has it.
	Answers
	// Ends ends the connection.
	Ends
)

// StartProxy starts a proxy before a broker, which ends with the test.
func StartProxy(t testing.TB, m *Mosquitto, old OldBroker) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{Port: l.Addr().(*net.TCPAddr).Port, t: t, target: m.Port, listen: l, old: old, conns: make(map[net.Conn]bool)}
	p.all.Go(p.accept)
	t.Cleanup(func() {
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		l.Close()
		p.Cut()
		p.all.Wait()
	})
	return p
}

// CutAfter cuts each connection made from now on after as many bytes, in both
// directions together, as budget says when it is made. Nil: none.
func (p *Proxy) CutAfter(budget func() int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.budget = budget
}

// Cut ends every connection there is.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
}

func (p *Proxy) accept() {
	for {
		c, err := p.listen.Accept()
		if err != nil {
			return
		}
		p.all.Go(func() { p.serve(c) })
	}
}

// keep makes a connection one that Cut ends; false when all are to end.
func (p *Proxy) keep(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.Close()
		return false
	}
	p.conns[c] = true
	return true
}

func (p *Proxy) drop(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, c)
	c.Close()
}

func (p *Proxy) serve(c net.Conn) {
	if !p.keep(c) {
		return
	}
	defer p.drop(c)
	// The packet CONNECT: header, then the protocol's name and its level
	// (MQTT 3.1.1 §3.1). It is never longer than 127 bytes here, or the length
	// has two bytes.
	begin := make([]byte, 10)
	if _, err := io.ReadFull(c, begin); err != nil {
		return
	}
	level := begin[8]
	if begin[1] >= 0x80 {
		level = begin[9]
	}
	if level == 5 && p.old != Knows {
		if p.old == Answers {
			_, _ = c.Write([]byte{0x20, 2, 0, 1})
		}
		return
	}
	broker, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: p.target})
	if err != nil || !p.keep(broker) {
		return
	}
	defer p.drop(broker)
	if _, err := broker.Write(begin); err != nil {
		return
	}
	p.mu.Lock()
	left := -1
	if p.budget != nil {
		left = p.budget()
	}
	p.mu.Unlock()
	pass := &pass{left: left}
	var both sync.WaitGroup
	both.Go(func() { pass.copy(broker, c) })
	both.Go(func() { pass.copy(c, broker) })
	both.Wait()
}

// pass counts what may still pass; -1 is everything.
type pass struct {
	mu   sync.Mutex
	left int
}

func (a *pass) take(n int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left < 0 {
		return n
	}
	n = min(n, a.left)
	a.left -= n
	return n
}

// copy passes bytes on until there are no more or no more may pass, and then ends
// both connections.
func (a *pass) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	part := make([]byte, 4096)
	for {
		n, err := from.Read(part)
		may := a.take(n)
		if _, werr := to.Write(part[:may]); werr != nil || err != nil || may < n {
			return
		}
	}
}
