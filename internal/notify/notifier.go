package notify

import (
	"context"
	"log/slog"
	"reflect"
	"runtime/debug"
	"sync"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/bus"
	"rookery/internal/query"
	"rookery/internal/vitals"
	"rookery/script"
)

// asksQueue is how many notifications may wait for answers of the grid. When
// it is full the newest is dropped, with a log line.
const asksQueue = 256

// Options say what a [Notifier] works with. Agent and Publish are needed.
type Options struct {
	Agent *agent.Agent
	// Publish takes each notification, and must not block for long. The text
	// is not changed afterwards.
	Publish func(bus.Notification)
	// Told takes each notification too, with its pairs and the raw fields of
	// its event, nil when it has none: for those who do not hear it as
	// everybody does. It must not block for long, nor change or keep what it is
	// given. May be nil.
	Told func(n bus.Notification, pairs script.Pairs, raw query.Object)
	// Input are the filters that commands are written with; nil means the
	// default ones.
	Input script.Filters
	// Heard takes each command that was spoken to the agent in the world, and
	// must not block for long. Nil: nobody obeys them.
	Heard func(bus.Request)
	// Wanted tells whether anybody may hear a notification; nothing is made
	// of the others. Nil: all are wanted.
	Wanted func(name string) bool
	// Timeout bounds each question to the grid; 0 means 60 s.
	Timeout time.Duration
	// Heartbeat is the time between two heartbeats; 0 means 60 s.
	Heartbeat time.Duration
	// Commands counts commands for the heartbeat; nil counts none.
	Commands func() (executing, executed int64)
	// Vitals measures the program for the heartbeat; nil: the notifier does.
	Vitals *vitals.Meter
	// Version is the program's version for the heartbeat.
	Version string
	// Log receives what was dropped. Nil: discarded.
	Log *slog.Logger
}

// Notifier tells what happens to one agent. Make it with [Start].
type Notifier struct {
	o     Options
	byEvt map[reflect.Type][]named
	asks  chan func(context.Context)
}

// named is a maker with the name of its notification.
type named struct {
	name string
	maker
}

// Start tells what happens to the agent from now on, until stop is called.
// Stop returns when nothing is published any more, except by a call that
// Publish does not return from.
func Start(o Options) (stop func()) {
	n := newNotifier(o)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { n.answer(ctx) })
	running.Go(func() { n.beat(ctx) })
	unsubscribe := n.o.Agent.Subscribe(n.hear)
	return func() {
		unsubscribe()
		cancel()
		running.Wait()
	}
}

func newNotifier(o Options) *Notifier {
	if o.Timeout == 0 {
		o.Timeout = 60 * time.Second
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 60 * time.Second
	}
	if o.Wanted == nil {
		o.Wanted = func(string) bool { return true }
	}
	if o.Input == nil {
		o.Input = script.DefaultFilters()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{o: o, byEvt: make(map[reflect.Type][]named), asks: make(chan func(context.Context), asksQueue)}
	for _, k := range kinds {
		for _, m := range k.makers {
			n.byEvt[m.event] = append(n.byEvt[m.event], named{k.Name, m})
		}
	}
	return n
}

// hear makes every notification there is of an event.
func (n *Notifier) hear(e agent.Event) {
	if text, ok := spoken(e); ok {
		if pairs, ok := n.command(text); ok {
			n.obey(e, pairs)
			return
		}
	}
	for _, m := range n.byEvt[reflect.TypeOf(e)] {
		if !n.o.Wanted(m.name) {
			continue
		}
		if !m.asks {
			n.make(context.Background(), m, e)
			continue
		}
		select {
		case n.asks <- func(ctx context.Context) { n.make(ctx, m, e) }:
		default:
			n.o.Log.Warn("a notification was dropped: too many wait for the grid", "notification", m.name)
		}
	}
}

// make makes and tells one notification. A panic costs that notification only.
func (n *Notifier) make(ctx context.Context, m named, e agent.Event) {
	defer func() {
		if v := recover(); v != nil {
			n.o.Log.Error("a notification panicked", "notification", m.name, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	n.tell(m.name, m.maker.make(ctx, n, e), e)
}

// answer makes what needs the grid, one after the other, so that each
// notification keeps its order.
func (n *Notifier) answer(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case ask := <-n.asks:
			ask(ctx)
		}
	}
}

// tell encodes the pairs and hands them on. The event is nil for what no event
// made.
func (n *Notifier) tell(name string, pairs script.Pairs, e agent.Event) {
	if len(pairs) == 0 {
		return
	}
	var raw query.Object
	if n.o.Told != nil {
		raw = n.rawOf(e)
	}
	n.o.tell(bus.EveryGroup, name, pairs, raw)
}

// Tell tells what nothing in the world made, such as what came by another way, to
// one group, by its UUID, or to [bus.EveryGroup]. The pairs do not have the
// notification's name; they belong to Tell from now on.
func (o *Options) Tell(group, name string, pairs script.Pairs) {
	o.tell(group, name, pairs, nil)
}

func (o *Options) tell(group, name string, pairs script.Pairs, raw query.Object) {
	pairs.Add("type", name)
	pairs.Add("notification", name)
	told := bus.Notification{
		Type:  name,
		Group: group,
		Text:  script.AppendLine(nil, pairs, script.DefaultFilters()),
	}
	o.Publish(told)
	if o.Told != nil {
		o.Told(told, pairs, raw)
	}
}

// names finds the names of avatars; those the grid does not tell in time are
// missing.
func (n *Notifier) names(ctx context.Context, ids ...grid.UUID) map[grid.UUID]agent.Name {
	ctx, cancel := context.WithTimeout(ctx, n.o.Timeout)
	defer cancel()
	names, err := n.o.Agent.AvatarNames(ctx, ids...)
	if err != nil {
		n.o.Log.Debug("names for a notification are missing", "error", err)
	}
	return names
}

// region returns the name of a region the agent is connected to, empty when it
// is not known.
func (n *Notifier) region(handle grid.RegionHandle) string {
	for _, r := range n.o.Agent.Regions() {
		if r.Handle == handle {
			return r.Name
		}
	}
	return ""
}
