package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rookery/simgrid"
)

func TestTheAuditTrailTellsWhoRanWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	path := w.configure(plainDoor, twoGroups+"\n[http]\nenabled = true\naddress = \"127.0.0.1:0\"\n[log]\naudit = \"audit.log\"\n")
	file := filepath.Join(filepath.Dir(path), "audit.log")
	p := start(t, "run", "--config", path)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}

	k := dialPlain(t, p.ready.TCP)
	k.say("command=tell&entity=local&message=hush&_id=1" + speakers)
	k.await("an answer", has("_id=1", "success=True"))
	k.say("command=walkto&group=Listeners&password=l&_id=2")
	k.await("a refusal", has("_id=2", "status=48467"))
	k.say("command=tell&entity=local&message=hush&group=Speakers&password=guess-1&_id=3")
	k.await("a refusal", has("_id=3", "success=False"))
	refused := dialPlain(t, p.ready.TCP)
	refused.say("type=local&group=Speakers&password=guess-2")
	refused.await("a refusal", has("success=False"))
	answer, err := http.Post("http://"+p.ready.HTTP, "application/x-www-form-urlencoded", strings.NewReader("command=version&group=Listeners&password=l"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()

	type entry struct {
		Time, Agent, Door, Group, Sender, Identifier, Command string
		Success                                               bool
		Status                                                int
		Duration                                              float64 `json:"duration_ms"`
	}
	text := awaitFile(t, file, `"door":"http"`)
	var got []string
	for line := range strings.Lines(text) {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if e.Time == "" || e.Agent != "Robin Rook" || !strings.HasPrefix(e.Identifier, "127.0.0.1:") || e.Duration <= 0 {
			t.Errorf("entry %s", line)
		}
		got = append(got, fmt.Sprintf("%s %s %q %s %v %d", e.Door, e.Group, e.Sender, e.Command, e.Success, e.Status))
	}
	want := []string{
		`tcp Speakers "TCP client" tell true 0`,
		`tcp Listeners "TCP client" walkto false 48467`,
		`tcp Speakers "TCP client" tell false 70001`,
		`tcp Speakers ""  false 70001`,
		`http Listeners "Web Request" version true 0`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the trail is\n%s", text)
	}
	p.logged(`msg="Speakers : TCP client (127.0.0.1:`, `) : tell" agent="Robin Rook" door=tcp success=true`)

	// As logrotate does it.
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	awaitFile(t, file)
	k.say("command=version&_id=4" + speakers)
	k.await("an answer", has("_id=4", "success=True"))
	if text := awaitFile(t, file, `"command":"version"`); strings.Count(text, "\n") != 1 {
		t.Errorf("the new trail is\n%s", text)
	}
	// Another file, and one that cannot be.
	rewrite(t, path, replacing(`audit = "audit.log"`, `audit = "no/such/folder"`))
	p.logged("the configuration cannot be changed", "log.audit")
	rewrite(t, path, replacing(`audit = "no/such/folder"`, `audit = "other.log"`))
	p.logged("configuration changed", "log.audit")
	k.say("command=version&_id=5" + speakers)
	k.await("an answer", has("_id=5", "success=True"))
	p.stop()
	for _, all := range []string{awaitFile(t, filepath.Join(filepath.Dir(path), "other.log"), `"command":"version"`), text, p.log.String()} {
		if strings.Contains(all, "guess") || strings.Contains(all, "hush") {
			t.Errorf("a secret is in\n%s", all)
		}
	}
}

// TestAFullDiskStopsNothing runs the program where its files are on a disk of 512
// KiB that something else fills.
func TestAFullDiskStopsNothing(t *testing.T) {
	t.Parallel()
	if out, err := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", `mount -t tmpfs -o size=64k tmpfs "$0"`, t.TempDir()).CombinedOutput(); err != nil {
		t.Skipf("needs the right to mount a disk of its own (unshare of util-linux, user namespaces): %v %s", err, out)
	}
	w := newWorld(t, simgrid.Config{Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerNone, Reply: func(simgrid.Heard, bool) string { return "" }}}})
	disk := t.TempDir()
	path := w.configure(plainDoor, twoGroups+fmt.Sprintf(`
[log]
audit = "%[1]s/audit.log"
[chatlog]
enabled = true
directory = "%[1]s/logs"
`, disk))
	// The ballast leaves 16 KiB; it goes when a file beside the disk does.
	full := filepath.Join(t.TempDir(), "full")
	if err := os.WriteFile(full, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p := startUnder(t, []string{"unshare", "--user", "--map-root-user", "--mount", "sh", "-c", `
mount -t tmpfs -o size=512k tmpfs "$0" && head -c 507904 /dev/zero > "$0/ballast" || exit 1
full=$1; shift
(while [ -e "$full" ]; do sleep 0.1; done; rm "$0/ballast") &
exec "$@"`, disk, full}, "run", "--config", path)
	wren := w.Inhabitant("Wren", "Hollow")
	k := dialPlain(t, p.ready.TCP)
	k.say("type=local" + speakers)
	k.await("the handshake's answer", has("success=True"))
	ask := func(n int) {
		t.Helper()
		k.say(fmt.Sprintf("command=tell&entity=local&message=%s&_id=%d%s", strings.Repeat("x", 1000), n, speakers))
		k.await("an answer", has(fmt.Sprintf("_id=%d", n), "success=True"))
	}
	for n := range 100 {
		ask(n)
	}
	p.logged("chat cannot be written", "no space left on device")
	p.logged("the audit trail has a gap", "no space left on device")
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	for n := 100; !strings.Contains(p.log.String(), "chat is written again") || !strings.Contains(p.log.String(), "the audit trail goes on"); n++ {
		ask(n)
	}
	wren.Message(w.agent, "still there?")
	k.say("command=logs&entity=local&action=search&data=x&_id=last" + speakers)
	if answer := k.await("what was said", has("_id=last", "success=True")); strings.Count(answer.Get("data"), "time,") < 2 {
		t.Errorf("found %.200q", answer.Get("data"))
	}
	if log := p.log.String(); strings.Count(log, "chat cannot be written") != 1 {
		t.Errorf("the log says it more than once\n%s", log)
	}
}
