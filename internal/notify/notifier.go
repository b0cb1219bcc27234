package notify

import (
	"context"
	"log/slog"
	"maps"
	"reflect"
	"runtime/debug"
	"slices"
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
	// Sources are where else events come from.
	Sources []Source
	// Publish takes each notification, and must not block for long. The text
	// is not changed afterwards.
	Publish func(bus.Notification)
	// Told takes each notification too, with its pairs and the raw fields of
	// its event, nil when it has none: for those who do not hear it as
	// everybody does. It must not block for long, nor change or keep what it is
	// given. May be nil.
	Told func(n bus.Notification, pairs script.Pairs, raw query.Object)
	// Views lists what is told of events in raw fields, beside the usual keys.
	// Nil: nobody looks.
	Views func() []bus.View
	// Sort tells what groups make of a text, by their UUIDs: the value of the key
	// bayes. Those groups hear a text of their own. Nil: none makes anything of
	// it.
	Sort func(text string) map[string]string
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

// Source is a room whose events are told beside the agent's: from its call it
// hands each to hear, and stop returns when it does so no more. There are
// makers for their types.
type Source func(hear func(event any)) (stop func())

// Addressed is an event of a source that only one group hears of.
type Addressed interface {
	Addressee() grid.UUID
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
	stops := []func(){n.o.Agent.Subscribe(func(e agent.Event) { n.hear(e) })}
	for _, source := range n.o.Sources {
		stops = append(stops, source(n.hear))
	}
	return func() {
		for _, stop := range stops {
			stop()
		}
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
func (n *Notifier) hear(e any) {
	if text, ok := spoken(e); ok {
		if pairs, ok := script.ParseCommand(text, n.o.Input); ok {
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
func (n *Notifier) make(ctx context.Context, m named, e any) {
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
func (n *Notifier) tell(name string, pairs script.Pairs, e any) {
	if len(pairs) == 0 {
		return
	}
	own := n.sorted(name, pairs)
	raw := sync.OnceValue(func() query.Object { return n.rawOf(e) })
	told := n.hand(bus.Notification{Type: name, Group: audience(e), Except: slices.Sorted(maps.Keys(own))}, pairs, raw)
	told.Except = nil // fields are the same for all
	n.inViews(told, raw)
	for group, value := range own {
		n.hand(bus.Notification{Type: name, Group: group}, append(slices.Clip(pairs), script.Pair{Key: keyBayes.Name, Value: value}), raw)
	}
}

// hand encodes a notification and hands it on.
func (n *Notifier) hand(told bus.Notification, pairs script.Pairs, raw func() query.Object) bus.Notification {
	pairs = append(slices.Clip(pairs), script.Pair{Key: "type", Value: told.Type}, script.Pair{Key: "notification", Value: told.Type})
	told.Text = script.AppendLine(nil, pairs, script.DefaultFilters())
	n.o.Publish(told)
	if n.o.Told != nil {
		n.o.Told(told, pairs, raw())
	}
	return told
}

// sorted asks what groups make of the text of a notification.
func (n *Notifier) sorted(name string, pairs script.Pairs) map[string]string {
	if n.o.Sort == nil || !sorts[name] {
		return nil
	}
	return n.o.Sort(pairs.Get("message"))
}

// audience is the group that an event is addressed to, by its UUID, or every
// group.
func audience(e any) string {
	if a, ok := e.(Addressed); ok {
		return a.Addressee().String()
	}
	return bus.EveryGroup
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
