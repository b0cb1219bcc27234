package simgrid_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
	"rookery/simgrid"
)

// until waits for a state of the client's own avatar.
func (c *client) until(g *simgrid.Grid, match func(simgrid.AvatarState) bool) simgrid.AvatarState {
	c.t.Helper()
	s, err := g.AwaitAvatar(c.ctx, c.id(), match)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func speed(s simgrid.AvatarState) float64 {
	return math.Hypot(float64(s.Velocity.X), float64(s.Velocity.Y))
}

func TestControlsMoveTheAvatar(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	north := math.Pi / 2
	for _, test := range []struct {
		name     string
		controls grid.Control
		run      bool
		speed    float64
		dir      grid.Vector3
		anim     grid.UUID
	}{
		{"walk", grid.ControlAtPos, false, 3.2, grid.Vector3{Y: 1}, grid.AnimWalk},
		{"run", grid.ControlAtPos, true, 5.13, grid.Vector3{Y: 1}, grid.AnimRun},
		{"back", grid.ControlAtNeg, false, 3.2, grid.Vector3{Y: -1}, grid.AnimWalk},
		{"left", grid.ControlLeftPos, false, 3.2, grid.Vector3{X: -1}, grid.AnimWalk},
		{"right", grid.ControlLeftNeg, false, 3.2, grid.Vector3{X: 1}, grid.AnimWalk},
		{"fly", grid.ControlAtPos | grid.ControlFly, false, 16, grid.Vector3{Y: 1}, grid.AnimFly},
		{"crouch", grid.ControlAtPos | grid.ControlUpNeg, false, 1.6, grid.Vector3{Y: 1}, grid.AnimCrouchWalk},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, g, "Mover"+test.name)
			c.send(&message.SetAlwaysRun{AgentData: message.SetAlwaysRunAgentData{AgentID: c.id(), AlwaysRun: test.run}})
			before := c.until(g, nil)
			c.move(test.controls, north)
			s := c.until(g, func(s simgrid.AvatarState) bool {
				return speed(s) > 0 && s.Playing(test.anim) && s.Position.Distance2D(before.Position) > 0.1
			})
			if math.Abs(speed(s)-test.speed) > 0.01 {
				t.Errorf("speed %g m/s, want %g", speed(s), test.speed)
			}
			if d := s.Position.Sub(before.Position); d.Normalize().Dot(test.dir) < 0.99 {
				t.Errorf("went %v, want direction %v", d, test.dir)
			}
			c.move(test.controls&grid.ControlFly, north)
			c.until(g, func(s simgrid.AvatarState) bool { return speed(s) == 0 })
		})
	}
}

func TestFlyingUpAndFallingDown(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.move(grid.ControlFly|grid.ControlUpPos, 0)
	c.until(g, func(s simgrid.AvatarState) bool {
		return s.Position.Z > 24 && s.Flying && s.Playing(grid.AnimHoverUp)
	})
	c.move(grid.ControlFly, 0)
	c.until(g, func(s simgrid.AvatarState) bool { return s.Velocity.Z == 0 && s.Playing(grid.AnimHover) })
	c.move(0, 0)
	c.until(g, func(s simgrid.AvatarState) bool { return !s.Flying && s.OnGround && s.Playing(grid.AnimStand) })
}

func TestJumpCrouchNudgeTurnAway(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.move(grid.ControlUpPos, 0)
	c.until(g, func(s simgrid.AvatarState) bool { return !s.OnGround && s.Velocity.Z > 0 })
	c.move(0, 0)
	c.until(g, func(s simgrid.AvatarState) bool { return s.OnGround })

	c.move(grid.ControlUpNeg, 0)
	c.until(g, func(s simgrid.AvatarState) bool { return s.Crouching && s.Playing(grid.AnimCrouch) })
	c.move(0, 0)

	before := c.until(g, func(s simgrid.AvatarState) bool { return !s.Crouching })
	c.move(grid.ControlNudgeAtPos, 0)
	c.move(0, 0)
	after := c.until(g, func(s simgrid.AvatarState) bool { return s.Position.X > before.Position.X && speed(s) == 0 })
	if d := after.Position.X - before.Position.X; d > 1 {
		t.Errorf("a nudge moved %g m", d)
	}

	c.move(0, 2)
	c.until(g, func(s simgrid.AvatarState) bool { return math.Abs(s.Heading()-2) < 0.01 })

	c.move(grid.ControlAway, 2)
	c.until(g, func(s simgrid.AvatarState) bool { return s.Away && s.Playing(grid.AnimAway) })
	c.send(&message.AgentAnimation{AnimationList: []message.AgentAnimationAnimationList{{AnimID: grid.AnimBusy, StartAnim: true}}})
	c.until(g, func(s simgrid.AvatarState) bool { return s.Busy })
	c.send(&message.AgentAnimation{AnimationList: []message.AgentAnimationAnimationList{{AnimID: grid.AnimBusy}}})
	c.move(0, 2)
	c.until(g, func(s simgrid.AvatarState) bool { return !s.Away && !s.Busy })
}

func TestOthersSeeTheMovement(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann := connect(t, g, "Ann", at("Rookery", 100, 100, 22))
	ben := connect(t, g, "Ben", at("Rookery", 104, 100, 22))
	local := block(await(ben, objectWith(ann.id())), ann.id()).ID
	ann.move(grid.ControlAtPos, 0)
	moving := func(still bool) func(*message.ImprovedTerseObjectUpdate) bool {
		return func(m *message.ImprovedTerseObjectUpdate) bool {
			for _, d := range m.ObjectData {
				u, err := grid.ParseTerse(d.Data)
				if err != nil {
					t.Error(err)
				}
				if u.LocalID == local && (u.Velocity == grid.Vector3{}) == still && (!still || u.Position.X > 101) {
					return true
				}
			}
			return false
		}
	}
	await(ben, moving(false))
	await(ben, plays(ann.id(), grid.AnimWalk))
	ann.until(g, func(s simgrid.AvatarState) bool { return s.Position.X > 101.5 })
	ann.move(0, 0)
	await(ben, moving(true))
}

func TestAutopilotWalksThereAndStops(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann", at("Rookery", 100, 100, 22))
	x, y := g.Region("Rookery").Handle().Metres()
	c.send(&message.GenericMessage{
		MethodData: message.GenericMessageMethodData{Method: message.Bytes("autopilot")},
		ParamList: []message.GenericMessageParamList{
			{Parameter: message.Bytes(strconv.Itoa(int(x) + 102))},
			{Parameter: message.Bytes(strconv.Itoa(int(y) + 101))},
			{Parameter: message.Bytes("22")},
		},
	})
	s := c.until(g, func(s simgrid.AvatarState) bool { return s.Position.X > 101.5 && speed(s) == 0 })
	if d := s.Position.Distance2D(grid.Vector3{X: 102, Y: 101}); d > 0.5 {
		t.Errorf("stopped %g m away", d)
	}
}

func TestTheGridEndsInAWall(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann", at("Rookery", 2, 128, 22))
	c.move(grid.ControlAtPos, math.Pi)
	s := c.until(g, func(s simgrid.AvatarState) bool { return s.Position.X < 0.2 && speed(s) == 0 })
	if s.Region != "Rookery" || s.Position.X <= 0 {
		t.Errorf("at %v of %s", s.Position, s.Region)
	}
}

func TestWalkingOverTheBorder(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann", at("Rookery", 254, 128, 22))
	heronry, rookery := g.Region("Heronry"), g.Region("Rookery")
	awaitFrom[*message.RegionHandshake](c, heronry.Handle(), nil)
	awaitFrom[*message.ParcelOverlay](c, heronry.Handle(), nil)
	w := g.Watch()
	defer w.Close()
	c.move(grid.ControlAtPos, 0)
	e := await[*caps.CrossedRegion](c, nil)
	if e.Addr != heronry.Addr() || e.Handle != heronry.Handle() || e.Position.X < 0 || e.Position.X > 1 {
		t.Errorf("crossing %+v", e)
	}
	a, err := simgrid.Await[simgrid.Arrived](c.ctx, w, nil)
	if err != nil || a.Region != "Heronry" || a.Via != simgrid.ViaCrossing {
		t.Fatalf("got %+v, %v", a, err)
	}
	// It walks on with the keys still down, and back again the other way.
	c.until(g, func(s simgrid.AvatarState) bool { return s.Region == "Heronry" && s.Position.X > 1 })
	awaitFrom(c, rookery.Handle(), func(*message.KillObject) bool { return true })
	c.move(grid.ControlAtPos, math.Pi)
	c.until(g, func(s simgrid.AvatarState) bool { return s.Region == "Rookery" && s.Position.X < 255 })
}

func TestWhoDoesNotFollowACrossingIsPutBack(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{TransferTimeout: 100 * time.Millisecond})
	c := connect(t, g, "Ann", at("Rookery", 254, 128, 22))
	awaitFrom[*message.ParcelOverlay](c, g.Region("Heronry").Handle(), nil)
	c.passive.Store(true)
	c.move(grid.ControlAtPos, 0)
	await[*caps.CrossedRegion](c, nil)
	s := c.until(g, func(s simgrid.AvatarState) bool { return speed(s) == 0 })
	if s.Region != "Rookery" {
		t.Errorf("in %s", s.Region)
	}
	c.move(grid.ControlAtPos, math.Pi)
	c.until(g, func(s simgrid.AvatarState) bool { return s.Position.X < 254 })
}

func TestWithoutAChildCircuitTheBorderIsAWall(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := logIn(t, g, "Ann", at("Rookery", 254, 128, 22))
	c.passive.Store(true)
	c.arrive()
	c.move(grid.ControlAtPos, 0)
	c.until(g, func(s simgrid.AvatarState) bool { return s.Position.X > 255.5 && speed(s) == 0 })
}

func TestInhabitantsWalkTheirRoute(t *testing.T) {
	t.Parallel()
	ground := float32(22)
	g := start(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{
		First: "Wren", Last: "Thicket", Region: "Rookery", Position: grid.Vector3{X: 50, Y: 50, Z: ground},
		Route: []grid.Vector3{{X: 51, Y: 50, Z: ground}, {X: 50, Y: 50, Z: ground}},
		Lines: []string{"one", "two"}, Every: 50 * time.Millisecond,
	}}})
	wren := g.Inhabitant("Wren", "Thicket")
	ctx := testContext(t)
	w := g.Watch()
	defer w.Close()
	near := func(x float32) func(simgrid.AvatarState) bool {
		return func(s simgrid.AvatarState) bool { return math.Abs(float64(s.Position.X-x)) < 0.4 }
	}
	for _, x := range []float32{51, 50, 51} {
		if _, err := g.AwaitAvatar(ctx, wren.ID(), near(x)); err != nil {
			t.Fatal(err)
		}
	}
	first, err := simgrid.Await(ctx, w, func(e simgrid.ChatSpoken) bool { return e.Speaker == wren.ID() })
	if err != nil {
		t.Fatal(err)
	}
	second, err := simgrid.Await(ctx, w, func(e simgrid.ChatSpoken) bool { return e.Speaker == wren.ID() })
	if err != nil || first.Text == second.Text {
		t.Errorf("said %q and %q: %v", first.Text, second.Text, err)
	}
	if err := wren.FlyTo(grid.Vector3{X: 60, Y: 60, Z: 40}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.AwaitAvatar(ctx, wren.ID(), func(s simgrid.AvatarState) bool {
		return s.Flying && s.Position.Distance(grid.Vector3{X: 60, Y: 60, Z: 40}) < 0.5
	}); err != nil {
		t.Fatal(err)
	}
}
