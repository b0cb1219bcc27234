// Package e2e runs the built binary against real sockets and real clients.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rookery/script"
)

// patience bounds every wait of these tests.
const patience = 60 * time.Second

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "rookery-e2e")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "rookery")
		args := []string{"build", "-o", binary}
		if raceEnabled {
			args = append(args, "-race")
		}
		build := exec.Command("go", append(args, "rookery/cmd/rookery")...)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build the program under test:", err)
			return 1
		}
		return m.Run()
	}())
}

// ready is what the program writes once everything is up.
type ready struct {
	PID         int    `json:"pid"`
	TCP         string `json:"tcp"`
	HTTP        string `json:"http"`
	WebSocket   string `json:"websocket"`
	MQTT        string `json:"mqtt"`
	UDP         string `json:"udp"`
	GridLogin   string `json:"grid_login"`
	Certificate string `json:"certificate"`
	Fingerprint string `json:"fingerprint"`
}

// process is one run of the program.
type process struct {
	t     *testing.T
	cmd   *exec.Cmd
	ready ready
	log   *lockedBuffer
	done  chan struct{}
	err   error
}

// start runs the program until it says that it is up. It is ended with
// SIGTERM when the test ends, and must then end well.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startUnder(t, nil, args...)
}

// startUnder is start by way of another program, which the command line of the
// program is appended to.
func startUnder(t *testing.T, under []string, args ...string) *process {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	p := &process{t: t, log: &lockedBuffer{}, done: make(chan struct{})}
	line := append(append(slices.Clone(under), binary), append(args, "--ready-file", "/dev/fd/3")...)
	p.cmd = exec.Command(line[0], line[1:]...)
	p.cmd.ExtraFiles = []*os.File{write}
	p.cmd.Stdout = p.log
	p.cmd.Stderr = p.log
	p.cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "ROOKERY_GROUP=", "ROOKERY_PASSWORD=")
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("output of rookery %s:\n%s", strings.Join(args, " "), p.log.String())
		}
	})
	if err := read.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if err := json.NewDecoder(read).Decode(&p.ready); err != nil {
		t.Fatalf("rookery %s did not say that it is ready: %v", strings.Join(args, " "), err)
	}
	return p
}

// stop ends the program as an operator does.
func (p *process) stop() {
	p.t.Helper()
	select {
	case <-p.done:
		return
	default:
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
		if p.err != nil {
			p.t.Errorf("after SIGTERM the program ended with: %v", p.err)
		}
	case <-time.After(patience):
		p.t.Errorf("the program did not end after SIGTERM")
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// kill ends the program as a power cut does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// rookery runs a command of the program and returns its output and exit code.
func rookery(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatalf("rookery %v: %v", args, err)
	}
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

// need skips a test whose third-party program is missing.
func need(t *testing.T, program, debianPackage string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("needs %s (Debian package %s; scripts/test installs it)", program, debianPackage)
	}
}

// talker is a conversation by lines with another program or a socket.
type talker struct {
	t     *testing.T
	in    io.Writer
	lines chan string
	// kept are lines that came while another one was awaited.
	kept []string
	// kill ends the program on the other side.
	kill func()
}

// converse starts a program whose standard input and output are the conversation.
func converse(t *testing.T, name string, args ...string) *talker {
	t.Helper()
	cmd := exec.Command(name, args...)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	errOut := &lockedBuffer{}
	cmd.Stderr = errOut
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("standard error of %s:\n%s", name, errOut.String())
		}
	})
	k := talk(t, in, out)
	k.kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	return k
}

// end kills the program and waits until it is gone.
func (k *talker) end() {
	k.t.Helper()
	k.kill()
	k.awaitEnd()
}

func talk(t *testing.T, in io.Writer, out io.Reader) *talker {
	k := &talker{t: t, in: in, lines: make(chan string, 1024)}
	go func() {
		defer close(k.lines)
		scan := bufio.NewScanner(out)
		scan.Buffer(nil, 1<<20)
		for scan.Scan() {
			k.lines <- scan.Text()
		}
	}()
	return k
}

func (k *talker) say(line string) {
	k.t.Helper()
	if _, err := io.WriteString(k.in, line+"\n"); err != nil {
		k.t.Fatalf("say %q: %v", line, err)
	}
}

// await returns the first line not yet awaited that wanted accepts; other lines
// are kept for later. It fails the test when none comes.
func (k *talker) await(what string, wanted func(line string, pairs script.Pairs) bool) script.Pairs {
	k.t.Helper()
	for i, line := range k.kept {
		if pairs, err := script.DecodeLine(line, script.DefaultFilters()); err == nil && wanted(line, pairs) {
			k.kept = slices.Delete(k.kept, i, i+1)
			return pairs
		}
	}
	late := time.After(patience)
	for {
		select {
		case line, ok := <-k.lines:
			if !ok {
				k.t.Fatalf("the conversation ended before %s; it was:\n%s", what, strings.Join(k.kept, "\n"))
			}
			if pairs, err := script.DecodeLine(line, script.DefaultFilters()); err == nil && wanted(line, pairs) {
				return pairs
			}
			k.kept = append(k.kept, line)
		case <-late:
			k.t.Fatalf("%s never came; the conversation was:\n%s", what, strings.Join(k.kept, "\n"))
		}
	}
}

// awaitEnd fails the test unless the other side ends the conversation; it
// returns what was said until then.
func (k *talker) awaitEnd() []string {
	k.t.Helper()
	late := time.After(patience)
	for {
		select {
		case line, ok := <-k.lines:
			if !ok {
				return k.kept
			}
			k.kept = append(k.kept, line)
		case <-late:
			k.t.Fatalf("the other side did not end the conversation; it was:\n%s", strings.Join(k.kept, "\n"))
		}
	}
}

// has accepts lines that hold all these key=value pairs, compared decoded.
func has(wanted ...string) func(string, script.Pairs) bool {
	return func(_ string, pairs script.Pairs) bool {
		for _, w := range wanted {
			key, value, _ := strings.Cut(w, "=")
			if got, ok := pairs.Lookup(key); !ok || got != value {
				return false
			}
		}
		return true
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
