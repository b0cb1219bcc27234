package e2e

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rookery/internal/bridge/brokertest"
	"rookery/script"
	"rookery/simgrid"
)

// bridged are two groups, one of which may be connected to brokers.
const bridged = `
[[groups]]
name = "Bridge"
uuid = "11111111-1111-4111-8111-111111111111"
password = "b"
permissions = ["talk", "bridge"]
notifications = ["local", "mqtt"]

[[groups]]
name = "Others"
uuid = "22222222-2222-4222-8222-222222222222"
password = "o"
permissions = ["bridge"]
notifications = ["mqtt"]

[outgoing]
allow_private = ["127.0.0.1"]

[bridge]
ca = %q
`

func TestSubscriptionsToBrokersOutliveTheProgram(t *testing.T) {
	t.Parallel()
	brokertest.Need(t)
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerAll}}})
	m := brokertest.Start(t, brokertest.Options{TLS: true, User: "robin", Password: "very geheim"})
	path := w.configure(plainDoor, fmt.Sprintf(bridged, m.Authority))
	p := start(t, "run", "--config", path)

	group, others := dialPlain(t, p.ready.TCP), dialPlain(t, p.ready.TCP)
	group.say("type=mqtt&group=Bridge&password=b")
	others.say("type=mqtt&group=Others&password=o")
	group.await("the handshake's answer", has("success=True"))
	others.await("the handshake's answer", has("success=True"))
	group.say(fmt.Sprintf("command=mqtt&action=subscribe&host=127.0.0.1&port=%d&tls=True&username=robin&secret=%s&topic=robin&execute=True&notifications=local&_id=1"+
		"&group=Bridge&password=b", m.Port, url.QueryEscape("very geheim")))
	id := group.await("the subscription", has("_id=1", "success=True")).Get("data")

	m.Publish("-q", "1", "-t", "robin", "-m", "to whom it may concern")
	group.await("the message", has("type=mqtt", "ID="+id, "topic=robin", "payload=to whom it may concern", "group=Bridge"))
	others.say("command=version&_id=2&group=Others&password=o")
	others.await("an answer", func(line string, pairs script.Pairs) bool {
		if pairs.Get("type") == "mqtt" {
			t.Errorf("another group heard %s", line)
		}
		return has("_id=2", "success=True")(line, pairs)
	})

	tell := func(text string) string {
		return "command=tell&group=Bridge&password=b&entity=local&message=" + url.QueryEscape(text)
	}
	sub := m.Subscribe("robin", "%p")
	hear := func(wanted ...string) {
		t.Helper()
		for {
			text := sub.Next()
			if pairs, err := script.DecodeLine(text, script.DefaultFilters()); err == nil && has(wanted...)(text, pairs) {
				return
			}
		}
	}
	m.Publish("-q", "1", "-t", "robin", "-m", tell("by way of a broker"))
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "by way of a broker" })
	hear("command=tell", "success=True")
	hear("type=local", "firstname=Wren") // who answers

	p.stop()
	m.Publish("-q", "1", "-t", "robin", "-m", tell("while nobody was there"))
	p = start(t, "run", "--config", path)
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "while nobody was there" })
	hear("command=tell", "success=True")
	p.kill()
	p = start(t, "run", "--config", path)
	awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })
	m.Publish("-q", "1", "-t", "robin", "-m", tell("after a power cut"))
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "after a power cut" })

	mark := m.Mark()
	rewrite(t, path, replacing(`permissions = ["talk", "bridge"]`, `permissions = ["talk"]`))
	m.LoggedSince(mark, "Received DISCONNECT from rookery-")
	group = dialPlain(t, p.ready.TCP)
	group.say("command=mqtt&action=list&_id=3&group=Bridge&password=b")
	group.await("a refusal", has("_id=3", "status=48467"))
	mark = m.Mark()
	rewrite(t, path, replacing(`permissions = ["talk"]`, `permissions = ["talk", "bridge"]`))
	m.LoggedSince(mark, "as rookery-")
	group.say("command=mqtt&action=unsubscribe&id=" + id + "&_id=4&group=Bridge&password=b")
	group.await("the end of it", has("_id=4", "success=True"))

	if log := p.log.String(); strings.Contains(log, "geheim") {
		t.Errorf("a secret is in the log:\n%s", log)
	}
	info, err := os.Stat(filepath.Join(filepath.Dir(path), "state", "rookery.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the state file: %v, %v", info, err)
	}
}

func TestBrokersOnPrivateNetworksAreOutOfReach(t *testing.T) {
	t.Parallel()
	brokertest.Need(t)
	w := newWorld(t, simgrid.Config{})
	m := brokertest.Start(t, brokertest.Options{})
	path := w.configure(plainDoor, strings.Replace(fmt.Sprintf(bridged, ""), `allow_private = ["127.0.0.1"]`, "allow_private = []", 1))
	p := start(t, "run", "--config", path)
	k := dialPlain(t, p.ready.TCP)
	publish := fmt.Sprintf("command=mqtt&action=publish&topic=a&payload=x&port=%d&group=Bridge&password=b&host=", m.Port)
	k.say(publish + "127.0.0.1&_id=1")
	k.await("a refusal", has("_id=1", "success=False", "status=70003"))
	k.say(publish + "localhost&_id=2")
	k.await("a refusal", has("_id=2", "success=False", "status=70003"))
	// The setting counts at once.
	rewrite(t, path, replacing("allow_private = []", `allow_private = ["localhost"]`))
	p.logged("configuration changed", "outgoing.allow_private")
	k.say(publish + "localhost&_id=3")
	k.await("success", has("_id=3", "success=True"))
	k.say(publish + "127.0.0.1&_id=4")
	k.await("a refusal", has("_id=4", "success=False", "status=70003"))
}
