package circuit_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"rookery/grid/circuit"
	"rookery/grid/circuit/circuittest"
	"rookery/grid/message"
)

func TestASilentPeerEndsTheCircuit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, x, y := piped(t, circuit.Options{}, circuit.Options{})
		synctest.Wait()
		x.Set(circuittest.Faults{Loss: 1})
		y.Set(circuittest.Faults{Loss: 1})
		start := time.Now()
		waiting := make(chan error, 1)
		go func() {
			time.Sleep(50 * time.Second)
			waiting <- p.out.SendWait(context.Background(), numbered(1))
		}()
		<-p.out.Done()
		if d := time.Since(start); d > time.Minute || d < 55*time.Second {
			t.Errorf("ended after %v of silence, want 1m", d)
		}
		if err := p.out.Err(); !errors.Is(err, circuit.ErrTimeout) {
			t.Errorf("error %v, want ErrTimeout", err)
		}
		if err := <-waiting; !errors.Is(err, circuit.ErrTimeout) {
			t.Errorf("the waiting sender got %v, want ErrTimeout", err)
		}
		<-p.in.Done()
		if n := len(p.client.Circuits()) + len(p.server.Circuits()); n != 0 {
			t.Errorf("%d circuits are left", n)
		}
	})
}

func TestPingsKeepAnIdleCircuitOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _, y := piped(t, circuit.Options{}, circuit.Options{PingInterval: time.Hour})
		y.Set(circuittest.Faults{Delay: 30 * time.Millisecond})
		time.Sleep(10 * time.Minute)
		if err := errors.Join(p.out.Err(), p.in.Err()); err != nil {
			t.Fatal(err)
		}
		if rtt := p.out.RTT(); rtt < 25*time.Millisecond || rtt > 40*time.Millisecond {
			t.Errorf("round trip %v, want about 30ms", rtt)
		}
		// One ping every 5 s and nothing else, but for the beginning.
		if s := p.out.Stats(); s.PacketsSent < 119 || s.PacketsSent > 123 {
			t.Errorf("%d packets in 10 minutes", s.PacketsSent)
		}
	})
}

func TestAReliableMessageIsResentWithBackOffAndGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		client := circuit.Options{MaxResends: 4, MaxRTO: 3 * time.Second, PingInterval: time.Hour, Trace: rec.trace}
		p, x, _ := piped(t, client, circuit.Options{PingInterval: time.Hour})
		rec.take(t, circuit.Sent)
		x.Set(circuittest.Faults{Loss: 1})
		start := time.Now()
		err := p.out.SendWait(context.Background(), numbered(1))
		if !errors.Is(err, circuit.ErrGivenUp) {
			t.Errorf("error %v, want ErrGivenUp", err)
		}
		// 300 ms is the least wait; then 600 ms, 1.2 s, 2.4 s, at most 3 s.
		if d := time.Since(start).Round(100 * time.Millisecond); d != 7500*time.Millisecond {
			t.Errorf("given up after %v, want 7.5s", d)
		}
		sent := rec.take(t, circuit.Sent)
		if len(sent) != 5 {
			t.Fatalf("sent %d times, want 5", len(sent))
		}
		for i, s := range sent {
			if s.Sequence != sent[0].Sequence || s.Flags&message.FlagReliable == 0 || (s.Flags&message.FlagResent != 0) != (i > 0) {
				t.Errorf("sending %d: %+v, want the first sequence number and the resent flag from the second on", i+1, s.Header)
			}
		}
		if s := p.out.Stats(); s.GivenUp != 1 || s.Resent != 4 || s.Unacked != 0 {
			t.Errorf("%+v", s)
		}
		if p.out.Err() != nil {
			t.Error("giving up one message ended the circuit")
		}
	})
}

func TestTheResendTimeFollowsTheRoundTrip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, x, y := piped(t, circuit.Options{}, circuit.Options{})
		x.Set(circuittest.Faults{Delay: 400 * time.Millisecond})
		y.Set(circuittest.Faults{Delay: 400 * time.Millisecond})
		for n := range uint32(20) {
			if err := p.out.SendWait(context.Background(), numbered(n+1)); err != nil {
				t.Fatal(err)
			}
		}
		if rtt := p.out.RTT(); rtt < 700*time.Millisecond || rtt > 900*time.Millisecond {
			t.Errorf("round trip %v, want about 850ms", rtt)
		}
		if s := p.out.Stats(); s.Resent > 2 {
			t.Errorf("%d needless resends", s.Resent)
		}
	})
}

func TestAResentPacketDoesNotCountAsARoundTrip(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, x, _ := piped(t, circuit.Options{PingInterval: time.Hour}, circuit.Options{PingInterval: time.Hour})
		before := p.out.RTT()
		x.Set(circuittest.Faults{Loss: 1})
		if err := p.out.SendReliable(numbered(1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		x.Set(circuittest.Faults{})
		p.atServer.wait(t, 2)
		time.Sleep(time.Second)
		if s := p.out.Stats(); s.Unacked != 0 || s.RTT != before {
			t.Errorf("round trip %v, was %v; %d unacknowledged", s.RTT, before, s.Unacked)
		}
	})
}

func TestAcknowledgementsGoTogetherOrWithTheNextPacket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		p, _, _ := piped(t, circuit.Options{PingInterval: time.Hour}, circuit.Options{PingInterval: time.Hour, Trace: rec.trace})
		rec.take(t, circuit.Sent)
		for n := range uint32(10) {
			if err := p.out.SendReliable(numbered(n)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		sent := rec.take(t, circuit.Sent)
		if len(sent) != 1 {
			t.Fatalf("%d packets, want one PacketAck", len(sent))
		}
		if ack, ok := sent[0].m.(*message.PacketAck); !ok || len(ack.Packets) != 10 {
			t.Errorf("%T %+v, want a PacketAck of 10", sent[0].m, sent[0].m)
		}

		if err := p.out.SendReliable(numbered(11)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := p.in.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		sent = rec.take(t, circuit.Sent)
		if len(sent) != 1 || sent[0].Acks() != 1 {
			t.Errorf("%d packets, want one with the acknowledgement", len(sent))
		}
		if n := p.out.Stats().Unacked; n != 0 {
			t.Errorf("%d messages are not acknowledged", n)
		}
	})
}

func TestAPingTellsTheOldestUnacknowledgedPacket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		p, _, y := piped(t, circuit.Options{Trace: rec.trace}, circuit.Options{PingInterval: time.Hour})
		pings := func() (all []traced) {
			for _, s := range rec.take(t, circuit.Sent) {
				if _, ok := s.m.(*message.StartPingCheck); ok {
					all = append(all, s)
				}
			}
			return all
		}
		time.Sleep(6 * time.Second)
		first := pings()
		if len(first) != 1 || first[0].m.(*message.StartPingCheck).PingID.OldestUnacked != first[0].Sequence {
			t.Errorf("with nothing open: %+v, want its own number", first)
		}
		y.Set(circuittest.Faults{Loss: 1}) // no acknowledgement comes back
		for n := range uint32(3) {
			if err := p.out.SendReliable(numbered(n)); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		second := pings()
		if len(second) != 1 || second[0].m.(*message.StartPingCheck).PingID.OldestUnacked != first[0].Sequence+1 {
			t.Errorf("with three open after %d: %+v", first[0].Sequence, second)
		}
	})
}

func TestTheWindowBoundsWhatIsUnacknowledged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := circuit.Options{Window: 8, SendQueue: 16, PingInterval: time.Hour}
		p, _, y := piped(t, client, circuit.Options{PingInterval: time.Hour})
		y.Set(circuittest.Faults{Loss: 1})
		for n := range uint32(24) {
			if err := p.out.SendReliable(numbered(n)); err != nil {
				t.Fatal(err)
			}
		}
		if s := p.out.Stats(); s.Unacked != 8 || s.Queued != 16 {
			t.Errorf("%+v, want 8 unacknowledged and 16 queued", s)
		}
		if err := p.out.SendReliable(numbered(24)); !errors.Is(err, circuit.ErrQueueFull) {
			t.Errorf("error %v, want ErrQueueFull", err)
		}
		y.Set(circuittest.Faults{})
		p.atServer.wait(t, 25)
		time.Sleep(5 * time.Second)
		if s := p.out.Stats(); s.Unacked != 0 || s.Queued != 0 {
			t.Errorf("%+v, want nothing left", s)
		}
		for i, m := range p.atServer.messages()[1:] {
			if number(m) != uint32(i) {
				t.Errorf("message %d is %d", i, number(m))
			}
		}
	})
}

func TestTheThrottleSpreadsACategoryOverTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := piped(t, circuit.Options{}, circuit.Options{})
		const perSecond = 10_000 // bytes
		if err := p.in.SetThrottle(circuit.Throttle{Texture: 8 * perSecond}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 100 {
			if err := p.in.Send(&message.ImagePacket{ImageData: message.ImagePacketImageData{Data: make([]byte, 1000-27)}}); err != nil {
				t.Fatal(err)
			}
		}
		// Other messages are not held up.
		if err := p.in.SendWait(context.Background(), numbered(1)); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("a message of no category took %v", d)
		}
		p.atClient.wait(t, 101)
		if d := time.Since(start); d < 8*time.Second || d > 11*time.Second {
			t.Errorf("100,000 bytes at 10,000 a second took %v", d)
		}
		// Without throttle the rest goes at once.
		for range 50 {
			if err := p.in.Send(&message.ImagePacket{ImageData: message.ImagePacketImageData{Data: make([]byte, 1000-27)}}); err != nil {
				t.Fatal(err)
			}
		}
		if p.in.Stats().Queued == 0 {
			t.Error("nothing is queued")
		}
		if err := p.in.SetThrottle(circuit.Throttle{}); err != nil {
			t.Fatal(err)
		}
		if n := p.in.Stats().Queued; n != 0 {
			t.Errorf("%d are still queued", n)
		}
	})
}

func TestClosingSendsWhatIsQueued(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := piped(t, circuit.Options{}, circuit.Options{})
		if err := p.in.SetThrottle(circuit.Throttle{Task: 8000}); err != nil {
			t.Fatal(err)
		}
		kill := &message.KillObject{ObjectData: make([]message.KillObjectObjectData, 200)}
		for range 30 {
			if err := p.in.SendReliable(kill); err != nil {
				t.Fatal(err)
			}
		}
		if p.in.Stats().Queued == 0 {
			t.Fatal("nothing is queued")
		}
		if err := p.in.Close(); err != nil {
			t.Fatal(err)
		}
		<-p.out.Done()
		if n := len(p.atClient.messages()); n != 30 {
			t.Errorf("%d messages came, want 30", n)
		}
	})
}

func TestAContextEndsTheWaitNotTheMessage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, x, _ := piped(t, circuit.Options{}, circuit.Options{})
		x.Set(circuittest.Faults{Loss: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.out.SendWait(ctx, numbered(1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		x.Set(circuittest.Faults{})
		p.atServer.wait(t, 2)
	})
}

func TestDuplicatesAreAcknowledgedAgainButNotDelivered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, b := circuittest.Pipe()
		k := newCollector()
		var rec recorder
		e := circuit.NewEndpoint(b, circuit.Options{
			PingInterval: time.Hour,
			Accept:       func(netip.AddrPort, message.Message) circuit.Handler { return k.handle },
			Trace:        rec.trace,
		})
		defer e.Close()
		defer a.Close()
		send := func(packet []byte) {
			if _, err := a.WriteTo(packet, b.LocalAddr()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		one := rawPacket(t, message.FlagReliable, 1, numbered(1))
		send(one)
		send(one)
		one[0] |= byte(message.FlagResent)
		send(one)
		// The first sending was lost, its resend comes late: still new.
		send(rawPacket(t, message.FlagReliable, 9, numbered(9)))
		send(rawPacket(t, message.FlagReliable|message.FlagResent, 5, numbered(5)))
		// Unreliable ones that the network has doubled.
		send(rawPacket(t, 0, 10, numbered(10)))
		send(rawPacket(t, 0, 10, numbered(10)))

		var got []uint32
		for _, m := range k.messages() {
			got = append(got, number(m))
		}
		if len(got) != 4 || got[0] != 1 || got[1] != 9 || got[2] != 5 || got[3] != 10 {
			t.Errorf("delivered %v, want [1 9 5 10]", got)
		}
		acked := map[uint32]int{}
		for _, s := range rec.take(t, circuit.Sent) {
			if ack, ok := s.m.(*message.PacketAck); ok {
				for _, p := range ack.Packets {
					acked[p.ID]++
				}
			}
		}
		if acked[1] != 3 || acked[9] != 1 || acked[5] != 1 || acked[10] != 0 {
			t.Errorf("acknowledged %v, want 1 three times, 9 and 5 once", acked)
		}
		if s := e.Circuits()[0].Stats(); s.Duplicates != 3 {
			t.Errorf("%+v, want 3 duplicates", s)
		}
	})
}

func TestUnknownMessagesAreAcknowledgedAndDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, x, _ := piped(t, circuit.Options{PingInterval: time.Hour}, circuit.Options{PingInterval: time.Hour})
		unknown := rawPacket(t, message.FlagReliable, 77, numbered(1))
		unknown[message.HeaderSize+2], unknown[message.HeaderSize+3] = 0x7f, 0x7f
		if _, err := x.WriteTo(unknown, addr(p.server)); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		before := p.in.Stats()
		time.Sleep(time.Second)
		if after := p.in.Stats(); before.Malformed != 1 || after.PacketsSent != before.PacketsSent+1 {
			t.Errorf("%+v, then %+v; want one malformed and one acknowledgement", before, after)
		}
		if n := len(p.atServer.messages()); n != 1 {
			t.Errorf("%d messages were delivered", n-1)
		}
	})
}
