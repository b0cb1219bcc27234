package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rookery/grid"
	"rookery/script"
	"rookery/simgrid"
)

// awaitFile waits until a file holds all of these texts, and returns what it
// holds.
func awaitFile(t *testing.T, path string, wanted ...string) string {
	t.Helper()
	late := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		text, err := os.ReadFile(path)
		missing := ""
		for _, w := range wanted {
			if !strings.Contains(string(text), w) {
				missing = w
			}
		}
		if err == nil && missing == "" {
			return string(text)
		}
		if time.Now().After(late) {
			t.Fatalf("%s: %v; no %q in\n%s", path, err, missing, text)
		}
		<-tick.C
	}
}

func TestWhatIsSaidIsWrittenAndReadBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{
		Accounts: []simgrid.AccountConfig{{First: "Second", Last: "Rook", Password: "secret"}},
		Inhabitants: []simgrid.InhabitantConfig{
			{First: "Wren", Last: "Hollow", Region: "Rookery", Position: grid.Vector3{X: 130, Y: 128, Z: 25}, Answers: simgrid.AnswerNone, Reply: func(simgrid.Heard, bool) string { return "" }},
		},
	})
	wren := w.Inhabitant("Wren", "Hollow")
	group, err := w.AddGroup(simgrid.GroupConfig{Name: "On the grid", ID: mustUUID(t, "11111111-1111-4111-8111-111111111111"), Members: []grid.UUID{w.agent, wren.ID()}})
	if err != nil {
		t.Fatal(err)
	}
	path := w.configure(plainDoor, twoGroups+`
[[agents]]
grid = "`+w.LoginURI()+`"
avatar = "Second Rook"
password = "secret"
start = ["Rookery/126/128/25"]
[chatlog]
enabled = true
`)
	logs := filepath.Join(filepath.Dir(path), "logs")
	p := start(t, "run", "--config", path)

	if err := wren.Say(grid.ChatShout, 0, "hear\n[01-01-2020 00:00:00] Robin Rook (Normal) : nothing"); err != nil {
		t.Fatal(err)
	}
	wren.Message(w.agent, "in private")
	if err := group.Say(wren.ID(), "among us"); err != nil {
		t.Fatal(err)
	}
	k := dialPlain(t, p.ready.TCP)
	k.say("command=tell&entity=avatar&message=to+you&_id=1&agent=" + wren.ID().String() + speakers)
	k.await("an answer", has("_id=1", "success=True"))

	shout := "] Wren Hollow (Shout) : hear\n\t[01-01-2020 00:00:00] Robin Rook (Normal) : nothing\n"
	awaitFile(t, filepath.Join(logs, "local", "Rookery.log"), shout)
	awaitFile(t, filepath.Join(logs, "agents", "Second Rook", "local", "Rookery.log"), shout)
	awaitFile(t, filepath.Join(logs, "im", "Wren Hollow.log"), "] Wren Hollow : in private\n", "] Robin Rook : to you\n")
	awaitFile(t, filepath.Join(logs, "group", "Speakers.log"), "] Wren Hollow : among us\n")

	k.say("command=logs&entity=local&action=get&firstname=wren&_id=2" + speakers)
	answer := k.await("what was said", has("_id=2", "success=True"))
	if cells := script.ParseCSV(answer.Get("data")); len(cells) != 12 || cells[11] != "hear\n[01-01-2020 00:00:00] Robin Rook (Normal) : nothing" {
		t.Errorf("found %q", answer.Get("data"))
	}
	k.say("command=logs&entity=group&action=search&data=us$&_id=3" + speakers)
	if answer := k.await("group chat", has("_id=3", "success=True")); !strings.HasSuffix(answer.Get("data"), `message,"among us"`) {
		t.Errorf("found %q", answer.Get("data"))
	}

	// The settings change under way.
	rewrite(t, path, replacing("enabled = true", "enabled = true\nlocal = false"))
	p.logged("configuration changed", "chatlog.local")
	if err := wren.Say(grid.ChatShout, 0, "unheard of"); err != nil {
		t.Fatal(err)
	}
	wren.Message(w.agent, "noted")
	awaitFile(t, filepath.Join(logs, "im", "Wren Hollow.log"), "noted")
	rewrite(t, path, replacing("enabled = true", "enabled = false"))
	p.logged("configuration changed", "chatlog.enabled")
	k.say("command=logs&entity=local&action=get&_id=4" + speakers)
	k.await("a refusal", has("_id=4", "success=False", "status=10522"))
	p.stop()
	if text := awaitFile(t, filepath.Join(logs, "local", "Rookery.log")); strings.Contains(text, "unheard of") {
		t.Errorf("local chat is\n%s", text)
	}
}

func mustUUID(t *testing.T, text string) grid.UUID {
	t.Helper()
	id, err := grid.ParseUUID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
