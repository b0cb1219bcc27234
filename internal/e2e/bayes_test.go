package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"rookery/script"
	"rookery/simgrid"
)

func TestWhatAGroupTaughtSurvivesAPowerCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	groups := strings.Replace(tellers, `["talk", "notifications"]`, `["database"]`, 1)
	path := w.configure(plainDoor+"\n[http]\nenabled = true\naddress = \"127.0.0.1:0\"\n", groups)
	bayes := func(pairs ...string) string {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		return "bayes&" + values.Encode()
	}

	p := start(t, "run", "--config", path)
	k := dialPlain(t, p.ready.TCP)
	k.do("1", bayes("action", "train", "category", "trade", "data", "Selling cheap land & houses"))
	k.do("2", bayes("action", "train", "category", "small talk", "data", "How are you today?"))
	k.do("3", bayes("action", "train", "category", "small talk", "data", "Bonne journée à vous"))
	k.do("4", bayes("action", "untrain", "category", "small talk", "data", "how are YOU today"))
	k.do("5", bayes("action", "rename", "source", "trade", "target", "offers"))
	p.kill()

	p = start(t, "run", "--config", path)
	k = dialPlain(t, p.ready.TCP)
	const want = `{"offers":{"texts":1,"words":{"cheap":1,"houses":1,"land":1,"selling":1}},"small talk":{"texts":1,"words":{"bonne":1,"journée":1,"vous":1,"à":1}}}`
	if got := k.do("6", bayes("action", "export")).Get("data"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	scores := script.ParseCSV(k.do("7", bayes("action", "classify", "data", "Land, CHEAP")).Get("data"))
	if len(scores) != 4 || scores[0] != "offers" || scores[2] != "small talk" {
		t.Errorf("%q", scores)
	}

	// In JSON, lists come apart and what was exported stays whole.
	for action, data := range map[string][]string{"list": {"offers", "small talk"}, "export": {want}} {
		question, err := json.Marshal(map[string]string{"command": "bayes", "group": "Tellers", "password": "t", "action": action})
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.Post("http://"+p.ready.HTTP+"/", "application/json", strings.NewReader(string(question)))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Data []string }
		if err := json.Unmarshal(body, &answer); err != nil || strings.Join(answer.Data, "|") != strings.Join(data, "|") {
			t.Errorf("%s: %s, %v", action, body, err)
		}
	}
}

func TestAGroupHearsWhatItsClassifierMakesOfTexts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	groups := strings.Replace(tellers, `"notifications"]`, `"notifications", "database"]`, 1) + twoGroups
	p := start(t, "run", "--config", w.configure(plainDoor, groups))
	taught, untaught := dialPlain(t, p.ready.TCP), dialPlain(t, p.ready.TCP)
	for k, group := range map[*talker]string{taught: teller, untaught: speakers} {
		k.say("type=local" + group)
		k.await("the answer", has("success=True"))
	}
	taught.do("1", "bayes&action=train&category=greeting&data=hello+there")
	taught.do("2", "bayes&action=train&category=trade&data=cheap+land")
	taught.do("3", "tell&entity=local&message=Hello")
	heard := taught.await("a sorted text", has("type=local", "message=Hello"))
	if cells := script.ParseCSV(heard.Get("bayes")); len(cells) != 2 || cells[0] != "greeting" {
		t.Errorf("%v", heard)
	}
	taught.do("4", "bayes&action=remove&category=greeting")
	taught.do("5", "bayes&action=remove&category=trade")
	taught.do("6", "tell&entity=local&message=Goodbye")
	if heard := taught.await("a text", has("type=local", "message=Goodbye")); heard.Has("bayes") {
		t.Errorf("unsorted: %v", heard)
	}
	// The other group hears each once, without what is not its own.
	untaught.await("the last text", has("type=local", "message=Goodbye"))
	if hellos := slices.DeleteFunc(untaught.kept, func(line string) bool { return !strings.Contains(line, "message=Hello&") }); len(hellos) != 1 || strings.Contains(hellos[0], "bayes=") {
		t.Errorf("the other group heard %q", hellos)
	}
	if again := slices.ContainsFunc(taught.kept, func(line string) bool { return strings.Contains(line, "message=Hello&") }); again {
		t.Errorf("heard twice: %q", taught.kept)
	}
}
