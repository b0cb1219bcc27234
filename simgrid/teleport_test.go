package simgrid_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
	"rookery/simgrid"
)

func (c *client) teleport(to grid.RegionHandle, at grid.Vector3) {
	c.t.Helper()
	c.send(&message.TeleportLocationRequest{InfoBlock: message.TeleportLocationRequestInfo{
		RegionHandle: uint64(to), Position: at, LookAt: grid.Vector3{Y: 1},
	}})
}

func TestTeleportWithinTheRegion(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.teleport(g.Region("Rookery").Handle(), grid.Vector3{X: 10, Y: 20, Z: 30})
	await[*message.TeleportStart](c, nil)
	if m := await[*message.TeleportLocal](c, nil); m.InfoBlock.Position.X != 10 || m.InfoBlock.Position.Y != 20 {
		t.Errorf("got %+v", m.InfoBlock)
	}
	c.until(g, func(s simgrid.AvatarState) bool { return s.Position.X == 10 && s.OnGround })
}

func TestTeleportToAnotherRegion(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"Heronry", "Faraway"} {
		t.Run(to, func(t *testing.T) {
			t.Parallel()
			g := start(t, simgrid.Config{Regions: append(simgrid.DefaultRegions(), simgrid.RegionConfig{Name: "Faraway", X: 2000, Y: 2000, Size: 512})})
			c := connect(t, g, "Ann")
			there := g.Region(to)
			awaitFrom[*message.ParcelOverlay](c, g.Region("Heronry").Handle(), nil)
			c.teleport(there.Handle(), grid.Vector3{X: 10, Y: 20, Z: 25})
			await[*message.TeleportProgress](c, nil)
			f := await[*caps.TeleportFinish](c, nil)
			if f.Handle != there.Handle() || f.Addr != there.Addr() || f.RegionSizeX != there.Size() {
				t.Errorf("got %+v", f)
			}
			s := c.until(g, func(s simgrid.AvatarState) bool { return s.Region == to })
			if s.Position.X != 10 || s.Position.Y != 20 {
				t.Errorf("at %v", s.Position)
			}
			if to == "Faraway" {
				awaitFrom[*message.DisableSimulator](c, g.Region("Rookery").Handle(), nil)
				awaitFrom[*message.DisableSimulator](c, g.Region("Heronry").Handle(), nil)
			}
			// And it can talk and come back.
			c.say(grid.ChatNormal, 0, "here I am")
			await(c, heard("here I am"))
			c.teleport(g.Region("Rookery").Handle(), grid.Vector3{X: 10, Y: 20, Z: 25})
			c.until(g, func(s simgrid.AvatarState) bool { return s.Region == "Rookery" })
		})
	}
}

func TestTeleportHome(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.send(&message.SetStartLocationRequest{StartLocationData: message.SetStartLocationRequestStartLocationData{
		LocationID: 1, LocationPos: grid.Vector3{X: 33, Y: 44, Z: 22}, LocationLookAt: grid.Vector3{X: 1},
	}})
	await(c, func(m *message.AlertMessage) bool { return message.String(m.AlertData.Message) == "Home position set." })
	c.send(&message.TeleportLandmarkRequest{})
	c.until(g, func(s simgrid.AvatarState) bool { return s.Position.X == 33 && s.Position.Y == 44 })
}

func TestTeleportFailsWithItsReason(t *testing.T) {
	t.Parallel()
	heronry := func(g *simgrid.Grid) grid.RegionHandle { return g.Region("Heronry").Handle() }
	for name, test := range map[string]struct {
		scene  func(*simgrid.Grid)
		to     func(*simgrid.Grid) grid.RegionHandle
		reason string
	}{
		"no region there": {
			nil, func(*simgrid.Grid) grid.RegionHandle { return grid.HandleAt(0, 0) },
			"Could not find that region. It may be offline or not exist.",
		},
		"region is down": {
			func(g *simgrid.Grid) { _ = g.Region("Heronry").Shutdown("") }, heronry,
			"That region is not available right now. Please try again later.",
		},
		"scene refuses": {
			func(g *simgrid.Grid) { g.RefuseTeleports(uuid.Nil, "Not today.") }, heronry, "Not today.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, simgrid.Config{})
			c := connect(t, g, "Ann")
			if test.scene != nil {
				test.scene(g)
			}
			c.teleport(test.to(g), grid.Vector3{X: 10, Y: 20, Z: 25})
			if m := await[*caps.TeleportFailed](c, nil); m.Reason != test.reason || m.AgentID != c.id() {
				t.Errorf("got %+v", m)
			}
			g.RefuseTeleports(uuid.Nil, "")
			c.teleport(g.Region("Rookery").Handle(), grid.Vector3{X: 1, Y: 1, Z: 25})
			await[*message.TeleportLocal](c, nil)
		})
	}
}

func TestFullRegionRefusesTeleports(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{OpenSim: true, Regions: []simgrid.RegionConfig{{Name: "Here", X: 1}, {Name: "Small", X: 5, MaxAgents: 1}}})
	connect(t, g, "Ben", at("Small", 1, 1, 1))
	c := connect(t, g, "Ann", at("Here", 1, 1, 1))
	c.teleport(g.Region("Small").Handle(), grid.Vector3{X: 10, Y: 20, Z: 25})
	m := await[*message.TeleportFailed](c, nil)
	if got := message.String(m.InfoBlock.Reason); got != "That region is full. Please try again later." {
		t.Errorf("reason %q", got)
	}
}

func TestWhoDoesNotFollowATeleportStays(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{TransferTimeout: 100 * time.Millisecond})
	c := connect(t, g, "Ann")
	c.passive.Store(true)
	c.teleport(g.Region("Heronry").Handle(), grid.Vector3{X: 10, Y: 20, Z: 25})
	if m := await[*caps.TeleportFailed](c, nil); m.Reason != "The teleport timed out." {
		t.Errorf("reason %q", m.Reason)
	}
	c.say(grid.ChatNormal, 0, "still here")
	await(c, heard("still here"))
}
