package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"rookery/grid"
	"rookery/script"
	"rookery/simgrid"
)

func TestObjectsCommandTheAgentAndHearByCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	answers := make(chan script.Pairs, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		pairs, _ := script.DecodeLine(string(body), script.DefaultFilters())
		answers <- pairs
	}))
	t.Cleanup(receiver.Close)
	start(t, "run", "--config", w.configure(plainDoor, twoGroups+"\n[outgoing]\nallow_private = [\"127.0.0.1\"]\n"))
	awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })

	box, err := w.Region("Rookery").AddPrim(simgrid.PrimConfig{Name: "Box", Owner: w.agent, Position: grid.Vector3{X: 129, Y: 128, Z: 25}})
	if err != nil {
		t.Fatal(err)
	}
	for text, say := range map[string]func(string) error{
		"by message":     func(s string) error { return box.Message(w.agent, s) },
		"by ownersay":    box.OwnerSay,
		"by regionsayto": func(s string) error { return box.RegionSayTo(w.agent, 0, s) },
	} {
		order := script.EncodeLine(script.Pairs{
			{Key: "command", Value: "tell"},
			{Key: "group", Value: "Speakers"},
			{Key: "password", Value: "s"},
			{Key: "entity", Value: "local"},
			{Key: "message", Value: text},
			{Key: "callback", Value: receiver.URL},
			{Key: "_path", Value: text},
		}, script.DefaultFilters())
		if err := say(order); err != nil {
			t.Fatal(err)
		}
		awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == text })
		select {
		case answer := <-answers:
			if answer.Get("success") != "True" || answer.Get("_path") != text || answer.Has("password") {
				t.Errorf("%s: the callback is %v", text, answer)
			}
		case <-time.After(patience):
			t.Fatalf("%s: no callback", text)
		}
	}
	// A wrong password is answered by nobody, and the agent obeys on.
	if err := box.OwnerSay("command=tell&entity=local&message=never&group=Speakers&password=wrong&callback=" + "http%3A%2F%2Fexample.invalid%2F"); err != nil {
		t.Fatal(err)
	}
	if err := box.OwnerSay("command=tell&entity=local&message=after" + speakers); err != nil {
		t.Fatal(err)
	}
	awaitEvent(w, func(e simgrid.ChatSpoken) bool {
		if e.Speaker == w.agent && e.Text == "never" {
			t.Error("a wrong password was obeyed")
		}
		return e.Speaker == w.agent && e.Text == "after"
	})
}
