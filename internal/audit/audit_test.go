package audit_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/internal/appendfile/fulldisk"
	"rookery/internal/audit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2024, 5, 6, 12, 7, 8, 900e6, time.UTC)

func open(t *testing.T, path string, log *slog.Logger) *audit.Trail {
	t.Helper()
	trail, err := audit.Open(path, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = trail.Close() })
	return trail
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// until waits for what another goroutine is to do.
func until(t *testing.T, done func() bool) {
	t.Helper()
	tick, late := time.NewTicker(time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("it never happened")
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestEntriesAreLinesOfJSON(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(path, []byte("{\"before\":1}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	trail := open(t, path, nil)
	trail.Record(audit.Entry{
		Time: noon, Agent: "Robin Rook", Door: "tcp", Group: "My Group", Sender: "TCP client", Identifier: "127.0.0.1:5",
		Command: "tell", Success: true, Duration: 1234567,
	})
	trail.Record(audit.Entry{Time: noon, Group: "a\n\"b\xff" + strings.Repeat("ü", 200), Status: 70001})
	if err := trail.Close(); err != nil {
		t.Fatal(err)
	}
	want := `{"before":1}
{"time":"2024-05-06T12:07:08.900000Z","agent":"Robin Rook","door":"tcp","group":"My Group","sender":"TCP client","identifier":"127.0.0.1:5","command":"tell","success":true,"status":0,"duration_ms":1.234}
{"time":"2024-05-06T12:07:08.900000Z","agent":"","door":"","group":"a\n\"b` + "\uFFFD" + strings.Repeat("ü", 96) + `…","sender":"","identifier":"","command":"","success":false,"status":70001,"duration_ms":0}
`
	if got := read(t, path); got != want {
		t.Errorf("the file is\n%s\nwant\n%s", got, want)
	}
}

func TestTheFileIsForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	open(t, path, nil)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := audit.Open(filepath.Join(t.TempDir(), "no", "such", "folder"), nil); err == nil {
		t.Error("a file in no folder is opened")
	}
}

func TestTheFileIsOpenedAnewAfterItWasPutAway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "audit.log")
	trail := open(t, path, nil)
	// When Reopen returns, what comes then is in the new file; what came before is
	// in the old one or the new.
	trail.Record(audit.Entry{Command: "one"})
	until(t, func() bool { return strings.Contains(read(t, path), `"one"`) })
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := trail.Reopen(); err != nil {
		t.Fatal(err)
	}
	trail.Record(audit.Entry{Command: "two"})
	// A place that is gone changes nothing.
	if err := trail.Move(filepath.Join(dir, "gone", "audit.log")); err == nil {
		t.Error("a file in no folder is opened")
	}
	trail.Record(audit.Entry{Command: "three"})
	if err := trail.Close(); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{path + ".1": "one", path: "two three"} {
		var commands []string
		for line := range strings.Lines(read(t, file)) {
			var e struct{ Command string }
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				t.Errorf("%s: %v", line, err)
			}
			commands = append(commands, e.Command)
		}
		if got := strings.Join(commands, " "); got != want {
			t.Errorf("%s has %q, want %q", file, got, want)
		}
	}
}

func TestManyAtATimeAreWrittenOrCounted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "audit.log")
	trail := open(t, path, nil)
	const each, askers = 3000, 4
	var asking sync.WaitGroup
	for range askers {
		asking.Go(func() {
			for range each {
				trail.Record(audit.Entry{Time: noon, Command: "version"})
			}
		})
	}
	asking.Wait()
	if err := trail.Close(); err != nil {
		t.Fatal(err)
	}
	written, lost := counted(t, path)
	if written+lost != each*askers || written < 4096 {
		t.Errorf("%d written, %d lost of %d", written, lost, each*askers)
	}
}

// counted reads a trail.
func counted(t *testing.T, path string) (written, lost int) {
	t.Helper()
	for line := range strings.Lines(read(t, path)) {
		var e struct {
			Command string
			Lost    int
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if e.Lost > 0 {
			lost += e.Lost
		} else {
			written++
		}
	}
	return written, lost
}

func TestAFullDiskLeavesAGapThatIsCounted(t *testing.T) { fulldisk.Run(t, onAFullDisk) }

func onAFullDisk(t *testing.T, dir string) {
	var said lockedBuffer
	path, ballast := filepath.Join(dir, "audit.log"), filepath.Join(dir, "ballast")
	trail := open(t, path, slog.New(slog.NewTextHandler(&said, nil)))
	if err := os.WriteFile(ballast, make([]byte, 32<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	const first = 2000
	for n := range first {
		trail.Record(audit.Entry{Time: noon, Command: fmt.Sprintf("command %d", n)})
	}
	until(t, func() bool { return strings.Contains(said.String(), "no space left on device") })
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	// What waited when the disk was full may be lost with what comes right behind it.
	second := 0
	until(t, func() bool {
		trail.Record(audit.Entry{Time: noon, Command: "later"})
		second++
		return strings.Contains(read(t, path), `"later"`)
	})
	if err := trail.Close(); err != nil {
		t.Fatal(err)
	}
	written, lost := counted(t, path)
	if written+lost != first+second || lost == 0 {
		t.Errorf("%d written, %d lost of %d", written, lost, first+second)
	}
	if log := said.String(); strings.Count(log, "the audit trail has a gap") != 1 || !strings.Contains(log, fmt.Sprintf("the audit trail goes on\" lost=%d", lost)) {
		t.Errorf("the log says\n%s", log)
	}
}
