package simgrid

import (
	"slices"
	"testing"
	"time"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/message"
)

// FuzzClientMessages lets a client send any messages: whatever their fields
// hold, the region must neither panic nor lose an avatar to a place where no
// avatar can be.
func FuzzClientMessages(f *testing.F) {
	for _, rt := range routesInOrder() {
		m, ok := message.New(rt.id)
		if !ok {
			f.Fatalf("route for unknown message %v", rt.id)
		}
		b, err := m.AppendTo(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, uint8(3))
		// The same with bytes that are no zeros, and blocks that repeat.
		head := len(b) - len(body(f, b))
		full := append(slices.Clone(b[:head]), slices.Repeat([]byte{1, 0xFF, 2, 0x7F}, 80)...)
		f.Add(full, uint8(1))
	}
	g, err := Start(Config{
		Tick:  time.Second,
		Prims: []PrimConfig{{Region: "Rookery", Name: "Seat", Position: grid.Vector3{X: 100, Y: 100, Z: 22}}},
		Inhabitants: []InhabitantConfig{
			{First: "Robin", Last: "Nest", Region: "Rookery", Answers: AnswerAll},
		},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = g.Close() })
	a, err := g.AddAccount("Fuzz", "Tester", "secret")
	if err != nil {
		f.Fatal(err)
	}
	sink, err := circuit.Listen("127.0.0.1:0", circuit.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = sink.Close() })

	f.Fuzz(func(t *testing.T, b []byte, steps uint8) {
		m, err := message.Decode(b)
		if err != nil {
			return
		}
		r := g.Region("Rookery")
		s := g.newSession(a, r, Place{Position: r.middle()})
		r.lock()
		p := r.presenceOf(s)
		r.unlock()
		c, err := sink.Dial(r.Addr(), func(*circuit.Circuit, message.Message) {})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		r.receive(p, c, &message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{Code: s.code, SessionID: s.id, ID: a.id}})
		r.receive(p, c, m) // before the handshake
		r.receive(p, c, &message.RegionHandshakeReply{})
		r.receive(p, c, &message.CompleteAgentMovement{AgentData: message.CompleteAgentMovementAgentData{AgentID: a.id, SessionID: s.id, CircuitCode: s.code}})
		for range steps % 8 {
			r.receive(p, c, aim(m, a.id, s.id, r))
			r.lock()
			r.step(time.Now(), defaultTick)
			if av := p.avatar; av != nil {
				at := av.motion.Position
				if !at.Finite() || av.transit == nil && av.seat == nil && (!r.contains(at) || at.Z < r.cfg.Ground || at.Z > ceiling) {
					t.Errorf("%s put the avatar at %v", m.Info().Name, at)
				}
				if q := av.motion.Rotation; !finiteRotation(q) {
					t.Errorf("%s turned the avatar to %v", m.Info().Name, q)
				}
			}
			r.unlock()
		}
		g.end(s, CauseLogout)
	})
}

// aim gives a message the ids without which it would not get far.
func aim(m message.Message, agent, session grid.UUID, r *Region) message.Message {
	switch m := m.(type) {
	case *message.AgentUpdate:
		m.AgentData.AgentID = agent
	case *message.ImprovedInstantMessage:
		m.AgentData.AgentID = agent
	case *message.AgentRequestSit:
		m.TargetObject.TargetID = nameID("prim", "Rookery/Seat/0")
	case *message.TeleportLocationRequest:
		if m.InfoBlock.RegionHandle%2 == 0 {
			m.InfoBlock.RegionHandle = uint64(r.handle)
		}
	case *message.ObjectSelect:
		for i := range m.ObjectData {
			m.ObjectData[i].ObjectLocalID %= 4
		}
	}
	return m
}

func routesInOrder() []route {
	all := make([]route, 0, len(routes))
	for _, rt := range routes {
		all = append(all, rt)
	}
	slices.SortFunc(all, func(a, b route) int { return int(int64(a.id) - int64(b.id)) })
	return all
}

func body(f *testing.F, b []byte) []byte {
	_, rest, err := message.ParseID(b)
	if err != nil {
		f.Fatal(err)
	}
	return rest
}

// An agent's seat may be moved anywhere by a scene, so seated avatars are not
// checked against the region's bounds above; where they stand up they are.
func TestStandingUpIsAlwaysInsideTheRegion(t *testing.T) {
	g, err := Start(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	r := g.Region("Rookery")
	seat, err := r.AddPrim(PrimConfig{Name: "Edge", Position: grid.Vector3{X: 255.9, Y: 128, Z: 22}, SitTarget: &SitTarget{Offset: grid.Vector3{X: 50}}})
	if err != nil {
		t.Fatal(err)
	}
	in, err := g.AddInhabitant(InhabitantConfig{First: "Robin", Last: "Nest", Region: "Rookery"})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Sit(seat); err != nil {
		t.Fatal(err)
	}
	in.Stand()
	if s := in.State(); s.Sitting() || s.Position.X >= 256 {
		t.Errorf("stands at %v", s.Position)
	}
}
