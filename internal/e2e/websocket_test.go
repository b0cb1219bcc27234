package e2e

import (
	"os"
	"strings"
	"testing"

	"rookery/script"
	"rookery/simgrid"
)

// needPackage skips a test whose npm package is not installed.
func needPackage(t *testing.T, name string) {
	t.Helper()
	need(t, "node", "nodejs")
	if _, err := os.Stat("testdata/node_modules/" + name); err != nil {
		t.Skipf("needs the npm package %s (npm ci --prefix internal/e2e/testdata; scripts/test installs it)", name)
	}
}

func TestANodeClientOverWebSocket(t *testing.T) {
	t.Parallel()
	needPackage(t, "ws")
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerAll}}})
	p := start(t, "run", "--config", w.configure("", twoGroups+"\n[websocket]\nenabled = true\naddress = \"127.0.0.1:0\"\n"))
	url := "ws://" + p.ready.WebSocket

	k := converse(t, "node", "testdata/websocket.js", url+"/Speakers/s/local")
	k.await("the handshake's answer", has("success=True"))
	k.say("command=tell&entity=local&message=over+the+web&_id=1" + speakers)
	k.await("the answer", has("command=tell", "success=True", "_id=1"))
	k.await("the inhabitant's reply", func(_ string, pairs script.Pairs) bool {
		return pairs.Get("firstname") == "Wren" && strings.Contains(pairs.Get("message"), "over the web")
	})

	// The password need not stand in the URL, and words may be JSON.
	k = converse(t, "node", "testdata/websocket.js", url)
	k.say(`{"group":"Speakers","password":"s","type":"local"}`)
	k.await("the handshake's answer", func(line string, _ script.Pairs) bool { return line == `{"success":"True"}` })
	k.say(`{"command":"tell","group":"Speakers","password":"s","entity":"local","message":"in JSON"}`)
	k.await("the inhabitant's reply", func(line string, _ script.Pairs) bool {
		return strings.Contains(line, `"firstname":"Wren"`) && strings.Contains(line, "in JSON")
	})

	k = converse(t, "node", "testdata/websocket.js", url+"/Speakers/wrong/local")
	k.await("the refusal", has("success=False", "status=70001"))
	k.await("the end", func(line string, _ script.Pairs) bool { return line == "closed 1008" })
}
