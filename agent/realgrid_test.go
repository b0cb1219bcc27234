package agent_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
	"rookery/grid/message"
)

// realBot logs an account of a real grid in, whose names and password are in
// the environment.
func realBot(t *testing.T, ctx context.Context, suffix string) *bot {
	t.Helper()
	get := func(name string) string {
		v := os.Getenv("ROOKERY_GRID_" + name)
		if v == "" {
			t.Skipf("ROOKERY_GRID_%s is not set: no real grid to try", name)
		}
		return v
	}
	uri := get("LOGIN_URI")
	p := login.Params{First: get("FIRST" + suffix), Last: get("LAST" + suffix), Password: get("PASSWORD" + suffix)}
	if start := os.Getenv("ROOKERY_GRID_START"); start != "" {
		s, err := login.ParseStart(start)
		must(t, err)
		p.Starts = []login.Start{s}
	}
	transport := &http.Transport{}
	a, err := agent.New(agent.Config{
		LoginURI: uri, Login: p, ServiceTimeout: 30 * time.Second, BackoffMin: 2 * time.Second, BackoffMax: 15 * time.Second,
		HTTP:         &http.Client{Transport: transport},
		ListenPacket: func() (net.PacketConn, error) { return net.ListenPacket("udp4", ":0") },
		Log:          testLog(p.First),
	})
	must(t, err)
	b := &bot{Agent: a, w: &world{t: t, ctx: ctx}, ear: &ear{news: make(chan struct{})}}
	cancel := a.Subscribe(b.ear.hear)
	running, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("%s: %v", p.First, err)
		}
		cancel()
		transport.CloseIdleConnections()
	})
	heard[agent.LoginProgress](b, 0, func(p agent.LoginProgress) bool { return p.Status == agent.LoginSuccess })
	return b
}

// TestRealGrid takes two accounts of a grid through what agents do together.
func TestRealGrid(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	a, b := realBot(t, ctx, ""), realBot(t, ctx, "2")
	home, ok := a.Region()
	if !ok || home.Name == "" || home.ID == (uuid.UUID{}) {
		t.Fatalf("region %+v", home)
	}
	t.Logf("region %s %dx%d, %s, caps event queue %v", home.Name, home.SizeX, home.SizeY, home.Version, a.HasCapability("EventQueueGet"))
	must(t, a.Teleport(ctx, home.Handle, grid.Vector3{X: 120, Y: 120, Z: 30}, grid.Vector3{X: 1}))
	must(t, b.TeleportRegion(ctx, home.Name, grid.Vector3{X: 124, Y: 120, Z: 30}, grid.Vector3{X: 1}))
	id := func(b *bot) uuid.UUID { return b.Self().ID }

	t.Run("see each other", func(t *testing.T) {
		seen := heard(a, 0, func(e agent.AvatarAppeared) bool { return e.Avatar.ID == id(b) }).Avatar
		if seen.Name != b.Self().Name {
			t.Errorf("name %v, want %v", seen.Name, b.Self().Name)
		}
		heard(b, 0, func(e agent.AvatarAppeared) bool { return e.Avatar.ID == id(a) })
	})
	t.Run("chat", func(t *testing.T) {
		mark := b.mark()
		must(t, a.Say(ctx, "hello from the rookery, übrigens"))
		c := heard(b, mark, func(e agent.ChatHeard) bool { return strings.HasPrefix(e.Message, "hello from") })
		if c.Source != id(a) || c.Message != "hello from the rookery, übrigens" || c.Type != grid.ChatNormal || c.Kind != grid.ChatSourceAgent {
			t.Errorf("heard %+v", c)
		}
		must(t, a.ChatTyping(ctx, true))
		heard(b, mark, func(e agent.TypingChanged) bool { return e.Agent == id(a) && e.Start && !e.IM })
		must(t, a.ChatTyping(ctx, false))
		heard(b, mark, func(e agent.TypingChanged) bool { return e.Agent == id(a) && !e.Start && !e.IM })
	})
	t.Run("instant messages", func(t *testing.T) {
		mark := a.mark()
		must(t, b.MessageTyping(ctx, id(a), true))
		heard(a, mark, func(e agent.TypingChanged) bool { return e.Agent == id(b) && e.Start && e.IM })
		must(t, b.InstantMessage(ctx, id(a), "are you there?"))
		m := heard(a, mark, func(e agent.MessageReceived) bool { return e.From == id(b) })
		if m.Message != "are you there?" || m.Offline {
			t.Errorf("received %+v", m)
		}
	})
	t.Run("names", func(t *testing.T) {
		n, err := a.AvatarName(ctx, id(b))
		must(t, err)
		if n != b.Self().Name {
			t.Errorf("name %v", n)
		}
		got, err := a.AvatarID(ctx, agent.Name{First: strings.ToLower(n.First), Last: n.Last})
		must(t, err)
		if got != id(b) {
			t.Errorf("id %v", got)
		}
		third, err := a.AvatarID(ctx, agent.Name{First: "Finch", Last: "Third"})
		t.Logf("Finch Third: %v %v", third, err)
		_, err = a.AvatarID(ctx, agent.Name{First: "Nobody", Last: "Nowhere"})
		t.Logf("Nobody Nowhere: %v", err)
	})
	t.Run("walk", func(t *testing.T) {
		walk, stop := context.WithTimeout(ctx, 40*time.Second)
		defer stop()
		goal := grid.Vector3{X: 135, Y: 128, Z: 25}
		must(t, a.WalkTo(walk, goal, 1))
		if d := a.Self().Position.Distance2D(goal); d > 1.5 {
			t.Errorf("%v m from the goal", d)
		}
		seen, _ := b.Avatar(id(a))
		t.Logf("a at %v, b sees it at %v", a.Self().Position, seen.Position)
	})
	t.Run("fly", func(t *testing.T) {
		fly, stop := context.WithTimeout(ctx, 60*time.Second)
		defer stop()
		goal := grid.Vector3{X: 120, Y: 110, Z: 45}
		must(t, a.FlyTo(fly, goal, agent.FlyOptions{}))
		must(t, a.Fly(ctx, false))
	})
	t.Run("parcel", func(t *testing.T) {
		p, err := a.ParcelAt(ctx, a.Self().Position)
		must(t, err)
		if p.Area == 0 || !p.Contains(a.Self().Position) || p.Owner == (uuid.UUID{}) {
			t.Errorf("parcel %+v", p)
		}
		t.Logf("%s, %d m2, from %v to %v", p.Name, p.Area, p.Min, p.Max)
	})
	t.Run("autopilot", func(t *testing.T) {
		goal := grid.Vector3{X: 128, Y: 118, Z: 25}
		must(t, b.Autopilot(ctx, goal))
		heard(b, b.mark(), func(e agent.Moved) bool { return e.Position.Distance2D(goal) < 3 })
		must(t, b.StopMoving(ctx))
	})
	t.Run("sit on the ground", func(t *testing.T) {
		must(t, b.SitOnGround(ctx))
		if !b.Self().OnGround {
			t.Error("not on the ground")
		}
		must(t, b.Stand(ctx))
	})
	t.Run("sit on what is not there", func(t *testing.T) {
		short, stop := context.WithTimeout(ctx, 3*time.Second)
		defer stop()
		t.Log(b.Sit(short, uuid.New(), grid.Vector3{}))
	})
	t.Run("objects", func(t *testing.T) {
		must(t, a.Teleport(ctx, home.Handle, grid.Vector3{X: 120, Y: 120, Z: 30}, grid.Vector3{X: 1}))
		at := grid.Vector3{X: 122, Y: 120, Z: a.Self().Position.Z}
		mark, other := a.mark(), b.mark()
		must(t, a.Tell(ctx, func(agent, session grid.UUID) message.Message {
			return &message.ObjectAdd{
				AgentData: message.ObjectAddAgentData{AgentID: agent, SessionID: session},
				ObjectData: message.ObjectAddObjectData{
					PCode: uint8(grid.PCodePrim), Material: 3, AddFlags: 2, PathCurve: 16, ProfileCurve: 1, PathScaleX: 100, PathScaleY: 100,
					BypassRaycast: 1, RayStart: at, RayEnd: at, Scale: grid.Vector3{X: 0.5, Y: 0.5, Z: 0.5},
				},
			}
		}))
		box := heard(a, mark, func(e agent.ObjectAppeared) bool { return e.Object.PCode == grid.PCodePrim }).Object
		t.Logf("rezzed %+v", box)
		seen := heard(b, other, func(e agent.ObjectAppeared) bool { return e.Object.ID == box.ID }).Object
		if seen.Position.Distance(box.Position) > 0.01 || seen.Position.Distance2D(at) > 1 {
			t.Errorf("seen at %v and %v, rezzed at %v", box.Position, seen.Position, at)
		}
		name := "Nest " + box.ID.String()
		must(t, a.Tell(ctx, func(agent, session grid.UUID) message.Message {
			return &message.ObjectName{
				AgentData:  message.ObjectNameAgentData{AgentID: agent, SessionID: session},
				ObjectData: []message.ObjectNameObjectData{{LocalID: box.LocalID, Name: message.Bytes(name)}},
			}
		}))
		p, err := a.ObjectProperties(ctx, box.ID) // asked on the way that the name went
		must(t, err)
		if p[box.ID].Name != name || p[box.ID].Owner != id(a) {
			t.Errorf("properties %+v", p)
		}
		found, err := b.FindObject(ctx, name, 20)
		must(t, err)
		if found.ID != box.ID {
			t.Errorf("found %+v", found)
		}
		other = b.mark()
		must(t, a.Sit(ctx, box.ID, grid.Vector3{Z: 0.3}))
		if me := a.Self(); me.SittingOn != box.ID || me.Position.Distance(box.Position) > 2 {
			t.Errorf("self %+v", me)
		}
		sat := heard(b, other, func(e agent.SitChanged) bool { return e.Avatar.ID == id(a) && e.Seated })
		if sat.New != box.ID || sat.Avatar.Position.Distance(box.Position) > 2 {
			t.Errorf("told %+v", sat)
		}
		must(t, a.Stand(ctx))
		heard(b, other, func(e agent.SitChanged) bool { return e.Avatar.ID == id(a) && !e.Seated && e.Old == box.ID })
		must(t, a.Tell(ctx, func(agent, session grid.UUID) message.Message {
			return &message.DeRezObject{
				AgentData: message.DeRezObjectAgentData{AgentID: agent, SessionID: session},
				AgentBlock: message.DeRezObjectAgentBlock{
					Destination: 6, TransactionID: uuid.New(), PacketCount: 1, // into the trash
				},
				ObjectData: []message.DeRezObjectObjectData{{ObjectLocalID: box.LocalID}},
			}
		}))
		heard(b, other, func(e agent.ObjectGone) bool { return e.Object.ID == box.ID })
	})
	t.Run("scripted object", func(t *testing.T) {
		name := os.Getenv("ROOKERY_GRID_FEEDER") // a prim that answers on channel 7 in the ways it is told to
		if name == "" {
			t.Skip("ROOKERY_GRID_FEEDER is not set")
		}
		must(t, a.Teleport(ctx, home.Handle, grid.Vector3{X: 126, Y: 130, Z: 27}, grid.Vector3{X: 1}))
		var feeder agent.Object
		for mark := 0; ; { // objects trickle in
			heard(a, mark, func(e agent.ObjectAppeared) bool { return e.Object.ParentID == 0 })
			mark = a.mark()
			if o, err := a.FindObject(ctx, name, 64); err == nil {
				feeder = o
				break
			}
		}
		mark := a.mark()
		for _, way := range []string{"say", "region", "im"} {
			must(t, a.Chat(ctx, way, grid.ChatNormal, 7))
		}
		said := heard(a, mark, func(e agent.ChatHeard) bool { return e.Source == feeder.ID && e.Type == grid.ChatNormal })
		told := heard(a, mark, func(e agent.ChatHeard) bool { return e.Source == feeder.ID && e.Type == grid.ChatRegionSayTo })
		im := heard[agent.ObjectMessage](a, mark, nil)
		t.Logf("said %+v\ntold %+v\nsent %+v", said, told, im)
		if im.Object != feeder.ID || said.Kind != grid.ChatSourceObject || said.Owner != feeder.Owner {
			t.Errorf("the object is %v of %v", feeder.ID, feeder.Owner)
		}
		must(t, a.Sit(ctx, feeder.ID, grid.Vector3{}))
		must(t, a.Stand(ctx))
	})
	t.Run("teleport to another region", func(t *testing.T) {
		other := os.Getenv("ROOKERY_GRID_REGION2")
		if other == "" {
			t.Skip("ROOKERY_GRID_REGION2 is not set")
		}
		_, err := a.FindRegion(ctx, "No Such Region Anywhere")
		t.Log(err)
		if err := a.TeleportRegion(ctx, "No Such Region Anywhere", grid.Vector3{X: 1}, grid.Vector3{}); err == nil {
			t.Error("teleported to nowhere")
		}
		must(t, a.TeleportRegion(ctx, other, grid.Vector3{X: 50, Y: 60, Z: 30}, grid.Vector3{}))
		r, _ := a.Region()
		if !strings.EqualFold(r.Name, other) {
			t.Fatalf("in %s", r.Name)
		}
		mark := a.mark()
		must(t, a.Say(ctx, "here I am"))
		heard(a, mark, func(e agent.ChatHeard) bool { return e.Message == "here I am" && e.Region == r.Handle })
		must(t, a.TeleportRegion(ctx, home.Name, grid.Vector3{X: 120, Y: 120, Z: 30}, grid.Vector3{}))
		mark = a.mark()
		must(t, a.Say(ctx, "back again"))
		heard(a, mark, func(e agent.ChatHeard) bool { return e.Message == "back again" && e.Region == home.Handle })
		dots, err := a.AvatarPositions(ctx, home.Handle)
		t.Logf("map: %v %v", dots, err)
	})
	t.Run("walk over the border", func(t *testing.T) {
		other := os.Getenv("ROOKERY_GRID_REGION2")
		if other == "" {
			t.Skip("ROOKERY_GRID_REGION2 is not set")
		}
		next, err := a.FindRegion(ctx, other)
		must(t, err)
		hx, _ := home.Handle.Metres()
		nx, _ := next.Handle.Metres()
		edge, goal := grid.Vector3{X: 248, Y: 128, Z: 30}, grid.Vector3{X: 270, Y: 128, Z: 30}
		if nx < hx {
			edge.X, goal.X = 8, -14
		}
		must(t, a.Teleport(ctx, home.Handle, edge, grid.Vector3{}))
		walk, stop := context.WithTimeout(ctx, 60*time.Second)
		defer stop()
		mark := a.mark()
		must(t, a.FlyTo(walk, goal, agent.FlyOptions{}))
		if r, _ := a.Region(); !strings.EqualFold(r.Name, other) {
			t.Errorf("in %s at %v", r.Name, a.Self().Position)
		}
		heard[agent.RegionCrossed](a, mark, nil)
		heard[agent.RegionChanged](a, mark, nil)
		must(t, a.Fly(ctx, false))
	})
	t.Run("back after a broken network", func(t *testing.T) {
		mark := b.mark()
		b.Drop()
		heard[agent.Disconnected](b, mark, nil)
		heard(b, mark, success)
		must(t, b.Say(ctx, "I am back"))
		heard(b, mark, func(e agent.ChatHeard) bool { return e.Message == "I am back" })
		for _, p := range all[agent.LoginProgress](b) {
			t.Log(p.Status, p.Reason, p.Message)
		}
	})
	for _, r := range a.Regions() {
		t.Logf("%s: current %v, %d objects, %d avatars, stats %v fps, coarse %v", r.Name, r.Current, r.Objects, r.Avatars, r.Stats.FPS, a.CoarseLocations(r.Handle))
	}
}
