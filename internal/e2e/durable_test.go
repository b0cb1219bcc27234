package e2e

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rookery/grid"
	"rookery/script"
	"rookery/simgrid"
)

// chatter says numbered lines, one after the other, until it is stopped.
type chatter struct {
	said atomic.Int64
	stop chan struct{}
	done chan struct{}
}

func (w *world) chatter(first, last string) *chatter {
	w.t.Helper()
	in, err := w.AddInhabitant(simgrid.InhabitantConfig{First: first, Last: last, Region: "Rookery", Answers: simgrid.AnswerNone})
	if err != nil {
		w.t.Fatal(err)
	}
	c := &chatter{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(c.done)
		pace := time.NewTicker(2 * time.Millisecond)
		defer pace.Stop()
		for {
			select {
			case <-c.stop:
				return
			case <-pace.C:
			}
			if err := in.Say(grid.ChatShout, 0, fmt.Sprintf("line %d", c.said.Load()+1)); err != nil {
				w.t.Error(err)
				return
			}
			c.said.Add(1)
		}
	}()
	w.t.Cleanup(c.end)
	return c
}

func (c *chatter) end() {
	select {
	case <-c.done:
	default:
		close(c.stop)
		<-c.done
	}
}

// hearing is a line as a durable subscriber heard it.
type hearing struct {
	sequence uint64
	line     int // the number in "line N"
}

// tailing is a run of rookery tail on a durable subscription.
type tailing struct {
	cmd   *exec.Cmd
	lines chan string
}

func startTail(t *testing.T, addr string, from uint64) *tailing {
	t.Helper()
	cmd := exec.Command(binary, "tail", "--plain", "--addr", addr, "--group", "Speakers", "--type", "local", "--raw",
		"--subscription", "inbox", "--from", strconv.FormatUint(from, 10))
	cmd.Env = append(os.Environ(), "ROOKERY_PASSWORD=s")
	cmd.Stderr = io.Discard
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &tailing{cmd: cmd, lines: make(chan string, 1<<16)}
	go func() {
		defer close(r.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			r.lines <- in.Text()
		}
	}()
	t.Cleanup(r.kill)
	return r
}

func (r *tailing) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

func readLine(t *testing.T, text string) hearing {
	t.Helper()
	pairs, err := script.DecodeLine(text, script.DefaultFilters())
	if err != nil {
		t.Fatal(err)
	}
	sequence, err := strconv.ParseUint(pairs.Get("sequence"), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	h := hearing{sequence: sequence}
	if n, ok := strings.CutPrefix(pairs.Get("message"), "line "); ok {
		if h.line, err = strconv.Atoi(n); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// next is the sequence that a client asks for that has handled what it heard; 0
// when that is nothing.
func next(heard []hearing) uint64 {
	if len(heard) == 0 {
		return 0
	}
	return heard[len(heard)-1].sequence + 1
}

func TestNothingIsLostWhenTheDaemonAndItsClientAreKilled(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t, simgrid.Config{})
	path := w.configure(plainDoor, twoGroups)
	wren := w.chatter("Wren", "Hollow")

	var heard []hearing
	// lives are the lines that a plain subscriber heard in each life of the daemon.
	var lives [][]int
	for life := range 4 {
		p := start(t, "run", "--config", path)
		witness := dialPlain(t, p.ready.TCP)
		witness.say("type=local" + speakers)
		witness.await("the handshake's answer", has("success=True"))
		var seen []int
		for range 1 + random.IntN(3) {
			client := startTail(t, p.ready.TCP, next(heard))
			for range 50 + random.IntN(200) {
				select {
				case text, ok := <-client.lines:
					if !ok {
						t.Fatal("the client ended")
					}
					heard = append(heard, readLine(t, text))
				case <-time.After(patience):
					t.Fatalf("life %d: nothing comes any more", life)
				}
			}
			// What the killed client printed, and nobody took, it has not handled.
			client.kill()
		}
		p.kill()
		for text := range witness.lines {
			if h, err := script.DecodeLine(text, script.DefaultFilters()); err == nil {
				if n, err := strconv.Atoi(strings.TrimPrefix(h.Get("message"), "line ")); err == nil {
					seen = append(seen, n)
				}
			}
		}
		lives = append(lives, seen)
	}
	// The last life ends in peace, when everything has been said.
	p := start(t, "run", "--config", path)
	client := startTail(t, p.ready.TCP, next(heard))
	awaitEvent(w, func(e simgrid.ChatSpoken) bool { return e.Text == fmt.Sprintf("line %d", wren.said.Load()) })
	wren.end()
	k := dialPlain(t, p.ready.TCP)
	k.say("command=tell&entity=local&message=end" + speakers)
	for {
		text, ok := <-client.lines
		if !ok {
			t.Fatal("the client ended")
		}
		heard = append(heard, readLine(t, text))
		if strings.Contains(text, "message=end") {
			break
		}
	}

	// Every sequence came once and in order.
	kept := make(map[int]bool)
	last := 0
	for i, h := range heard {
		if h.sequence != uint64(i+1) {
			t.Fatalf("sequence %d came as number %d", h.sequence, i+1)
		}
		if h.line == 0 {
			continue
		}
		if h.line <= last {
			t.Fatalf("line %d came behind line %d", h.line, last)
		}
		last = h.line
		kept[h.line] = true
	}
	// What was said while the daemon lived was kept without a gap: at least
	// everything that anybody was told.
	total := 0
	for life, seen := range lives {
		for i, n := range seen {
			if n < heard[0].line {
				continue // there was no subscription yet
			}
			total++
			if !kept[n] {
				t.Errorf("life %d: line %d was told, and lost to the durable subscription", life, n)
			}
			if i > 0 && n != seen[i-1]+1 {
				t.Errorf("life %d: line %d was told behind line %d", life, n, seen[i-1])
			}
		}
	}
	if total == 0 || len(heard) < total {
		t.Errorf("heard %d lines, told were %d", len(heard), total)
	}
	t.Logf("%d lines said, %d heard, %d told to others", wren.said.Load(), len(heard), total)
}

func TestRawFieldsAreToldInPlaceOfTheUsualKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, simgrid.Config{})
	p := start(t, "run", "--config", w.configure(plainDoor, twoGroups))
	usual, raw, both := dialPlain(t, p.ready.TCP), dialPlain(t, p.ready.TCP), dialPlain(t, p.ready.TCP)
	usual.say("type=local" + speakers)
	usual.await("the handshake's answer", has("success=True"))
	raw.say("type=local&data=Message,FromName,Nonsense" + speakers)
	raw.await("the handshake's answer", has("success=True"))
	both.say("type=local&data=Message&subscription=raw" + speakers)
	both.await("the handshake's answer", has("success=True", "from=1"))
	usual.say("command=tell&entity=local&message=a,b" + speakers)
	usual.await("the usual keys", has("type=local", "firstname=Robin", "message=a,b"))
	for _, k := range []*talker{raw, both} {
		n := k.await("the raw fields", has("type=local", "notification=local"))
		want := `Message,"a,b",FromName,"Robin Rook"`
		if k == both {
			want = `Message,"a,b"`
		}
		if n.Get("data") != want || n.Has("firstname") || n.Has("message") {
			t.Errorf("told was %v, want %s", n, want)
		}
	}
	raw.say("command=tell&entity=local&message=x" + speakers)
	both.await("what came next", has(`data=Message,x`, "sequence=2"))
}
