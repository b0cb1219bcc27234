package agent_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/agent"
	"rookery/grid"
	"rookery/simgrid"
)

func TestSittingAndStanding(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Sitter", startAt("Rookery", 128, 128, 22))
	onlooker := w.bot("Onlooker", startAt("Rookery", 132, 128, 22))
	chair, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{
		Name: "Chair", Position: grid.Vector3{X: 130, Y: 128, Z: 22}, Rotation: grid.RotationZ(1),
		SitTarget: &simgrid.SitTarget{Offset: grid.Vector3{X: 0.5, Z: 0.4}},
	})
	must(t, err)
	for _, o := range []*bot{b, onlooker} {
		heard(o, 0, func(e agent.ObjectAppeared) bool { return e.Object.ID == chair.ID() })
	}
	heard(onlooker, 0, func(e agent.AvatarAppeared) bool { return e.Avatar.ID == b.Self().ID })

	must(t, b.Sit(w.ctx, chair.ID(), grid.Vector3{}))
	s := w.awaitState(b, func(s simgrid.AvatarState) bool { return s.SittingOn == chair.ID() })
	me := b.Self()
	if !me.Sitting || me.SittingOn != chair.ID() || me.SeatLocalID != chair.LocalID() {
		t.Errorf("self: %+v", me)
	}
	if !near(me.Position, s.Position, 0.2) {
		t.Errorf("the agent thinks it is at %v, the region at %v", me.Position, s.Position)
	}
	e := heard(onlooker, 0, func(e agent.SitChanged) bool { return e.Avatar.ID == me.ID && e.Seated })
	if e.New != chair.ID() || e.Old != (grid.UUID{}) {
		t.Errorf("the onlooker saw %+v", e)
	}
	if !near(e.Avatar.Position, s.Position, 0.2) {
		t.Errorf("the onlooker saw it at %v, the region at %v", e.Avatar.Position, s.Position)
	}

	// Who sits moves with the seat.
	must(t, chair.Move(grid.Vector3{X: 130, Y: 135, Z: 23}, grid.RotationZ(-1)))
	s = w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Position.Y > 133 })
	heard(onlooker, 0, func(agent.TerseUpdate) bool {
		seen, ok := onlooker.Avatar(me.ID)
		return ok && near(seen.Position, s.Position, 0.2)
	})

	must(t, b.Stand(w.ctx))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return !s.Sitting() })
	if b.Self().Sitting {
		t.Error("the agent thinks it sits")
	}
	up := heard(onlooker, 0, func(e agent.SitChanged) bool { return e.Avatar.ID == me.ID && !e.Seated })
	if up.Old != chair.ID() || up.New != (grid.UUID{}) {
		t.Errorf("the onlooker saw %+v", up)
	}
	must(t, b.Stand(w.ctx)) // nothing to do, no error
}

func TestChangingSeatsStandsUpFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Sitter", startAt("Rookery", 128, 128, 22))
	var seats []*simgrid.Prim
	for _, y := range []float32{126, 130} {
		p, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Position: grid.Vector3{X: 128, Y: y, Z: 22}})
		must(t, err)
		seats = append(seats, p)
		heard(b, 0, func(e agent.ObjectAppeared) bool { return e.Object.ID == p.ID() })
	}
	for _, p := range append(seats, seats[0]) {
		must(t, b.Sit(w.ctx, p.ID(), grid.Vector3{Z: 0.3}))
		w.awaitState(b, func(s simgrid.AvatarState) bool { return s.SittingOn == p.ID() })
	}
	must(t, b.WalkTo(w.ctx, grid.Vector3{X: 125, Y: 128, Z: 22}, 1)) // stands up, too
	w.awaitState(b, func(s simgrid.AvatarState) bool { return !s.Sitting() })
	must(t, b.Sit(w.ctx, seats[1].ID(), grid.Vector3{}))
	must(t, seats[1].Remove()) // the seat goes, the avatar stays
	heard(b, 0, func(e agent.SitChanged) bool { return e.Avatar.ID == b.Self().ID && !e.Seated && !b.Self().Sitting })
}

func TestRefusedSeatIsToldFromSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Sitter", startAt("Rookery", 128, 128, 22))
	far, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Position: grid.Vector3{X: 230, Y: 230, Z: 22}})
	must(t, err)
	ctx, cancel := context.WithTimeout(w.ctx, 2*time.Second)
	defer cancel()
	err = b.Sit(ctx, far.ID(), grid.Vector3{})
	t.Logf("too far: %v", err)
	if err == nil {
		t.Error("sat down a hundred metres away")
	}
	short, stop := context.WithTimeout(w.ctx, 300*time.Millisecond)
	defer stop()
	if err := b.Sit(short, uuid.New(), grid.Vector3{}); !errors.Is(err, agent.ErrTimeout) && !errors.Is(err, agent.ErrCannotSit) {
		t.Errorf("sat on nothing: %v", err)
	}
	if err := b.Sit(w.ctx, grid.UUID{}, grid.Vector3{}); err == nil {
		t.Error("sat on the null id")
	}
}

func TestAlertAboutTheSeatIsARefusalOthersAreNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Sitter", startAt("Rookery", 128, 128, 22))
	refused := make(chan error, 1)
	go func() { refused <- b.Sit(w.ctx, uuid.New(), grid.Vector3{}) }()
	must(t, w.Alert(b.Self().ID, "The region restarts in an hour."))
	heard(b, 0, func(e agent.Alert) bool { return e.Message == "The region restarts in an hour." })
	select {
	case err := <-refused:
		if !errors.Is(err, agent.ErrCannotSit) { // the grid itself may refuse at once
			t.Fatalf("an unrelated alert ended the wait: %v", err)
		}
		return
	default:
	}
	must(t, w.Alert(b.Self().ID, "No room to sit here, try another spot."))
	if err := <-refused; !errors.Is(err, agent.ErrCannotSit) {
		t.Fatalf("sit: %v", err)
	}
}

func TestSittingOnTheGround(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Sitter", startAt("Rookery", 128, 128, 22))
	must(t, b.SitOnGround(w.ctx))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.SittingOnGround })
	if !b.Self().OnGround || b.Self().Sitting {
		t.Errorf("self: %+v", b.Self())
	}
	must(t, b.Stand(w.ctx))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return !s.Sitting() })
	if b.Self().OnGround {
		t.Error("the agent thinks it sits")
	}
}
