package agent_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/message"
	"rookery/simgrid"
)

// offering is a grid with somebody in Heronry who offers things to a bot in
// Rookery.
func offering(t *testing.T, f func(t *testing.T, w *world, b *bot, ada *simgrid.Inhabitant)) {
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{OpenSim: opensim, Inhabitants: []simgrid.InhabitantConfig{
				{First: "Ada", Last: "Rook", Region: "Heronry", Position: grid.Vector3{X: 60, Y: 70, Z: 23}},
			}})
			f(t, w, w.bot("Guest", startAt("Rookery", 30, 30, 22)), w.Inhabitant("Ada", "Rook"))
		})
	}
}

func TestFriendshipIsAcceptedOrDeclined(t *testing.T) {
	t.Parallel()
	offering(t, func(t *testing.T, w *world, b *bot, ada *simgrid.Inhabitant) {
		me := b.Self().ID
		if err := b.AcceptFriendship(w.ctx, ada.ID()); !errors.Is(err, agent.ErrNoOffer) {
			t.Errorf("without an offer: %v", err)
		}
		ada.OfferFriendship(me, "first")
		ada.OfferFriendship(me, "second") // instead of the first
		e := heard(b, 0, func(e agent.FriendshipOffered) bool { return e.Message == "second" })
		if e.From != ada.ID() || e.FromName != "Ada Rook" || e.Offline {
			t.Errorf("offered %+v", e)
		}
		if got := b.FriendshipOffers(); len(got) != 1 || got[0].Message != "second" {
			t.Errorf("waiting are %+v", got)
		}
		must(t, b.DeclineFriendship(w.ctx, ada.ID()))
		await(w, func(e simgrid.FriendshipDeclined) bool { return e.From == ada.ID() && e.By == me })
		mark := b.mark()
		ada.OfferFriendship(me, "third")
		heard[agent.FriendshipOffered](b, mark, nil)
		must(t, b.AcceptFriendship(w.ctx, ada.ID()))
		await(w, func(e simgrid.MessageSent) bool { return e.To == ada.ID() && e.Dialog == grid.IMFriendshipAccepted })
		await(w, func(e simgrid.FriendshipFormed) bool { return e.From == ada.ID() && e.By == me })
		if got := w.Friends(me); !slices.Equal(got, []grid.UUID{ada.ID()}) || len(b.FriendshipOffers()) != 0 {
			t.Errorf("friends %v, waiting %v", got, b.FriendshipOffers())
		}
	})
}

func TestOffersThatWaitedForTheLoginAreAccepted(t *testing.T) {
	t.Parallel()
	offering(t, func(t *testing.T, w *world, b *bot, ada *simgrid.Inhabitant) {
		me := b.Self().ID
		birds, err := w.AddGroup(simgrid.GroupConfig{Name: "Birds", Members: []grid.UUID{ada.ID()}})
		must(t, err)
		must(t, b.Logout(w.ctx))
		await(w, func(e simgrid.LoggedOut) bool { return e.Agent == me })
		ada.OfferFriendship(me, "friends?")
		ada.InviteToGroup(me, birds)
		_, err = ada.Give(me, simgrid.Item{Name: "Letter", Type: grid.AssetNotecard})
		must(t, err)
		mark := b.mark()
		must(t, b.Login(w.ctx))
		if e := heard[agent.FriendshipOffered](b, mark, nil); !e.Offline {
			t.Errorf("offered %+v", e)
		}
		invited := heard[agent.GroupInvited](b, mark, nil)
		given := heard[agent.InventoryOffered](b, mark, nil)
		must(t, b.AcceptFriendship(w.ctx, ada.ID()))
		must(t, b.AcceptGroupInvitation(w.ctx, invited.Session))
		must(t, b.AcceptInventory(w.ctx, given.Session, agent.InventoryPlace{}))
		await(w, func(e simgrid.MessageSent) bool { return e.To == ada.ID() && e.Dialog == grid.IMInventoryAccepted })
		if got := w.Friends(me); len(got) != 1 || !birds.Has(me) {
			t.Errorf("friends %v, members %v", got, birds.Members())
		}
	})
}

func TestALureLeadsTheAgentToWhoSentIt(t *testing.T) {
	t.Parallel()
	offering(t, func(t *testing.T, w *world, b *bot, ada *simgrid.Inhabitant) {
		me := b.Self().ID
		dance := uuid.New()
		must(t, b.Animate(w.ctx, true, dance))
		must(t, b.SitOnGround(w.ctx))
		w.awaitState(b, func(s simgrid.AvatarState) bool { return s.SittingOnGround && s.Playing(dance) })
		id := ada.Lure(me, "Come over.")
		e := heard(b, 0, func(e agent.LureReceived) bool { return e.Session == id })
		if e.From != ada.ID() || e.Message != "Come over." {
			t.Errorf("lured by %+v", e)
		}
		if err := b.AcceptLure(w.ctx, uuid.New()); !errors.Is(err, agent.ErrNoOffer) {
			t.Errorf("another lure: %v", err)
		}
		must(t, b.AcceptLure(w.ctx, id))
		s := w.awaitState(b, func(s simgrid.AvatarState) bool { return s.Region == "Heronry" })
		if !near(s.Position, grid.Vector3{X: 60, Y: 70, Z: 23}, 2) {
			t.Errorf("arrived at %v", s.Position)
		}
		if s.Sitting() || s.Playing(dance) {
			t.Errorf("still sits or dances: %+v", s)
		}
		if self := b.Self(); self.RegionName != "Heronry" || len(b.Lures()) != 0 {
			t.Errorf("the agent thinks it is in %s, lured by %v", self.RegionName, b.Lures())
		}

		id = ada.Lure(me, "Once more.")
		heard(b, 0, func(e agent.LureReceived) bool { return e.Session == id })
		must(t, b.DeclineLure(w.ctx, id))
		await(w, func(e simgrid.MessageSent) bool { return e.To == ada.ID() && e.Dialog == grid.IMDenyTeleport })

		w.RefuseTeleports(me, "Not today.")
		id = ada.Lure(me, "And again.")
		heard(b, 0, func(e agent.LureReceived) bool { return e.Session == id })
		var refused *agent.TeleportError
		if err := b.AcceptLure(w.ctx, id); !errors.As(err, &refused) || refused.Message != "Not today." || len(b.Lures()) != 0 {
			t.Errorf("refused: %v, left %v", err, b.Lures())
		}
	})
}

func TestLuresAreThrottledAndWaitOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Ada", Last: "Rook", Region: "Rookery"}}})
	ada := w.Inhabitant("Ada", "Rook")
	b := w.bot("Guest", func(c *agent.Config) { c.TeleportLimit, c.TeleportWindow = 1, time.Hour })
	for range 2 {
		ada.Lure(b.Self().ID, "")
	}
	ada.Message(b.Self().ID, "end")
	heard(b, 0, func(e agent.MessageReceived) bool { return e.Message == "end" })
	lures := b.Lures()
	must(t, b.AcceptLure(w.ctx, lures[0].Session))
	if err := b.AcceptLure(w.ctx, lures[1].Session); !errors.Is(err, agent.ErrThrottled) || len(b.Lures()) != 1 {
		t.Errorf("%v; waiting are %v", err, b.Lures())
	}
	if !b.ForgetLure(lures[1].Session) || b.ForgetLure(lures[1].Session) || len(b.Lures()) != 0 {
		t.Error("a lure is not forgotten once")
	}
}

func TestInvitationsMakeTheAgentAMember(t *testing.T) {
	t.Parallel()
	offering(t, func(t *testing.T, w *world, b *bot, ada *simgrid.Inhabitant) {
		me := b.Self().ID
		birds, err := w.AddGroup(simgrid.GroupConfig{Name: "Birds", Members: []grid.UUID{ada.ID()}})
		must(t, err)
		invited := func() agent.GroupInvited {
			mark := b.mark()
			ada.InviteToGroup(me, birds)
			return heard[agent.GroupInvited](b, mark, nil)
		}
		e := invited()
		if e.Group != birds.ID() || e.FromName != "Ada Rook" || e.Fee != 0 {
			t.Errorf("invited %+v", e)
		}
		must(t, b.DeclineGroupInvitation(w.ctx, e.Session))
		await(w, func(e simgrid.GroupDeclined) bool { return e.Group == birds.ID() && e.Agent == me })
		if err := b.AcceptGroupInvitation(w.ctx, e.Session); !errors.Is(err, agent.ErrNoOffer) {
			t.Errorf("answered twice: %v", err)
		}
		must(t, b.AcceptGroupInvitation(w.ctx, invited().Session))
		if !birds.Has(me) {
			t.Errorf("members are %v", birds.Members())
		}
		heard(b, 0, func(e agent.GroupsChanged) bool { return len(e.Groups) == 1 && e.Groups[0].Name == "Birds" })
		if got := b.Groups(); len(got) != 1 || got[0].ID != birds.ID() || got[0].Powers&grid.PowerInvite == 0 {
			t.Errorf("the agent thinks it is in %+v", got)
		}
		mark := b.mark()
		must(t, b.Tell(w.ctx, func(agent, session grid.UUID) message.Message {
			return &message.LeaveGroupRequest{
				AgentData: message.LeaveGroupRequestAgentData{AgentID: agent, SessionID: session},
				GroupData: message.LeaveGroupRequestGroupData{GroupID: birds.ID()},
			}
		}))
		heard(b, mark, func(e agent.GroupsChanged) bool { return len(e.Groups) == 0 })

		rich, err := w.AddGroup(simgrid.GroupConfig{Name: "Rich Birds", Fee: 10, Members: []grid.UUID{ada.ID()}})
		must(t, err)
		mark = b.mark()
		ada.InviteToGroup(me, rich)
		if e = heard[agent.GroupInvited](b, mark, nil); e.Fee != 10 {
			t.Errorf("invited %+v", e)
		}
		ctx, cancel := context.WithTimeout(w.ctx, 200*time.Millisecond)
		defer cancel()
		if err := b.AcceptGroupInvitation(ctx, e.Session); !errors.Is(err, agent.ErrTimeout) || rich.Has(me) {
			t.Errorf("the fee was not asked for: %v", err)
		}
		heard[agent.Alert](b, mark, nil)
	})
}

func TestInventoryIsAcceptedIntoAFolder(t *testing.T) {
	t.Parallel()
	offering(t, func(t *testing.T, w *world, b *bot, ada *simgrid.Inhabitant) {
		me := b.Self().ID
		prim, err := w.Region("Heronry").AddPrim(simgrid.PrimConfig{Name: "Giver", Owner: ada.ID(), Position: grid.Vector3{X: 9, Y: 9, Z: 22}})
		must(t, err)
		trash := folderNamed(t, w, me, grid.AssetTrash)
		objects := folderNamed(t, w, me, grid.AssetObject)
		give := map[bool]func(grid.UUID, simgrid.Item) (grid.UUID, error){false: ada.Give, true: prim.Give}
		for _, tt := range []struct {
			name   string
			object bool
			kind   grid.AssetType
			at     agent.InventoryPlace
			accept bool
			want   string // the folder in the end; empty when the item is nowhere
		}{
			{"Letter", false, grid.AssetNotecard, agent.InventoryPlace{}, true, "Notecards"},
			{"Letter in a folder", false, grid.AssetNotecard, agent.InventoryPlace{Folder: objects}, true, "Objects"},
			{"Letter with a new name", false, grid.AssetNotecard, agent.InventoryPlace{Name: "Epistle"}, true, "Notecards"},
			{"Bad letter", false, grid.AssetNotecard, agent.InventoryPlace{}, false, "Trash"},
			{"Hat", true, grid.AssetClothing, agent.InventoryPlace{}, true, "Clothing"},
			{"Hat in a folder", true, grid.AssetClothing, agent.InventoryPlace{Folder: objects}, true, "Objects"},
			{"Hat with a new name", true, grid.AssetClothing, agent.InventoryPlace{Folder: objects, Name: "Cap"}, true, "Objects"},
			{"Odd thing", true, grid.AssetSimstate, agent.InventoryPlace{}, true, "My Inventory"},
			{"Bad hat", true, grid.AssetClothing, agent.InventoryPlace{}, false, ""},
		} {
			session, err := give[tt.object](me, simgrid.Item{Name: tt.name, Type: tt.kind})
			must(t, err)
			e := heard(b, 0, func(e agent.InventoryOffered) bool { return e.Session == session })
			if e.From != ada.ID() || e.Type != tt.kind || e.Object != tt.object || tt.object == (e.Item != grid.UUID{}) {
				t.Errorf("%s: offered %+v", tt.name, e)
			}
			dialog := grid.IMInventoryDeclined
			if tt.accept {
				dialog = grid.IMInventoryAccepted
				must(t, b.AcceptInventory(w.ctx, session, tt.at))
			} else {
				must(t, b.DeclineInventory(w.ctx, session))
			}
			if tt.object {
				dialog += 5 // TaskInventoryAccepted and TaskInventoryDeclined
			}
			await(w, func(e simgrid.MessageSent) bool { return e.To == ada.ID() && e.Dialog == dialog && e.Delivered })
			if tt.want == "" && len(w.Items(me)) > 0 && !placed(w, me, tt.name, "") {
				tt.want = "Trash" // on OpenSimulator it was there from the start
			}
			name := cmp.Or(tt.at.Name, tt.name)
			for !placed(w, me, name, tt.want) {
				await(w, func(e simgrid.ItemPlaced) bool { return e.Item.Name == name && e.Item.Parent == tt.want })
			}
			if err := b.AcceptInventory(w.ctx, session, agent.InventoryPlace{Folder: trash}); !errors.Is(err, agent.ErrNoOffer) {
				t.Errorf("%s: answered twice: %v", tt.name, err)
			}
		}
	})
}

// placed tells whether an avatar has an item in the folder with that name;
// nowhere, when it is empty.
func placed(w *world, owner grid.UUID, name, folder string) bool {
	at := ""
	for _, i := range w.Items(owner) {
		if i.Name == name {
			at = i.Parent
		}
	}
	return at == folder
}

// folderNamed finds the default folder of a type by putting something there.
func folderNamed(t *testing.T, w *world, owner grid.UUID, kind grid.AssetType) grid.UUID {
	t.Helper()
	i, err := w.AddItem(owner, simgrid.Item{Name: "probe " + kind.String(), Type: kind})
	must(t, err)
	return i.Folder
}

func TestAnswersToOwnOffersAreHeard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	a, b := w.bot("Ada", nil), w.bot("Ben", nil)
	must(t, a.SendInstantMessage(w.ctx, agent.OutgoingMessage{To: b.Self().ID, Dialog: grid.IMFriendshipOffered, Session: uuid.New()}))
	heard[agent.FriendshipOffered](b, 0, nil)
	must(t, b.AcceptFriendship(w.ctx, a.Self().ID))
	if e := heard[agent.FriendshipAnswered](a, 0, nil); !e.Accepted || e.From != b.Self().ID {
		t.Errorf("%+v", e)
	}
	item, err := w.AddItem(a.Self().ID, simgrid.Item{Name: "Letter", Type: grid.AssetNotecard})
	must(t, err)
	must(t, a.SendInstantMessage(w.ctx, agent.OutgoingMessage{
		To: b.Self().ID, Dialog: grid.IMInventoryOffered, Session: uuid.New(), Message: "Letter",
		Bucket: grid.AppendOfferBucket(nil, grid.OfferBucket{Type: grid.AssetNotecard, Item: item.ID}),
	}))
	e := heard[agent.InventoryOffered](b, 0, nil)
	must(t, b.DeclineInventory(w.ctx, e.Session))
	if e := heard[agent.InventoryAnswered](a, 0, nil); e.Accepted || e.From != b.Self().ID || e.Dialog != grid.IMInventoryDeclined {
		t.Errorf("%+v", e)
	}
}

func TestOnlyTheLatestOffersWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	b := w.bot("Guest", nil)
	send := func(n int) {
		must(t, w.Send(b.Self().ID, &message.ImprovedInstantMessage{
			AgentData:    message.ImprovedInstantMessageAgentData{AgentID: uuid.New()},
			MessageBlock: message.ImprovedInstantMessageMessageBlock{ToAgentID: b.Self().ID, Dialog: uint8(grid.IMRequestTeleport), ID: grid.UUID{byte(n), 1}},
		}))
	}
	for n := range 103 {
		send(n)
	}
	send(50) // again
	// What makes no sense is no offer.
	for _, d := range []grid.IMDialog{grid.IMGroupInvitation, grid.IMInventoryOffered, grid.IMTaskInventoryOffered} {
		must(t, w.Send(b.Self().ID, &message.ImprovedInstantMessage{
			MessageBlock: message.ImprovedInstantMessageMessageBlock{ToAgentID: b.Self().ID, Dialog: uint8(d), ID: uuid.New()},
		}))
		heard(b, 0, func(e agent.DialogReceived) bool { return e.Dialog == d })
	}
	lures := b.Lures()
	if len(lures) != 100 || lures[0].Session != (grid.UUID{3, 1}) || lures[99].Session != (grid.UUID{50, 1}) {
		t.Errorf("%d lures wait, from %v to %v", len(lures), lures[0].Session, lures[len(lures)-1].Session)
	}
	if n := len(b.Invitations()) + len(b.InventoryOffers()); n != 0 {
		t.Errorf("%d senseless offers wait", n)
	}
}
