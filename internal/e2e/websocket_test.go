package e2e

import (
	"os"
	"strconv"
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

func TestTheWebSocketDoorPings(t *testing.T) {
	t.Parallel()
	needPackage(t, "ws")
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure("", webSocketDoor("ping_interval = \"1s\"\n")))
	url := "ws://" + p.ready.WebSocket + "/Speakers/s/local"
	answers, mute := converse(t, "node", "testdata/websocket.js", url, "pings"), converse(t, "node", "testdata/websocket.js", url, "pings", "mute")
	for _, want := range []string{"success=True", "ping", "closed 1006"} {
		if line := mute.next(want); line != want {
			t.Fatalf("who does not answer pings got %q, want %q", line, want)
		}
	}
	for _, want := range []string{"success=True", "ping", "ping", "ping"} {
		if line := answers.next(want); line != want {
			t.Fatalf("who answers pings got %q, want %q", line, want)
		}
	}
	p.logged("no answer to a ping")
}

func TestAWebSocketClientThatDoesNotReadIsTreatedAsTheSettingsSay(t *testing.T) {
	t.Parallel()
	needPackage(t, "ws")
	for _, policy := range []string{"disconnect", "drop-newest", "drop-oldest"} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerNone}}})
			p := start(t, "run", "--config", w.configure("", webSocketDoor("queue_bytes = \"64KiB\"\noverflow = \""+policy+"\"\n")))
			url := "ws://" + p.ready.WebSocket + "/Speakers/s/local"
			good, deaf := converse(t, "node", "testdata/websocket.js", url), converse(t, "node", "testdata/websocket.js", url)
			good.await("the handshake's answer", has("success=True"))
			deaf.await("the handshake's answer", has("success=True"))
			f := newFlood(w, good)
			deaf.say("pause")
			deaf.next("paused")
			if policy == "disconnect" {
				f.until(func() bool { return strings.Contains(p.log.String(), "does not keep up") })
			} else {
				f.lines(6000) // 18 MB: more than the kernel and the queue hold
			}
			flooded := f.said
			deaf.say("resume")

			// What it heard, as ranges of lines without a gap.
			type span struct{ from, to int }
			var heard []span
			ended := false
			take := func(line string) {
				pairs, err := script.DecodeLine(line, script.DefaultFilters())
				if strings.HasPrefix(line, "closed ") {
					ended = true
					return
				}
				number, _, _ := strings.Cut(pairs.Get("message"), ":")
				n, err2 := strconv.Atoi(number)
				if err != nil || err2 != nil || pairs.Get("message") != f.text(n) {
					t.Fatalf("heard %.200q", line)
				}
				if last := len(heard) - 1; last >= 0 && heard[last].to == n {
					heard[last].to++
				} else {
					heard = append(heard, span{n, n + 1})
				}
			}
			// reached tells whether it has heard a line, or one that came later.
			reached := func(n int) bool { return len(heard) > 0 && heard[len(heard)-1].to > n }
			switch policy {
			case "disconnect":
				for !ended {
					take(deaf.next("the end"))
				}
			case "drop-oldest":
				for !reached(flooded - 1) {
					take(deaf.next("the last line of the flood"))
				}
				f.lines(1)
				take(deaf.next("a line after the flood"))
			case "drop-newest":
				for !reached(flooded) {
					select {
					case line := <-deaf.lines:
						take(line)
					default:
						f.lines(1) // until there is room again for one
					}
				}
			}

			if len(heard) == 0 || heard[0].from != 0 {
				t.Fatalf("heard were %v of %d, want the first ones", heard, flooded)
			}
			// A writer that is late on a busy machine may drop a few before.
			last := heard[len(heard)-1]
			switch policy {
			case "disconnect":
				if len(heard) != 1 || last.to >= flooded {
					t.Errorf("heard were %v of %d, want the first ones and the end", heard, flooded)
				}
			case "drop-newest":
				if len(heard) < 2 || last.from < flooded {
					t.Errorf("heard were %v of %d, want the first ones and what was said after them", heard, flooded)
				}
			case "drop-oldest":
				if len(heard) < 2 || last.from >= flooded || last.to <= flooded {
					t.Errorf("heard were %v of %d, want the first and the last ones", heard, flooded)
				}
			}
		})
	}
}
