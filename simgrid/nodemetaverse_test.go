package simgrid_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"rookery/grid"
	"rookery/simgrid"
)

// nodeEvent is a line that testdata/node-metaverse/client.js prints.
type nodeEvent struct {
	Event, ID, From, Name, Text, Region, Message string
	X, Y, Z                                      float64
	Type, Source, Flags                          int
}

// node is a node-metaverse client in a process of its own.
type node struct {
	t      *testing.T
	ctx    context.Context
	stdin  io.WriteCloser
	events chan nodeEvent
}

const nodeDir = "testdata/node-metaverse"

// startNode logs the third-party client in, or skips the test when it is not
// installed.
func startNode(t *testing.T, g *simgrid.Grid, first, last, password, start string) *node {
	t.Helper()
	program, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed: scripts/test installs it")
	}
	if _, err := os.Stat(filepath.Join(nodeDir, "node_modules", "@caspertech", "node-metaverse")); err != nil {
		t.Skipf("node-metaverse is not installed: run npm ci in simgrid/%s, or scripts/test", nodeDir)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	cmd := exec.CommandContext(ctx, program, "client.js", g.LoginURI(), first, last, password, start)
	cmd.Dir = nodeDir
	log := &tail{}
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	n := &node{t: t, ctx: ctx, stdin: stdin, events: make(chan nodeEvent, 1000)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer close(n.events)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			var e nodeEvent
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Errorf("%q: %v", lines.Text(), err)
				continue
			}
			select {
			case n.events <- e:
			default: // a test that is over does not read any more
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-read
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("node-metaverse says:\n%s", log)
		}
	})
	return n
}

// tail keeps the end of what is written.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p...)
	if n := len(t.b) - 1<<14; n > 0 {
		t.b = t.b[n:]
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.b) }

// do tells the client what to do.
func (n *node) do(command map[string]any) {
	n.t.Helper()
	b, err := json.Marshal(command)
	if err != nil {
		n.t.Fatal(err)
	}
	if _, err := n.stdin.Write(append(b, '\n')); err != nil {
		n.t.Fatal(err)
	}
}

// await waits for an event.
func (n *node) await(what string, match func(nodeEvent) bool) nodeEvent {
	n.t.Helper()
	var seen []nodeEvent
	for {
		select {
		case e, ok := <-n.events:
			if !ok {
				n.t.Fatalf("node-metaverse ended before %s; it saw %+v", what, seen)
			}
			if e.Event == "error" {
				n.t.Fatalf("waiting for %s: %s", what, e.Text)
			}
			if match(e) {
				return e
			}
			seen = append(seen, e)
		case <-n.ctx.Done():
			n.t.Fatalf("node-metaverse never saw %s; it saw %+v", what, seen)
		}
	}
}

func TestNodeMetaverseLivesInTheGrid(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{
		Tick:    50 * time.Millisecond,
		Welcome: `Welcome, "guest" & friends <here>`,
		Inhabitants: []simgrid.InhabitantConfig{{
			First: "Robin", Last: "Nest", Region: "Rookery", Position: grid.Vector3{X: 130, Y: 128, Z: 22}, Answers: simgrid.AnswerAll,
		}},
		Prims: []simgrid.PrimConfig{{Region: "Rookery", Name: "Signpost", Position: grid.Vector3{X: 120, Y: 120, Z: 22}, Text: "hello"}},
	})
	account, err := g.AddAccount("Casper", "Warden", "a longer password than 16")
	if err != nil {
		t.Fatal(err)
	}
	robin := g.Inhabitant("Robin", "Nest")
	id := account.ID()
	n := startNode(t, g, "Casper", "Warden", "a longer password than 16", "uri:Rookery&128&128&22")
	w := g.Watch()
	defer w.Close()

	login := n.await("the login", func(e nodeEvent) bool { return e.Event == "login" })
	if login.ID != id.String() || login.Message != `Welcome, "guest" & friends <here>` {
		t.Errorf("login %+v", login)
	}
	n.await("Robin", func(e nodeEvent) bool {
		return e.Event == "avatar" && e.ID == robin.ID().String() && e.Name == "Robin Nest"
	})
	n.await("the region", func(e nodeEvent) bool { return e.Event == "ready" && e.Region == "Rookery" })

	// Chat: it hears the inhabitant, the grid hears it, and it gets an answer.
	if err := robin.Say(grid.ChatNormal, 0, "Grüß Gott, wer ist da?"); err != nil {
		t.Fatal(err)
	}
	n.await("chat", func(e nodeEvent) bool {
		return e.Event == "chat" && e.Text == "Grüß Gott, wer ist da?" && e.From == robin.ID().String() && e.Name == "Robin Nest" && e.Source == 1
	})
	n.do(map[string]any{"say": "only me"})
	if _, err := simgrid.Await(n.ctx, w, func(e simgrid.ChatSpoken) bool { return e.Speaker == id && e.Text == "only me" }); err != nil {
		t.Fatal(err)
	}
	n.await("the answer", func(e nodeEvent) bool { return e.Event == "chat" && e.Text == "Hello Casper, you said: only me" })

	// Instant messages, both ways.
	robin.Message(id, "between us")
	n.await("an instant message", func(e nodeEvent) bool {
		return e.Event == "im" && e.Text == "between us" && e.From == robin.ID().String()
	})
	n.do(map[string]any{"im": map[string]any{"to": robin.ID().String(), "text": "understood"}})
	if _, err := simgrid.Await(n.ctx, w, func(e simgrid.MessageSent) bool {
		return e.From == id && e.To == robin.ID() && e.Text == "understood" && e.Delivered
	}); err != nil {
		t.Fatal(err)
	}
	n.await("the answer in private", func(e nodeEvent) bool { return e.Event == "im" && e.Text == "Hello Casper, you said: understood" })

	// It sees the other one move, all the way.
	goal := grid.Vector3{X: 133, Y: 128, Z: 22}
	if err := robin.WalkTo(goal); err != nil {
		t.Fatal(err)
	}
	n.await("Robin on the way", func(e nodeEvent) bool {
		return e.Event == "moved" && e.ID == robin.ID().String() && e.X > 130.2 && e.X < 132.5
	})
	n.await("Robin at the goal", func(e nodeEvent) bool {
		return e.Event == "moved" && e.ID == robin.ID().String() && math.Abs(e.X-float64(goal.X)) < 0.5
	})

	// It teleports to the other region and talks there.
	n.do(map[string]any{"teleport": map[string]any{"region": "Heronry", "x": 40, "y": 50, "z": 25}})
	if _, err := simgrid.Await(n.ctx, w, func(e simgrid.Arrived) bool { return e.Agent == id && e.Region == "Heronry" }); err != nil {
		t.Fatal(err)
	}
	n.await("the other region", func(e nodeEvent) bool { return e.Event == "teleported" })
	if s, ok := g.Avatar(id); !ok || s.Region != "Heronry" || s.Position.X != 40 {
		t.Errorf("the region sees it at %v of %s", s.Position, s.Region)
	}
	n.do(map[string]any{"say": "over here"})
	n.await("its own words", func(e nodeEvent) bool { return e.Event == "chat" && e.Text == "over here" })

	n.do(map[string]any{"close": true})
	if e, err := simgrid.Await(n.ctx, w, func(e simgrid.LoggedOut) bool { return e.Agent == id }); err != nil || e.Cause != simgrid.CauseLogout {
		t.Errorf("got %+v, %v", e, err)
	}
	n.await("the logout", func(e nodeEvent) bool { return e.Event == "closed" })
}
