package agent_test

import (
	"context"
	"net"
	"testing"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/circuit/circuittest"
	"rookery/simgrid"
)

// badNetwork puts faults under what the agent sends. What the grid sends is
// left alone: its sockets are its own.
func badNetwork(f circuittest.Faults) func(*agent.Config) {
	return func(c *agent.Config) {
		c.ListenPacket = func() (net.PacketConn, error) {
			pc, err := net.ListenPacket("udp4", "127.0.0.1:0")
			if err != nil {
				return nil, err
			}
			return circuittest.Wrap(lossyReader{pc, circuittest.Wrap(nullConn{pc}, f)}, f), nil
		}
	}
}

// nullConn is a connection whose writes go nowhere: its faults decide about
// datagrams without anything being sent.
type nullConn struct{ net.PacketConn }

func (nullConn) WriteTo(b []byte, _ net.Addr) (int, error) { return len(b), nil }
func (nullConn) Close() error                              { return nil }

// lossyReader drops as many of the datagrams received as the faults of gate
// drop of those written.
type lossyReader struct {
	net.PacketConn
	gate *circuittest.Conn
}

func (l lossyReader) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, addr, err := l.PacketConn.ReadFrom(b)
		if err != nil {
			return n, addr, err
		}
		before := l.gate.Stats().Lost
		_, _ = l.gate.WriteTo(b[:n], addr)
		if l.gate.Stats().Lost == before {
			return n, addr, nil
		}
	}
}

func TestAgentLivesOnABadNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	good := w.bot("Good", startAt("Rookery", 128, 128, 22))
	bad := w.bot("Bad", func(c *agent.Config) {
		startAt("Rookery", 132, 128, 22)(c)
		badNetwork(circuittest.Faults{Seed: 7, Loss: 0.1, Duplicate: 0.1, Reorder: 0.3})(c)
	})
	id := bad.Self().ID
	heard(good, 0, func(e agent.AvatarAppeared) bool { return e.Avatar.ID == id })
	heard(bad, 0, func(e agent.AvatarAppeared) bool { return e.Avatar.ID == good.Self().ID })
	const lines = 20
	for i := range lines {
		must(t, bad.Say(w.ctx, "out "+string(rune('a'+i))))
		must(t, good.Say(w.ctx, "in "+string(rune('a'+i))))
	}
	for i := range lines {
		heard(good, 0, func(e agent.ChatHeard) bool { return e.Source == id && e.Message == "out "+string(rune('a'+i)) })
		heard(bad, 0, func(e agent.ChatHeard) bool { return e.Source != id && e.Message == "in "+string(rune('a'+i)) })
	}
	chair, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Position: grid.Vector3{X: 133, Y: 128, Z: 22}})
	must(t, err)
	must(t, bad.Sit(w.ctx, chair.ID(), grid.Vector3{}))
	must(t, bad.Stand(w.ctx))
	must(t, bad.TeleportRegion(w.ctx, "Heronry", grid.Vector3{X: 40, Y: 40, Z: 22}, grid.Vector3{}))
	goal := grid.Vector3{X: 43, Y: 43, Z: 22}
	must(t, bad.WalkTo(w.ctx, goal, 1))
	s := w.awaitState(bad, func(s simgrid.AvatarState) bool { return s.Region == "Heronry" && s.Velocity.Length() < 0.01 })
	if s.Position.Distance2D(goal) > 2 {
		t.Errorf("walked to %v", s.Position)
	}
	seen := map[string]int{}
	for _, c := range all[agent.ChatHeard](good) {
		seen[c.Message]++
	}
	for line, n := range seen {
		if n != 1 {
			t.Errorf("%q heard %d times", line, n)
		}
	}
}

func TestWaitsEndWithTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Waiting", startAt("Rookery", 128, 128, 22))
	waits := map[string]chan error{}
	for name, f := range map[string]func() error{
		"walk":    func() error { return b.WalkTo(w.ctx, grid.Vector3{X: 5, Y: 5, Z: 22}, 1) },
		"region":  func() error { _, err := b.RegionByID(w.ctx, grid.UUID{1}); return err },
		"profile": func() error { _, err := b.Profile(w.ctx, grid.UUID{2}); return err },
	} {
		done := make(chan error, 1)
		waits[name] = done
		go func() { done <- f() }()
	}
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() > 1 })
	must(t, w.Kick(b.Self().ID, "everybody out"))
	for name, done := range waits {
		select {
		case err := <-done:
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		case <-w.ctx.Done():
			t.Fatalf("%s waits on", name)
		}
	}
}

func TestLoginEndsWithItsContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.newBot("Deaf", badNetwork(circuittest.Faults{Seed: 1, Loss: 1}))
	ctx, cancel := context.WithTimeout(w.ctx, 300*time.Millisecond)
	defer cancel()
	if err := b.Login(ctx); err == nil {
		t.Fatal("logged in without a network")
	}
	if b.State() != agent.Offline {
		t.Errorf("state %v", b.State())
	}
	heard(b, 0, func(e agent.LoginProgress) bool { return e.Status == agent.LoginFailed })
}
