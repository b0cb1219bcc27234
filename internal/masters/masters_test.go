package masters_test

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/grid/message"
	"rookery/internal/command/commandtest"
	"rookery/internal/masters"
	"rookery/simgrid"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// court is a grid with a master, "Ada Rook", and a stranger who both offer.
type court struct {
	*commandtest.World
	master, stranger *simgrid.Inhabitant
	names            atomic.Pointer[[]string]
	seen             *simgrid.Watcher
	me               grid.UUID
}

func newCourt(t *testing.T) *court {
	t.Helper()
	c := &court{World: commandtest.New(t)}
	c.name("ada rook")
	t.Cleanup(masters.Start(masters.Options{
		Agent: c.Agent, Names: func() []string { return *c.names.Load() }, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}))
	c.me, c.seen = c.Agent.Self().ID, c.Watch(t)
	c.master = c.inhabitant(t, "Ada", "Rook")
	c.stranger = c.inhabitant(t, "Eve", "Crow")
	return c
}

func (c *court) inhabitant(t *testing.T, first, last string) *simgrid.Inhabitant {
	t.Helper()
	in, err := c.Grid.AddInhabitant(simgrid.InhabitantConfig{First: first, Last: last, Region: "Heronry", Position: grid.Vector3{X: 40, Y: 50, Z: 23}})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (c *court) name(masters ...string) { c.names.Store(&masters) }

// settle returns when everything that was offered before has been accepted or
// left: offers are considered in their order, and this one comes last.
func (c *court) settle(t *testing.T) {
	t.Helper()
	session, err := c.master.Give(c.me, simgrid.Item{Name: "The last thing", Type: grid.AssetNotecard})
	if err != nil {
		t.Fatal(err)
	}
	commandtest.Saw(t, c.seen, func(e simgrid.MessageSent) bool {
		return e.To == c.master.ID() && e.Dialog == grid.IMInventoryAccepted
	})
	for _, o := range c.Agent.InventoryOffers() {
		if o.Session == session {
			t.Error("what was accepted still waits")
		}
	}
}

func TestWhatMastersOfferIsAcceptedAndNobodyElses(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	group := func(name string, in *simgrid.Inhabitant, fee int32) *simgrid.Group {
		g, err := c.Grid.AddGroup(simgrid.GroupConfig{Name: name, Fee: fee, Members: []grid.UUID{in.ID()}})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	crows, birds, rich := group("Crows", c.stranger, 0), group("Birds", c.master, 0), group("Rich Birds", c.master, 5)
	give := func(f func(grid.UUID, simgrid.Item) (grid.UUID, error), name string) {
		if _, err := f(c.me, simgrid.Item{Name: name, Type: grid.AssetClothing}); err != nil {
			t.Fatal(err)
		}
	}
	prim := func(name string, owner grid.UUID) *simgrid.Prim {
		p, err := c.Grid.Region("Heronry").AddPrim(simgrid.PrimConfig{Name: name, Owner: owner, Position: grid.Vector3{X: 9, Y: 9, Z: 22}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	mine, impostor := prim("Giver", c.master.ID()), prim("Ada Rook", c.stranger.ID())

	c.stranger.OfferFriendship(c.me, "please")
	c.stranger.InviteToGroup(c.me, crows)
	c.stranger.Lure(c.me, "come")
	give(c.stranger.Give, "Bad hat")
	give(impostor.Give, "False hat")
	c.master.InviteToGroup(c.me, rich)
	c.settle(t)
	if s, _ := c.Grid.Avatar(c.me); s.Region != "Rookery" || len(c.Grid.Friends(c.me)) != 0 || crows.Has(c.me) || rich.Has(c.me) {
		t.Errorf("a stranger was obeyed: %+v, friends %v", s, c.Grid.Friends(c.me))
	}
	left := []int{len(c.Agent.FriendshipOffers()), len(c.Agent.Lures()), len(c.Agent.Invitations()), len(c.Agent.InventoryOffers())}
	if !slices.Equal(left, []int{1, 1, 2, 2}) {
		t.Errorf("waiting are %v", left)
	}
	for _, i := range c.Grid.Items(c.me) {
		if i.Name == "False hat" {
			t.Error("an object with the name of a master was obeyed")
		}
	}

	c.master.OfferFriendship(c.me, "welcome")
	c.master.InviteToGroup(c.me, birds)
	give(mine.Give, "Hat")
	c.master.Lure(c.me, "come")
	commandtest.Saw(t, c.seen, func(e simgrid.FriendshipFormed) bool { return e.From == c.master.ID() && e.By == c.me })
	commandtest.Saw(t, c.seen, func(e simgrid.GroupJoined) bool { return e.Group == birds.ID() && e.Agent == c.me })
	commandtest.Saw(t, c.seen, func(e simgrid.ItemPlaced) bool { return e.Item.Name == "Hat" && e.Item.Parent == "Clothing" })
	e := commandtest.Saw(t, c.seen, func(e simgrid.Arrived) bool { return e.Agent == c.me })
	if e.Region != "Heronry" || e.Position.Distance(grid.Vector3{X: 40, Y: 50, Z: 23}) > 2 {
		t.Errorf("arrived %+v", e)
	}
}

func TestMastersChangeWhileTheAgentIsThere(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	c.name("Eve Crow")
	c.master.OfferFriendship(c.me, "too late")
	c.stranger.OfferFriendship(c.me, "now")
	commandtest.Saw(t, c.seen, func(e simgrid.FriendshipFormed) bool { return e.By == c.me && e.From == c.stranger.ID() })
	c.name()
	c.stranger.InviteToGroup(c.me, func() *simgrid.Group {
		g, err := c.Grid.AddGroup(simgrid.GroupConfig{Name: "Crows", Members: []grid.UUID{c.stranger.ID()}})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}())
	c.Until(t, "the invitation", func() bool { return len(c.Agent.Invitations()) == 1 })
	c.name("Ada Rook")
	c.settle(t)
	if got := c.Grid.Friends(c.me); len(got) != 1 || len(c.Agent.Invitations()) != 1 {
		t.Errorf("friends %v, invitations %v", got, c.Agent.Invitations())
	}
}

// A name in the message is what a client wrote; the id is whom the grid knows.
func TestANameAloneMakesNoMaster(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	for _, d := range []grid.IMDialog{grid.IMFriendshipOffered, grid.IMInventoryOffered, grid.IMRequestTeleport} {
		if err := c.Grid.Send(c.me, &message.ImprovedInstantMessage{
			AgentData: message.ImprovedInstantMessageAgentData{AgentID: c.stranger.ID()},
			MessageBlock: message.ImprovedInstantMessageMessageBlock{
				ToAgentID: c.me, Dialog: uint8(d), ID: grid.UUID{byte(d)}, FromAgentName: message.Bytes("Ada Rook"),
				BinaryBucket: grid.AppendOfferBucket(nil, grid.OfferBucket{Type: grid.AssetNotecard, Item: grid.UUID{7}}),
			},
		}); err != nil {
			t.Fatal(err)
		}
	}
	c.settle(t)
	if n := []int{len(c.Agent.FriendshipOffers()), len(c.Agent.InventoryOffers()), len(c.Agent.Lures())}; !slices.Equal(n, []int{1, 1, 1}) {
		t.Errorf("waiting are %v", n)
	}
}

func TestALureThatWaitedForTheLoginIsLeft(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	if err := c.Grid.Send(c.me, &message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: c.master.ID()},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			ToAgentID: c.me, Dialog: uint8(grid.IMRequestTeleport), ID: grid.UUID{1}, Offline: uint8(grid.IMOffline), FromAgentName: message.Bytes("Ada Rook"),
		},
	}); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	if got := c.Agent.Lures(); len(got) != 1 {
		t.Errorf("waiting are %v", got)
	}
}

// Whoever logs in later finds what masters offered meanwhile accepted.
func TestWhatMastersOfferedWhileTheAgentWasAwayIsAccepted(t *testing.T) {
	t.Parallel()
	c := newCourt(t)
	ctx, cancel := context.WithTimeout(t.Context(), commandtest.Patience)
	defer cancel()
	if err := c.Agent.Logout(ctx); err != nil {
		t.Fatal(err)
	}
	commandtest.Saw(t, c.seen, func(e simgrid.LoggedOut) bool { return e.Agent == c.me })
	c.master.OfferFriendship(c.me, "hello")
	c.stranger.OfferFriendship(c.me, "hello")
	if err := c.Agent.Login(ctx); err != nil {
		t.Fatal(err)
	}
	commandtest.Saw(t, c.seen, func(e simgrid.FriendshipFormed) bool { return e.By == c.me && e.From == c.master.ID() })
	c.settle(t)
	if got := c.Grid.Friends(c.me); len(got) != 1 {
		t.Errorf("friends %v", got)
	}
}
