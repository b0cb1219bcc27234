package e2e

import (
	"encoding/json"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rookery/script"
	"rookery/simgrid"
)

// mosquitto runs one of the mosquitto programs to its end.
func mosquitto(t *testing.T, program string, address string, args ...string) (output string, ok bool) {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, append([]string{"-h", host, "-p", port}, args...)...).CombinedOutput()
	return string(out), err == nil
}

// subscribe starts mosquitto_sub and returns when its subscription is granted.
func subscribe(t *testing.T, address, topic string, args ...string) *talker {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	k := converse(t, "stdbuf", append([]string{"-oL", "mosquitto_sub", "-h", host, "-p", port, "-d", "-q", "1", "-F", "%p", "-t", topic}, args...)...)
	k.await("the granted subscription", func(line string, _ script.Pairs) bool { return strings.HasPrefix(line, "Subscribed (mid: 1): 1") })
	return k
}

func TestMosquittoClientsHearAndCommandOverMQTT(t *testing.T) {
	t.Parallel()
	need(t, "mosquitto_sub", "mosquitto-clients")
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerAll}}})
	p := start(t, "run", "--config", w.configure("", twoGroups+"\n[mqtt]\nenabled = true\naddress = \"127.0.0.1:0\"\n"))
	at := p.ready.MQTT
	words := subscribe(t, at, "Speakers/s/local")
	objects := subscribe(t, at, "speakers/s/+/json", "-V", "5")
	named := subscribe(t, at, "Speakers/local", "-u", "Speakers", "-P", "s", "-V", "mqttv31")
	command := "command=tell&group=Speakers&password=s&entity=local&message=%C3%A9t%C3%A9+%26+%3D&_id=7"
	if out, ok := mosquitto(t, "mosquitto_pub", at, "-t", "Speakers/s/local", "-m", command); !ok {
		t.Fatalf("mosquitto_pub: %s", out)
	}
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "été & =" })
	words.await("the command itself", func(line string, _ script.Pairs) bool { return line == command })
	words.await("the answer", has("command=tell", "group=Speakers", "success=True", "_id=7"))
	for _, k := range []*talker{words, named} {
		k.await("the inhabitant's reply", has("type=local", "firstname=Wren"))
	}
	objects.await("the inhabitant's reply as JSON", func(line string, _ script.Pairs) bool {
		var n map[string]any
		return json.Unmarshal([]byte(line), &n) == nil && n["type"] == "local" && n["firstname"] == "Wren"
	})

	out, ok := mosquitto(t, "mosquitto_rr", at, "-V", "5", "-q", "1", "-W", "60", "-t", "Speakers/s/commands", "-e", "Speakers/s/answers",
		"-m", `{"command":"tell","entity":"local","message":"{json}"}`)
	var answer map[string]any
	if err := json.Unmarshal([]byte(out), &answer); !ok || err != nil || answer["success"] != "True" || answer["command"] != "tell" {
		t.Errorf("mosquitto_rr: %q (%v)", out, err)
	}
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "{json}" })

	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"a wrong password in the topic": {[]string{"-t", "Speakers/x/local"}, "All subscription requests were denied"},
		"a notification not granted":    {[]string{"-t", "Speakers/s/message"}, "All subscription requests were denied"},
		"everybody's":                   {[]string{"-t", "#"}, "All subscription requests were denied"},
		"a wrong password":              {[]string{"-t", "Speakers/local", "-u", "Speakers", "-P", "x"}, "Connection Refused"},
	} {
		// It ends well when all its subscriptions are denied, and says so.
		if out, _ := mosquitto(t, "mosquitto_sub", at, append(tc.args, "-W", "60")...); !strings.Contains(out, tc.want) {
			t.Errorf("%s: %q, want %q in it", name, out, tc.want)
		}
	}
	if log := p.log.String(); strings.Contains(log, "Speakers/s") {
		t.Errorf("a topic with a password is in the log:\n%s", log)
	}
}

func TestMosquittoOverTLS(t *testing.T) {
	t.Parallel()
	need(t, "mosquitto_rr", "mosquitto-clients")
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure("", twoGroups+"\n[mqtt]\nenabled = true\naddress = \"127.0.0.1:0\"\n[mqtt.tls]\nmode = \"generated\"\n"))
	authority := filepath.Join(filepath.Dir(p.ready.Certificate), "tcp-cert.pem")
	out, ok := mosquitto(t, "mosquitto_rr", p.ready.MQTT, "--cafile", authority, "-V", "5", "-W", "60", "-u", "Speakers", "-P", "s",
		"-t", "Speakers/commands", "-e", "Speakers/answers", "-m", "command=version&_id=1")
	pairs, err := script.DecodeLine(strings.TrimSpace(out), script.DefaultFilters())
	if !ok || err != nil || pairs.Get("command") != "version" || pairs.Get("_id") != "1" {
		t.Errorf("mosquitto_rr: %q (%v)", out, err)
	}
}

func TestMosquittoHearsOnReturnWhatItMissed(t *testing.T) {
	t.Parallel()
	need(t, "mosquitto_sub", "mosquitto-clients")
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(plainDoor, twoGroups+"\n[mqtt]\nenabled = true\naddress = \"127.0.0.1:0\"\n"))
	k := dialPlain(t, p.ready.TCP)
	say := func(text string) {
		k.say("command=tell&entity=local&message=" + text + "&_id=" + text + speakers)
		k.await("the answer", has("_id="+text, "success=True"))
		awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Text == text })
	}
	for _, version := range []string{"mqttv311", "5"} {
		stay := []string{"-V", version, "-c", "-i", "me" + version, "-u", "Speakers", "-P", "s"}
		if version == "5" {
			stay = append(stay, "-x", "3600")
		}
		mosquitto := subscribe(t, p.ready.MQTT, "Speakers/local", stay...)
		say("first")
		mosquitto.await("what is said", has("message=first", "sequence=1"))
		mosquitto.end()
		say("second")
		say("third")
		mosquitto = subscribe(t, p.ready.MQTT, "Speakers/local", stay...)
		mosquitto.await("what was said meanwhile", has("message=second", "sequence=2"))
		mosquitto.await("what was said meanwhile", has("message=third", "sequence=3"))
		mosquitto.end()
	}
}
