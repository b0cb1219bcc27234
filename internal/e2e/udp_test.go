package e2e

import (
	"net"
	"testing"

	"rookery/script"
	"rookery/simgrid"
)

func TestANodeClientOfTheUDPDoor(t *testing.T) {
	t.Parallel()
	need(t, "node", "nodejs")
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerAll}}})
	p := start(t, "run", "--config", w.configure("", twoGroups+"\n[udp]\nenabled = true\naddress = \"127.0.0.1:0\"\n"))
	host, port, err := net.SplitHostPort(p.ready.UDP)
	if err != nil {
		t.Fatal(err)
	}
	k := converse(t, "node", "testdata/udp.js", host, port)
	k.say("type=local&group=Speakers&password=wrong")
	k.await("the refusal", func(line string, _ script.Pairs) bool {
		return line == "success=False&error=access+denied&status=70001"
	})
	k.say("type=local" + speakers)
	k.await("the handshake's answer", func(line string, _ script.Pairs) bool { return line == "success=True" })
	k.say("command=tell&entity=local&message=" + "%C3%A9t%C3%A9+%26+%3D" + "&_transaction=t1" + speakers)
	k.await("the answer", has("command=tell", "success=True", "_transaction=t1"))
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "été & =" })
	k.await("the inhabitant's reply", has("type=local", "firstname=Wren"))
	k.say("type=" + speakers)
	k.await("the goodbye's answer", func(line string, _ script.Pairs) bool { return line == "success=True" })

	// A command alone needs no handshake.
	other := converse(t, "node", "testdata/udp.js", host, port)
	other.say("command=version&_id=1" + speakers)
	other.await("the answer", has("command=version", "_id=1"))
}
