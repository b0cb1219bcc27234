package simgrid_test

import (
	"testing"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/message"
	"rookery/simgrid"
)

func TestSittingOnASeatAndStandingUp(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	r := g.Region("Rookery")
	bench, err := r.AddPrim(simgrid.PrimConfig{
		Name: "Bench", Position: grid.Vector3{X: 60, Y: 50, Z: 21.5}, Rotation: grid.RotationZ(1),
		SitTarget: &simgrid.SitTarget{Offset: grid.Vector3{X: 0.5, Z: 0.4}, Rotation: grid.Identity},
	})
	if err != nil {
		t.Fatal(err)
	}
	ann := connect(t, g, "Ann", at("Rookery", 50, 50, 22))
	ben := connect(t, g, "Ben", at("Rookery", 52, 50, 22))
	await(ben, objectWith(ann.id()))

	ann.sit(bench.ID())
	m := await(ann, func(m *message.ObjectUpdate) bool {
		return m.ObjectData[0].FullID == ann.id() && m.ObjectData[0].ParentID == bench.LocalID()
	})
	if motion, err := grid.ParseMotion(block(m, ann.id()).ObjectData); err != nil || motion.Position != (grid.Vector3{X: 0.5, Z: 0.4}) {
		t.Errorf("seated at %v, %v", motion.Position, err)
	}
	await(ben, plays(ann.id(), grid.AnimSit))
	s, _ := g.Avatar(ann.id())
	want := bench.Config().Position.Add(grid.RotationZ(1).Rotate(grid.Vector3{X: 0.5, Z: 0.4}))
	if s.SittingOn != bench.ID() || s.Position.Distance(want) > 0.01 {
		t.Errorf("sits on %s at %v, want %s at %v", s.SittingOn, s.Position, bench.ID(), want)
	}

	ben.request(bench.ID())
	await(ben, func(m *message.AlertMessage) bool {
		return message.String(m.AlertData.Message) == "There is no room to sit here, try another spot."
	})
	ben.request(uuid.New())
	await(ben, func(m *message.AlertMessage) bool {
		return message.String(m.AlertData.Message) == "There is no suitable surface to sit on, try another spot."
	})

	to := grid.Vector3{X: 70, Y: 70, Z: 22}
	if err := bench.Move(to, grid.Identity); err != nil {
		t.Fatal(err)
	}
	ann.until(g, func(s simgrid.AvatarState) bool { return s.Position.Distance(to) < 1 })

	ann.move(grid.ControlAtPos, 0) // seated avatars do not walk
	ann.move(grid.ControlStandUp, 0)
	ann.move(0, 0)
	ann.until(g, func(s simgrid.AvatarState) bool { return !s.Sitting() && s.OnGround })
	await(ben, func(m *message.ObjectUpdate) bool {
		return m.ObjectData[0].FullID == ann.id() && m.ObjectData[0].ParentID == 0
	})
}

// request asks for a seat.
func (c *client) request(seat grid.UUID) {
	c.t.Helper()
	c.send(&message.AgentRequestSit{TargetObject: message.AgentRequestSitTargetObject{TargetID: seat}})
}

// sit takes a seat.
func (c *client) sit(seat grid.UUID) {
	c.t.Helper()
	c.request(seat)
	await(c, func(m *message.AvatarSitResponse) bool { return m.SitObject.ID == seat })
	c.send(&message.AgentSit{})
}

func TestSittingOnTheGround(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.move(grid.ControlSitOnGround, 0)
	c.move(0, 0)
	c.until(g, func(s simgrid.AvatarState) bool { return s.SittingOnGround && s.Playing(grid.AnimSitGround) })
	c.move(grid.ControlStandUp, 0)
	c.until(g, func(s simgrid.AvatarState) bool { return !s.Sitting() })
}

func TestWhoseSeatIsRemovedStandsUp(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	seat, err := g.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: "Seat", Position: grid.Vector3{X: 128, Y: 128, Z: 22}})
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, g, "Ann")
	c.sit(seat.ID())
	c.until(g, func(s simgrid.AvatarState) bool { return s.SittingOn == seat.ID() })
	if err := seat.Remove(); err != nil {
		t.Fatal(err)
	}
	c.until(g, func(s simgrid.AvatarState) bool { return !s.Sitting() })
	await(c, func(m *message.KillObject) bool { return m.ObjectData[0].ID == seat.LocalID() })
	c.send(&message.AgentSit{}) // of the offer before
	c.round()
	if s, _ := g.Avatar(c.id()); s.Sitting() {
		t.Error("sits on a prim that is gone")
	}
}
