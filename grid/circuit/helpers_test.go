package circuit_test

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/grid/circuit"
	"rookery/grid/circuit/circuittest"
	"rookery/grid/message"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// numbered makes a message that carries n.
func numbered(n uint32) *message.ChatFromViewer {
	return &message.ChatFromViewer{ChatData: message.ChatFromViewerChatData{Channel: int32(n), Message: []byte("x")}}
}

func number(m message.Message) uint32 {
	chat, ok := m.(*message.ChatFromViewer)
	if !ok {
		return 0
	}
	return uint32(chat.ChatData.Channel)
}

// collector keeps what a handler gets.
type collector struct {
	mu   sync.Mutex
	got  []message.Message
	more chan struct{}
}

func newCollector() *collector { return &collector{more: make(chan struct{}, 1)} }

func (k *collector) handle(_ *circuit.Circuit, m message.Message) {
	k.mu.Lock()
	k.got = append(k.got, m)
	k.mu.Unlock()
	select {
	case k.more <- struct{}{}:
	default:
	}
}

func (k *collector) messages() []message.Message {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]message.Message(nil), k.got...)
}

// wait waits until n messages have come.
func (k *collector) wait(t *testing.T, n int) []message.Message {
	t.Helper()
	for {
		if got := k.messages(); len(got) >= n {
			return got
		}
		select {
		case <-k.more:
		case <-t.Context().Done():
			t.Fatalf("the test ended with %d of %d messages", len(k.messages()), n)
		case <-time.After(20 * time.Second):
			t.Fatalf("%d of %d messages came", len(k.messages()), n)
		}
	}
}

// pair is a circuit between two endpoints.
type pair struct {
	client, server *circuit.Endpoint
	out            *circuit.Circuit // the client's end
	in             *circuit.Circuit // the server's end
	atClient       *collector
	atServer       *collector
}

// connect opens a circuit over the two connections with a first message 0.
func connect(t *testing.T, a, b net.PacketConn, client, server circuit.Options) *pair {
	t.Helper()
	p := &pair{atClient: newCollector(), atServer: newCollector()}
	server.Accept = func(netip.AddrPort, message.Message) circuit.Handler { return p.atServer.handle }
	p.client, p.server = circuit.NewEndpoint(a, client), circuit.NewEndpoint(b, server)
	t.Cleanup(func() {
		if err := p.client.Close(); err != nil {
			t.Errorf("close client: %v", err)
		}
		if err := p.server.Close(); err != nil {
			t.Errorf("close server: %v", err)
		}
	})
	var err error
	if p.out, err = p.client.Dial(p.server.LocalAddr(), p.atClient.handle); err != nil {
		t.Fatal(err)
	}
	if err := p.out.SendWait(context.Background(), numbered(0)); err != nil {
		t.Fatal(err)
	}
	p.atServer.wait(t, 1)
	p.in = p.server.Circuits()[0]
	return p
}

// udp opens a socket on the loopback interface.
func udp(t *testing.T) net.PacketConn {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return pc
}

// loopback connects two endpoints over real sockets.
func loopback(t *testing.T, client, server circuit.Options) *pair {
	t.Helper()
	return connect(t, udp(t), udp(t), client, server)
}

// piped connects two endpoints without a network.
func piped(t *testing.T, client, server circuit.Options) (*pair, *circuittest.Conn, *circuittest.Conn) {
	t.Helper()
	a, b := circuittest.Pipe()
	x, y := circuittest.Wrap(a, circuittest.Faults{}), circuittest.Wrap(b, circuittest.Faults{})
	return connect(t, x, y, client, server), x, y
}

// recorder keeps the packets that an endpoint has sent or received.
type recorder struct {
	mu      sync.Mutex
	packets map[circuit.Direction][][]byte
}

func (r *recorder) trace(d circuit.Direction, _ netip.AddrPort, packet []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.packets == nil {
		r.packets = make(map[circuit.Direction][][]byte)
	}
	r.packets[d] = append(r.packets[d], append([]byte(nil), packet...))
}

// take returns the packets of a direction since the last call.
func (r *recorder) take(t *testing.T, d circuit.Direction) []traced {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []traced
	for _, raw := range r.packets[d] {
		p, err := message.ParsePacket(raw)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := p.Plain(nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := message.Decode(plain)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, traced{p, m})
	}
	r.packets[d] = nil
	return all
}

type traced struct {
	message.Packet
	m message.Message
}

// rawPacket builds a datagram by hand.
func rawPacket(t *testing.T, flags message.Flags, sequence uint32, m message.Message) []byte {
	t.Helper()
	b, err := message.AppendPacket(nil, message.Header{Flags: flags, Sequence: sequence}, m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
