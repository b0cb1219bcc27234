package simgrid_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
	"rookery/grid/message"
	"rookery/simgrid"
)

// bothGrids runs a test on each kind of grid, with an inhabitant in Heronry.
func bothGrids(t *testing.T, f func(t *testing.T, g *simgrid.Grid, robin *simgrid.Inhabitant, opensim bool)) {
	for name, opensim := range map[string]bool{"as Second Life": false, "as OpenSimulator": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := start(t, simgrid.Config{OpenSim: opensim, Inhabitants: []simgrid.InhabitantConfig{
				{First: "Robin", Last: "Nest", Region: "Heronry", Position: grid.Vector3{X: 40, Y: 50, Z: 23}},
			}})
			f(t, g, g.Inhabitant("Robin", "Nest"), opensim)
		})
	}
}

func dialog(d grid.IMDialog) func(*message.ImprovedInstantMessage) bool {
	return func(m *message.ImprovedInstantMessage) bool { return grid.IMDialog(m.MessageBlock.Dialog) == d }
}

func TestFriendshipIsFormedWhenAnOfferIsAccepted(t *testing.T) {
	t.Parallel()
	bothGrids(t, func(t *testing.T, g *simgrid.Grid, robin *simgrid.Inhabitant, opensim bool) {
		c := connect(t, g, "Ann")
		seen := g.Watch()
		t.Cleanup(seen.Close)
		robin.OfferFriendship(c.id(), "Let us be friends.")
		im := await(c, dialog(grid.IMFriendshipOffered))
		if im.AgentData.AgentID != robin.ID() || message.String(im.MessageBlock.Message) != "Let us be friends." ||
			opensim != (im.MessageBlock.ID == robin.ID()) {
			t.Errorf("the offer is %+v", im)
		}
		c.send(&message.AcceptFriendship{TransactionBlock: message.AcceptFriendshipTransactionBlock{TransactionID: uuid.New()}})
		c.send(&message.AcceptFriendship{TransactionBlock: message.AcceptFriendshipTransactionBlock{TransactionID: im.MessageBlock.ID}})
		saw(t, c, seen, func(e simgrid.FriendshipFormed) bool { return e.From == robin.ID() && e.By == c.id() })
		await(c, func(m *message.OnlineNotification) bool { return m.AgentBlock[0].AgentID == robin.ID() })
		if got := g.Friends(c.id()); !slices.Equal(got, []grid.UUID{robin.ID()}) || !slices.Equal(g.Friends(robin.ID()), []grid.UUID{c.id()}) {
			t.Errorf("friends are %v", got)
		}

		c = connect(t, g, "Ann")
		if len(c.resp.Buddies) != 1 || c.resp.Buddies[0].ID != robin.ID() {
			t.Errorf("the login tells of %v", c.resp.Buddies)
		}
		c.send(&message.TerminateFriendship{ExBlock: message.TerminateFriendshipExBlock{OtherID: robin.ID()}})
		saw(t, c, seen, func(e simgrid.FriendshipEnded) bool { return e.By == c.id() && e.With == robin.ID() })
		robin.OfferFriendship(c.id(), "")
		im = await(c, dialog(grid.IMFriendshipOffered))
		c.send(&message.DeclineFriendship{TransactionBlock: message.DeclineFriendshipTransactionBlock{TransactionID: im.MessageBlock.ID}})
		saw(t, c, seen, func(e simgrid.FriendshipDeclined) bool { return e.From == robin.ID() })
		if n := len(g.Friends(c.id())) + len(g.Friends(robin.ID())); n != 0 {
			t.Errorf("%d friendships are left", n)
		}
	})
}

func TestFriendshipBetweenAgents(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann, ben := connect(t, g, "Ann"), connect(t, g, "Ben")
	ann.im(ben.id(), grid.IMFriendshipOffered, "please")
	im := await(ben, dialog(grid.IMFriendshipOffered))
	ben.send(&message.AcceptFriendship{TransactionBlock: message.AcceptFriendshipTransactionBlock{TransactionID: im.MessageBlock.ID}})
	if answer := await(ann, dialog(grid.IMFriendshipAccepted)); answer.AgentData.AgentID != ben.id() {
		t.Errorf("the answer is %+v", answer)
	}
	await(ann, func(m *message.OnlineNotification) bool { return m.AgentBlock[0].AgentID == ben.id() })
}

func TestALureLeadsToWhoSentIt(t *testing.T) {
	t.Parallel()
	bothGrids(t, func(t *testing.T, g *simgrid.Grid, robin *simgrid.Inhabitant, _ bool) {
		c := connect(t, g, "Ann", at("Rookery", 20, 30, 22))
		seen := g.Watch()
		t.Cleanup(seen.Close)
		follow := func(id grid.UUID) {
			c.send(&message.TeleportLureRequest{InfoBlock: message.TeleportLureRequestInfo{LureID: id}})
		}
		follow(uuid.New())
		saw(t, c, seen, func(e simgrid.TeleportRefused) bool { return e.Agent == c.id() })
		id := robin.Lure(c.id(), "Come and see.")
		if im := await(c, dialog(grid.IMRequestTeleport)); im.MessageBlock.ID != id || im.AgentData.AgentID != robin.ID() {
			t.Errorf("the lure is %+v", im)
		}
		follow(id)
		e := saw(t, c, seen, func(e simgrid.Arrived) bool { return e.Agent == c.id() && e.Via == simgrid.ViaTeleport })
		if e.Region != "Heronry" || e.Position.Distance(grid.Vector3{X: 40, Y: 50, Z: 23}) > 2 {
			t.Errorf("arrived %+v", e)
		}
		awaitFrom[*caps.ParcelProperties](c, g.Region("Heronry").Handle(), nil) // all has arrived
		follow(id)                                                              // it leads there once
		saw(t, c, seen, func(e simgrid.TeleportRefused) bool { return e.Agent == c.id() })
	})
}

func TestAgentsLureEachOther(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann, ben := connect(t, g, "Ann", at("Rookery", 20, 30, 22)), connect(t, g, "Ben", at("Rookery", 200, 200, 22))
	ann.send(&message.StartLure{
		InfoBlock:  message.StartLureInfo{Message: message.Bytes("here")},
		TargetData: []message.StartLureTargetData{{TargetID: ben.id()}},
	})
	im := await(ben, dialog(grid.IMRequestTeleport))
	ben.send(&message.TeleportLureRequest{InfoBlock: message.TeleportLureRequestInfo{LureID: im.MessageBlock.ID}})
	ben.until(g, func(s simgrid.AvatarState) bool { return s.Position.X == 20 && s.Position.Y == 30 })
}

func TestInvitationsMakeMembers(t *testing.T) {
	t.Parallel()
	bothGrids(t, func(t *testing.T, g *simgrid.Grid, robin *simgrid.Inhabitant, opensim bool) {
		c := connect(t, g, "Ann")
		seen := g.Watch()
		t.Cleanup(seen.Close)
		birds, err := g.AddGroup(simgrid.GroupConfig{Name: "The Birds", Members: []grid.UUID{robin.ID()}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.AddGroup(simgrid.GroupConfig{Name: "the birds"}); err == nil {
			t.Error("two groups have one name")
		}
		answer := func(im *message.ImprovedInstantMessage, d grid.IMDialog) {
			c.send(&message.ImprovedInstantMessage{
				AgentData:    message.ImprovedInstantMessageAgentData{AgentID: c.id()},
				MessageBlock: message.ImprovedInstantMessageMessageBlock{ToAgentID: im.AgentData.AgentID, Dialog: uint8(d), ID: im.MessageBlock.ID},
			})
		}
		robin.InviteToGroup(c.id(), birds)
		im := await(c, dialog(grid.IMGroupInvitation))
		if b, ok := grid.ParseInvitationBucket(im.MessageBlock.BinaryBucket); !ok || b.Fee != 0 ||
			im.AgentData.AgentID != birds.ID() || message.String(im.MessageBlock.FromAgentName) != "Robin Nest" {
			t.Errorf("the invitation is %+v", im)
		}
		answer(im, grid.IMGroupInvitationDecline)
		saw(t, c, seen, func(e simgrid.GroupDeclined) bool { return e.Group == birds.ID() && e.Agent == c.id() })
		answer(im, grid.IMGroupInvitationAccept) // too late
		robin.InviteToGroup(c.id(), birds)
		answer(await(c, dialog(grid.IMGroupInvitation)), grid.IMGroupInvitationAccept)
		saw(t, c, seen, func(e simgrid.GroupJoined) bool { return e.Group == birds.ID() && e.Agent == c.id() })
		if !birds.Has(c.id()) {
			t.Errorf("members are %v", birds.Members())
		}
		if opensim {
			await(c, func(m *message.AgentGroupDataUpdate) bool {
				return len(m.GroupData) == 1 && m.GroupData[0].GroupID == birds.ID() && message.String(m.GroupData[0].GroupName) == "The Birds"
			})
		} else {
			await(c, func(e *caps.AgentGroupDataUpdate) bool {
				return len(e.Groups) == 1 && e.Groups[0].GroupID == birds.ID()
			})
		}
		c.send(&message.UUIDGroupNameRequest{UUIDNameBlock: []message.UUIDGroupNameRequestUUIDNameBlock{{ID: birds.ID()}, {ID: uuid.New()}}})
		if m := await[*message.UUIDGroupNameReply](c, nil); len(m.UUIDNameBlock) != 1 || message.String(m.UUIDNameBlock[0].GroupName) != "The Birds" {
			t.Errorf("names %+v", m)
		}
		c.send(&message.LeaveGroupRequest{GroupData: message.LeaveGroupRequestGroupData{GroupID: birds.ID()}})
		await(c, func(m *message.LeaveGroupReply) bool { return m.GroupData.Success })
		saw(t, c, seen, func(e simgrid.GroupLeft) bool { return e.Agent == c.id() })

		rich, err := g.AddGroup(simgrid.GroupConfig{Name: "Rich Birds", Fee: 10, Members: []grid.UUID{robin.ID()}})
		if err != nil {
			t.Fatal(err)
		}
		robin.InviteToGroup(c.id(), rich)
		answer(await(c, dialog(grid.IMGroupInvitation)), grid.IMGroupInvitationAccept)
		await[*message.AlertMessage](c, nil)
		if rich.Has(c.id()) {
			t.Error("joined without paying")
		}
	})
}

func TestAgentsInviteToTheirGroups(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann, ben := connect(t, g, "Ann"), connect(t, g, "Ben")
	birds, err := g.AddGroup(simgrid.GroupConfig{Name: "The Birds", Members: []grid.UUID{ann.id()}})
	if err != nil {
		t.Fatal(err)
	}
	invite := func(c *client, to grid.UUID) {
		c.send(&message.InviteGroupRequest{
			GroupData:  message.InviteGroupRequestGroupData{GroupID: birds.ID()},
			InviteData: []message.InviteGroupRequestInviteData{{InviteeID: to}},
		})
	}
	invite(ben, ben.id()) // is no member
	ben.round()
	invite(ann, ben.id())
	if im := await(ben, dialog(grid.IMGroupInvitation)); message.String(im.MessageBlock.FromAgentName) != "Ann Tester" {
		t.Errorf("the invitation is %+v", im)
	}
}

// parent returns the name of the folder that an item is in, empty when the
// avatar does not have it.
func parent(g *simgrid.Grid, owner grid.UUID, name string) string {
	for _, i := range g.Items(owner) {
		if i.Name == name {
			return i.Parent
		}
	}
	return ""
}

func TestGiftsComeIntoTheInventory(t *testing.T) {
	t.Parallel()
	bothGrids(t, func(t *testing.T, g *simgrid.Grid, robin *simgrid.Inhabitant, opensim bool) {
		c := connect(t, g, "Ann")
		seen := g.Watch()
		t.Cleanup(seen.Close)
		answer := func(im *message.ImprovedInstantMessage, d grid.IMDialog, folder grid.UUID) {
			c.send(&message.ImprovedInstantMessage{
				AgentData: message.ImprovedInstantMessageAgentData{AgentID: c.id()},
				MessageBlock: message.ImprovedInstantMessageMessageBlock{
					ToAgentID: im.AgentData.AgentID, Dialog: uint8(d), ID: im.MessageBlock.ID, BinaryBucket: folder[:],
				},
			})
			saw(t, c, seen, func(e simgrid.MessageSent) bool { return e.To == robin.ID() && e.Dialog == d && e.Delivered })
		}
		if _, err := robin.Give(c.id(), simgrid.Item{}); err == nil {
			t.Error("an item without a name was given")
		}
		if _, err := robin.Give(uuid.New(), simgrid.Item{Name: "Letter"}); err == nil {
			t.Error("an item was given to nobody")
		}
		session, err := robin.Give(c.id(), simgrid.Item{Name: "Letter", Type: grid.AssetNotecard})
		if err != nil {
			t.Fatal(err)
		}
		im := await(c, dialog(grid.IMInventoryOffered))
		b, ok := grid.ParseOfferBucket(im.MessageBlock.BinaryBucket)
		if !ok || b.Type != grid.AssetNotecard || im.MessageBlock.ID != session || opensim != (session == b.Item) {
			t.Errorf("the offer is %+v", im)
		}
		update := await[*message.BulkUpdateInventory](c, nil)
		if update.ItemData[0].ItemID != b.Item || message.String(update.ItemData[0].Name) != "Letter" {
			t.Errorf("the update is %+v", update)
		}
		if p := parent(g, c.id(), "Letter"); p != "Notecards" {
			t.Errorf("the letter is in %q", p)
		}
		answer(im, grid.IMInventoryDeclined, grid.UUID{})
		if p := parent(g, c.id(), "Letter"); p != "Trash" {
			t.Errorf("the declined letter is in %q", p)
		}

		var folder grid.UUID
		for _, f := range c.resp.Inventory {
			if f.Name == "Objects" {
				folder = f.ID
			}
		}
		prim, err := g.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: "Giver", Owner: robin.ID(), Position: grid.Vector3{X: 9, Y: 9, Z: 22}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := prim.Give(c.id(), simgrid.Item{Name: "Hat", Type: grid.AssetClothing}); err != nil {
			t.Fatal(err)
		}
		im = await(c, dialog(grid.IMTaskInventoryOffered))
		if message.String(im.MessageBlock.FromAgentName) != "Giver" || im.AgentData.AgentID != robin.ID() || len(im.MessageBlock.BinaryBucket) != 1 {
			t.Errorf("the offer is %+v", im)
		}
		if p := parent(g, c.id(), "Hat"); opensim != (p == "Clothing") {
			t.Errorf("before the answer the hat is in %q", p)
		}
		answer(im, grid.IMTaskInventoryAccepted, folder)
		if p := parent(g, c.id(), "Hat"); p != "Objects" {
			t.Errorf("the hat is in %q", p)
		}

		cl := caps.Client{HTTP: c.http}
		v, err := cl.Post(c.ctx, c.cap("FetchInventoryDescendents2"), map[string]any{"folders": []any{map[string]any{
			"folder_id": folder, "owner_id": c.id(), "fetch_folders": true, "fetch_items": true,
		}}})
		items := llsd.Array(llsd.Get(llsd.Array(llsd.Get(v, "folders"))[0], "items"))
		if err != nil || len(items) != 1 || llsd.Get(items[0], "name") != "Hat" {
			t.Fatalf("in the folder are %v, %v", v, err)
		}
		id := llsd.UUID(llsd.Get(items[0], "item_id"))
		v, err = cl.Post(c.ctx, c.cap("FetchInventory2"), map[string]any{"items": []any{map[string]any{"item_id": id}}})
		if items := llsd.Array(llsd.Get(v, "items")); err != nil || len(items) != 1 || llsd.UUID(llsd.Get(items[0], "parent_id")) != folder {
			t.Errorf("the item is %v, %v", v, err)
		}
		c.send(&message.MoveInventoryItem{InventoryData: []message.MoveInventoryItemInventoryData{
			{ItemID: id, FolderID: c.resp.InventoryRoot, NewName: message.Bytes("Cap")},
		}})
		e := saw(t, c, seen, func(e simgrid.ItemPlaced) bool { return e.Item.ID == id })
		if e.Item.Name != "Cap" || e.Item.Parent != "My Inventory" {
			t.Errorf("moved to %+v", e.Item)
		}
	})
}

func TestAgentsGiveWhatTheyHave(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{})
	ann, ben := connect(t, g, "Ann"), connect(t, g, "Ben")
	item, err := g.AddItem(ann.id(), simgrid.Item{Name: "Letter", Type: grid.AssetNotecard})
	if err != nil || item.Parent != "Notecards" {
		t.Fatalf("%+v, %v", item, err)
	}
	if _, err := g.AddItem(ann.id(), item); err == nil {
		t.Error("an item is there twice")
	}
	give := func(id grid.UUID) {
		ann.send(&message.ImprovedInstantMessage{
			AgentData: message.ImprovedInstantMessageAgentData{AgentID: ann.id()},
			MessageBlock: message.ImprovedInstantMessageMessageBlock{
				ToAgentID: ben.id(), Dialog: uint8(grid.IMInventoryOffered), ID: uuid.New(), Message: message.Bytes("Letter"),
				BinaryBucket: grid.AppendOfferBucket(nil, grid.OfferBucket{Type: grid.AssetNotecard, Item: id}),
			},
		})
	}
	give(uuid.New())
	await[*message.AgentAlertMessage](ann, nil)
	give(item.ID)
	await(ben, dialog(grid.IMInventoryOffered))
	got := g.Items(ben.id())
	if len(got) != 1 || got[0].Name != "Letter" || got[0].ID == item.ID || got[0].Creator != ann.id() {
		t.Errorf("Ben has %+v", got)
	}
}

func TestOffersWaitForTheLogin(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Robin", Last: "Nest", Region: "Heronry"}}})
	robin := g.Inhabitant("Robin", "Nest")
	a, err := g.AddAccount("Ann", "Tester", "secret")
	if err != nil {
		t.Fatal(err)
	}
	birds, err := g.AddGroup(simgrid.GroupConfig{Name: "The Birds", Members: []grid.UUID{robin.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	robin.OfferFriendship(a.ID(), "friends?")
	robin.InviteToGroup(a.ID(), birds)
	c := connect(t, g, "Ann")
	cl := caps.Client{HTTP: c.http}
	v, err := cl.Get(c.ctx, c.cap("ReadOfflineMsgs"))
	if err != nil {
		t.Fatal(err)
	}
	waiting := llsd.Array(llsd.Array(v)[0])
	if len(waiting) != 2 || llsd.Get(waiting[0], "from_group") != "N" || llsd.Get(waiting[1], "from_group") != "Y" {
		t.Errorf("waiting are %v", waiting)
	}
	for range 2 { // the second time there is nothing to accept
		v, err = cl.Get(c.ctx, c.cap("AcceptFriendship")+"?from="+robin.ID().String())
	}
	if err != nil || llsd.Get(v, "success") != false || len(g.Friends(a.ID())) != 1 {
		t.Errorf("%v, %v; friends %v", v, err, g.Friends(a.ID()))
	}
	v, err = cl.Post(c.ctx, c.cap("AcceptGroupInvite"), map[string]any{"group": birds.ID()})
	if err != nil || llsd.Get(v, "success") != true || !birds.Has(a.ID()) {
		t.Errorf("%v, %v; members %v", v, err, birds.Members())
	}
}
