package bridge

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rookery/grid"
	"rookery/internal/bridge/broker"
	"rookery/internal/bus"
	"rookery/internal/reach"
	"rookery/internal/rights"
	"rookery/internal/state"
	"rookery/script"
)

// readyTimeout bounds how long commands wait for [Options.Ready].
const readyTimeout = time.Minute

// farewell bounds the time in which what waits for a broker may still be
// published when its connection is to end.
const farewell = 3 * time.Second

// Errors that callers decide on.
var (
	ErrTooMany  = errors.New("too many subscriptions")
	ErrNone     = errors.New("no such subscription")
	ErrChanging = errors.New("the subscription is being changed")
	ErrTaken    = errors.New("the client identifier is taken")
)

// Limits bound what groups may do. What is 0 has a default.
type Limits struct {
	// Subscriptions is how many a group may have: 20.
	Subscriptions int
	// QueueBytes is how much may wait for each broker: 1 MiB.
	QueueBytes int
	// MaxPayload is the largest payload in either direction: 256 KiB.
	MaxPayload int
}

func (l Limits) withDefaults() Limits {
	if l.Subscriptions == 0 {
		l.Subscriptions = 20
	}
	if l.QueueBytes == 0 {
		l.QueueBytes = 1 << 20
	}
	if l.MaxPayload == 0 {
		l.MaxPayload = 256 << 10
	}
	return l
}

// Options say what a [Book] works with. Agent, Group and Reach are needed.
type Options struct {
	// Agent is whose notifications are published and whose commands are run.
	Agent string
	// Store keeps the subscriptions across restarts; nil: they are not kept.
	Store *state.Store
	// Group finds a group as configured at that moment, by UUID.
	Group func(id string) (rights.Caller, bool)
	// Reach says which brokers may be connected to.
	Reach *reach.Policy
	// Roots are the authorities that certificates of brokers come from; nil:
	// those of the system.
	Roots *x509.CertPool
	// AllowInsecure allows brokers whose certificates are not checked.
	AllowInsecure bool
	// Input are the filters that commands are written with, Output those of
	// answers and notifications; nil means the default ones.
	Input, Output script.Filters
	Limits        Limits
	// Ready is closed when commands may be run; nil: from the beginning. What the
	// broker had kept arrives at once, and waits for it, but no longer than a
	// minute after the start.
	Ready <-chan struct{}
	// Backoff is the first pause before a broker is connected to again, see
	// [broker.Config].
	Backoff time.Duration
	// Log receives what happens to connections. Nil: discarded.
	Log *slog.Logger
}

// Execute runs a command that brings its own group and password.
type Execute func(ctx context.Context, r bus.Request) bus.Reply

// Message is what arrived at a topic for a group.
type Message struct {
	Group     grid.UUID
	GroupName string
	// ID is the UUID of the subscription.
	ID    string
	Topic string
	// Payload is text, or a list of bytes, as subscribed.
	Payload string
}

// Addressee is the group that alone hears of it.
func (m Message) Addressee() grid.UUID { return m.Group }

// Tell tells of a message.
type Tell func(Message)

// Book is the subscriptions of one agent's groups. Its methods may be called from
// any goroutine.
type Book struct {
	o      Options
	kept   state.Collection[Subscription]
	echoes *echoes

	execute Execute
	tell    Tell

	// ready is closed when commands are run.
	ready chan struct{}

	// ctx ends what runs, and running is all of it.
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu      sync.Mutex
	started bool
	stopped bool
	entries map[key]*entry
	// changing are those that are being made, changed or ended.
	changing map[key]Subscription
	// byType are the subscriptions with a connection, by the notifications that
	// they publish. It is never changed once stored, so that telling needs no
	// lock.
	byType atomic.Pointer[map[string][]target]
}

// entry is a subscription, and its connection while it may have one.
type entry struct {
	Subscription
	client *broker.Client
}

// target is where a notification is published.
type target struct {
	key
	*entry
	client *broker.Client
}

// Open returns the book with what was kept of it. Nothing is connected before
// [Book.Start].
func Open(ctx context.Context, o Options) (*Book, error) {
	o.Limits = o.Limits.withDefaults()
	if o.Input == nil {
		o.Input = script.DefaultFilters()
	}
	if o.Output == nil {
		o.Output = script.DefaultFilters()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Book{o: o, echoes: newEchoes(), ready: make(chan struct{}), entries: make(map[key]*entry), changing: make(map[key]Subscription)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	if o.Store != nil {
		b.kept = state.In[Subscription](o.Store, "mqtt")
		all, err := b.kept.All(ctx, o.Agent)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			b.entries[key{e.Group, e.Name}] = &entry{Subscription: e.Value}
		}
	}
	b.index()
	return b, nil
}

// Start connects to every broker whose group may be connected, and lets groups
// subscribe, until stop is called. Stop returns when nothing is connected and no
// command runs any more; what waits for brokers has three seconds to leave.
func (b *Book) Start(execute Execute, tell Tell) (stop func()) {
	b.mu.Lock()
	b.execute, b.tell, b.started = execute, tell, true
	b.running.Go(b.open)
	b.mu.Unlock()
	b.Revise()
	return b.stop
}

// open lets commands run when it is time.
func (b *Book) open() {
	if b.o.Ready != nil {
		late := time.NewTimer(readyTimeout)
		defer late.Stop()
		select {
		case <-b.o.Ready:
		case <-late.C:
		case <-b.ctx.Done():
			return
		}
	}
	close(b.ready)
}

func (b *Book) stop() {
	b.mu.Lock()
	b.stopped = true
	for _, e := range b.entries {
		if c := e.client; c != nil {
			e.client = nil
			b.running.Go(func() { end(c, false) })
		}
	}
	b.index()
	b.mu.Unlock()
	b.cancel()
	b.running.Wait()
}

// end closes a connection. What waits may still leave.
func end(c *broker.Client, forget bool) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	c.Close(ctx, forget)
}

// Revise connects what may be connected and is not, and ends the connections of
// groups that may have none any more: those that lost the permission bridge, or
// are gone. Their subscriptions are kept for the day on which they have it again.
func (b *Book) Revise() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.started || b.stopped {
		return
	}
	for k, e := range b.entries {
		_, busy := b.changing[k]
		_, may := b.caller(k)
		switch {
		case may && e.client == nil && !busy:
			e.client = broker.Start(b.config(k, e.Subscription))
		case !may && e.client != nil:
			b.o.Log.Info("a group may not be connected to brokers any more", "group", k.group, "id", k.id)
			c := e.client
			e.client = nil
			b.running.Go(func() {
				ctx, cancel := context.WithTimeout(context.Background(), farewell)
				defer cancel()
				c.Drop(ctx)
			})
		}
	}
	b.index()
}

// Reconnect makes every connection anew, because other brokers may be connected to
// now.
func (b *Book) Reconnect() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries {
		if e.client != nil {
			e.client.Reconnect()
		}
	}
}

// caller finds the group of a subscription; false when it may have no connection.
func (b *Book) caller(k key) (rights.Caller, bool) {
	caller, ok := b.o.Group(k.group)
	return caller, ok && caller.Permissions.Has(rights.Bridge)
}

// config is what a subscription's connection is to be.
func (b *Book) config(k key, s Subscription) broker.Config {
	server := s.Server
	server.Insecure = server.Insecure && b.o.AllowInsecure
	server.Client = b.client(k, s)
	caller, _ := b.caller(k)
	return broker.Config{
		Network:    b.network(),
		Server:     server,
		Filter:     s.Topic,
		QoS:        s.QoS,
		Local:      !s.publishes(),
		Will:       s.Will,
		Clean:      s.Clean,
		QueueBytes: b.o.Limits.QueueBytes,
		Backoff:    b.o.Backoff,
		Receive:    b.receiver(k, s),
		Log:        b.o.Log.With("group", caller.Name, "id", k.id),
	}
}

// client is the client identifier of a subscription.
func (b *Book) client(k key, s Subscription) string {
	if s.Server.Client != "" {
		return s.Server.Client
	}
	return k.client(b.o.Agent)
}

func (b *Book) network() broker.Network {
	return broker.Network{Dial: b.o.Reach.DialContext, Roots: b.o.Roots, MaxPayload: b.o.Limits.MaxPayload}
}

// CheckHost refuses a host that may not be connected to, as far as that can be told
// beforehand. The error says why.
func (b *Book) CheckHost(host string) error { return b.o.Reach.CheckHost(host) }

// AllowsInsecure tells whether brokers are allowed whose certificates are not
// checked.
func (b *Book) AllowsInsecure() bool { return b.o.AllowInsecure }

// MaxPayload is the largest payload, in bytes.
func (b *Book) MaxPayload() int { return b.o.Limits.MaxPayload }

// begin counts something that is about to run, whose context ends with the book.
// Done must be called. It is not ok before the book was started and after it was
// stopped.
func (b *Book) begin(ctx context.Context) (both context.Context, done func(), ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.started || b.stopped {
		return nil, nil, false
	}
	b.running.Add(1)
	both, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(b.ctx, cancel)
	return both, func() {
		unhook()
		cancel()
		b.running.Done()
	}, true
}

// Listing is a subscription as it stands.
type Listing struct {
	ID string
	Subscription
	State broker.State
}

// List returns the subscriptions of a group, by name.
func (b *Book) List(group grid.UUID) []Listing {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Listing
	for k, e := range b.entries {
		if k.group != group.String() {
			continue
		}
		l := Listing{ID: k.id, Subscription: e.Subscription}
		if e.client != nil {
			l.State = e.client.State()
		}
		list = append(list, l)
	}
	slices.SortFunc(list, func(x, y Listing) int { return strings.Compare(x.ID, y.ID) })
	return list
}

// index makes byType anew. The caller holds mu, or is the only one.
func (b *Book) index() {
	byType := make(map[string][]target)
	for k, e := range b.entries {
		if e.client == nil {
			continue
		}
		for _, name := range e.Notifications {
			byType[name] = append(byType[name], target{k, e, e.client})
		}
	}
	b.byType.Store(&byType)
}
