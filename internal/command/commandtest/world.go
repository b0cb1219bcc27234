// Package commandtest runs commands end to end for the tests of their topics:
// a grid in a box, an agent logged into it, the dispatcher and the notifier
// over it.
package commandtest

import (
	"context"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
	"rookery/internal/access"
	"rookery/internal/bridge"
	"rookery/internal/bus"
	"rookery/internal/chatlog"
	"rookery/internal/command"
	"rookery/internal/command/catalog"
	"rookery/internal/feed"
	"rookery/internal/files"
	"rookery/internal/notify"
	"rookery/internal/notify/webhook"
	"rookery/internal/outbox"
	"rookery/internal/query"
	"rookery/internal/reach"
	"rookery/internal/rights"
	"rookery/script"
	"rookery/simgrid"
)

// Patience is how long a test waits for something that must happen; only a
// failing test waits that long.
const Patience = 20 * time.Second

// The group that asks, another one without any rights, and one that may be
// told local chat only.
const (
	Group         = "My Group"
	Password      = "mypassword"
	Powerless     = "Powerless"
	PowerlessPass = "nothing"
	Partial       = "Partial"
	PartialPass   = "little"
)

// GroupID is the UUID of Group.
var GroupID = uuid.NewSHA1(uuid.Nil, []byte(Group))

// Start is where the agent appears: in the middle of the region Rookery.
var Start = grid.Vector3{X: 128, Y: 128, Z: 22}

// World is a grid with an agent in it.
type World struct {
	Grid       *simgrid.Grid
	Agent      *agent.Agent
	Dispatcher *command.Dispatcher
	Registry   *command.Registry
	Files      *files.Folder
	Program    command.Program
	// ChatLog writes what is said into files in the directory ChatLogs.
	ChatLog  *chatlog.Log
	ChatLogs string
	// Bus is where the agent is "Test Bot".
	Bus *bus.Bus

	told  told
	heard heard
}

// told keeps every notification that was published.
type told struct {
	mu      sync.Mutex
	all     []bus.Notification
	changed chan struct{} // closed by the next one
}

func (h *told) add(n bus.Notification) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, n)
	close(h.changed)
	h.changed = make(chan struct{})
}

// since returns what came after the first n, and tells of the next.
func (h *told) since(n int) ([]bus.Notification, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.all[n:], h.changed
}

// heard keeps every command that was spoken in the world.
type heard struct {
	mu  sync.Mutex
	all []bus.Request
}

func (h *heard) add(r bus.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, r)
}

// Commands lists the commands that objects have spoken to the agent.
func (w *World) Commands() []bus.Request {
	w.heard.mu.Lock()
	defer w.heard.mu.Unlock()
	return slices.Clone(w.heard.all)
}

// New starts a grid, logs an agent in and opens the way for commands. All of it
// ends with the test.
func New(t *testing.T) *World {
	t.Helper()
	g, err := simgrid.Start(simgrid.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	if _, err := g.NewAccount(simgrid.AccountConfig{
		First: "Test", Last: "Bot", Password: "secret",
		Home: simgrid.Place{Region: "Rookery", Position: Start},
	}); err != nil {
		t.Fatal(err)
	}
	home, err := login.ParseStart("home")
	if err != nil {
		t.Fatal(err)
	}
	a, err := agent.New(agent.Config{
		LoginURI: g.LoginURI(),
		Login:    login.Params{First: "Test", Last: "Bot", Password: "secret", Starts: []login.Start{home}},
	})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := access.New(access.Settings{Groups: []access.Group{
		{
			Name: Group, ID: GroupID, Password: Password,
			Permissions: rights.All, Notifications: rights.NotificationNames(), Workers: 8, Schedules: 3,
		},
		{Name: Powerless, ID: uuid.NewSHA1(uuid.Nil, []byte(Powerless)), Password: PowerlessPass, Workers: 8},
		{
			Name: Partial, ID: uuid.NewSHA1(uuid.Nil, []byte(Partial)), Password: PartialPass,
			Permissions: rights.All, Notifications: []string{"local"}, Workers: 8, Schedules: 1,
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Grid: g, Agent: a, Registry: catalog.New(), Program: newProgram(t, groups)}
	w.told.changed = make(chan struct{})
	webhooks := newWebhooks(t, groups)
	var rooms command.Rooms
	w.Bus, rooms = newRooms(t, groups)
	w.Files = rooms.Files
	rooms.ChatLog, w.ChatLogs = newChatLog(t, a, groups)
	w.ChatLog = rooms.ChatLog
	w.Dispatcher = command.NewDispatcher(command.Options{
		Agent: a, Access: groups, Registry: w.Registry,
		Settings: command.Settings{Version: "1.2.3.4"},
		Webhooks: webhooks,
		Program:  w.Program,
		Rooms:    rooms,
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	t.Cleanup(rooms.Schedules.Start(w.Dispatcher.ExecuteFor))
	stop, err := w.Bus.Serve(context.Background(), "Test Bot", w.Dispatcher)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	t.Cleanup(notify.Start(notify.Options{
		Agent: a, Publish: w.told.add, Sort: rooms.Classifiers.Sort, Heard: w.heard.add,
		Told: func(n bus.Notification, pairs script.Pairs, raw query.Object) {
			webhooks.Tell(n, pairs, raw)
			rooms.Bridge.Tell(n, pairs)
		},
		Sources: []notify.Source{
			func(hear func(any)) func() { return rooms.Feeds.Start(func(n feed.News) { hear(n) }) },
			func(hear func(any)) func() {
				return rooms.Bridge.Start(w.Dispatcher.Execute, func(m bridge.Message) { hear(m) })
			},
		},
	}))
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	if err := a.Login(ctx); err != nil {
		t.Fatalf("log in: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		_ = a.Logout(ctx)
	})
	w.Until(t, "the agent sees itself", func() bool {
		_, ok := a.Avatar(a.Self().ID)
		return ok
	})
	return w
}

// here is this machine, which may be reached.
func here(t *testing.T) reach.Allowed {
	t.Helper()
	allowed, err := reach.ParseAllowed("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return allowed
}

// newWebhooks opens a book of registered URLs that may be on this machine, and
// keeps nothing.
func newWebhooks(t *testing.T, groups *access.Access) *webhook.Book {
	t.Helper()
	box := outbox.New(outbox.Options{UserAgent: "Rookery/test", InOrder: true, Reach: reach.NewPolicy(here(t))})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		_ = box.Close(ctx)
	})
	book, err := webhook.Open(t.Context(), webhook.Options{Agent: "Test Bot", Group: groups.Group, Outbox: box, Filters: script.DefaultFilters()})
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// Ask runs a line of key-value text for the group with all rights, unless the
// line names another one, and returns the answer.
func (w *World) Ask(t *testing.T, line string) script.Pairs {
	t.Helper()
	pairs, err := script.DecodeLine(line, script.DefaultFilters())
	if err != nil {
		t.Fatal(err)
	}
	if !pairs.Has("group") {
		pairs.Add("group", Group)
		pairs.Add("password", Password)
	}
	return w.Dispatcher.Execute(t.Context(), bus.Request{Door: "test", Sender: t.Name(), Identifier: "127.0.0.1:1", Pairs: pairs}).Pairs
}

// Line writes a command with its values escaped, of keys and values in turn.
func Line(name string, pairs ...string) string {
	var b strings.Builder
	b.WriteString("command=" + name)
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString("&" + pairs[i] + "=" + url.QueryEscape(pairs[i+1]))
	}
	return b.String()
}

// Do is Ask for what must succeed; it returns the cells of the data.
func (w *World) Do(t *testing.T, line string) []string {
	t.Helper()
	answer := w.Ask(t, line)
	if answer.Get("success") != "True" {
		t.Fatalf("%s: %v", line, answer)
	}
	return script.ParseCSV(answer.Get("data"))
}

// Fails is Ask for what must fail with this error; it returns the answer.
func (w *World) Fails(t *testing.T, line string, want *script.Error) script.Pairs {
	t.Helper()
	answer := w.Ask(t, line)
	if answer.Get("success") != "False" || answer.Get("status") != strconv.Itoa(want.Status) ||
		!strings.HasPrefix(answer.Get("error"), want.Text) {
		t.Errorf("%s: %v, want %q (%d)", line, answer, want.Text, want.Status)
	}
	return answer
}

// Await waits until the grid sees the agent's avatar as it should be.
func (w *World) Await(t *testing.T, match func(simgrid.AvatarState) bool) simgrid.AvatarState {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	state, err := w.Grid.AwaitAvatar(ctx, w.Agent.Self().ID, match)
	if err != nil {
		t.Fatalf("the grid sees %+v: %v", state, err)
	}
	return state
}

// Until waits until the agent's side is as it should be. Check is called after
// each event, and now and then for what no event tells.
func (w *World) Until(t *testing.T, what string, check func() bool) {
	t.Helper()
	changed := make(chan struct{}, 1)
	defer w.Agent.Subscribe(func(agent.Event) {
		select {
		case changed <- struct{}{}:
		default:
		}
	})()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	look := time.NewTicker(time.Second / 10)
	defer look.Stop()
	for !check() {
		select {
		case <-changed:
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("%s: not in %v", what, Patience)
		}
	}
}

// Heard waits for a notification with these values among its pairs, and finds
// those that were told before, too.
func (w *World) Heard(t *testing.T, kind string, want script.Pairs) script.Pairs {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	for seen := 0; ; {
		news, next := w.told.since(seen)
		for _, n := range news {
			pairs, err := n.Pairs()
			if err != nil {
				t.Fatal(err)
			}
			if n.Type == kind && !slices.ContainsFunc(want, func(p script.Pair) bool { return pairs.Get(p.Key) != p.Value }) {
				return pairs
			}
		}
		seen += len(news)
		select {
		case <-next:
		case <-ctx.Done():
			all, _ := w.told.since(0)
			t.Fatalf("no %s with %v; told were\n%s", kind, want, texts(all))
		}
	}
}

// Told returns the notifications of one kind so far.
func (w *World) Told(t *testing.T, kind string) []script.Pairs {
	t.Helper()
	var found []script.Pairs
	all, _ := w.told.since(0)
	for _, n := range all {
		if n.Type != kind {
			continue
		}
		pairs, err := n.Pairs()
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, pairs)
	}
	return found
}

func texts(all []bus.Notification) string {
	var b strings.Builder
	for _, n := range all {
		b.Write(n.Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// Saw waits until the grid tells of an event, seen from the moment the watcher
// was made.
func Saw[E simgrid.Event](t *testing.T, seen *simgrid.Watcher, match func(E) bool) E {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	e, err := simgrid.Await(ctx, seen, match)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Watch makes a watcher that ends with the test.
func (w *World) Watch(t *testing.T) *simgrid.Watcher {
	seen := w.Grid.Watch()
	t.Cleanup(seen.Close)
	return seen
}

// Inhabitant puts an avatar into the agent's region and waits until the agent
// sees it.
func (w *World) Inhabitant(t *testing.T, c simgrid.InhabitantConfig) *simgrid.Inhabitant {
	t.Helper()
	if c.Region == "" {
		c.Region = "Rookery"
	}
	in, err := w.Grid.AddInhabitant(c)
	if err != nil {
		t.Fatal(err)
	}
	w.Until(t, in.Name()+" comes into view", func() bool {
		_, ok := w.Agent.Avatar(in.ID())
		return ok
	})
	return in
}

// Prim puts a prim into the agent's region and waits until the agent sees it.
func (w *World) Prim(t *testing.T, c simgrid.PrimConfig) *simgrid.Prim {
	t.Helper()
	prim, err := w.Grid.Region("Rookery").AddPrim(c)
	if err != nil {
		t.Fatal(err)
	}
	w.Until(t, c.Name+" comes into view", func() bool {
		_, ok := w.Agent.Object(prim.ID())
		return ok
	})
	return prim
}

// Silence makes the grid deaf and dumb to the agent for the rest of the test:
// what waits for an answer waits in vain.
func (w *World) Silence(t *testing.T) {
	t.Helper()
	restore, err := w.Grid.Silence(w.Agent.Self().ID)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(restore)
}

// A Refusal is a line that must fail with an error.
type Refusal struct {
	Line  string
	Error *script.Error
	Says  string // what the text must explain; empty: nothing
}

// Refuses holds lines against the errors they must give. Each line is also
// tried by a group without rights, which must hear that first.
func (w *World) Refuses(t *testing.T, refusals ...Refusal) {
	t.Helper()
	for _, r := range refusals {
		answer := w.Fails(t, r.Line, r.Error)
		if !strings.Contains(answer.Get("error"), r.Says) {
			t.Errorf("%s: %q does not say %q", r.Line, answer.Get("error"), r.Says)
		}
		pairs := script.ParsePairs(r.Line)
		if c, ok := w.Registry.Lookup(pairs.Get("command")); ok && c.Permission != 0 {
			w.Fails(t, r.Line+"&group="+Powerless+"&password="+PowerlessPass, script.ErrNoCorradePermissions)
		}
	}
}
