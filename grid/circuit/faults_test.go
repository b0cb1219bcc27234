package circuit_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rookery/grid/circuit"
	"rookery/grid/circuit/circuittest"
)

// impatient resends soon, so that tests under loss end soon.
func impatient() circuit.Options {
	return circuit.Options{
		InitialRTO: 20 * time.Millisecond,
		MinRTO:     10 * time.Millisecond,
		MaxRTO:     60 * time.Millisecond,
		AckDelay:   2 * time.Millisecond,
		MaxResends: 40,
	}
}

func TestLossDuplicationAndReorderingLoseNothingAndDeliverNothingTwice(t *testing.T) {
	t.Parallel()
	const messages = 5000
	bad := circuittest.Faults{Loss: 0.2, Duplicate: 0.2, Reorder: 0.3}
	x, y := circuittest.Wrap(udp(t), bad), circuittest.Wrap(udp(t), circuittest.Faults{Seed: 7, Loss: bad.Loss, Duplicate: bad.Duplicate, Reorder: bad.Reorder})
	p := connect(t, x, y, impatient(), impatient())

	var wg sync.WaitGroup
	for _, c := range []*circuit.Circuit{p.out, p.in} {
		wg.Go(func() {
			for n := uint32(1); n <= messages; n++ {
				// Unreliable ones between them make gaps that are never filled.
				if n%3 == 0 {
					if err := c.Send(numbered(1 << 20)); err != nil {
						t.Error(err)
					}
				}
				if n%100 == 0 {
					if err := c.SendWait(context.Background(), numbered(n)); err != nil {
						t.Error(err)
					}
				} else if err := c.SendReliable(numbered(n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, k := range []*collector{p.atServer, p.atClient} {
		for {
			times := map[uint32]int{}
			got := k.messages()
			for _, m := range got {
				times[number(m)]++
			}
			missing := 0
			for n := uint32(1); n <= messages; n++ {
				switch times[n] {
				case 0:
					missing++
				case 1:
				default:
					t.Fatalf("message %d came %d times", n, times[n])
				}
			}
			if missing == 0 {
				break
			}
			k.wait(t, len(got)+1)
		}
	}
	for name, s := range map[string]circuittest.Stats{"client": x.Stats(), "server": y.Stats()} {
		if s.Lost < s.Written/10 || s.Duplicated < s.Written/10 || s.Reordered < s.Written/10 {
			t.Errorf("the %s's network was too kind: %+v", name, s)
		}
	}
	for name, c := range map[string]*circuit.Circuit{"client": p.out, "server": p.in} {
		if s := c.Stats(); s.Resent == 0 || s.Duplicates == 0 || s.GivenUp != 0 {
			t.Errorf("the %s's circuit: %+v", name, s)
		}
	}
}

func TestCorruptionNeverEndsACircuit(t *testing.T) {
	t.Parallel()
	bad := circuittest.Faults{Loss: 0.05, Corrupt: 0.3, Reorder: 0.1}
	x, y := circuittest.Wrap(udp(t), circuittest.Faults{}), circuittest.Wrap(udp(t), circuittest.Faults{})
	p := connect(t, x, y, impatient(), impatient())
	x.Set(bad)
	y.Set(bad)
	for n := uint32(1); n <= 2000; n++ {
		if err := p.out.SendReliable(numbered(n)); err != nil {
			t.Fatal(err)
		}
	}
	x.Set(circuittest.Faults{})
	y.Set(circuittest.Faults{})
	// Once the network is well again, messages go through.
	if err := p.out.SendWait(context.Background(), numbered(9999)); err != nil {
		t.Fatal(err)
	}
	for found := false; !found; {
		got := p.atServer.messages()
		for _, m := range got {
			found = found || number(m) == 9999
		}
		if !found {
			p.atServer.wait(t, len(got)+1)
		}
	}
	if p.in.Stats().Malformed+p.server.Stats().Malformed == 0 {
		t.Error("no packet was malformed")
	}
}

func TestGarbageFromAnywhereIsDropped(t *testing.T) {
	t.Parallel()
	p := loopback(t, circuit.Options{}, circuit.Options{})
	stranger := udp(t)
	defer stranger.Close()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		b := make([]byte, r.IntN(100))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if len(b) > 0 {
			b[0] |= 0x10 // claims acknowledgements
			b[len(b)-1] = 255
		}
		if _, err := stranger.WriteTo(b, addr(p.server)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.out.SendWait(context.Background(), numbered(1)); err != nil {
		t.Fatal(err)
	}
	if got := p.atServer.wait(t, 2); number(got[1]) != 1 {
		t.Errorf("got %v", got[1])
	}
}
