package agent_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"rookery/agent"
	"rookery/grid"
	"rookery/simgrid"
)

func TestAvatarsComeMoveAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Watcher", startAt("Rookery", 128, 128, 22))
	in, err := w.AddInhabitant(simgrid.InhabitantConfig{
		First: "Wren", Last: "Thicket", Region: "Rookery", Position: grid.Vector3{X: 132, Y: 128, Z: 22},
	})
	must(t, err)
	seen := heard(b, 0, func(e agent.AvatarAppeared) bool { return e.Avatar.ID == in.ID() }).Avatar
	if seen.Name != (agent.Name{First: "Wren", Last: "Thicket"}) || seen.Position.Distance2D(grid.Vector3{X: 132, Y: 128}) > 1 ||
		seen.Region != w.Region("Rookery").Handle() || seen.LocalID == 0 || seen.Seat != (grid.UUID{}) {
		t.Errorf("seen %+v", seen)
	}
	to := grid.Vector3{X: 136, Y: 128, Z: 22}
	must(t, in.WalkTo(to))
	heard(b, 0, func(e agent.TerseUpdate) bool {
		return e.ID == in.ID() && e.PCode == grid.PCodeAvatar && e.Position.Distance2D(to) < 1
	})
	if a, ok := b.Avatar(in.ID()); !ok || a.Position.Distance2D(to) > 1.5 {
		t.Errorf("avatar %+v, %v", a, ok)
	}
	if !slices.ContainsFunc(b.Avatars(), func(a agent.Avatar) bool { return a.ID == in.ID() }) {
		t.Error("not among the avatars")
	}
	in.Remove()
	heard(b, 0, func(e agent.AvatarGone) bool { return e.Avatar.ID == in.ID() && e.Avatar.Name.First == "Wren" })
	if _, ok := b.Avatar(in.ID()); ok {
		t.Error("still there")
	}
}

func TestObjectsComeChangeAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Prims: []simgrid.PrimConfig{
		{Region: "Rookery", Name: "First", Position: grid.Vector3{X: 120, Y: 128, Z: 22}},
	}})
	b := w.bot("Watcher", startAt("Rookery", 128, 128, 22))
	rookery := w.Region("Rookery")
	heard(b, 0, func(e agent.ObjectAppeared) bool {
		return e.Object.Position.Distance2D(grid.Vector3{X: 120, Y: 128}) < 0.1
	})
	prim, err := rookery.AddPrim(simgrid.PrimConfig{
		Name: "Sign", Text: "Grüezi", Position: grid.Vector3{X: 130, Y: 128, Z: 23}, Scale: grid.Vector3{X: 1, Y: 2, Z: 3},
		Rotation: grid.RotationZ(1),
	})
	must(t, err)
	o := heard(b, 0, func(e agent.ObjectAppeared) bool { return e.Object.ID == prim.ID() }).Object
	if o.PCode != grid.PCodePrim || o.LocalID != prim.LocalID() || o.Position != (grid.Vector3{X: 130, Y: 128, Z: 23}) ||
		o.Scale != (grid.Vector3{X: 1, Y: 2, Z: 3}) || o.Text != "Grüezi" || o.Region != rookery.Handle() || o.Attachment || o.ParentID != 0 {
		t.Errorf("appeared %+v", o)
	}
	must(t, prim.Move(grid.Vector3{X: 131, Y: 129, Z: 24}, grid.RotationZ(2)))
	heard(b, 0, func(agent.TerseUpdate) bool {
		o, ok := b.Object(prim.ID())
		return ok && near(o.Position, grid.Vector3{X: 131, Y: 129, Z: 24}, 0.01)
	})
	must(t, prim.SetText("Uf Widerluege"))
	heard(b, 0, func(e agent.ObjectUpdated) bool { return e.Object.ID == prim.ID() && e.Object.Text == "Uf Widerluege" })
	must(t, prim.Remove())
	heard(b, 0, func(e agent.ObjectGone) bool { return e.Object.ID == prim.ID() })
	if _, ok := b.Object(prim.ID()); ok {
		t.Error("still there")
	}
	if n := len(b.Objects()); n != 1 {
		t.Errorf("%d objects left", n)
	}
}

func TestObjectsAreFoundByIDAndByName(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Finder", startAt("Rookery", 128, 128, 22))
	owner := grid.UUID{9}
	add := func(name string, x float32) *simgrid.Prim {
		p, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{
			Name: name, Description: "at " + name, Owner: owner, Position: grid.Vector3{X: x, Y: 128, Z: 22},
		})
		must(t, err)
		heard(b, 0, func(e agent.ObjectAppeared) bool { return e.Object.ID == p.ID() })
		return p
	}
	far, close, other := add("Bench", 150), add("Bench", 135), add("bench", 129)
	o, err := b.FindObject(w.ctx, "Bench", 64)
	must(t, err)
	if o.ID != close.ID() || o.Properties == nil || o.Properties.Description != "at Bench" || o.Owner != owner {
		t.Errorf("by name: %+v", o)
	}
	if o, err = b.FindObject(w.ctx, far.ID().String(), 64); err != nil || o.ID != far.ID() {
		t.Errorf("by id: %+v, %v", o, err)
	}
	if o, err = b.FindObject(w.ctx, "bench", 5); err != nil || o.ID != other.ID() {
		t.Errorf("names are exact: %+v, %v", o, err)
	}
	for item, within := range map[string]float32{far.ID().String(): 10, "Bench": 3, "Table": 64, uuid.NewString(): 64, "": 64} {
		if _, err := b.FindObject(w.ctx, item, within); !errors.Is(err, agent.ErrObjectNotFound) {
			t.Errorf("%q within %v m: %v", item, within, err)
		}
	}
}

func TestCoarseLocationsShowWhoIsInTheRegion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Regions: []simgrid.RegionConfig{{Name: "Wide", X: 1000, Y: 1000, Size: 512}}})
	b := w.bot("Mapper", startAt("Wide", 400, 300, 22))
	in, err := w.AddInhabitant(simgrid.InhabitantConfig{First: "Egret", Last: "Marsh", Region: "Wide", Position: grid.Vector3{X: 444, Y: 222, Z: 22}})
	must(t, err)
	e := heard(b, 0, func(e agent.CoarseLocations) bool {
		return slices.ContainsFunc(e.New, func(l agent.CoarseLocation) bool { return l.ID == in.ID() })
	})
	i := slices.IndexFunc(e.All, func(l agent.CoarseLocation) bool { return l.ID == in.ID() })
	if p := e.All[i].Position; p.Distance2D(grid.Vector3{X: 444, Y: 222}) > 3 || p.Z < 18 || p.Z > 26 {
		t.Errorf("on the map at %v", p)
	}
	heard(b, 0, func(agent.CoarseLocations) bool {
		return slices.ContainsFunc(b.CoarseLocations(w.Region("Wide").Handle()), func(l agent.CoarseLocation) bool { return l.ID == b.Self().ID })
	})
	in.Remove()
	heard(b, 0, func(e agent.CoarseLocations) bool {
		return slices.ContainsFunc(e.Old, func(l agent.CoarseLocation) bool { return l.ID == in.ID() })
	})
	if l := b.CoarseLocations(1); l != nil {
		t.Errorf("an unknown region has %v", l)
	}
}

func TestNeighboursAreSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Neighbour", startAt("Rookery", 240, 128, 22))
	heard(b, 0, func(e agent.RegionConnected) bool { return e.Region.Name == "Heronry" && !e.Region.Current })
	regions := b.Regions()
	if len(regions) != 2 || !regions[0].Current || regions[0].Name != "Rookery" || regions[1].Name != "Heronry" {
		t.Errorf("regions %+v", regions)
	}
	if r, ok := b.RegionNamed("heronry"); !ok || r.ID != w.Region("Heronry").ID() {
		t.Errorf("heronry: %+v, %v", r, ok)
	}
	in, err := w.AddInhabitant(simgrid.InhabitantConfig{First: "Egret", Last: "Marsh", Region: "Heronry", Position: grid.Vector3{X: 10, Y: 128, Z: 22}})
	must(t, err)
	a := heard(b, 0, func(e agent.AvatarAppeared) bool { return e.Avatar.ID == in.ID() }).Avatar
	if a.Region != w.Region("Heronry").Handle() {
		t.Errorf("seen in %v", a.Region)
	}
	if d := b.Distance(a.Region, a.Position); d < 20 || d > 32 {
		t.Errorf("%v m away", d)
	}
	must(t, w.Region("Heronry").Shutdown("gone"))
	heard(b, 0, func(e agent.RegionDisconnected) bool { return e.Region.Name == "Heronry" })
	if b.State() != agent.Online {
		t.Error("a neighbour's end ended the agent")
	}
	hermit := w.bot("Hermit", func(c *agent.Config) { c.NoNeighbours = true; startAt("Rookery", 128, 128, 22)(c) })
	must(t, w.Region("Heronry").Restart())
	heard(b, b.mark()-1, func(agent.RegionConnected) bool { return len(b.Regions()) == 2 })
	if n := len(hermit.Regions()); n != 1 {
		t.Errorf("the hermit has %d regions", n)
	}
}

func TestNamesAreLookedUpBothWays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Clerk", nil)
	for _, first := range []string{"Ada", "Ben"} {
		_, err := w.AddAccount(first, "Lovelace", "secret")
		must(t, err)
	}
	ada, ben := w.Account("Ada", "Lovelace").ID(), w.Account("Ben", "Lovelace").ID()
	nobody := uuid.New()
	names, err := b.AvatarNames(w.ctx, ada, nobody, ben, ada, b.Self().ID)
	must(t, err)
	if len(names) != 3 || names[ada].String() != "Ada Lovelace" || names[ben].String() != "Ben Lovelace" || names[b.Self().ID].First != "Clerk" {
		t.Errorf("names %v", names)
	}
	if _, err := b.AvatarName(w.ctx, nobody); !errors.Is(err, agent.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	fresh := w.bot("Novice", nil) // knows nobody yet
	ids, err := fresh.AvatarIDs(w.ctx, agent.Name{First: "ADA", Last: "lovelace"}, agent.Name{First: "No", Last: "Body"})
	must(t, err)
	if len(ids) != 1 || ids[agent.Name{First: "ADA", Last: "lovelace"}] != ada {
		t.Errorf("ids %v", ids)
	}
	if _, err := fresh.AvatarID(w.ctx, agent.Name{First: "No", Last: "Body"}); !errors.Is(err, agent.ErrNotFound) {
		t.Errorf("no body: %v", err)
	}
	if id, err := fresh.AvatarID(w.ctx, agent.ParseName("Ben.Lovelace")); err != nil || id != ben {
		t.Errorf("ben: %v, %v", id, err)
	}
}

func TestMapIsAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Mapper", startAt("Rookery", 128, 128, 22))
	heronry := w.Region("Heronry")
	r, err := b.FindRegion(w.ctx, "hErOnRy")
	must(t, err)
	if r.Handle != heronry.Handle() || r.Name != "Heronry" || r.SizeX != 256 {
		t.Errorf("found %+v", r)
	}
	if _, err := b.FindRegion(w.ctx, "Atlantis"); !errors.Is(err, agent.ErrRegionNotFound) {
		t.Errorf("atlantis: %v", err)
	}
	h, err := b.RegionByID(w.ctx, heronry.ID())
	if err != nil || h != heronry.Handle() {
		t.Errorf("by id: %v, %v", h, err)
	}
	x, y := heronry.Handle().Grid()
	list, err := b.MapRegions(w.ctx, uint16(x-1), uint16(y), uint16(x), uint16(y))
	must(t, err)
	if len(list) != 2 {
		t.Errorf("regions %+v", list)
	}
	if list, err = b.MapRegions(w.ctx, 1, 1, 2, 2); err != nil || len(list) != 0 {
		t.Errorf("open sea: %+v, %v", list, err)
	}
	_, err = w.AddInhabitant(simgrid.InhabitantConfig{First: "Egret", Last: "Marsh", Region: "Heronry", Position: grid.Vector3{X: 64, Y: 32, Z: 22}})
	must(t, err)
	dots, err := b.AvatarPositions(w.ctx, heronry.Handle())
	must(t, err)
	if len(dots) != 1 || dots[0].Count != 1 || heronry.Handle().Local(dots[0].Global).Distance2D(grid.Vector3{X: 64, Y: 32}) > 8 {
		t.Errorf("dots %+v", dots)
	}
}

func TestProfilesAreRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	_, err := w.NewAccount(simgrid.AccountConfig{First: "Ada", Last: "Lovelace", Password: "x", About: "I count."})
	must(t, err)
	b := w.bot("Reader", nil)
	p, err := b.Profile(w.ctx, w.Account("Ada", "Lovelace").ID())
	must(t, err)
	if p.About != "I count." || !p.Properties || p.BornOn == "" {
		t.Errorf("profile %+v", p)
	}
}

func TestSimulatorSaysWhatItCanDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Asker", nil)
	features, err := b.SimulatorFeatures(w.ctx)
	if errors.Is(err, agent.ErrNoCapability) {
		t.Skip("the embedded grid does not say")
	}
	must(t, err)
	if len(features) == 0 || !b.HasCapability("EventQueueGet") || b.HasCapability("NoSuchThing") {
		t.Errorf("features %v", features)
	}
}

func TestParcelsAreAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Regions: []simgrid.RegionConfig{{Name: "Wide", X: 1000, Y: 1000, Size: 512}}})
	b := w.bot("Surveyor", startAt("Wide", 128, 128, 22))
	p, err := b.ParcelAt(w.ctx, grid.Vector3{X: 511.5, Y: 300})
	must(t, err)
	if p.Area != 512*512 || p.LocalID == 0 || p.Region != w.Region("Wide").Handle() {
		t.Errorf("parcel %+v", p)
	}
	for at, want := range map[grid.Vector3]bool{
		{X: 1, Y: 1}: true, {X: 511, Y: 511}: true, {X: 512, Y: 1}: false, {X: 1, Y: 513}: false, {X: -1, Y: 5}: false,
	} {
		if p.Contains(at) != want {
			t.Errorf("%v on the parcel: %v", at, !want)
		}
	}
	if _, err := b.ParcelAt(w.ctx, grid.Vector3{X: 600, Y: 1}); !errors.Is(err, agent.ErrNotFound) {
		t.Errorf("beyond the border: %v", err)
	}
}

func TestManyAgentsShareAProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	const crowd = 20
	bots := make([]*bot, crowd)
	arrived := make(chan error, crowd)
	for i := range bots {
		bots[i] = w.newBot("Crowd"+string(rune('A'+i)), startAt("Rookery", 100+2*float32(i%5), 100+2*float32(i/5), 22))
		go func() { arrived <- bots[i].Login(w.ctx) }()
	}
	for range bots {
		must(t, <-arrived)
	}
	for i, b := range bots {
		must(t, b.Chat(w.ctx, "this is "+string(rune('A'+i)), grid.ChatShout, 0))
	}
	for _, b := range bots {
		for i, other := range bots {
			id := other.Self().ID
			heard(b, 0, func(e agent.ChatHeard) bool { return e.Source == id && e.Message == "this is "+string(rune('A'+i)) })
			heard(b, 0, func(e agent.AvatarAppeared) bool { return e.Avatar.ID == id })
		}
	}
}
