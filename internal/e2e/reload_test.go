package e2e

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"rookery/script"
	"rookery/simgrid"
)

// logged waits until the program has logged a line with all of these in it.
func (p *process) logged(wanted ...string) string {
	p.t.Helper()
	late := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
	lines:
		for line := range strings.Lines(p.log.String()) {
			for _, w := range wanted {
				if !strings.Contains(line, w) {
					continue lines
				}
			}
			return line
		}
		if time.Now().After(late) {
			p.t.Fatalf("nothing logged with %q", wanted)
		}
		<-tick.C
	}
}

// rewrite changes the configuration file as an editor does.
func rewrite(t *testing.T, path string, change func(string) string) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := change(string(old))
	if text == string(old) {
		t.Fatal("the change changes nothing")
	}
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func replacing(old, replacement string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, replacement, 1) }
}

func TestAChangedFileTakesEffectWhileTheProgramRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerNone}}})
	path := w.configure(plainDoor, twoGroups)
	p := start(t, "run", "--config", path)
	wren := w.Inhabitant("Wren", "Hollow")

	listener := dialPlain(t, p.ready.TCP)
	listener.say("type=message&group=Listeners&password=l")
	listener.await("the handshake's answer", has("success=True"))
	wren.Message(w.agent, "first")
	listener.await("the first message", has("type=message", "message=first"))

	// The rights of subscribers that are there already, a password, a permission,
	// and the level of the log.
	rewrite(t, path, func(s string) string {
		s = strings.Replace(s, `notifications = ["message"]`, `notifications = ["heartbeat"]`, 1)
		s = strings.Replace(s, `password = "s"`, `password = "other"`, 1)
		s = strings.Replace(s, `notifications = ["local", "login"]`, `notifications = ["local", "login", "message"]`, 1)
		s = strings.Replace(s, `permissions = ["talk", "movement"]`, `permissions = ["movement"]`, 1)
		return s + "\n[log]\nlevel = \"debug\"\n[timeouts]\ncommand = \"7s\"\n[udp]\nmax_sessions = 7\n"
	})
	line := p.logged("configuration changed", "groups[0].password", "groups[0].permissions", "groups[1].notifications", "log.level", "timeouts.command")
	if strings.Contains(line, "udp") || strings.Contains(line, "other") {
		t.Errorf("the log says %q", line)
	}
	p.logged("need a restart", "udp.max_sessions")

	speaker := dialPlain(t, p.ready.TCP)
	speaker.say("type=message&group=Speakers&password=other")
	speaker.await("the handshake's answer", has("success=True"))
	wren.Message(w.agent, "second")
	speaker.await("the second message", has("type=message", "message=second"))
	speaker.say("command=tell&entity=local&message=x&_id=1&group=Speakers&password=other")
	speaker.await("a refusal", has("_id=1", "status=48467"))
	// Both hear of one event in the same breath; the listener's next line is the
	// answer to what it says after that.
	listener.say("command=version&_id=2&group=Listeners&password=l")
	listener.await("an answer", func(line string, pairs script.Pairs) bool {
		if pairs.Get("message") == "second" {
			t.Errorf("a subscriber heard what it may not hear any more: %s", line)
		}
		return has("_id=2", "success=True")(line, pairs)
	})
	old := dialPlain(t, p.ready.TCP)
	old.say("type=local" + speakers)
	old.await("a refusal of the old password", has("success=False"))

	// A mistake changes nothing.
	rewrite(t, path, func(s string) string {
		s = strings.Replace(s, `password = "other"`, `password = "third"`, 1)
		return strings.Replace(s, `level = "debug"`, `level = "loud"`, 1)
	})
	p.logged("nothing is changed", path+":", "log.level")
	again := dialPlain(t, p.ready.TCP)
	again.say("type=local&group=Speakers&password=other")
	again.await("the handshake's answer", has("success=True"))

	// Mended, and read at once when asked to.
	rewrite(t, path, replacing(`level = "loud"`, `level = "info"`))
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.logged("configuration changed", "groups[0].password, log.level")
	third := dialPlain(t, p.ready.TCP)
	third.say("type=local&group=Speakers&password=third")
	third.await("the handshake's answer", has("success=True"))
}

func TestCommandsChangeTheFileAndTheFiltersOfTheRunningProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	path := w.configure(plainDoor, twoGroups+`
[[groups]]
name = "Keepers"
uuid = "33333333-3333-4333-8333-333333333333"
password = "k"
permissions = ["system", "filter"]
`)
	p := start(t, "run", "--config", path)
	const keepers = "&group=Keepers&password=k"
	k := dialPlain(t, p.ready.TCP)
	ask := func(line, id string) script.Pairs {
		t.Helper()
		k.say(line + keepers + "&_id=" + id)
		return k.await("the answer "+id, has("_id="+id))
	}
	if answer := ask("command=addconfigurationgroup&target=New&id=44444444-4444-4444-8444-444444444444&workers=1&schedules=0&permissions=talk&notifications=local&secret=5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8", "1"); answer.Get("success") != "True" {
		t.Fatalf("%v", answer)
	}
	p.logged("configuration changed", "groups")
	fresh := dialPlain(t, p.ready.TCP)
	fresh.say("type=local&group=New&password=password")
	fresh.await("the handshake's answer", has("success=True"))
	if text := ask("command=configuration&action=read", "2").Get("data"); !strings.Contains(text, `name = 'New'`) || strings.Contains(text, `"secret"`) || strings.Contains(text, "5baa61") {
		t.Errorf("the file is\n%s", text)
	}
	ask("command=configuration&action=set&path=log.level&data=debug", "3")
	p.logged("configuration changed", "log.level")
	if answer := ask("command=configuration&action=set&path=log.level&data=loud", "4"); answer.Get("success") != "False" || !strings.Contains(answer.Get("error"), "allowed are debug") {
		t.Errorf("a wrong level: %v", answer)
	}
	ask("command=removeconfigurationgroup&target=Listeners", "5")
	gone := dialPlain(t, p.ready.TCP)
	gone.say("type=message&group=Listeners&password=l")
	gone.await("a refusal", has("success=False"))

	// Every connection writes and reads with the new filters, this one too.
	k.say("command=filter&action=set&input=ATBASH&output=ATBASH&_id=6" + keepers)
	mirrored := script.Filters{script.Atbash}
	k.await("the mirrored answer", func(line string, _ script.Pairs) bool {
		pairs, err := script.DecodeLine(line, mirrored)
		return err == nil && pairs.Get("_id") == "6" && pairs.Get("success") == "True"
	})
	k.say(script.EncodeLine(script.Pairs{{Key: "command", Value: "version"}, {Key: "group", Value: "Keepers"}, {Key: "password", Value: "k"}, {Key: "_id", Value: "7"}}, mirrored))
	k.await("the answer to a mirrored command", func(line string, _ script.Pairs) bool {
		pairs, err := script.DecodeLine(line, mirrored)
		return err == nil && pairs.Get("_id") == "7" && pairs.Get("success") == "True"
	})
}
