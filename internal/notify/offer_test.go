package notify_test

import (
	"testing"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/message"
	"rookery/internal/command/commandtest"
	"rookery/simgrid"
)

func TestOffersAreTold(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook"})
	id := ada.ID().String()
	ada.OfferFriendship(me, "friends?")
	w.Heard(t, "friendship", want("firstname", "Ada", "lastname", "Rook", "agent", id, "action", "request", "message", "friends?", "success", ""))
	session := ada.Lure(me, "come").String()
	w.Heard(t, "lure", want("firstname", "Ada", "lastname", "Rook", "agent", id, "session", session, "message", "come"))

	birds, err := w.Grid.AddGroup(simgrid.GroupConfig{Name: "Birds", Fee: 7, Members: []grid.UUID{ada.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	ada.InviteToGroup(me, birds)
	group := birds.ID().String()
	w.Heard(t, "invite", want("firstname", "Ada", "lastname", "Rook", "agent", id, "group", group, "id", group, "name", "Birds", "fee", "7"))

	given, err := ada.Give(me, simgrid.Item{Name: "A letter", Type: grid.AssetNotecard})
	if err != nil {
		t.Fatal(err)
	}
	w.Heard(t, "inventory", want("firstname", "Ada", "lastname", "Rook", "name", "", "agent", id, "asset", "Notecard", "item", "A letter",
		"message", "A letter", "inventory", w.Grid.Items(me)[0].ID.String(), "session", given.String(), "direction", "offer", "action", ""))
	box := w.Prim(t, simgrid.PrimConfig{Name: "Box", Owner: ada.ID(), Position: commandtest.Start})
	if given, err = box.Give(me, simgrid.Item{Name: "Ada's hat", Type: grid.AssetClothing}); err != nil {
		t.Fatal(err)
	}
	w.Heard(t, "inventory", want("firstname", "", "name", "Box", "agent", id, "asset", "Clothing", "item", "Ada's hat", "inventory", "",
		"session", given.String(), "direction", "offer"))
}

func TestAnswersToTheAgentsOffersAreTold(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook"})
	id, session, item := ada.ID().String(), uuid.New(), uuid.New()
	bucket := grid.AppendOfferBucket(nil, grid.OfferBucket{Type: grid.AssetNotecard, Item: item})
	for _, d := range []grid.IMDialog{
		grid.IMFriendshipAccepted, grid.IMFriendshipDeclined, grid.IMInventoryAccepted, grid.IMInventoryDeclined, grid.IMTaskInventoryAccepted,
	} {
		if err := w.Grid.Send(w.Agent.Self().ID, &message.ImprovedInstantMessage{
			AgentData: message.ImprovedInstantMessageAgentData{AgentID: ada.ID()},
			MessageBlock: message.ImprovedInstantMessageMessageBlock{
				ToAgentID: w.Agent.Self().ID, Dialog: uint8(d), ID: session, FromAgentName: message.Bytes("Ada Rook"), BinaryBucket: bucket,
			},
		}); err != nil {
			t.Fatal(err)
		}
	}
	w.Heard(t, "friendship", want("firstname", "Ada", "agent", id, "action", "response", "success", "True", "session", session.String()))
	w.Heard(t, "friendship", want("firstname", "Ada", "agent", id, "action", "response", "success", "False"))
	w.Heard(t, "inventory", want("firstname", "Ada", "lastname", "Rook", "name", "", "agent", id, "action", "accept", "direction", "reply", "session", session.String(), "inventory", item.String()))
	w.Heard(t, "inventory", want("name", "Ada Rook", "agent", id, "action", "decline", "direction", "reply"))
	w.Heard(t, "inventory", want("name", "Ada Rook", "agent", id, "action", "accept", "direction", "reply"))
}
