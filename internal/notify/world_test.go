package notify_test

import (
	"testing"

	"rookery/grid"
	"rookery/grid/message"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

func want(pairs ...string) script.Pairs {
	var ps script.Pairs
	for i := 0; i < len(pairs); i += 2 {
		ps.Add(pairs[i], pairs[i+1])
	}
	return ps
}

func TestAvatarsComeAndGo(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Position: commandtest.Start.Add(grid.Vector3{X: 3})})
	id := ada.ID().String()
	w.Heard(t, "avatars", want("id", id, "firstname", "Ada", "lastname", "Rook", "action", "appear", "entity", "Avatar", "region", "Rookery"))
	came := w.Heard(t, "coarse", want("region", "Rookery", "old", ""))
	if cells := script.ParseCSV(came.Get("new")); len(cells) < 3 || cells[1] == "" || cells[2] == "" {
		t.Errorf("coarse %v", came)
	}
	ada.Remove()
	w.Heard(t, "avatars", want("id", id, "action", "vanish"))
	w.Heard(t, "coarse", want("new", "", "old", `"Ada Rook",`+id))
}

func TestObjectsComeMoveAndGo(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	box := w.Prim(t, simgrid.PrimConfig{Name: "Box", Position: grid.Vector3{X: 120, Y: 120, Z: 25}})
	id := box.ID().String()
	w.Heard(t, "primitives", want("id", id, "position", "<120, 120, 25>", "entity", "Prim", "action", "appear"))
	if err := box.Move(grid.Vector3{X: 121, Y: 120, Z: 25}, grid.Identity); err != nil {
		t.Fatal(err)
	}
	w.Heard(t, "terse", want("id", id, "entity", "Prim"))
	if err := box.Remove(); err != nil {
		t.Fatal(err)
	}
	w.Heard(t, "primitives", want("id", id, "action", "vanish"))
}

func TestWhatObjectsSay(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	box := w.Prim(t, simgrid.PrimConfig{Name: "Box", Owner: me, Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	id := box.ID().String()
	const order = "command=version&group=My+Group&password=mypassword"
	for _, err := range []error{
		box.OwnerSay(order), box.OwnerSay("to my owner"),
		box.RegionSayTo(me, 0, order), box.RegionSayTo(me, 0, "to you"),
		box.Message(me, order), box.Message(me, "in a letter"),
		box.Say(grid.ChatNormal, 0, "to all"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Heard(t, "ownersay", want("message", "to my owner", "item", id, "name", "Box"))
	w.Heard(t, "regionsayto", want("message", "to you", "item", id, "name", "Box", "owner", me.String()))
	w.Heard(t, "objectim", want("message", "in a letter", "item", id, "name", "Box", "owner", me.String()))
	w.Heard(t, "local", want("message", "to all", "item", id, "name", "Box", "entity", "Object", "firstname", "", "owner", me.String()))
	for _, kind := range []string{"ownersay", "regionsayto", "objectim", "local"} {
		for _, n := range w.Told(t, kind) {
			if n.Get("message") == order {
				t.Errorf("%s told a command with its password", kind)
			}
		}
	}
}

func TestTypingIsToldInChatAndInMessages(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	ada.Typing(w.Agent.Self().ID, true)
	w.Heard(t, "typing", want("agent", ada.ID().String(), "firstname", "Ada", "lastname", "Rook", "action", "start", "entity", "message"))
	ada.Typing(w.Agent.Self().ID, false)
	w.Heard(t, "typing", want("agent", ada.ID().String(), "action", "stop", "entity", "message"))
	if err := w.Grid.Send(w.Agent.Self().ID, &message.ChatFromSimulator{ChatData: message.ChatFromSimulatorChatData{
		FromName: message.Bytes("Ada Rook"), SourceID: ada.ID(), OwnerID: ada.ID(),
		SourceType: uint8(grid.ChatSourceAgent), ChatType: uint8(grid.ChatStartTyping), Audible: 1,
	}}); err != nil {
		t.Fatal(err)
	}
	w.Heard(t, "typing", want("agent", ada.ID().String(), "firstname", "Ada", "action", "start", "entity", "local"))
}

func TestAlertsAreTold(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	if err := w.Grid.Alert(w.Agent.Self().ID, "The region restarts in 5 minutes."); err != nil {
		t.Fatal(err)
	}
	w.Heard(t, "alert", want("message", "The region restarts in 5 minutes."))
}

func TestWalkingOverABorderTellsBothCrossings(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, "command=teleport&entity=region&position=250,128,22")
	w.Until(t, "the neighbour is connected", func() bool {
		r, ok := w.Agent.RegionNamed("Heronry")
		return ok && r.Handshake
	})
	w.Do(t, "command=walkto&position=262,128,22")
	w.Await(t, func(s simgrid.AvatarState) bool { return s.Region == "Heronry" })
	w.Heard(t, "crossing", want("old", "Rookery", "action", "crossed"))
	w.Heard(t, "crossing", want("old", "Rookery", "new", "Heronry", "action", "changed"))
}
