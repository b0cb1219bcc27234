package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
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
