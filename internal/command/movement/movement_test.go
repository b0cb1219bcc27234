package movement_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFlyStartsAndStopsFlying(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=fly&action=START")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Flying })
	if got := w.Do(t, "command=fly&action=get"); got[0] != "True" {
		t.Errorf("get: %v", got)
	}
	w.Do(t, "command=fly&action=stop")
	w.Await(t, func(s simgrid.AvatarState) bool { return !s.Flying })
	if got := w.Do(t, "command=fly&action=get"); got[0] != "False" {
		t.Errorf("get: %v", got)
	}
}

func TestCrouchStartsAndStopsCrouching(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=crouch&action=start")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Crouching })
	w.Do(t, "command=crouch&action=stop")
	w.Await(t, func(s simgrid.AvatarState) bool { return !s.Crouching })
}

func TestJumpLeavesTheGroundUntilStopped(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ground := w.Await(t, func(s simgrid.AvatarState) bool { return s.OnGround })
	w.Do(t, "command=jump&action=start")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Position.Z > ground.Position.Z+0.2 })
	w.Do(t, "command=jump&action=stop")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Controls&grid.ControlUpPos == 0 && s.OnGround })
}

func TestNudgeGivesAPush(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for direction, moved := range map[string]func(from, to grid.Vector3) bool{
		"forward": func(from, to grid.Vector3) bool { return to.X > from.X+0.01 },
		"Back":    func(from, to grid.Vector3) bool { return to.X < from.X-0.01 },
		"left":    func(from, to grid.Vector3) bool { return to.Y > from.Y+0.01 },
		"RIGHT":   func(from, to grid.Vector3) bool { return to.Y < from.Y-0.01 },
	} {
		before := w.Await(t, func(s simgrid.AvatarState) bool { return s.OnGround && s.Velocity.Length() < 0.01 })
		if math.Abs(before.Heading()) > 0.1 {
			t.Fatalf("the avatar looks to %v, not east", before.Heading())
		}
		w.Do(t, "command=nudge&direction="+direction)
		w.Await(t, func(s simgrid.AvatarState) bool { return moved(before.Position, s.Position) })
	}
}

func TestTurnTurnsByAnAngle(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	start := w.Await(t, func(simgrid.AvatarState) bool { return true }).Heading()
	w.Do(t, "command=turn&direction=left&radians=1")
	w.Await(t, func(s simgrid.AvatarState) bool { return near(s.Heading(), start+1) })
	w.Do(t, "command=turn&direction=Right&radians=2.5")
	w.Await(t, func(s simgrid.AvatarState) bool { return near(s.Heading(), start-1.5) })
}

func TestTurnToFacesAPoint(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	at := w.Await(t, func(simgrid.AvatarState) bool { return true }).Position
	for point, heading := range map[grid.Vector3]float64{
		at.Add(grid.Vector3{Y: 10}):         math.Pi / 2,
		at.Add(grid.Vector3{X: -5}):         math.Pi,
		at.Add(grid.Vector3{X: 10, Y: -10}): -math.Pi / 4,
	} {
		w.Do(t, "command=turnto&position="+script.Vector3(point).String())
		w.Await(t, func(s simgrid.AvatarState) bool { return near(s.Heading(), heading) })
	}
}

func near(a, b float64) bool { return math.Abs(math.Remainder(a-b, 2*math.Pi)) < 0.05 }

func TestSitTakesASeatAndStandLeavesIt(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	far := w.Prim(t, simgrid.PrimConfig{Name: "Bench", Position: commandtest.Start.Add(grid.Vector3{X: 9})})
	bench := w.Prim(t, simgrid.PrimConfig{Name: "Bench", Position: commandtest.Start.Add(grid.Vector3{X: 3})})

	w.Do(t, "command=sit&item=Bench") // by name: the nearest
	w.Await(t, func(s simgrid.AvatarState) bool { return s.SittingOn == bench.ID() })
	w.Do(t, "command=sit&item="+strings.ToUpper(far.ID().String())) // by UUID, from seat to seat
	w.Await(t, func(s simgrid.AvatarState) bool { return s.SittingOn == far.ID() })
	w.Do(t, "command=stand")
	w.Await(t, func(s simgrid.AvatarState) bool { return !s.Sitting() })
	w.Do(t, "command=stand") // no error
}

func TestDeanimateStopsWhatIsNotBuiltIn(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	dance := grid.UUID{15: 7}
	if err := w.Agent.Animate(t.Context(), true, dance); err != nil {
		t.Fatal(err)
	}
	w.Until(t, "the dance plays", func() bool { return w.Agent.Animating(dance) })
	w.Do(t, "command=stand")
	if state := w.Await(t, func(simgrid.AvatarState) bool { return true }); !state.Playing(dance) {
		t.Error("the dance stopped without being asked to")
	}
	w.Do(t, "command=stand&deanimate=true")
	w.Await(t, func(s simgrid.AvatarState) bool { return !s.Playing(dance) })
}

func TestWalkToArrives(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	goal := commandtest.Start.Add(grid.Vector3{X: 4, Y: 3})
	w.Do(t, "command=walkto&vicinity=1&position="+script.Vector3(goal).String())
	state := w.Await(t, func(simgrid.AvatarState) bool { return true })
	if d := state.Position.Distance2D(goal); d > 2 {
		t.Errorf("the grid sees the avatar %v m from where it should be", d)
	}
}

func TestAnotherMovementEndsAWalk(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	walked := make(chan script.Pairs)
	go func() {
		walked <- w.Ask(t, "command=walkto&position="+script.Vector3(commandtest.Start.Add(grid.Vector3{X: 100})).String())
	}()
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Position.X > commandtest.Start.X+0.5 })
	w.Do(t, "command=autopilot&action=stop")
	answer := <-walked
	if answer.Get("status") != "39787" || !strings.Contains(answer.Get("error"), "another movement took over") {
		t.Errorf("%v", answer)
	}
}

func TestWalkToGetsUpFirst(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	bench := w.Prim(t, simgrid.PrimConfig{Name: "Bench", Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	w.Do(t, "command=sit&item=Bench")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.SittingOn == bench.ID() })
	goal := commandtest.Start.Add(grid.Vector3{Y: 5})
	w.Do(t, "command=walkto&position="+script.Vector3(goal).String())
	w.Await(t, func(s simgrid.AvatarState) bool { return !s.Sitting() && s.Position.Distance2D(goal) < 3 })
}

func TestFlyToArrivesInTheAir(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	goal := commandtest.Start.Add(grid.Vector3{X: 8, Z: 12})
	w.Do(t, "command=flyto&position="+script.Vector3(goal).String())
	state := w.Await(t, func(s simgrid.AvatarState) bool { return s.Flying })
	if d := state.Position.Distance(goal); d > 5 {
		t.Errorf("the grid sees the avatar %v m from where it should be", d)
	}
	goal.Z = commandtest.Start.Z + 4
	w.Do(t, "command=flyto&fly=false&position="+script.Vector3(goal).String())
	w.Await(t, func(s simgrid.AvatarState) bool { return !s.Flying })
}

func TestAutopilotStartsAndStops(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	goal := commandtest.Start.Add(grid.Vector3{X: 100})
	w.Do(t, "command=autopilot&action=start&position="+script.Vector3(goal).String())
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Position.X > commandtest.Start.X+1 })
	w.Do(t, "command=autopilot&action=stop")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Velocity.Length() < 0.01 })
}

func TestMovementDataTellsTheControls(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=fly&action=start")
	got := w.Do(t, "command=getmovementdata&data=Fly,AlwaysRun,Camera.Far,Nonsense,State,Flags,AtNeg")
	want := []string{"Fly", "true", "AlwaysRun", "false", "Camera.Far", "64", "State", "None", "Flags", "None", "AtNeg", "false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if answer := w.Ask(t, "command=getmovementdata"); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("nothing asked: %v", answer)
	}
}

func TestCameraDataIsWhereTheGridHasTheCamera(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=turnto&position="+script.Vector3(commandtest.Start.Add(grid.Vector3{Y: 10})).String())
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Camera.At.Y > 0.9 })
	got := w.Do(t, "command=getcameradata&data=AtAxis,Far,Position")
	if len(got) != 6 || got[0] != "AtAxis" || got[2] != "Far" || got[3] != "64" || got[4] != "Position" {
		t.Fatalf("%q", got)
	}
	at, err := script.ParseVector3(got[1])
	if err != nil || at.Y < 0.9 {
		t.Errorf("AtAxis %v, %v", at, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Prim(t, simgrid.PrimConfig{Name: "Tower", Position: commandtest.Start.Add(grid.Vector3{X: 40})})
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=fly&action=up", Error: script.ErrFlyActionCanOnlyBeStartOrStop, Says: "start, stop"},
		{Line: "command=crouch", Error: script.ErrFlyActionCanOnlyBeStartOrStop, Says: "start, stop"},
		{Line: "command=jump&action=hop", Error: script.ErrFlyActionCanOnlyBeStartOrStop, Says: "start, stop"},
		{Line: "command=crouch&action=start&deanimate=1", Error: script.ErrInvalidParameter, Says: "True and False"},
		{Line: "command=fly&action=start&deanimate=1", Error: script.ErrInvalidParameter, Says: "True and False"},
		{Line: "command=stand&deanimate=1", Error: script.ErrInvalidParameter, Says: "True and False"},
		{Line: "command=autopilot&action=start&position=1,2,3&deanimate=1", Error: script.ErrInvalidParameter, Says: "True and False"},
		{Line: "command=sit&item=Tower&range=64&deanimate=1", Error: script.ErrInvalidParameter, Says: "True and False"},
		{Line: "command=jump&action=start&deanimate=perhaps", Error: script.ErrInvalidParameter, Says: "True and False"},
		{Line: "command=nudge&direction=sideways", Error: script.ErrUnknownDirection, Says: "back, forward, left, right, up, down"},
		{Line: "command=nudge", Error: script.ErrUnknownDirection, Says: "direction is missing"},
		{Line: "command=turn&direction=left", Error: script.ErrInvalidAngleProvided, Says: "radians is missing"},
		{Line: "command=turn&radians=one&direction=nowhere", Error: script.ErrInvalidAngleProvided, Says: `"one"`}, // the angle first
		{Line: "command=turn&radians=1&direction=nowhere", Error: script.ErrUnknownDirection, Says: "left, right"},
		{Line: "command=turnto&position=there", Error: script.ErrInvalidPosition, Says: "<128, 64, 21>"},
		{Line: "command=turnto", Error: script.ErrInvalidPosition, Says: "position is missing"},
		{Line: "command=autopilot&action=go", Error: script.ErrUnknownMoveAction, Says: "start, stop"},
		{Line: "command=autopilot&action=start", Error: script.ErrInvalidPosition, Says: "missing"},
		{Line: "command=autopilot&action=start&position=1,2", Error: script.ErrInvalidPosition, Says: "2 numbers"},
		{Line: "command=walkto&position=1", Error: script.ErrInvalidPosition, Says: "1 numbers"},
		{Line: "command=walkto&position=1,2,3&duration=0", Error: script.ErrInvalidParameter, Says: "duration"},
		{Line: "command=walkto&position=1,2,3&vicinity=-1", Error: script.ErrInvalidParameter, Says: "from 0.1 to 256"},
		{Line: "command=walkto&position=1,2,3&affinity=x", Error: script.ErrInvalidParameter, Says: "from 1 to 16"},
		{Line: "command=walkto&position=250,250,21&duration=1", Error: script.ErrTimeoutReachingDestination},
		{Line: "command=walkto&position=250,250,21&timeout=1", Error: script.ErrTimeoutReachingDestination},
		{Line: "command=flyto", Error: script.ErrInvalidPosition},
		{Line: "command=flyto&position=1,2,3&fly=maybe", Error: script.ErrInvalidParameter, Says: "fly"},
		{Line: "command=flyto&position=250,250,90&duration=1", Error: script.ErrTimeoutReachingDestination},
		{Line: "command=sit", Error: script.ErrNoItemSpecified, Says: "item is missing"},
		{Line: "command=sit&item=tower", Error: script.ErrPrimitiveNotFound}, // names are exact
		{Line: "command=sit&item=Tower&range=10", Error: script.ErrPrimitiveNotFound},
		{Line: "command=sit&item=Tower&range=near", Error: script.ErrInvalidParameter, Says: "range"},
		{Line: "command=sit&item=Tower&selection=attached", Error: script.ErrPrimitiveNotFound},
		{Line: "command=sit&item=Tower&selection=some", Error: script.ErrInvalidParameter, Says: "attached, rezzed, all"},
		{Line: "command=sit&item=Tower&offset=up", Error: script.ErrInvalidParameter, Says: "offset"},
		{Line: "command=sit&item=6ee0af3a-9881-476b-9482-a8048f64b3f5", Error: script.ErrPrimitiveNotFound},
		{Line: "command=sit&item=Tower", Error: script.ErrCouldNotSit}, // too far to reach
	}...)
}

func TestSitOnASilentGridTimesOut(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	bench := w.Prim(t, simgrid.PrimConfig{Name: "Bench", Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	w.Silence(t)
	w.Fails(t, "command=sit&timeout=50&item="+bench.ID().String(), script.ErrTimeoutRequestingSit)
}

func TestRightsComeFirst(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for _, name := range []string{"stand", "getmovementdata", "getcameradata"} {
		w.Fails(t, "command="+name+"&group="+commandtest.Powerless+"&password="+commandtest.PowerlessPass, script.ErrNoCorradePermissions)
	}
}
