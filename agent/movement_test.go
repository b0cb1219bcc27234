package agent_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/simgrid"
)

func within(w *world, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(w.ctx, d)
}

func TestWalkEndsNearItsGoal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Walker", startAt("Rookery", 128, 128, 22))
	goal := grid.Vector3{X: 131, Y: 125, Z: 22}
	must(t, b.WalkTo(w.ctx, goal, 0.5))
	if d := b.Self().Position.Distance2D(goal); d > 0.5 {
		t.Errorf("the agent thinks it is %v m away", d)
	}
	s := w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() < 0.01 })
	if d := s.Position.Distance2D(goal); d > 1 {
		t.Errorf("%v m from the goal at %v", d, s.Position)
	}
	if s.Controls&(grid.ControlAtPos|grid.ControlUpPos) != 0 || s.Flying {
		t.Errorf("still holds %v, flying %v", s.Controls.Names(), s.Flying)
	}
}

func TestWalkThatCannotArriveSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Slow", startAt("Rookery", 128, 128, 22))
	ctx, cancel := within(w, 200*time.Millisecond)
	defer cancel()
	err := b.WalkTo(ctx, grid.Vector3{X: 20, Y: 20, Z: 22}, 1)
	if !errors.Is(err, agent.ErrNotReached) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("walk: %v", err)
	}
	w.awaitState(b, func(s simgrid.AvatarState) bool {
		return s.Velocity.Length() < 0.01 && s.Controls&grid.ControlAtPos == 0
	})
	if err := b.WalkTo(w.ctx, grid.Vector3{X: float32(math.NaN())}, 1); err == nil {
		t.Error("walked to NaN")
	}
	if err := b.WalkTo(w.ctx, grid.Vector3{}, -1); err == nil {
		t.Error("walked with a negative vicinity")
	}
}

func TestLaterWalkTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Fickle", startAt("Rookery", 128, 128, 22))
	first := make(chan error, 1)
	go func() { first <- b.WalkTo(w.ctx, grid.Vector3{X: 20, Y: 20, Z: 22}, 1) }()
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() > 1 })
	must(t, b.WalkTo(w.ctx, grid.Vector3{X: 130, Y: 128, Z: 22}, 1))
	if err := <-first; !errors.Is(err, agent.ErrSuperseded) {
		t.Errorf("first walk: %v", err)
	}
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() < 0.01 })
	go func() { first <- b.WalkTo(w.ctx, grid.Vector3{X: 20, Y: 20, Z: 22}, 1) }()
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() > 1 })
	must(t, b.StopMoving(w.ctx))
	if err := <-first; !errors.Is(err, agent.ErrSuperseded) {
		t.Errorf("stopped walk: %v", err)
	}
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() < 0.01 })
}

func TestFlightReachesAPlaceInTheAir(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Flyer", startAt("Rookery", 128, 128, 22))
	goal := grid.Vector3{X: 136, Y: 130, Z: 30}
	must(t, b.FlyTo(w.ctx, goal, agent.FlyOptions{Vicinity: 2, Affinity: 3}))
	s := w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Flying })
	if d := s.Position.Distance(goal); d > 4 {
		t.Errorf("%v m from the goal", d)
	}
	must(t, b.Fly(w.ctx, false))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return !s.Flying && s.OnGround })
}

func TestNudgesPushInAllDirections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Nudged", startAt("Rookery", 128, 128, 60))
	must(t, b.Fly(w.ctx, true)) // so that up and down lead somewhere
	must(t, b.TurnTo(w.ctx, grid.Vector3{X: 250, Y: 128, Z: 60}))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Flying && math.Abs(s.Heading()) < 0.1 })
	for direction, way := range map[agent.Direction]grid.Vector3{
		agent.Forward: {X: 1}, agent.Back: {X: -1}, agent.Left: {Y: 1}, agent.Right: {Y: -1}, agent.Up: {Z: 1}, agent.Down: {Z: -1},
	} {
		before := w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() < 0.01 })
		must(t, b.Nudge(w.ctx, direction))
		w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Position.Sub(before.Position).Dot(way) > 0.1 })
		after := w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() < 0.01 })
		moved := after.Position.Sub(before.Position)
		if along := moved.Dot(way); along < 0.1 || along > 8 || moved.Sub(way.Scale(along)).Length() > 0.5 {
			t.Errorf("%s: moved %v", direction, moved)
		}
	}
	if err := b.Nudge(w.ctx, "sideways"); err == nil {
		t.Error("nudged sideways")
	}
}

func TestTurning(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Turner", startAt("Rookery", 128, 128, 22))
	facing := func(angle float64) {
		t.Helper()
		w.awaitState(b, func(s simgrid.AvatarState) bool {
			return math.Abs(math.Remainder(s.Heading()-angle, 2*math.Pi)) < 0.02
		})
	}
	must(t, b.TurnTo(w.ctx, grid.Vector3{X: 128, Y: 250, Z: 22}))
	facing(math.Pi / 2)
	must(t, b.Turn(w.ctx, 1))
	facing(math.Pi/2 + 1)
	must(t, b.Turn(w.ctx, -2))
	facing(math.Pi/2 - 1)
	if err := b.Turn(w.ctx, math.Inf(1)); err == nil {
		t.Error("turned without end")
	}
	s := w.awaitState(b, func(s simgrid.AvatarState) bool { // the camera looks where the avatar looks
		f := s.Rotation.Rotate(grid.Vector3{X: 1})
		return s.Camera.At.Distance(f) < 0.05
	})
	if s.Camera.Far != 64 || s.Camera.Center.Distance(s.Position) > 1 {
		t.Errorf("camera %+v, avatar at %v", s.Camera, s.Position)
	}
}

func TestPosturesAndStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Poser", startAt("Rookery", 128, 128, 22))
	for name, c := range map[string]struct {
		set func(context.Context, bool) error
		is  func(simgrid.AvatarState) bool
	}{
		"fly":    {b.Fly, func(s simgrid.AvatarState) bool { return s.Flying }},
		"crouch": {b.Crouch, func(s simgrid.AvatarState) bool { return s.Controls&grid.ControlUpNeg != 0 }},
		"jump":   {b.Jump, func(s simgrid.AvatarState) bool { return s.Controls&grid.ControlUpPos != 0 }},
		"run":    {b.AlwaysRun, func(s simgrid.AvatarState) bool { return s.AlwaysRun }},
		"away":   {b.Away, func(s simgrid.AvatarState) bool { return s.Away && s.Playing(grid.AnimAway) }},
		"busy":   {b.Busy, func(s simgrid.AvatarState) bool { return s.Busy }},
		"typing": {b.Typing, func(s simgrid.AvatarState) bool { return s.Playing(grid.AnimType) }},
	} {
		must(t, c.set(w.ctx, true))
		w.awaitState(b, c.is)
		switch name {
		case "away":
			if !b.IsAway() {
				t.Error("does not know that it is away")
			}
		case "busy":
			if !b.IsBusy() {
				t.Error("does not know that it is busy")
			}
		}
		must(t, c.set(w.ctx, false))
		w.awaitState(b, func(s simgrid.AvatarState) bool { return !c.is(s) })
	}
	if b.IsAway() || b.IsBusy() || b.IsTyping() {
		t.Error("still thinks that it is away, busy or typing")
	}
}

func TestDeanimateSparesBuiltInAnimations(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Dancer", nil)
	own := grid.UUID{0xda, 0x9c, 0xe}
	must(t, b.Animate(w.ctx, true, own, grid.AnimAway))
	heard(b, 0, func(e agent.AnimationsChanged) bool { return b.Animating(own) && b.Animating(grid.AnimAway) })
	must(t, b.Deanimate(w.ctx))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return !s.Playing(own) && s.Playing(grid.AnimAway) })
}

func TestMovementAndCameraCanBeSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Filmer", startAt("Rookery", 128, 128, 22))
	c := agent.Camera{
		Far: 96, Position: grid.Vector3{X: 10, Y: 20, Z: 30},
		AtAxis: grid.Vector3{Y: 1}, LeftAxis: grid.Vector3{X: -1}, UpAxis: grid.Vector3{Z: 1},
	}
	must(t, b.SetCamera(w.ctx, c))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Camera.Center == c.Position && s.Camera.Far == 96 })
	if b.Camera() != c {
		t.Errorf("camera %+v, want %+v", b.Camera(), c)
	}
	must(t, b.ResetCamera(w.ctx))
	w.awaitState(b, func(s simgrid.AvatarState) bool {
		return s.Camera.Center.Distance(s.Position) < 1 && s.Camera.Far == 96
	})
	must(t, b.SetMovement(w.ctx, func(m *agent.Movement) {
		m.Controls |= grid.ControlMouselook
		m.BodyRotation = grid.RotationZ(2)
	}))
	w.awaitState(b, func(s simgrid.AvatarState) bool {
		return s.Controls&grid.ControlMouselook != 0 && math.Abs(s.Heading()-2) < 0.02
	})
	if err := b.SetCamera(w.ctx, agent.Camera{Far: -1}); err == nil {
		t.Error("negative draw distance")
	}
	if err := b.SetMovement(w.ctx, func(m *agent.Movement) { m.UpdateInterval = 0 }); err == nil {
		t.Error("no time between updates")
	}
}

func TestAutopilotArrivesWhoeverWalks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Passenger", startAt("Rookery", 128, 128, 22))
	goal := grid.Vector3{X: 124, Y: 128, Z: 22}
	must(t, b.Autopilot(w.ctx, goal))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Position.Distance2D(goal) < 2 && s.Velocity.Length() < 0.01 })
	must(t, b.Autopilot(w.ctx, grid.Vector3{X: 10, Y: 10, Z: 22}))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() > 1 })
	must(t, b.StopMoving(w.ctx))
	w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Velocity.Length() < 0.01 })
}
