package agent_test

import (
	"errors"
	"testing"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/simgrid"
)

func TestTeleportWithinTheRegion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Hopper", startAt("Rookery", 20, 20, 22))
	to := grid.Vector3{X: 200, Y: 180, Z: 40}
	must(t, b.Teleport(w.ctx, w.Region("Rookery").Handle(), to, grid.Vector3{Y: -1}))
	if !near(b.Self().Position, to, 2) {
		t.Errorf("the agent thinks it is at %v", b.Self().Position)
	}
	e := await(w, func(e simgrid.TeleportedWithin) bool { return e.Agent == b.Self().ID })
	if !near(e.Position, to, 2) {
		t.Errorf("arrived at %v", e.Position)
	}
	var steps []agent.TeleportStatus
	heard(b, 0, func(e agent.TeleportProgress) bool { return e.Status == agent.TeleportFinished })
	for _, e := range all[agent.TeleportProgress](b) {
		steps = append(steps, e.Status)
	}
	if last := steps[len(steps)-1]; last != agent.TeleportFinished {
		t.Errorf("steps %v", steps)
	}
	if n := len(all[agent.RegionChanged](b)); n != 1 { // the login's
		t.Errorf("%d region changes", n)
	}
}

func TestTeleportToAnotherRegionAndBack(t *testing.T) {
	t.Parallel()
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{OpenSim: opensim, Regions: []simgrid.RegionConfig{
				{Name: "Rookery", X: 1000, Y: 1000}, {Name: "Heronry", X: 1001, Y: 1000}, {Name: "Far Isle", X: 1100, Y: 900, Size: 512},
			}})
			b := w.bot("Traveller", startAt("Rookery", 128, 128, 22))
			from := "Rookery"
			for i, stop := range []struct {
				region string
				to     grid.Vector3
			}{
				{"heronry", grid.Vector3{X: 30, Y: 40, Z: 25}},
				{"Far Isle", grid.Vector3{X: 400, Y: 300, Z: 25}},
				{"ROOKERY", grid.Vector3{X: 50, Y: 60, Z: 25}},
				{"Far Isle", grid.Vector3{X: 10, Y: 500, Z: 25}},
				{"Rookery", grid.Vector3{X: 128, Y: 128, Z: 25}},
			} {
				mark := b.mark()
				must(t, b.TeleportRegion(w.ctx, stop.region, stop.to, grid.Vector3{}))
				region := w.Region(stop.region)
				r, _ := b.Region()
				if r.Handle != region.Handle() || r.Name != region.Name() || r.SizeX != region.Size() {
					t.Fatalf("leg %d: in %s %v, %d m wide", i, r.Name, r.Handle, r.SizeX)
				}
				if p := b.Self().Position; p.Distance2D(stop.to) > 2 {
					t.Errorf("leg %d: the agent thinks it is at %v", i, p)
				}
				await(w, func(e simgrid.Arrived) bool {
					return e.Agent == b.Self().ID && e.Region == region.Name() && e.Via == simgrid.ViaTeleport
				})
				changed := heard[agent.RegionChanged](b, mark, nil)
				if changed.Old != from || changed.New != region.Name() {
					t.Errorf("leg %d: changed %+v", i, changed)
				}
				from = region.Name()
				heard(b, mark, func(e agent.TeleportProgress) bool { return e.Status == agent.TeleportStarted })
				heard(b, mark, func(e agent.TeleportProgress) bool { return e.Status == agent.TeleportFinished })
				mark = b.mark()
				must(t, b.Say(w.ctx, "here"))
				heard(b, mark, func(e agent.ChatHeard) bool { return e.Message == "here" && e.Region == r.Handle })
				own := 0
				for _, a := range b.Avatars() {
					if a.ID == b.Self().ID {
						own++
					}
				}
				if own > 1 {
					t.Errorf("leg %d: the agent sees itself %d times", i, own)
				}
			}
			if opensim {
				return
			}
			heard(b, 0, func(e agent.RegionDisconnected) bool { return e.Region.Name == "Far Isle" })
		})
	}
}

func TestTeleportToAGlobalPositionFindsLargeRegions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Regions: []simgrid.RegionConfig{
		{Name: "Rookery", X: 1000, Y: 1000}, {Name: "Great Plain", X: 1100, Y: 900, Size: 512},
	}})
	b := w.bot("Surveyor", nil)
	at := w.Region("Great Plain").Handle().Global(grid.Vector3{X: 300, Y: 400, Z: 25})
	must(t, b.TeleportGlobal(w.ctx, at, grid.Vector3{}))
	me := b.Self()
	if me.RegionName != "Great Plain" || me.Position.Distance2D(grid.Vector3{X: 300, Y: 400}) > 2 {
		t.Errorf("at %v in %s", me.Position, me.RegionName)
	}
	if g := me.Global(); g.X-at.X > 2 || at.X-g.X > 2 {
		t.Errorf("global position %v, want %v", g, at)
	}
	if err := b.TeleportGlobal(w.ctx, grid.Vector3d{X: -1}, grid.Vector3{}); err == nil {
		t.Error("teleported off the map")
	}
}

func TestTeleportHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	_, err := w.NewAccount(simgrid.AccountConfig{First: "Homer", Last: "Bot", Password: "secret", Home: simgrid.Place{
		Region: "Heronry", Position: grid.Vector3{X: 77, Y: 88, Z: 22},
	}})
	must(t, err)
	b := w.bot("Homer", startAt("Rookery", 128, 128, 22))
	must(t, b.TeleportLandmark(w.ctx, grid.UUID{}))
	me := b.Self()
	if me.RegionName != "Heronry" || me.Position.Distance2D(grid.Vector3{X: 77, Y: 88}) > 2 {
		t.Errorf("at %v in %s", me.Position, me.RegionName)
	}
	if me.HomeRegion != w.Region("Heronry").Handle() || me.HomePosition.Distance2D(grid.Vector3{X: 77, Y: 88}) > 1 {
		t.Errorf("home %v %v", me.HomeRegion, me.HomePosition)
	}
}

func TestRefusedTeleportSaysWhy(t *testing.T) {
	t.Parallel()
	for name, opensim := range map[string]bool{"by event queue": false, "over UDP": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{OpenSim: opensim})
			b := w.bot("Unwanted", startAt("Rookery", 128, 128, 22))
			w.RefuseTeleports(b.Self().ID, "You are not on the list.")
			err := b.TeleportRegion(w.ctx, "Heronry", grid.Vector3{X: 9, Y: 9, Z: 22}, grid.Vector3{})
			var refused *agent.TeleportError
			if !errors.As(err, &refused) || refused.Message != "You are not on the list." {
				t.Fatalf("teleport: %v", err)
			}
			heard(b, 0, func(e agent.TeleportProgress) bool { return e.Status == agent.TeleportFailed })
			w.RefuseTeleports(b.Self().ID, "")
			must(t, b.TeleportRegion(w.ctx, "Heronry", grid.Vector3{X: 9, Y: 9, Z: 22}, grid.Vector3{}))
			if err := b.TeleportRegion(w.ctx, "Atlantis", grid.Vector3{X: 9}, grid.Vector3{}); !errors.Is(err, agent.ErrRegionNotFound) {
				t.Errorf("to nowhere: %v", err)
			}
		})
	}
}

func TestTeleportsAreThrottled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Restless", func(c *agent.Config) { c.TeleportLimit, c.TeleportWindow = 2, time.Hour })
	home := w.Region("Rookery").Handle()
	for i := range 2 {
		must(t, b.Teleport(w.ctx, home, grid.Vector3{X: 100, Y: float32(100 + 10*i), Z: 22}, grid.Vector3{}))
	}
	if err := b.Teleport(w.ctx, home, grid.Vector3{X: 10, Y: 10, Z: 22}, grid.Vector3{}); !errors.Is(err, agent.ErrThrottled) {
		t.Errorf("third teleport: %v", err)
	}
}

func TestTeleportStandsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Sitter", startAt("Rookery", 128, 128, 22))
	chair, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Position: grid.Vector3{X: 129, Y: 128, Z: 22}})
	must(t, err)
	must(t, b.Sit(w.ctx, chair.ID(), grid.Vector3{}))
	must(t, b.TeleportRegion(w.ctx, "Heronry", grid.Vector3{X: 50, Y: 50, Z: 22}, grid.Vector3{}))
	if me := b.Self(); me.Sitting || me.RegionName != "Heronry" {
		t.Errorf("self %+v", me)
	}
}

func TestTeleportSurvivesASlowEventQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Patient", startAt("Rookery", 128, 128, 22))
	w.SlowEventQueues(500 * time.Millisecond)
	must(t, w.FailEventQueue(b.Self().ID, 502, 2))
	must(t, b.TeleportRegion(w.ctx, "Heronry", grid.Vector3{X: 50, Y: 50, Z: 22}, grid.Vector3{}))
}

func TestWalkingOverTheBorderChangesTheRegion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Wanderer", startAt("Rookery", 253, 128, 22))
	heard(b, 0, func(e agent.RegionConnected) bool { return e.Region.Name == "Heronry" })
	mark := b.mark()
	must(t, b.WalkTo(w.ctx, grid.Vector3{X: 256 + 4, Y: 128, Z: 22}, 1))
	crossed := heard[agent.RegionCrossed](b, mark, nil)
	changed := heard[agent.RegionChanged](b, mark, nil)
	if crossed.Old != "Rookery" || crossed.New != "Heronry" || changed.Old != "Rookery" || changed.New != "Heronry" {
		t.Errorf("told %+v, %+v", crossed, changed)
	}
	s := w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Region == "Heronry" })
	if s.Position.X > 20 {
		t.Errorf("at %v", s.Position)
	}
	mark = b.mark()
	must(t, b.WalkTo(w.ctx, grid.Vector3{X: -4, Y: 128, Z: 22}, 1)) // and back
	if c := heard[agent.RegionChanged](b, mark, nil); c.New != "Rookery" {
		t.Errorf("told %+v", c)
	}
	must(t, b.Say(w.ctx, "home again"))
	heard(b, mark, func(e agent.ChatHeard) bool {
		return e.Message == "home again" && e.Region == w.Region("Rookery").Handle()
	})
	if d := b.Distance(w.Region("Heronry").Handle(), grid.Vector3{X: 0, Y: 128, Z: b.Self().Position.Z}); d < 2 || d > 6 {
		t.Errorf("%v m from the border", d)
	}
}

func TestOneTeleportAtATime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Hasty", startAt("Rookery", 128, 128, 22))
	w.SlowEventQueues(500 * time.Millisecond) // so that the first takes its time
	first := make(chan error, 1)
	go func() {
		first <- b.TeleportRegion(w.ctx, "Heronry", grid.Vector3{X: 50, Y: 50, Z: 22}, grid.Vector3{})
	}()
	heard(b, 0, func(e agent.TeleportProgress) bool { return e.Status == agent.TeleportStarted })
	var refused *agent.TeleportError
	if err := b.TeleportRegion(w.ctx, "Rookery", grid.Vector3{X: 9, Y: 9, Z: 22}, grid.Vector3{}); !errors.As(err, &refused) {
		t.Errorf("second teleport: %v", err)
	}
	must(t, <-first)
}

func TestTeleportThatTakesTooLongIsCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Impatient", startAt("Rookery", 128, 128, 22))
	restore, err := w.Silence(b.Self().ID)
	must(t, err)
	ctx, cancel := within(w, 200*time.Millisecond)
	defer cancel()
	err = b.Teleport(ctx, w.Region("Heronry").Handle(), grid.Vector3{X: 50, Y: 50, Z: 22}, grid.Vector3{})
	if !errors.Is(err, agent.ErrTimeout) {
		t.Fatalf("teleport: %v", err)
	}
	heard(b, 0, func(e agent.TeleportProgress) bool { return e.Status == agent.TeleportCancelled })
	restore()
	must(t, b.Say(w.ctx, "still here"))
	heard(b, 0, func(e agent.ChatHeard) bool { return e.Message == "still here" })
}
