package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"rookery/grid"
	"rookery/internal/bridge"
	"rookery/internal/bridge/broker"
	"rookery/internal/bridge/brokertest"
	"rookery/internal/bus"
	"rookery/internal/reach"
	"rookery/internal/rights"
	"rookery/internal/state"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ann = uuid.NewSHA1(uuid.Nil, []byte("ann"))
	bob = uuid.NewSHA1(uuid.Nil, []byte("bob"))
)

// house is a book with groups whose rights can change, and commands that tell
// what arrived.
type house struct {
	*bridge.Book
	t     *testing.T
	o     bridge.Options
	told  chan told
	said  *said
	block chan struct{} // what the command wait waits for

	mu     sync.Mutex
	groups map[string]rights.Caller
	ran    int
	stop   func()
}

type told struct {
	group string
	pairs script.Pairs
}

// said is what was logged.
type said struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func open(t *testing.T, change ...func(*bridge.Options)) *house {
	t.Helper()
	brokertest.Need(t)
	here, err := reach.ParseAllowed("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	store, err := state.Open(filepath.Join(t.TempDir(), state.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	h := &house{t: t, told: make(chan told, 10000), said: &said{}, block: make(chan struct{}), groups: make(map[string]rights.Caller)}
	h.o = bridge.Options{
		Agent: "Robin Rook", Store: store, Group: h.group, Reach: reach.NewPolicy(here), Backoff: 10 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(h.said, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&h.o)
	}
	for name, id := range map[string]grid.UUID{"Ann": ann, "Bob": bob} {
		h.groups[id.String()] = rights.Caller{Name: name, ID: id, Permissions: rights.Bridge, Notifications: []string{"local", "mqtt"}}
	}
	t.Cleanup(func() {
		h.end()
		if t.Failed() {
			t.Logf("logged:\n%s", h.said)
		}
	})
	h.begin()
	return h
}

// begin opens the book and starts it, as the program does when it starts.
func (h *house) begin() {
	h.t.Helper()
	book, err := bridge.Open(h.t.Context(), h.o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Book = book
	h.stop = book.Start(h.execute, func(m bridge.Message) {
		pairs := script.Pairs{{Key: "group", Value: m.GroupName}, {Key: "ID", Value: m.ID}, {Key: "topic", Value: m.Topic}}
		if m.Payload != "" {
			pairs.Add("payload", m.Payload)
		}
		pairs.Add("notification", bridge.Notification)
		h.told <- told{m.Group.String(), pairs}
		book.Tell(bus.Notification{Type: bridge.Notification, Group: m.Group.String()}, pairs)
	})
}

// end stops the book, as the program does when it ends.
func (h *house) end() {
	if h.stop != nil {
		h.stop()
		h.stop = nil
	}
}

func (h *house) group(id string) (rights.Caller, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c, ok := h.groups[id]
	return c, ok
}

// revise changes a group; nil removes it.
func (h *house) revise(id grid.UUID, change func(*rights.Caller)) {
	h.mu.Lock()
	c := h.groups[id.String()]
	if change == nil {
		delete(h.groups, id.String())
	} else {
		change(&c)
		h.groups[id.String()] = c
	}
	h.mu.Unlock()
	h.Revise()
}

func (h *house) execute(ctx context.Context, r bus.Request) bus.Reply {
	h.mu.Lock()
	h.ran++
	h.mu.Unlock()
	answer := script.Pairs{{Key: "command", Value: r.Pairs.Get("command")}}
	if r.Pairs.Get("password") != "p" {
		answer.Add("status", strconv.Itoa(script.ErrAccessDenied.Status))
		answer.Add("success", "False")
		return bus.Reply{Pairs: answer}
	}
	switch r.Pairs.Get("command") {
	case "wait":
		select {
		case <-h.block:
		case <-ctx.Done():
		}
	case "large":
		answer.Add("data", strings.Repeat("x", 2<<20))
	}
	answer.Add("door", r.Door+" "+r.Sender+" "+r.Identifier)
	answer.Add("success", "True")
	return bus.Reply{Pairs: answer}
}

func (h *house) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ran
}

func (h *house) patient() context.Context {
	ctx, cancel := context.WithTimeout(h.t.Context(), brokertest.Patience)
	h.t.Cleanup(cancel)
	return ctx
}

func (h *house) subscribe(group grid.UUID, id string, s bridge.Subscription) string {
	h.t.Helper()
	id, err := h.Subscribe(h.patient(), group, id, s)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// next is what is told next.
func (h *house) next() told {
	h.t.Helper()
	select {
	case n := <-h.told:
		return n
	case <-time.After(brokertest.Patience):
		h.t.Fatal("nothing was told")
		return told{}
	}
}

// hears fails the test unless a group is told a payload next.
func (h *house) hears(group grid.UUID, id, topic, payload string) {
	h.t.Helper()
	n := h.next()
	if n.group != group.String() || n.pairs.Get("ID") != id || n.pairs.Get("topic") != topic || n.pairs.Get("payload") != payload {
		h.t.Fatalf("%s was told %v; want %q at %q", n.group, n.pairs, payload, topic)
	}
}

func (h *house) silent() {
	h.t.Helper()
	select {
	case n := <-h.told:
		h.t.Fatalf("%s was told %v", n.group, n.pairs)
	default:
	}
}

// happens tells the notification local.
func (h *house) happens(text string) {
	h.Tell(bus.Notification{Type: "local", Group: bus.EveryGroup}, script.Pairs{{Key: "message", Value: text}, {Key: "type", Value: "local"}, {Key: "notification", Value: "local"}})
}

func (h *house) await(what string, ok func() bool) {
	h.t.Helper()
	late := time.After(brokertest.Patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			h.t.Fatalf("%s: not in %v", what, brokertest.Patience)
		}
	}
}

func (h *house) connected(group grid.UUID) (n int) {
	for _, l := range h.List(group) {
		if l.State.Connected {
			n++
		}
	}
	return n
}

func at(m *brokertest.Mosquitto) broker.Server {
	return broker.Server{Host: "127.0.0.1", Port: m.Port}
}

func TestMessagesAreToldToTheGroupThatSubscribed(t *testing.T) {
	t.Parallel()
	h := open(t)
	m := brokertest.Start(t, brokertest.Options{})
	a := h.subscribe(ann, "", bridge.Subscription{Server: at(m), Topic: "a/+", QoS: 1})
	b := h.subscribe(bob, "", bridge.Subscription{Server: at(m), Topic: "b", QoS: 1, Bytes: true})
	m.Publish("-q", "1", "-t", "a/é", "-m", "ça & va=?")
	h.hears(ann, a, "a/é", "ça & va=?")
	m.Publish("-q", "1", "-t", "b", "-m", "é\x01")
	h.hears(bob, b, "b", "195,169,1")
	file := t.TempDir() + "/bytes"
	write(t, file, "no \xff UTF-8")
	m.Publish("-q", "1", "-t", "a/x", "-f", file)
	h.hears(ann, a, "a/x", "no \uFFFD UTF-8")
	m.Publish("-q", "1", "-t", "a/x", "-n")
	n := h.next()
	if n.pairs.Has("payload") || n.pairs.Get("group") != "Ann" {
		t.Errorf("an empty message is told as %v", n.pairs)
	}
	// A command is a message like any other.
	m.Publish("-q", "1", "-t", "a/x", "-m", "command=wait&password=p")
	h.hears(ann, a, "a/x", "command=wait&password=p")
	if err := h.Unsubscribe(h.patient(), ann, a); err != nil {
		t.Fatal(err)
	}
	m.Publish("-q", "1", "-t", "a/x", "-m", "late")
	m.Publish("-q", "1", "-t", "b", "-m", "2")
	h.hears(bob, b, "b", "50")
	if err := h.Unsubscribe(h.patient(), ann, b); !errors.Is(err, bridge.ErrNone) {
		t.Errorf("another group's: %v", err)
	}
	h.silent()
}

func TestSubscriptionsAreRestored(t *testing.T) {
	t.Parallel()
	h := open(t)
	m := brokertest.Start(t, brokertest.Options{User: "u", Password: "geheim"})
	server := at(m)
	server.User, server.Secret = "u", "geheim"
	will := &broker.Message{Topic: "will", Payload: []byte("gone"), QoS: 1}
	kept := h.subscribe(ann, "", bridge.Subscription{Server: server, Topic: "a", QoS: 1, Notifications: []string{"local"}, JSON: true, Will: will})
	clean := h.subscribe(ann, "", bridge.Subscription{Server: server, Topic: "c", QoS: 1, Clean: true})
	gone := h.subscribe(ann, "", bridge.Subscription{Server: server, Topic: "gone", QoS: 1})
	if err := h.Unsubscribe(h.patient(), ann, gone); err != nil {
		t.Fatal(err)
	}
	last := m.Subscribe("will", "%p")
	before := h.List(ann)
	h.end()
	last.Hears("gone")
	m.Publish("-q", "1", "-t", "c", "-m", "not wanted")
	m.Publish("-q", "1", "-t", "a", "-m", "while it was away")
	h.begin()
	h.hears(ann, kept, "a", "while it was away")
	h.await("all are connected", func() bool { return h.connected(ann) == 2 })
	m.Publish("-q", "1", "-t", "c", "-m", "wanted")
	h.hears(ann, clean, "c", "wanted")
	sub := m.Subscribe("a", "%p")
	h.happens("x")
	sub.Hears(`{"message":"x","type":"local","notification":"local"}`)
	after := h.List(ann)
	for i := range before {
		before[i].State, after[i].State = broker.State{}, broker.State{}
	}
	if diff := cmp.Diff(before, after); diff != "" || after[0].Server.Secret != "geheim" {
		t.Errorf("restored (-was +is):\n%s", diff)
	}
	h.silent()
	if text := h.said.String(); strings.Contains(text, "geheim") || strings.Contains(text, "topic=") {
		t.Errorf("the secret is in the log:\n%s", text)
	}
}

func TestConnectionsEndWithThePermission(t *testing.T) {
	t.Parallel()
	h := open(t)
	m := brokertest.Start(t, brokertest.Options{})
	a := h.subscribe(ann, "", bridge.Subscription{Server: at(m), Topic: "a", QoS: 1, Notifications: []string{"local"}})
	b := h.subscribe(bob, "", bridge.Subscription{Server: at(m), Topic: "b", QoS: 1, Notifications: []string{"local"}})
	subA, subB := m.Subscribe("a", "%p"), m.Subscribe("b", "%p")
	for name, change := range map[string]func(*rights.Caller){
		"permission": func(c *rights.Caller) { c.Permissions = rights.Talk },
		"group":      nil,
	} {
		caller, _ := h.group(ann.String())
		mark := m.Mark()
		h.revise(ann, change)
		m.LoggedSince(mark, "Received DISCONNECT")
		h.happens(name)
		subB.Hears("message=" + name + "&type=local&notification=local")
		m.Publish("-q", "1", "-t", "a", "-m", "without "+name)
		subA.Hears("without " + name)
		if h.connected(ann) != 0 {
			t.Errorf("%s: a connection is left", name)
		}
		h.revise(ann, func(c *rights.Caller) { *c = caller })
		h.hears(ann, a, "a", "without "+name) // the broker had kept it
		h.happens("again")
		subA.Hears("message=again&type=local&notification=local")
		subB.Next()
	}
	// The right to hear is another one, and counts at that moment.
	h.revise(ann, func(c *rights.Caller) { c.Notifications = nil })
	h.happens("unheard")
	subB.Hears("message=unheard&type=local&notification=local")
	h.Tell(bus.Notification{Type: "local", Group: ann.String()}, script.Pairs{{Key: "message", Value: "for ann"}})
	h.Tell(bus.Notification{Type: "local", Group: bob.String()}, script.Pairs{{Key: "message", Value: "for bob"}})
	subB.Hears("message=for+bob")
	m.Publish("-q", "1", "-t", "b", "-m", "still")
	h.hears(bob, b, "b", "still")
	subB.Hears("still")
	m.Publish("-q", "1", "-t", "a", "-m", "end")
	subA.Hears("end")
	subB.Silent()
}

func TestASubscriptionIsReplacedOrStaysAsItWas(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *bridge.Options) { o.Limits.Subscriptions = 2 })
	m := brokertest.Start(t, brokertest.Options{Settings: "max_qos 1\n"})
	first := bridge.Subscription{Server: at(m), Topic: "a", QoS: 1}
	id := h.subscribe(ann, "", first)
	other := first
	other.Bytes = true
	if again := h.subscribe(ann, "", other); again != id || !h.List(ann)[0].Bytes || len(h.List(ann)) != 1 {
		t.Errorf("the same topic again is %s, %v", again, h.List(ann))
	}
	// What the broker knew of the old topic is forgotten.
	first.Topic = "b"
	h.subscribe(ann, id, first)
	m.Publish("-q", "1", "-t", "a", "-m", "old")
	m.Publish("-q", "1", "-t", "b", "-m", "new")
	h.hears(ann, id, "b", "new")

	wrong := first
	wrong.Topic, wrong.QoS = "c", 2
	if _, err := h.Subscribe(h.patient(), ann, id, wrong); err == nil || !strings.Contains(err.Error(), "its highest is 1") {
		t.Error(err)
	}
	if _, err := h.Subscribe(h.patient(), ann, "", wrong); err == nil {
		t.Error("it was granted")
	}
	h.await("the old one is back", func() bool { return h.connected(ann) == 1 })
	m.Publish("-q", "0", "-t", "b", "-m", "as before") // at most once: what follows ends the connection
	h.hears(ann, id, "b", "as before")
	h.end()
	h.begin()
	h.await("the old one is back", func() bool { return h.connected(ann) == 1 })
	if list := h.List(ann); len(list) != 1 || list[0].Topic != "b" {
		t.Errorf("%v", list)
	}

	second := bridge.Subscription{Server: at(m), Topic: "d", QoS: 1}
	second.Server.Client = "one"
	h.subscribe(ann, "", second)
	taken := second
	taken.Topic = "e"
	if _, err := h.Subscribe(h.patient(), bob, "", taken); !errors.Is(err, bridge.ErrTaken) {
		t.Errorf("the same client identifier: %v", err)
	}
	if err := h.Publish(h.patient(), taken.Server, broker.Message{Topic: "d"}); !errors.Is(err, bridge.ErrTaken) {
		t.Errorf("the same client identifier for one message: %v", err)
	}
	if _, err := h.Subscribe(h.patient(), ann, "", bridge.Subscription{Server: at(m), Topic: "f"}); !errors.Is(err, bridge.ErrTooMany) {
		t.Error(err)
	}
	h.subscribe(bob, id, first) // names belong to groups
	m.Publish("-q", "1", "-t", "b", "-m", "both")
	got := []string{h.next().group, h.next().group}
	if !slices.Contains(got, ann.String()) || !slices.Contains(got, bob.String()) {
		t.Errorf("told were %v", got)
	}
	h.silent()
}

func TestPrivateBrokersAreOutOfReach(t *testing.T) {
	t.Parallel()
	h := open(t, func(o *bridge.Options) { o.Reach = reach.NewPolicy() })
	m := brokertest.Start(t, brokertest.Options{})
	for _, host := range []string{"127.0.0.1", "localhost"} {
		server := at(m)
		server.Host = host
		if err := h.Publish(h.patient(), server, broker.Message{Topic: "a"}); !errors.Is(err, reach.ErrPrivate) {
			t.Errorf("%s: %v", host, err)
		}
		if _, err := h.Subscribe(h.patient(), ann, "", bridge.Subscription{Server: server, Topic: "a"}); !errors.Is(err, reach.ErrPrivate) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if strings.Contains(m.Log(), "New connection") {
		t.Errorf("the broker was reached:\n%s", m.Log())
	}
}

func TestWhatMayBeReachedCountsForOpenConnections(t *testing.T) {
	t.Parallel()
	policy := reach.NewPolicy()
	here, err := reach.ParseAllowed("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	policy.Set([]reach.Allowed{here})
	h := open(t, func(o *bridge.Options) { o.Reach = policy })
	m := brokertest.Start(t, brokertest.Options{})
	id := h.subscribe(ann, "", bridge.Subscription{Server: at(m), Topic: "a", QoS: 1})
	policy.Set(nil)
	h.Reconnect()
	h.await("the connection is refused", func() bool { return errors.Is(h.List(ann)[0].State.Err, reach.ErrPrivate) })
	m.Publish("-q", "1", "-t", "a", "-m", "later")
	h.silent()
	policy.Set([]reach.Allowed{here})
	h.hears(ann, id, "a", "later")
}

func TestCommandsThatArriveAreRunAndAnswered(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]brokertest.OldBroker{"MQTT 5.0": brokertest.Knows, "MQTT 3.1.1": brokertest.Answers} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t)
			m := brokertest.Start(t, brokertest.Options{})
			p := brokertest.StartProxy(t, m, version)
			s := bridge.Subscription{Server: broker.Server{Host: "127.0.0.1", Port: p.Port}, Topic: "c/#", QoS: 1, Execute: true}
			m.Publish("-q", "1", "-t", "c/old", "-r", "-m", "command=echo&password=p&group=g")
			id := h.subscribe(ann, "", s)
			sub := m.Subscribe("c/1", "%p")
			say := func(text, answer string) {
				t.Helper()
				m.Publish("-q", "1", "-t", "c/1", "-m", text)
				sub.Hears(text, answer)
			}
			door := fmt.Sprintf("bridge MQTT subscription %s 127.0.0.1:%d", id, p.Port)
			say("command=echo&password=p", "command=echo&door="+url.QueryEscape(door)+"&success=True")
			say(`{"command":"echo","password":"p"}`, `{"command":"echo","door":"`+door+`","success":"True"}`)
			say("command=echo&password=wrong", "command=echo&status=70001&success=False")
			say("command=large&password=p", "command=large&error=message+too+long&status=55051&success=False")
			if h.count() != 4 {
				t.Errorf("%d commands were run, want 4", h.count())
			}
			h.silent() // commands are not told, nor their answers

			// What is no command is told: answers and notifications of others, too.
			for _, text := range []string{"hello", "command=echo&password=p&success=True", "command=echo&notification=local", "{", "command"} {
				m.Publish("-q", "1", "-t", "c/2", "-m", text)
				h.hears(ann, id, "c/2", text)
			}
			m.Publish("-q", "1", "-t", "c/2", "-m", "command=echo&door=x&success=True")
			h.hears(ann, id, "c/2", "command=echo&door=x&success=True")
			if h.count() != 4 {
				t.Errorf("%d commands were run, want 4", h.count())
			}
			if !strings.Contains(h.said.String(), "the broker had retained it") {
				t.Error("a retained command left no trace in the log")
			}
			h.silent()
		})
	}
}

func TestAnswersGoWhereWhoWasLetInWantsThem(t *testing.T) {
	t.Parallel()
	h := open(t)
	m := brokertest.Start(t, brokertest.Options{})
	h.subscribe(ann, "", bridge.Subscription{Server: at(m), Topic: "c", QoS: 1, Execute: true})
	topic, elsewhere := m.Subscribe("c", "%p"), m.Subscribe("elsewhere", "%D %p", "-V", "5")
	m.Publish("-V", "5", "-q", "1", "-t", "c", "-m", "command=echo&password=wrong", "-D", "publish", "response-topic", "elsewhere")
	topic.Hears("command=echo&password=wrong", "command=echo&status=70001&success=False")
	m.Publish("-V", "5", "-q", "1", "-t", "c", "-m", "command=echo&password=p", "-D", "publish", "response-topic", "elsewhere", "-D", "publish", "correlation-data", "17")
	topic.Hears("command=echo&password=p")
	if got := elsewhere.Next(); !strings.HasPrefix(got, "17 command=echo&door=") {
		t.Errorf("elsewhere heard %q", got)
	}
	m.Publish("-q", "1", "-t", "c", "-m", "end")
	topic.Hears("end")
	elsewhere.Silent()
}

func TestCommandsThatTheBrokerKeptWaitForTheAgent(t *testing.T) {
	t.Parallel()
	ready := make(chan struct{})
	h := open(t, func(o *bridge.Options) { o.Ready = ready })
	m := brokertest.Start(t, brokertest.Options{})
	id := h.subscribe(ann, "", bridge.Subscription{Server: at(m), Topic: "c", QoS: 1, Execute: true})
	m.Publish("-q", "1", "-t", "c", "-m", "command=echo&password=p")
	m.Publish("-q", "1", "-t", "c", "-m", "hello")
	h.hears(ann, id, "c", "hello")
	if h.count() != 0 {
		t.Error("it was run before the agent was there")
	}
	close(ready)
	h.await("the command is run", func() bool { return h.count() == 1 })
}

func TestTooManyCommandsAreRefused(t *testing.T) {
	t.Parallel()
	h := open(t)
	m := brokertest.Start(t, brokertest.Options{})
	h.subscribe(ann, "", bridge.Subscription{Server: at(m), Topic: "c", QoS: 1, Execute: true})
	sub := m.Subscribe("c", "%p")
	file := t.TempDir() + "/commands"
	write(t, file, strings.Repeat("command=wait&password=p\n", 100))
	m.PublishLines(file, "-q", "1", "-t", "c")
	refused := 0
	for heard := 0; heard < 100+100-4-64; heard++ {
		if text := sub.Next(); text == "command=wait&error=too+much+to+do&status=70013&success=False" {
			refused++
		}
	}
	if refused != 100-4-64 || h.count() != 4 {
		t.Errorf("%d of 100 were refused and %d run at a time; want %d and 4", refused, h.count(), 100-4-64)
	}
	close(h.block)
	for range 4 + 64 {
		if text := sub.Next(); !strings.HasSuffix(text, "success=True") {
			t.Errorf("heard %q", text)
		}
	}
}

// TestNothingGoesRoundInCircles has two groups feed what they hear at a topic
// back to it.
func TestNothingGoesRoundInCircles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		version brokertest.OldBroker
		output  script.Filters
	}{
		"MQTT 5.0":                            {brokertest.Knows, nil},
		"MQTT 3.1.1":                          {brokertest.Answers, nil},
		"written as it could not be read":     {brokertest.Answers, script.Filters{script.Base64, script.RFC1738}},
		"written so, to a broker of MQTT 5.0": {brokertest.Knows, script.Filters{script.Base64, script.RFC1738}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, func(o *bridge.Options) { o.Output = tc.output })
			m := brokertest.Start(t, brokertest.Options{})
			p := brokertest.StartProxy(t, m, tc.version)
			server := broker.Server{Host: "127.0.0.1", Port: p.Port}
			a := h.subscribe(ann, "", bridge.Subscription{Server: server, Topic: "x", QoS: 1, Execute: true, Notifications: []string{"mqtt", "local"}})
			b := h.subscribe(bob, "", bridge.Subscription{Server: server, Topic: "x", QoS: 1, Execute: true, Notifications: []string{"mqtt"}, Bytes: true})
			sub := m.Subscribe("x", "%p")
			h.happens("one")
			// Bob hears what Ann published, and Ann does not.
			if n := h.next(); n.group != bob.String() || n.pairs.Get("ID") != b {
				t.Errorf("%s was told %v", n.group, n.pairs)
			}
			sub.Next()
			m.Publish("-q", "1", "-t", "x", "-m", "two")
			sub.Hears("two")
			for _, n := range []told{h.next(), h.next()} {
				if want := map[string]string{ann.String(): "two", bob.String(): "116,119,111"}[n.group]; n.pairs.Get("payload") != want {
					t.Errorf("%s was told %v", n.group, n.pairs)
				}
			}
			m.Publish("-q", "1", "-t", "x", "-m", "three")
			sub.Hears("three")
			h.next()
			h.next()
			sub.Silent()
			h.silent()
			_ = a
		})
	}
}

func TestOneTopicCanFeedAnother(t *testing.T) {
	t.Parallel()
	h := open(t)
	near, far := brokertest.Start(t, brokertest.Options{}), brokertest.Start(t, brokertest.Options{})
	from := h.subscribe(ann, "", bridge.Subscription{Server: at(near), Topic: "sensors/#", QoS: 1})
	h.subscribe(ann, "", bridge.Subscription{Server: at(far), Topic: "relay", QoS: 1, Notifications: []string{"mqtt"}, Retain: true})
	sub := far.Subscribe("relay", "%r %p")
	near.Publish("-q", "1", "-t", "sensors/1", "-m", "21 °C")
	sub.Hears("0 group=Ann&ID=" + from + "&topic=sensors%2F1&payload=21+%C2%B0C&notification=mqtt")
	far.Subscribe("relay", "%r").Hears("1")
}

func TestPublishingByTheConnectionOfASubscription(t *testing.T) {
	t.Parallel()
	h := open(t)
	m := brokertest.Start(t, brokertest.Options{})
	id := h.subscribe(ann, "", bridge.Subscription{Server: at(m), Topic: "a", QoS: 1})
	sub := m.Subscribe("b", "%p")
	if err := h.PublishVia(h.patient(), ann, id, broker.Message{Topic: "b", Payload: []byte("1"), QoS: 2}); err != nil {
		t.Fatal(err)
	}
	sub.Hears("1")
	if err := h.PublishVia(h.patient(), bob, id, broker.Message{Topic: "b"}); !errors.Is(err, bridge.ErrNone) {
		t.Errorf("another group's: %v", err)
	}
	m.Kill()
	h.await("the connection is lost", func() bool { return h.connected(ann) == 0 })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := h.PublishVia(ctx, ann, id, broker.Message{Topic: "b", QoS: 1}); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "not connected") {
		t.Error(err)
	}
}

func TestNothingRunsBeforeTheStartOrAfterTheEnd(t *testing.T) {
	t.Parallel()
	h := open(t)
	h.end()
	if _, err := h.Subscribe(h.patient(), ann, "", bridge.Subscription{Topic: "a"}); !errors.Is(err, broker.ErrClosed) {
		t.Error(err)
	}
	if err := h.Publish(h.patient(), broker.Server{}, broker.Message{}); !errors.Is(err, broker.ErrClosed) {
		t.Error(err)
	}
	h.Revise()
	h.happens("nobody hears it")
}
