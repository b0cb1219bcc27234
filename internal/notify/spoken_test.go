package notify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rookery/grid"
	"rookery/grid/message"
	"rookery/internal/bus"
	"rookery/internal/command/commandtest"
	"rookery/simgrid"
)

func TestOnlyWhatObjectsSayToTheAgentAloneIsACommand(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self().ID
	box := w.Prim(t, simgrid.PrimConfig{Name: "Box", Owner: me, Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Position: commandtest.Start.Add(grid.Vector3{X: 3})})
	order := func(path string) string { return "command=tell&group=My+Group&password=x%3Dy&path=" + path }
	ada.Message(me, order("avatar"))
	ada.Say(grid.ChatNormal, 0, order("avatar chat"))
	for _, err := range []error{
		box.OwnerSay(order("ownersay")),
		box.RegionSayTo(me, 0, order("regionsayto")),
		box.Message(me, order("message")),
		box.OwnerSay(`{"command":"tell","group":"My Group","password":"x=y","path":"json"}`),
		// None of these is one.
		box.Say(grid.ChatNormal, 0, order("chat")),
		box.OwnerSay("command=tell&group=My+Group&say=no+password"),
		box.OwnerSay("end"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Heard(t, "ownersay", want("message", "end"))
	w.Heard(t, "ownersay", want("message", "command=tell&group=My+Group&say=no+password"))
	w.Heard(t, "local", want("message", order("avatar chat")))
	w.Heard(t, "local", want("message", order("chat")))
	w.Heard(t, "message", want("message", order("avatar")))

	heard := make(map[string]bus.Request)
	for _, r := range w.Commands() {
		path := r.Pairs.Get("path")
		heard[path] = r
		if r.Sender != "Box" || r.Pairs.Get("password") != "x=y" || r.Door != "inworld" {
			t.Errorf("%s: %+v", path, r)
		}
		if r.Identifier != me.String() {
			t.Errorf("%s: identifier %s, want the owner's", path, r.Identifier)
		}
	}
	var paths []string
	for path := range heard {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	if got := strings.Join(paths, ","); got != "json,message,ownersay,regionsayto" {
		t.Errorf("commands came by %s", got)
	}
	for _, kind := range []string{"ownersay", "regionsayto", "objectim"} {
		for _, n := range w.Told(t, kind) {
			if strings.Contains(n.Get("message"), "password") && !strings.Contains(n.Get("message"), "no+password") {
				t.Errorf("%s told a command: %v", kind, n)
			}
		}
	}
}

// On Second Life the identifier must be an avatar's, whose name is the sender.
func TestInSecondLifeCommandsComeFromTheOwner(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	me := w.Agent.Self()
	w.Agent.SetTimeouts(time.Second, 50*time.Millisecond) // how long a name is asked for
	if err := w.Grid.Send(me.ID, &message.AgentMovementComplete{
		AgentData: message.AgentMovementCompleteAgentData{AgentID: me.ID, SessionID: w.Agent.Self().ID},
		Data:      message.AgentMovementCompleteData{Position: commandtest.Start, RegionHandle: uint64(me.Region)},
		SimData:   message.AgentMovementCompleteSimData{ChannelVersion: message.Bytes("Second Life Server 2026-01-01")},
	}); err != nil {
		t.Fatal(err)
	}
	w.Until(t, "the region is Second Life's", func() bool {
		r, ok := w.Agent.RegionNamed("Rookery")
		return ok && strings.Contains(r.Version, "Second Life")
	})
	mine := w.Prim(t, simgrid.PrimConfig{Name: "Mine", Owner: me.ID, Position: commandtest.Start.Add(grid.Vector3{X: 2})})
	nobodys := w.Prim(t, simgrid.PrimConfig{Name: "Nobody's", Owner: grid.UUID{9}, Position: commandtest.Start.Add(grid.Vector3{X: 3})})
	const order = "command=version&group=My+Group&password=mypassword"
	for _, err := range []error{nobodys.RegionSayTo(me.ID, 0, order), mine.RegionSayTo(me.ID, 0, order)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	// Commands keep their order, so the first one was dropped.
	w.Until(t, "a command", func() bool { _ = mine.Say(grid.ChatNormal, 0, "tick"); return len(w.Commands()) > 0 })
	if got := w.Commands(); got[0].Sender != "Test Bot" || got[0].Identifier != me.ID.String() {
		t.Errorf("%+v", got)
	}
}
