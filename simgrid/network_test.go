package simgrid_test

import (
	"net"
	"strconv"
	"testing"
	"time"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/circuit/circuittest"
	"rookery/grid/message"
	"rookery/simgrid"
)

func TestABadNetworkLosesNothingThatMatters(t *testing.T) {
	t.Parallel()
	bad := circuittest.Faults{Seed: 7, Loss: 0.1, Duplicate: 0.1, Reorder: 0.2, ReorderBy: 5 * time.Millisecond, Corrupt: 0.01}
	g := start(t, simgrid.Config{Network: func(pc net.PacketConn) net.PacketConn { return circuittest.Wrap(pc, bad) }})
	var clients [2]*client
	for i, first := range []string{"Ann", "Ben"} {
		clients[i] = logInOver(t, g, first, bad)
		clients[i].arrive()
	}
	ann, ben := clients[0], clients[1]
	await(ann, objectWith(ben.id()))
	await(ben, objectWith(ann.id()))
	const lines = 20
	for i := range lines {
		ann.say(grid.ChatNormal, 0, "line "+strconv.Itoa(i))
	}
	for i := range lines {
		await(ben, heard("line "+strconv.Itoa(i)))
	}
	if said := g.Said(ann.id()); len(said) != lines {
		t.Errorf("%d of %d lines were heard by the region: none may come twice", len(said), lines)
	}
	ann.im(ben.id(), grid.IMMessageFromAgent, "got it?")
	await(ben, told("got it?"))
}

func TestADeadClientDelaysNobody(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann := connect(t, g, "Ann", at("Rookery", 100, 100, 22))
	ben := connect(t, g, "Ben", at("Rookery", 101, 100, 22))
	dead := connect(t, g, "Cid", at("Rookery", 102, 100, 22))
	if _, err := g.Silence(dead.id()); err != nil {
		t.Fatal(err)
	}
	// More than any queue towards the dead client holds.
	const lines = 6000
	for i := range lines {
		ann.say(grid.ChatNormal, 0, strconv.Itoa(i))
		if i%500 == 499 {
			await(ben, heard(strconv.Itoa(i)))
			ben.forget()
			ann.forget()
		}
	}
	if _, there := g.Avatar(dead.id()); !there {
		t.Error("the dead client was dropped before its time")
	}
}

// forget drops what was received and not taken.
func (c *client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received = nil
}

func TestABusyClientIsToldHowThingsEnded(t *testing.T) {
	t.Parallel()
	var walkers []simgrid.InhabitantConfig
	for i := range 40 {
		walkers = append(walkers, simgrid.InhabitantConfig{
			First: "Walker" + strconv.Itoa(i), Last: "Tester", Region: "Rookery", Position: grid.Vector3{X: 100, Y: 100 + float32(i)/2, Z: 22},
		})
	}
	g := start(t, simgrid.Config{Inhabitants: walkers})
	c := connect(t, g, "Ann", at("Rookery", 101, 105, 22))
	unseen := make(map[grid.UUID]bool)
	for _, w := range walkers {
		unseen[g.Inhabitant(w.First, w.Last).ID()] = true
	}
	for len(unseen) > 0 { // several of them may come in one message
		for _, o := range await[*message.ObjectUpdate](c, nil).ObjectData {
			delete(unseen, o.FullID)
		}
	}
	throttle := func(bits float32) {
		b := circuit.Throttle{Resend: bits, Land: bits, Wind: bits, Cloud: bits, Task: bits, Texture: bits, Asset: bits}.Encode()
		c.send(&message.AgentThrottle{Throttle: message.AgentThrottleThrottle{Throttles: b}})
	}
	throttle(20_000) // 2.5 kB/s, when the walkers make more than 20
	for _, w := range walkers {
		if err := g.Inhabitant(w.First, w.Last).WalkTo(grid.Vector3{X: 103, Y: w.Position.Y, Z: 22}); err != nil {
			t.Fatal(err)
		}
	}
	still := make(map[uint32]bool)
	for _, w := range walkers {
		s, err := g.AwaitAvatar(c.ctx, g.Inhabitant(w.First, w.Last).ID(), func(s simgrid.AvatarState) bool { return s.Position.X > 102.5 && speed(s) == 0 })
		if err != nil {
			t.Fatal(err)
		}
		still[s.LocalID] = true
	}
	throttle(10_000_000)
	for len(still) > 0 {
		m := await[*message.ImprovedTerseObjectUpdate](c, nil)
		for _, d := range m.ObjectData {
			if u, err := grid.ParseTerse(d.Data); err == nil && (u.Velocity == grid.Vector3{}) && u.Position.X > 102.5 {
				delete(still, u.LocalID)
			}
		}
	}
}
