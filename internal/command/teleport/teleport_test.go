package teleport_test

import (
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func at(region string, place grid.Vector3) func(simgrid.AvatarState) bool {
	return func(s simgrid.AvatarState) bool { return s.Region == region && s.Position.Distance2D(place) < 3 }
}

func TestTeleportToARegion(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=teleport&entity=region&region=HERONRY&position=<30,40,25>")
	w.Await(t, at("Heronry", grid.Vector3{X: 30, Y: 40}))
	if here := w.Agent.Self().RegionName; here != "Heronry" {
		t.Errorf("answered while the agent was in %q", here)
	}
	w.Heard(t, "teleport", script.Pairs{{Key: "status", Value: "Start"}})
	w.Heard(t, "teleport", script.Pairs{{Key: "status", Value: "Finished"}})
	w.Heard(t, "crossing", script.Pairs{{Key: "old", Value: "Rookery"}, {Key: "new", Value: "Heronry"}, {Key: "action", Value: "changed"}})

	w.Do(t, "command=teleport&entity=region&region="+w.Grid.Region("Rookery").ID().String()+"&fly=true")
	w.Await(t, func(s simgrid.AvatarState) bool { return at("Rookery", grid.Vector3{X: 30, Y: 40})(s) && s.Flying })
	w.Do(t, "command=teleport&entity=region&position=200,100,25") // within the region
	w.Await(t, at("Rookery", grid.Vector3{X: 200, Y: 100}))
}

func TestTeleportToAGlobalPosition(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	x, y := w.Grid.Region("Heronry").Handle().Metres()
	goal := script.Vector3d{X: float64(x) + 50, Y: float64(y) + 60, Z: 25}
	w.Do(t, "command=teleport&entity=global&position="+goal.String())
	w.Await(t, at("Heronry", grid.Vector3{X: 50, Y: 60}))
}

func TestTeleportGetsUpFirst(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	bench := w.Prim(t, simgrid.PrimConfig{Name: "Bench", Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	w.Do(t, "command=sit&item=Bench")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.SittingOn == bench.ID() })
	w.Do(t, "command=teleport&entity=region&region=Heronry&position=30,40,25")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Region == "Heronry" && !s.Sitting() })
}

func TestRefusedTeleportTellsWhy(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Grid.RefuseTeleports(w.Agent.Self().ID, "The gates are shut.")
	answer := w.Fails(t, "command=teleport&entity=region&region=Heronry", script.ErrTeleportFailed)
	if answer.Get("data") != "The gates are shut." {
		t.Errorf("%v", answer)
	}
}

func TestTeleportOnASilentGridTimesOut(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Silence(t)
	answer := w.Fails(t, "command=teleport&entity=region&position=30,30,25&timeout=50", script.ErrTeleportFailed)
	if answer.Get("data") == "" {
		t.Errorf("no reason in %v", answer)
	}
	w.Fails(t, "command=teleport&entity=region&region=Heronry&timeout=50", script.ErrRegionNotFound) // the map is silent, too
}

func TestTooManyTeleportsAreThrottled(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for i := range 10 {
		w.Do(t, fmt.Sprintf("command=teleport&entity=region&position=%d,100,25", 100+10*i))
	}
	w.Fails(t, "command=teleport&entity=region&position=50,100,25", script.ErrTeleportThrottled)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	here := script.Vector3(w.Agent.Self().Position).String()
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=teleport", Error: script.ErrUnknownEntity, Says: "global, region, landmark"},
		{Line: "command=teleport&entity=moon", Error: script.ErrUnknownEntity, Says: `"moon"`},
		{Line: "command=teleport&entity=global", Error: script.ErrNoPositionProvided},
		{Line: "command=teleport&entity=global&position=here", Error: script.ErrNoPositionProvided, Says: `"here"`},
		{Line: "command=teleport&entity=region&position=1,2", Error: script.ErrNoPositionProvided, Says: "2 numbers"},
		{Line: "command=teleport&entity=region&region=Atlantis", Error: script.ErrRegionNotFound},
		{Line: "command=teleport&entity=region&region=870b5fa9-0b32-491e-8848-465666ae1151&timeout=500", Error: script.ErrRegionNotFound},
		{Line: "command=teleport&entity=region&position=" + here, Error: script.ErrDestinationTooClose},
		{Line: "command=teleport&entity=region", Error: script.ErrDestinationTooClose},
		{Line: "command=teleport&entity=region&region=Heronry&turnto=east", Error: script.ErrInvalidParameter, Says: "turnto"},
		{Line: "command=teleport&entity=region&region=Heronry&fly=2", Error: script.ErrInvalidParameter, Says: "fly"},
		{Line: "command=teleport&entity=region&region=Heronry&deanimate=2", Error: script.ErrInvalidParameter, Says: "deanimate"},
		{Line: "command=teleport&entity=landmark", Error: script.ErrInventoryItemNotFound},
		{Line: "command=teleport&entity=landmark&item=/Landmarks/Home", Error: script.ErrInventoryItemNotFound, Says: "item"},
		{Line: "command=teleport&entity=landmark&item=870b5fa9-0b32-491e-8848-465666ae1151", Error: script.ErrTeleportFailed},
	}...)
	if now := w.Agent.Self(); now.RegionName != "Rookery" {
		t.Errorf("the agent is in %s", now.RegionName)
	}
}
