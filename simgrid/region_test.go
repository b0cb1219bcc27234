package simgrid_test

import (
	"strings"
	"testing"
	"time"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/circuit"
	"rookery/grid/message"
	"rookery/simgrid"
)

func TestArrivalShowsTheRegionAndWhoIsInIt(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{
		Inhabitants: []simgrid.InhabitantConfig{{First: "Robin", Last: "Nest", Region: "Rookery", Position: grid.Vector3{X: 100, Y: 100, Z: 22}}},
		Prims:       []simgrid.PrimConfig{{Region: "Rookery", Name: "Bench", Position: grid.Vector3{X: 50, Y: 60, Z: 22}}},
	})
	c := connect(t, g, "Ann", at("Rookery", 10, 20, 0))
	rookery := g.Region("Rookery")

	h := awaitFrom[*message.RegionHandshake](c, rookery.Handle(), nil)
	if name := message.String(h.RegionInfo.SimName); name != "Rookery" || h.RegionInfo2.RegionID != rookery.ID() {
		t.Errorf("handshake of %q %s", name, h.RegionInfo2.RegionID)
	}
	ours := await(c, objectWith(c.id()))
	b := block(ours, c.id())
	m, err := grid.ParseMotion(b.ObjectData)
	if err != nil {
		t.Fatal(err)
	}
	if m.Position.X != 10 || m.Position.Y != 20 || m.Position.Z < 21.9 || grid.PCode(b.PCode) != grid.PCodeAvatar {
		t.Errorf("own avatar at %v, kind %d", m.Position, b.PCode)
	}
	if want := "FirstName STRING RW SV Ann\nLastName STRING RW SV Tester\nTitle STRING RW SV "; message.String(b.NameValue) != want {
		t.Errorf("name values %q", message.String(b.NameValue))
	}
	if robin := g.Inhabitant("Robin", "Nest").ID(); block(ours, robin).FullID != robin {
		await(c, objectWith(robin))
	}
	await(c, func(m *message.ObjectUpdate) bool { return grid.PCode(m.ObjectData[0].PCode) == grid.PCodePrim })
	await(c, func(m *message.AvatarAnimation) bool {
		return m.Sender.ID == c.id() && m.AnimationList[0].AnimID == grid.AnimStand
	})
	coarse := await(c, func(m *message.CoarseLocationUpdate) bool { return len(m.AgentData) == 2 })
	if you := coarse.Index.You; coarse.AgentData[you].AgentID != c.id() || coarse.Location[you].X != 10 || coarse.Location[you].Y != 20 || coarse.Location[you].Z != 5 {
		t.Errorf("coarse locations %+v", coarse)
	}
}

// objectWith matches an update that describes an object.
func objectWith(id grid.UUID) func(*message.ObjectUpdate) bool {
	return func(m *message.ObjectUpdate) bool { return block(m, id).FullID == id }
}

// block returns what an update says about an object.
func block(m *message.ObjectUpdate, id grid.UUID) message.ObjectUpdateObjectData {
	for _, b := range m.ObjectData {
		if b.FullID == id {
			return b
		}
	}
	return message.ObjectUpdateObjectData{}
}

func TestAgentsSeeEachOtherComeAndGo(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann := connect(t, g, "Ann")
	ben := connect(t, g, "Ben")
	seen := block(await(ann, objectWith(ben.id())), ben.id())
	await(ben, objectWith(ann.id()))
	ben.logOut()
	await[*message.LogoutReply](ben, nil)
	await(ann, func(m *message.KillObject) bool { return m.ObjectData[0].ID == seen.ID })
}

func TestNeighbourIsOpenedAsChild(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	heronry := g.Region("Heronry")
	e := await[*caps.EstablishAgentCommunication](c, nil)
	if e.Addr != heronry.Addr() || e.AgentID != c.id() {
		t.Errorf("got %+v", e)
	}
	awaitFrom[*message.RegionHandshake](c, heronry.Handle(), nil)
}

func TestAFarRegionIsNotOpened(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Regions: []simgrid.RegionConfig{{Name: "Here", X: 10, Y: 10}, {Name: "Far", X: 12, Y: 10}, {Name: "Corner", X: 11, Y: 11}}})
	c := connect(t, g, "Ann", at("Here", 128, 128, 22))
	awaitFrom[*message.RegionHandshake](c, g.Region("Corner").Handle(), nil)
	if has(c, func(e *caps.EnableSimulator) bool { return e.Simulators[0].Handle == g.Region("Far").Handle() }) {
		t.Error("a region that does not touch was opened")
	}
}

func TestLargeRegionScalesCoarseLocations(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Regions: []simgrid.RegionConfig{{Name: "Large", X: 10, Y: 10, Size: 1024}}})
	c := connect(t, g, "Ann", at("Large", 1000, 512, 22))
	l := await(c, func(m *message.CoarseLocationUpdate) bool { return len(m.Location) == 1 }).Location[0]
	if l.X != 250 || l.Y != 128 {
		t.Errorf("coarse location %v, want 250, 128", l)
	}
	if c.resp.RegionSizeX != 1024 {
		t.Errorf("login says the region is %d m", c.resp.RegionSizeX)
	}
	for i := range 64 {
		await(c, func(m *message.ParcelOverlay) bool {
			return m.ParcelData.SequenceID == int32(i) && len(m.ParcelData.Data) == 1024
		})
	}
}

func TestKickGivesTheReasonAndEndsTheSession(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	w := g.Watch()
	defer w.Close()
	if err := g.Kick(c.id(), "Go home."); err != nil {
		t.Fatal(err)
	}
	if k := await[*message.KickUser](c, nil); message.String(k.UserInfo.Reason) != "Go home." {
		t.Errorf("reason %q", message.String(k.UserInfo.Reason))
	}
	e, err := simgrid.Await[simgrid.LoggedOut](c.ctx, w, nil)
	if err != nil || e.Cause != simgrid.CauseKick {
		t.Errorf("got %+v, %v", e, err)
	}
	if _, there := g.Avatar(c.id()); there {
		t.Error("the avatar is still there")
	}
}

func TestSilentAgentIsDropped(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{CircuitTimeout: 300 * time.Millisecond})
	c := connect(t, g, "Ann")
	w := g.Watch()
	defer w.Close()
	if _, err := g.Silence(c.id()); err != nil {
		t.Fatal(err)
	}
	e, err := simgrid.Await[simgrid.LoggedOut](c.ctx, w, nil)
	if err != nil || e.Cause != simgrid.CauseTimeout {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestAgentThatNeverComesIsForgotten(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{CircuitTimeout: 100 * time.Millisecond})
	w := g.Watch()
	defer w.Close()
	c := logIn(t, g, "Ann")
	e, err := simgrid.Await[simgrid.LoggedOut](c.ctx, w, nil)
	if err != nil || e.Cause != simgrid.CauseTimeout {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestShutRegionThrowsItsAgentsOutAndComesBack(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann := connect(t, g, "Ann", at("Rookery", 128, 128, 22))
	ben := connect(t, g, "Ben", at("Heronry", 128, 128, 22))
	heronry := g.Region("Heronry")
	awaitFrom[*message.RegionHandshake](ann, heronry.Handle(), nil)
	if err := heronry.Shutdown("The region is restarting."); err != nil {
		t.Fatal(err)
	}
	await[*message.KickUser](ben, nil)
	awaitFrom[*message.DisableSimulator](ann, heronry.Handle(), nil)
	ann.round()
	if err := heronry.Shutdown("again"); err == nil {
		t.Error("a region can be shut twice")
	}
	if err := heronry.Restart(); err != nil {
		t.Fatal(err)
	}
	if heronry.Restart() == nil {
		t.Error("a region that is up can be opened")
	}
	awaitFrom[*message.RegionHandshake](ann, heronry.Handle(), nil)
	connect(t, g, "Ben", at("Heronry", 128, 128, 22))
}

func TestWhoDoesNotKnowTheCircuitCodeIsNotLetIn(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := logIn(t, g, "Ann")
	stranger := logIn(t, g, "Ben")
	stranger.resp.CircuitCode++
	l, err := stranger.ep.Dial(stranger.resp.Simulator, func(*circuit.Circuit, message.Message) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.SendReliable(&message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{
		Code: stranger.resp.CircuitCode, SessionID: stranger.resp.SessionID, ID: stranger.resp.AgentID,
	}}); err != nil {
		t.Fatal(err)
	}
	c.arrive()
	c.round()
	if n := l.Stats().PacketsReceived; n != 0 {
		t.Errorf("the stranger received %d packets", n)
	}
}

func TestEventQueueSurvivesErrors(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{EventQueuePoll: 20 * time.Millisecond})
	c := connect(t, g, "Ann")
	await[*caps.EstablishAgentCommunication](c, nil)
	await[*caps.ParcelProperties](c, nil) // of the arrival
	for _, status := range []int{500, 502} {
		if err := g.FailEventQueue(c.id(), status, 2); err != nil {
			t.Fatal(err)
		}
		c.send(&message.ParcelPropertiesRequest{ParcelData: message.ParcelPropertiesRequestParcelData{SequenceID: int32(status)}})
		await(c, func(p *caps.ParcelProperties) bool { return p.Parcel()["SequenceID"] == int32(status) })
	}
	g.SlowEventQueues(10 * time.Millisecond)
	c.send(&message.ParcelPropertiesRequest{ParcelData: message.ParcelPropertiesRequestParcelData{SequenceID: 7}})
	p := await(c, func(p *caps.ParcelProperties) bool { return p.Parcel()["SequenceID"] == int32(7) })
	if area := p.Parcel()["Area"]; area != int32(256*256) {
		t.Errorf("area %v", area)
	}
}

func TestUnservedMessagesAreCounted(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.send(&message.RezScript{})
	c.round()
	if n := g.Unserved()["RezScript"]; n != 1 {
		t.Errorf("RezScript counted %d times", n)
	}
}

func TestWatchersSeeEverythingInOrder(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	w := g.Watch()
	c := connect(t, g, "Ann")
	c.say(grid.ChatNormal, 0, "one")
	c.say(grid.ChatShout, 0, "two")
	c.logOut()
	var seen []string
	for e := range w.All(c.ctx) {
		switch e := e.(type) {
		case simgrid.LoggedIn:
			seen = append(seen, "in")
		case simgrid.Arrived:
			seen = append(seen, "arrived")
		case simgrid.ChatSpoken:
			seen = append(seen, e.Text)
		case simgrid.LoggedOut:
			seen = append(seen, "out")
			w.Close()
		}
	}
	if got, want := strings.Join(seen, " "), "in arrived one two out"; got != want {
		t.Errorf("saw %q, want %q", got, want)
	}
	if w.Dropped() != 0 {
		t.Errorf("%d events were lost", w.Dropped())
	}
}

func TestASecondCircuitReplacesTheFirst(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	c := connect(t, g, "Ann")
	c.mu.Lock()
	first := c.root
	c.mu.Unlock()
	ep, err := circuit.Listen("127.0.0.1:0", circuit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ep.Close()
	second := &link{handle: first.handle}
	if second.c, err = ep.Dial(first.c.Remote(), func(_ *circuit.Circuit, m message.Message) { c.receive(second, m) }); err != nil {
		t.Fatal(err)
	}
	if err := second.c.SendWait(c.ctx, &message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{
		Code: c.resp.CircuitCode, SessionID: c.resp.SessionID, ID: c.resp.AgentID,
	}}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-first.c.Done():
	case <-c.ctx.Done():
		t.Fatal("the first circuit stays open")
	}
	c.mu.Lock()
	c.root = second
	c.mu.Unlock()
	c.say(grid.ChatNormal, 0, "through the new one")
	await(c, heard("through the new one"))
}
