package e2e

import (
	"testing"

	"rookery/grid"
	"rookery/simgrid"
)

func TestMastersOffersAreAcceptedAndMastersChangeWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	there := grid.Vector3{X: 40, Y: 50, Z: 23}
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{
		{First: "Ada", Last: "Rook", Region: "Heronry", Position: there},
		{First: "Eve", Last: "Crow", Region: "Heronry", Position: there},
	}})
	ada, eve := w.Inhabitant("Ada", "Rook"), w.Inhabitant("Eve", "Crow")
	birds, err := w.AddGroup(simgrid.GroupConfig{Name: "Birds", Members: []grid.UUID{ada.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	crows, err := w.AddGroup(simgrid.GroupConfig{Name: "Crows", Members: []grid.UUID{eve.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	path := w.configure(plainDoor, twoGroups)
	rewrite(t, path, func(s string) string { return "masters = [\"ada rook\"]\n" + s })
	p := start(t, "run", "--config", path)
	awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })

	give := func(in *simgrid.Inhabitant, name string) {
		t.Helper()
		if _, err := in.Give(w.agent, simgrid.Item{Name: name, Type: grid.AssetNotecard}); err != nil {
			t.Fatal(err)
		}
	}
	eve.OfferFriendship(w.agent, "please")
	eve.InviteToGroup(w.agent, crows)
	give(eve, "Bad letter")
	eve.Lure(w.agent, "come")
	ada.OfferFriendship(w.agent, "please")
	ada.InviteToGroup(w.agent, birds)
	give(ada, "Letter")
	ada.Lure(w.agent, "come")
	awaitEvent(w, func(e simgrid.FriendshipFormed) bool { return e.By == w.agent && e.From == ada.ID() })
	awaitEvent(w, func(e simgrid.GroupJoined) bool { return e.Agent == w.agent && e.Group == birds.ID() })
	awaitEvent(w, func(e simgrid.MessageSent) bool {
		if e.To == eve.ID() && e.Dialog == grid.IMInventoryAccepted {
			t.Error("a stranger's letter was accepted")
		}
		return e.To == ada.ID() && e.Dialog == grid.IMInventoryAccepted
	})
	e := awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })
	if e.Region != "Heronry" || e.Position.Distance(there) > 2 {
		t.Errorf("the agent arrived at %+v", e)
	}
	if friends := w.Friends(w.agent); len(friends) != 1 || crows.Has(w.agent) {
		t.Errorf("a stranger was obeyed: friends %v, members %v", friends, crows.Members())
	}

	rewrite(t, path, replacing(`"ada rook"`, `"Eve Crow"`))
	p.logged("configuration changed", "masters")
	give(ada, "Late letter")
	eve.OfferFriendship(w.agent, "once more")
	awaitEvent(w, func(e simgrid.FriendshipFormed) bool { return e.By == w.agent && e.From == eve.ID() })
	give(eve, "Last letter")
	awaitEvent(w, func(e simgrid.MessageSent) bool {
		if e.To == ada.ID() && e.Dialog == grid.IMInventoryAccepted {
			t.Error("who is no master any more was obeyed")
		}
		return e.To == eve.ID() && e.Dialog == grid.IMInventoryAccepted
	})
}
