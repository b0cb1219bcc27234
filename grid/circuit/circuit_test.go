package circuit_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"rookery/grid/circuit"
	"rookery/grid/message"
)

func addr(e *circuit.Endpoint) net.Addr { return net.UDPAddrFromAddrPort(e.LocalAddr()) }

func TestMessagesArriveInOrderAtBothEnds(t *testing.T) {
	t.Parallel()
	p := loopback(t, circuit.Options{}, circuit.Options{})
	for n := uint32(1); n <= 200; n++ {
		if err := p.out.SendReliable(numbered(n)); err != nil {
			t.Fatal(err)
		}
		if err := p.in.Send(numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
	for i, m := range p.atServer.wait(t, 201) {
		if number(m) != uint32(i) {
			t.Fatalf("server: message %d is %d", i, number(m))
		}
	}
	for i, m := range p.atClient.wait(t, 200) {
		if number(m) != uint32(i+1) {
			t.Fatalf("client: message %d is %d", i+1, number(m))
		}
	}
}

func TestAHandlerMayAnswerAndWait(t *testing.T) {
	t.Parallel()
	errs := make(chan error, 1)
	server, err := circuit.Listen("127.0.0.1:0", circuit.Options{
		Accept: func(netip.AddrPort, message.Message) circuit.Handler {
			return func(c *circuit.Circuit, m message.Message) {
				errs <- c.SendWait(context.Background(), m)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	client, err := circuit.Listen("127.0.0.1:0", circuit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	k := newCollector()
	c, err := client.Dial(server.LocalAddr(), k.handle)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SendReliable(numbered(5)); err != nil {
		t.Fatal(err)
	}
	if got := k.wait(t, 1); number(got[0]) != 5 {
		t.Errorf("got %v", got[0])
	}
	if err := <-errs; err != nil {
		t.Error(err)
	}
}

func TestAcceptDecidesAboutStrangers(t *testing.T) {
	t.Parallel()
	asked := make(chan message.Message, 1)
	server, err := circuit.Listen("127.0.0.1:0", circuit.Options{
		Accept: func(_ netip.AddrPort, first message.Message) circuit.Handler {
			asked <- first
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	stranger := udp(t)
	defer stranger.Close()
	// The circuit's own messages are never a first message.
	for i, m := range []message.Message{&message.CloseCircuit{}, &message.StartPingCheck{}, &message.PacketAck{}, &message.CompletePingCheck{}, numbered(3)} {
		if _, err := stranger.WriteTo(rawPacket(t, 0, uint32(i), m), addr(server)); err != nil {
			t.Fatal(err)
		}
	}
	if m := <-asked; number(m) != 3 {
		t.Errorf("asked about %T", m)
	}
	if n := len(server.Circuits()); n != 0 {
		t.Errorf("%d circuits", n)
	}
}

func TestWithoutAcceptStrangersAreRefused(t *testing.T) {
	t.Parallel()
	p := loopback(t, circuit.Options{}, circuit.Options{})
	stranger := udp(t)
	defer stranger.Close()
	if _, err := stranger.WriteTo(rawPacket(t, message.FlagReliable, 1, numbered(66)), addr(p.client)); err != nil {
		t.Fatal(err)
	}
	// What comes through the same socket later has been looked at later.
	if err := p.in.SendWait(context.Background(), numbered(1)); err != nil {
		t.Fatal(err)
	}
	if got := p.atClient.wait(t, 1); number(got[0]) != 1 {
		t.Errorf("message %d of a stranger was taken", number(got[0]))
	}
	if s := p.client.Stats(); s.Refused != 1 {
		t.Errorf("%+v", s)
	}
}

func TestCloseCircuitEndsTheOtherSideOnceItsHandlerIsDone(t *testing.T) {
	t.Parallel()
	p := loopback(t, circuit.Options{}, circuit.Options{})
	for n := uint32(1); n <= 50; n++ {
		if err := p.in.SendReliable(numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.in.Close(); err != nil {
		t.Fatal(err)
	}
	<-p.out.Done()
	if err := p.out.Err(); !errors.Is(err, circuit.ErrClosedByPeer) {
		t.Errorf("client's error: %v", err)
	}
	if n := len(p.atClient.messages()); n != 50 {
		t.Errorf("%d messages before Done, want 50", n)
	}
	<-p.in.Done()
	if err := p.in.Err(); !errors.Is(err, circuit.ErrClosed) {
		t.Errorf("server's error: %v", err)
	}
	for _, c := range []*circuit.Circuit{p.in, p.out} {
		if err := c.Send(numbered(1)); err == nil {
			t.Error("a closed circuit sends")
		}
		if err := c.SendWait(context.Background(), numbered(1)); !errors.Is(err, c.Err()) {
			t.Errorf("SendWait: %v", err)
		}
		if err := c.SetThrottle(circuit.Throttle{}); err == nil {
			t.Error("a closed circuit takes a throttle")
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := len(p.client.Circuits()) + len(p.server.Circuits()); n != 0 {
		t.Errorf("%d circuits are left", n)
	}
}

func TestClosingAnEndpointFailsWaitingSenders(t *testing.T) {
	t.Parallel()
	nobody := udp(t)
	defer nobody.Close()
	e, err := circuit.Listen("127.0.0.1:0", circuit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.Dial(nobody.LocalAddr().(*net.UDPAddr).AddrPort(), newCollector().handle)
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	go func() { waiting <- c.SendWait(context.Background(), numbered(1)) }()
	buf := make([]byte, 2000)
	if _, _, err := nobody.ReadFrom(buf); err != nil { // it is on its way
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, circuit.ErrClosed) {
		t.Errorf("SendWait: %v", err)
	}
	if _, err := e.Dial(netip.MustParseAddrPort("127.0.0.1:1"), newCollector().handle); !errors.Is(err, circuit.ErrClosed) {
		t.Errorf("Dial: %v", err)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

func TestDialRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	p := loopback(t, circuit.Options{}, circuit.Options{})
	h := newCollector().handle
	if _, err := p.client.Dial(p.server.LocalAddr(), h); !errors.Is(err, circuit.ErrExists) {
		t.Errorf("second circuit to one address: %v", err)
	}
	mapped := netip.AddrPortFrom(netip.AddrFrom16(p.server.LocalAddr().Addr().As16()), p.server.LocalAddr().Port())
	if _, err := p.client.Dial(mapped, h); !errors.Is(err, circuit.ErrExists) {
		t.Errorf("second circuit to one address, written as IPv6: %v", err)
	}
	if _, err := p.client.Dial(netip.AddrPort{}, h); err == nil {
		t.Error("no address was taken")
	}
	if _, err := p.client.Dial(netip.MustParseAddrPort("127.0.0.1:0"), h); err == nil {
		t.Error("port 0 was taken")
	}
	if _, err := p.client.Dial(netip.MustParseAddrPort("127.0.0.1:9"), nil); err == nil {
		t.Error("no handler was taken")
	}
}

func TestLargeMessagesGoOutAsOneDatagramUpToTheLimitOfUDP(t *testing.T) {
	t.Parallel()
	p := loopback(t, circuit.Options{}, circuit.Options{})
	big := func(n int) *message.ImagePacket {
		return &message.ImagePacket{ImageData: message.ImagePacketImageData{Data: bytes.Repeat([]byte{1}, n)}}
	}
	const overhead = message.HeaderSize + 1 + 18 + 2 // number, image and packet number, length
	for _, n := range []int{1500, 9000, 65507 - overhead} {
		if err := p.out.SendWait(context.Background(), big(n)); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	got := p.atServer.wait(t, 4)
	for i, n := range []int{1500, 9000, 65507 - overhead} {
		if m, ok := got[i+1].(*message.ImagePacket); !ok || len(m.ImageData.Data) != n {
			t.Errorf("message %d is %T, want an ImagePacket of %d bytes", i+1, got[i+1], n)
		}
	}
	err := p.out.Send(big(65507 - overhead + 1))
	if !errors.Is(err, circuit.ErrTooLarge) || !strings.Contains(err.Error(), "ImagePacket") {
		t.Errorf("a byte too many: %v", err)
	}
	var wrong *message.RangeError
	if err := p.out.Send(big(70000)); !errors.As(err, &wrong) {
		t.Errorf("more than the message can hold: %v", err)
	}
}

func TestAFullHandlerQueueLosesNothingReliable(t *testing.T) {
	t.Parallel()
	server := impatient()
	server.ReceiveQueue = 4
	release, k := make(chan struct{}), newCollector()
	server.Accept = func(netip.AddrPort, message.Message) circuit.Handler {
		return func(c *circuit.Circuit, m message.Message) {
			<-release
			k.handle(c, m)
		}
	}
	e := circuit.NewEndpoint(udp(t), server)
	defer e.Close()
	client := circuit.NewEndpoint(udp(t), impatient())
	defer client.Close()
	c, err := client.Dial(e.LocalAddr(), newCollector().handle)
	if err != nil {
		t.Fatal(err)
	}
	const n = 40
	for i := range uint32(n) {
		if err := c.SendReliable(numbered(i)); err != nil {
			t.Fatal(err)
		}
	}
	// The circuit's own messages pass the full queue: an answered ping shows
	// that everything before it was looked at.
	for len(e.Circuits()) == 0 || e.Circuits()[0].Stats().Dropped == 0 {
		if err := c.Send(numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
	close(release)
	for {
		times, got := map[uint32]int{}, k.messages()
		for _, m := range got {
			times[number(m)]++
		}
		missing := 0
		for i := range uint32(n) {
			if times[i] > 1 {
				t.Fatalf("message %d came %d times", i, times[i])
			}
			if times[i] == 0 {
				missing++
			}
		}
		if missing == 0 {
			return
		}
		k.wait(t, len(got)+1)
	}
}
