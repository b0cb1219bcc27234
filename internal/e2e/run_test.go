package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rookery/grid"
	"rookery/script"
	"rookery/simgrid"
)

// world is an embedded grid in the test's own process, so that the test sees
// its side of everything, with an account for the agent of the program.
type world struct {
	*simgrid.Grid
	t     *testing.T
	ctx   context.Context
	agent grid.UUID
	watch *simgrid.Watcher
}

func newWorld(t *testing.T, cfg simgrid.Config) *world {
	t.Helper()
	cfg.Accounts = append(cfg.Accounts, simgrid.AccountConfig{First: "Robin", Last: "Rook", Password: "secret"})
	g, err := simgrid.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	w := &world{Grid: g, t: t, ctx: ctx, agent: g.Account("Robin", "Rook").ID(), watch: g.Watch()}
	t.Cleanup(func() {
		cancel()
		w.watch.Close()
		if err := g.Close(); err != nil {
			t.Errorf("close the grid: %v", err)
		}
	})
	return w
}

func awaitEvent[E simgrid.Event](w *world, match func(E) bool) E {
	w.t.Helper()
	e, err := simgrid.Await(w.ctx, w.watch, match)
	if err != nil {
		w.t.Fatalf("waiting for %T: %v", e, err)
	}
	return e
}

// configure writes a configuration file whose agent logs into w and whose TCP
// door is as tcp says.
func (w *world) configure(tcp, groups string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "rookery.toml")
	text := fmt.Sprintf(`
[[agents]]
grid = %q
avatar = "Robin Rook"
password = "secret"
start = ["Rookery/128/128/25"]

%s

[tcp]
address = "127.0.0.1:0"
%s
`, w.LoginURI(), groups, tcp)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

const plainDoor = "[tcp.tls]\nmode = \"off\"\n"

const twoGroups = `
[[groups]]
name = "Speakers"
uuid = "11111111-1111-4111-8111-111111111111"
password = "s"
permissions = ["talk", "movement"]
notifications = ["local", "login"]

[[groups]]
name = "Listeners"
uuid = "22222222-2222-4222-8222-222222222222"
password = "l"
permissions = ["grooming"]
notifications = ["message"]
`

const speakers = "&group=speakers&password=s"

func TestGroupsDoAndHearOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerNone}}})
	p := start(t, "run", "--config", w.configure(plainDoor, twoGroups))
	const listeners = "&group=22222222-2222-4222-8222-222222222222&password=l"

	for _, tc := range []struct{ name, line, want string }{
		{"a notification of its own", "type=local" + speakers, "success=True"},
		{"a notification of the other group", "type=local,message" + speakers, "success=False"},
		{"the other group's password", "type=message&group=Listeners&password=s", "success=False"},
		{"by UUID", "type=message" + listeners, "success=True"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := dialPlain(t, p.ready.TCP)
			k.say(tc.line)
			k.await("the answer", func(line string, _ script.Pairs) bool { return strings.HasPrefix(line, tc.want) })
		})
	}

	k := dialPlain(t, p.ready.TCP)
	k.say("type=message" + listeners)
	k.await("the handshake's answer", has("success=True"))
	k.say("command=tell&entity=local&message=not+me&_id=1" + listeners)
	k.await("a refusal", has("_id=1", "success=False", "status=48467"))
	k.say("command=tell&entity=local&message=it+is+me&_id=2" + speakers)
	k.await("an answer", has("_id=2", "success=True"))
	spoken := awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text != "" })
	if spoken.Text != "it is me" {
		t.Errorf("the grid heard %q first", spoken.Text)
	}

	w.Inhabitant("Wren", "Hollow").Message(w.agent, "psst")
	heard := k.await("the instant message", has("type=message", "message=psst"))
	if heard.Get("firstname") != "Wren" || heard.Get("lastname") != "Hollow" {
		t.Errorf("the message is from %s %s", heard.Get("firstname"), heard.Get("lastname"))
	}
}

func TestTheAgentComesBackAfterTheGridDroppedIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(plainDoor, twoGroups))
	k := dialPlain(t, p.ready.TCP)
	k.say("type=login" + speakers)
	k.await("the handshake's answer", has("success=True"))
	awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })

	if err := w.Kick(w.agent, "Time to go."); err != nil {
		t.Fatal(err)
	}
	awaitEvent(w, func(e simgrid.LoggedOut) bool { return e.Agent == w.agent })
	awaitEvent(w, func(e simgrid.Arrived) bool { return e.Agent == w.agent })
	k.await("the news of the new login", has("type=login", "status=Success"))
	k.say("command=tell&entity=local&message=back&_id=1" + speakers)
	k.await("an answer", has("_id=1", "success=True"))
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "back" })
}

func TestAfterAPowerCutTheAgentLogsInAgain(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]simgrid.Config{
		"where the old session is ended at once":     {Relogin: simgrid.KickOld},
		"where the first try is refused":             {Relogin: simgrid.RefusePresence},
		"where the old session has to end by itself": {Relogin: simgrid.RefuseUntilGone, CircuitTimeout: 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, cfg)
			path := w.configure(plainDoor, twoGroups)
			start(t, "run", "--config", path).kill()
			p := start(t, "run", "--config", path)
			k := dialPlain(t, p.ready.TCP)
			k.say("command=tell&entity=local&message=again&_id=1" + speakers)
			k.await("an answer", has("_id=1", "success=True"))
			awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Speaker == w.agent && e.Text == "again" })
		})
	}
}

func TestTheSecondFactorIsAskedForOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{Accounts: []simgrid.AccountConfig{{First: "Factor", Last: "Two", Password: "secret", MFAToken: "123456"}}})
	path := w.configure(plainDoor, twoGroups)
	configure := func(token string) {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		avatar := regexp.MustCompile(`(?m)^avatar = .*$(\nmfa_token = .*$)?`)
		text = avatar.ReplaceAll(text, []byte("avatar = \"Factor Two\"\nmfa_token = \""+token+"\""))
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configure("654321")
	if _, errOut, code := rookery(t, nil, "run", "--config", path); code != 1 || !strings.Contains(errOut, "mfa_token") {
		t.Errorf("a wrong code: exit code %d\n%s", code, errOut)
	}
	configure("123456")
	start(t, "run", "--config", path).stop()
	configure("")
	start(t, "run", "--config", path)
}

func TestSIGTERMLogsOutAndDrainsClients(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(plainDoor, twoGroups))
	k := dialPlain(t, p.ready.TCP)
	k.say("type=local" + speakers)
	k.await("the handshake's answer", has("success=True"))
	p.stop()
	k.awaitEnd()
	out := awaitEvent(w, func(e simgrid.LoggedOut) bool { return e.Agent == w.agent })
	if out.Cause != simgrid.CauseLogout {
		t.Errorf("the agent left by %s", out.Cause)
	}
}

func TestWrongPasswordsAndSettingsEndWithTheirExitCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	good := w.configure(plainDoor, twoGroups)
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, old, new string
		code           int
		want           []string
	}{
		{"a wrong password", `password = "secret"`, `password = "wrong"`, 1, []string{"Robin Rook"}},
		{"a misspelt setting", `avatar =`, `avatr =`, 2, []string{".toml:4:", "avatr", "avatar"}},
		{"a value that is not allowed", `mode = "off"`, `mode = "on"`, 2, []string{"tcp.tls.mode", "generated, pfx, pem, off"}},
		{"a certificate that is not there", `mode = "off"`, `mode = "pem"` + "\n" + `certificate = "nowhere.pem"`, 2, []string{"nowhere.pem"}},
		{"no agent", `[[agents]]`, `[[groups]]`, 2, []string{"agent"}},
		{"an address that is taken", `address = "127.0.0.1:0"`, fmt.Sprintf("address = %q", strings.TrimSuffix(strings.TrimPrefix(w.LoginURI(), "http://"), "/")), 2, []string{"address already in use"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "rookery.toml")
			changed := strings.Replace(string(text), tc.old, tc.new, 1)
			if changed == string(text) {
				t.Fatalf("%q is not in the configuration", tc.old)
			}
			if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			_, errOut, code := rookery(t, nil, "run", "--config", path)
			if code != tc.code {
				t.Errorf("exit code %d, want %d", code, tc.code)
			}
			for _, want := range tc.want {
				if !strings.Contains(errOut, want) {
					t.Errorf("standard error %q, want %q in it", errOut, want)
				}
			}
		})
	}
}
