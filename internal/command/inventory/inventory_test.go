package inventory_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const nobody = "870b5fa9-0b32-491e-8848-465666ae1151"

func TestOffersOfInventoryAreAnswered(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	seen := w.Watch(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook"})
	box := w.Prim(t, simgrid.PrimConfig{Name: "Gift Box", Owner: ada.ID(), Position: commandtest.Start})
	offer := func(give func(grid.UUID, simgrid.Item) (grid.UUID, error), name string, kind grid.AssetType) string {
		t.Helper()
		session, err := give(me, simgrid.Item{Name: name, Type: kind})
		if err != nil {
			t.Fatal(err)
		}
		w.Until(t, "the offer of "+name, func() bool {
			for _, o := range w.Agent.InventoryOffers() {
				if o.Session == session {
					return true
				}
			}
			return false
		})
		return session.String()
	}
	if got := w.Do(t, "command=getinventoryoffers"); len(got) != 0 {
		t.Errorf("waiting are %v", got)
	}
	letter, hat := offer(ada.Give, "Letter", grid.AssetNotecard), offer(box.Give, "Hat", grid.AssetClothing)
	got := w.Do(t, "command=getinventoryoffers")
	want := []string{
		"firstname", "Ada", "lastname", "Rook", "type", "Notecard", "message", "Letter", "session", letter,
		"firstname", "Gift", "lastname", "Box", "type", "Clothing", "message", "'Hat' ( http://slurl.com/secondlife/Rookery/128/128/22 )", "session", hat,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	const reply = "command=replytoinventoryoffer&"
	w.Refuses(
		t,
		commandtest.Refusal{Line: reply + "session=" + letter, Error: script.ErrUnknownAction, Says: "accept, decline, ignore, purge"},
		commandtest.Refusal{Line: reply + "action=accept", Error: script.ErrNoSessionSpecified, Says: "session is missing"},
		commandtest.Refusal{Line: reply + "action=accept&session=" + nobody, Error: script.ErrInventoryOfferNotFound},
		commandtest.Refusal{Line: reply + "action=decline&session=" + nobody, Error: script.ErrInventoryOfferNotFound},
		commandtest.Refusal{Line: reply + "action=ignore&session=" + nobody, Error: script.ErrInventoryOfferNotFound},
		commandtest.Refusal{Line: reply + "action=accept&folder=" + nobody + "&session=" + letter, Error: script.ErrFolderNotFound, Says: nobody},
		commandtest.Refusal{Line: reply + "action=accept&folder=/&session=" + letter, Error: script.ErrFolderNotFound, Says: "/My Inventory"},
		commandtest.Refusal{Line: reply + "action=accept&folder=/Library&session=" + letter, Error: script.ErrFolderNotFound, Says: "My Inventory"},
		commandtest.Refusal{Line: reply + "action=accept&folder=/My Inventory/objects&session=" + letter, Error: script.ErrFolderNotFound, Says: `no "objects"`},
		commandtest.Refusal{Line: reply + "action=accept&folder=a//b&session=" + letter, Error: script.ErrFolderNotFound, Says: "empty part"},
		commandtest.Refusal{Line: reply + "action=accept&name=" + strings.Repeat("x", 64) + "&session=" + letter, Error: script.ErrInvalidParameter, Says: "64 bytes"},
	)
	objects := ""
	for _, f := range w.Agent.InventoryFolders() {
		if f.Name == "Objects" {
			objects = f.ID.String()
		}
	}
	for _, tt := range []struct {
		session, reply string
		name, folder   string // in the end
		answer         grid.IMDialog
	}{
		{letter, "action=accept", "Letter", "Notecards", grid.IMInventoryAccepted},
		{hat, "action=accept&folder=/My Inventory/Objects", "Hat", "Objects", grid.IMTaskInventoryAccepted},
		{offer(ada.Give, "Second", grid.AssetNotecard), "action=accept&folder=Objects&name=Renamed", "Renamed", "Objects", grid.IMInventoryAccepted},
		{offer(ada.Give, "Third", grid.AssetNotecard), "action=accept&folder=" + objects, "Third", "Objects", grid.IMInventoryAccepted},
		{offer(ada.Give, "Fourth", grid.AssetNotecard), "action=accept&folder=/My Inventory", "Fourth", "My Inventory", grid.IMInventoryAccepted},
		{offer(box.Give, "Fifth", grid.AssetNotecard), "action=accept&name=Also renamed", "Also renamed", "Notecards", grid.IMTaskInventoryAccepted},
		{offer(ada.Give, "Bad", grid.AssetNotecard), "action=decline", "Bad", "Trash", grid.IMInventoryDeclined},
	} {
		w.Do(t, reply+tt.reply+"&session="+tt.session)
		commandtest.Saw(t, seen, func(e simgrid.MessageSent) bool { return e.To == ada.ID() && e.Dialog == tt.answer })
		for !in(w, tt.name, tt.folder) {
			commandtest.Saw(t, seen, func(e simgrid.ItemPlaced) bool { return e.Item.Name == tt.name && e.Item.Parent == tt.folder })
		}
		w.Fails(t, reply+"action=accept&session="+tt.session, script.ErrInventoryOfferNotFound)
	}
	ignored := offer(ada.Give, "Ignored", grid.AssetNotecard)
	w.Do(t, reply+"action=ignore&session="+ignored)
	offer(ada.Give, "Purged", grid.AssetNotecard)
	w.Do(t, reply+"action=purge")
	if got := w.Do(t, "command=getinventoryoffers"); len(got) != 0 {
		t.Errorf("after the purge waiting are %v", got)
	}
}

func in(w *commandtest.World, name, folder string) bool {
	for _, i := range w.Grid.Items(w.Agent.Self().ID) {
		if i.Name == name && i.Parent == folder {
			return true
		}
	}
	return false
}
