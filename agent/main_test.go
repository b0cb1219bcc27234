package agent_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
	"rookery/simgrid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests; none should come near it.
const patience = 30 * time.Second

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func testLog(name string) *slog.Logger {
	if os.Getenv("AGENT_TEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("who", name)
}

// world is a grid with its observer.
type world struct {
	*simgrid.Grid
	t       *testing.T
	ctx     context.Context
	watcher *simgrid.Watcher
}

func newWorld(t *testing.T, c simgrid.Config) *world {
	t.Helper()
	if c.Log == nil {
		c.Log = testLog("grid")
	}
	g, err := simgrid.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Errorf("close grid: %v", err)
		}
	})
	w := &world{Grid: g, t: t, ctx: testContext(t), watcher: g.Watch()}
	t.Cleanup(w.watcher.Close)
	return w
}

// await reads the observer's events up to one that matches.
func await[E simgrid.Event](w *world, match func(E) bool) E {
	w.t.Helper()
	e, err := simgrid.Await(w.ctx, w.watcher, match)
	if err != nil {
		w.t.Fatalf("waiting for %T: %v", e, err)
	}
	return e
}

// awaitState waits until the grid sees an avatar as match wants it.
func (w *world) awaitState(b *bot, match func(simgrid.AvatarState) bool) simgrid.AvatarState {
	w.t.Helper()
	s, err := w.AwaitAvatar(w.ctx, b.Self().ID, match)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// bot is an agent with its ears.
type bot struct {
	*agent.Agent
	w   *world
	ear *ear
}

// ear keeps all events and lets tests wait for them.
type ear struct {
	mu     sync.Mutex
	events []agent.Event
	news   chan struct{}
}

func (e *ear) hear(ev agent.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events = append(e.events, ev)
	close(e.news)
	e.news = make(chan struct{})
}

func (e *ear) from(i int) ([]agent.Event, chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.events[i:], e.news
}

// mark returns the place in the events from which heard may start.
func (b *bot) mark() int {
	b.ear.mu.Lock()
	defer b.ear.mu.Unlock()
	return len(b.ear.events)
}

// heard waits for an event of type E since mark that matches (nil: any).
func heard[E agent.Event](b *bot, mark int, match func(E) bool) E {
	b.w.t.Helper()
	for i := mark; ; {
		events, news := b.ear.from(i)
		for _, ev := range events {
			if e, ok := ev.(E); ok && (match == nil || match(e)) {
				return e
			}
		}
		i += len(events)
		select {
		case <-news:
		case <-b.w.ctx.Done():
			var want E
			b.w.t.Fatalf("never heard a matching %T", want)
		}
	}
}

// all returns the events of type E so far.
func all[E agent.Event](b *bot) []E {
	events, _ := b.ear.from(0)
	var list []E
	for _, ev := range events {
		if e, ok := ev.(E); ok {
			list = append(list, e)
		}
	}
	return list
}

// newBot makes an account and an agent for it, not logged in.
func (w *world) newBot(first string, change func(*agent.Config)) *bot {
	w.t.Helper()
	const password = "secret"
	if w.Account(first, "Bot") == nil {
		if _, err := w.AddAccount(first, "Bot", password); err != nil {
			w.t.Fatal(err)
		}
	}
	transport := &http.Transport{}
	c := agent.Config{
		LoginURI:       w.LoginURI(),
		Login:          login.Params{First: first, Last: "Bot", Password: password},
		ServiceTimeout: patience / 2, DataTimeout: 300 * time.Millisecond,
		UpdateInterval: 25 * time.Millisecond, IdleInterval: 250 * time.Millisecond,
		BackoffMin: 20 * time.Millisecond, BackoffMax: 200 * time.Millisecond,
		HTTP:         &http.Client{Transport: transport},
		ListenPacket: func() (net.PacketConn, error) { return net.ListenPacket("udp4", "127.0.0.1:0") },
		Log:          testLog(first),
	}
	if change != nil {
		change(&c)
	}
	a, err := agent.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	b := &bot{Agent: a, w: w, ear: &ear{news: make(chan struct{})}}
	cancel := a.Subscribe(b.ear.hear)
	w.t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		if err := a.Logout(ctx); err != nil {
			w.t.Errorf("%s: logout: %v", first, err)
		}
		cancel()
		transport.CloseIdleConnections()
	})
	return b
}

// startAt puts a login's start location into a configuration.
func startAt(region string, x, y, z float32) func(*agent.Config) {
	return func(c *agent.Config) {
		c.Login.Starts = []login.Start{{Place: login.InRegion, Region: region, Position: grid.Vector3{X: x, Y: y, Z: z}}}
	}
}

// bot makes an agent and logs it in.
func (w *world) bot(first string, change func(*agent.Config)) *bot {
	w.t.Helper()
	b := w.newBot(first, change)
	if err := b.Login(w.ctx); err != nil {
		w.t.Fatalf("%s: %v", first, err)
	}
	heard(b, 0, success) // and all that came before
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func near(a, b grid.Vector3, within float32) bool { return a.Distance(b) <= within }
