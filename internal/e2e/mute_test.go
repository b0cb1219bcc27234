package e2e

import (
	"slices"
	"testing"

	"rookery/grid"
	"rookery/script"
	"rookery/simgrid"
)

func TestAMutedObjectIsNotObeyedNotEvenAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	path := w.configure(plainDoor, `
[[groups]]
name = "Speakers"
uuid = "11111111-1111-4111-8111-111111111111"
password = "s"
permissions = ["talk", "mute"]
notifications = ["objectim"]
`)
	prim := func(name string) *simgrid.Prim {
		p, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: name, Owner: w.agent, Position: grid.Vector3{X: 129, Y: 128, Z: 25}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	box, witness := prim("Noisy, \"Box\""), prim("Witness")
	tell := func(p *simgrid.Prim, text string) {
		t.Helper()
		order := script.EncodeLine(script.Pairs{
			{Key: "command", Value: "tell"},
			{Key: "group", Value: "Speakers"},
			{Key: "password", Value: "s"},
			{Key: "entity", Value: "local"},
			{Key: "message", Value: text},
		}, script.DefaultFilters())
		if err := p.Message(w.agent, order); err != nil {
			t.Fatal(err)
		}
	}
	obeyed := func(p *simgrid.Prim, text string) {
		t.Helper()
		tell(p, text)
		awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == text })
	}

	p := start(t, "run", "--config", path)
	awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })
	k := dialPlain(t, p.ready.TCP)
	ask := func(line, id string) script.Pairs {
		t.Helper()
		k.say(line + "&_id=" + id + speakers)
		return k.await("the answer "+id, has("_id="+id, "success=True"))
	}
	if got := ask("command=getmutes", "1").Get("data"); got != "" {
		t.Errorf("a new account mutes %s", got)
	}
	obeyed(box, "before")
	entry := "&type=Object&target=" + box.ID().String() + "&name=Noisy%2C+%22Box%22"
	ask("command=mute&action=mute"+entry, "2")
	tell(box, "never")
	obeyed(witness, "meanwhile")
	if got := w.Mutes(w.agent); len(got) != 1 || got[0].ID != box.ID() || got[0].Name != "Noisy, \"Box\"" {
		t.Errorf("the grid keeps %+v", got)
	}

	p.stop()
	awaitEvent(w, func(e simgrid.LoggedOut) bool { return e.Agent == w.agent })
	p = start(t, "run", "--config", path)
	awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })
	k = dialPlain(t, p.ready.TCP)
	k.say("type=objectim" + speakers)
	k.await("the handshake's answer", has("success=True"))
	want := []string{"Noisy, \"Box\"", box.ID().String(), "Default", "Object"}
	if got := script.ParseCSV(ask("command=getmutes", "3").Get("data")); !slices.Equal(got, want) {
		t.Errorf("after a restart muted is %q, want %q", got, want)
	}
	tell(box, "never")
	obeyed(witness, "after the restart")
	ask("command=mute&action=unmute"+entry, "4")
	obeyed(box, "unmuted again")
	for _, e := range w.Said(w.agent) {
		if e.Text == "never" {
			t.Error("a muted object was obeyed")
		}
	}
}
