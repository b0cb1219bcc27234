package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rookery/script"
)

// A view is what a client wants to be told of events in place of the usual
// keys: raw fields by their names. Only the agent's side has the fields, so a
// door asks it to tell the view as long as somebody looks.

const (
	// maxViews is how many different views of one agent there may be.
	maxViews = 64
	// viewLease is how long a view is told that a door of another process asked
	// for, and renewViews how often that door asks again.
	viewLease  = 3 * time.Minute
	renewViews = time.Minute
)

// ViewOf names the view of these fields; no fields are the usual keys, "".
func ViewOf(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(fields, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// FieldPairs is what a notification says in a view: the names and values of its
// fields.
func FieldPairs(kind string, fields []string) script.Pairs {
	return script.Pairs{
		{Key: "data", Value: script.FormatCSV(fields)},
		{Key: "type", Value: kind},
		{Key: "notification", Value: kind},
	}
}

func viewSubject(agent string) string { return "rookery.view." + token(agent) }

// View is a list of fields that somebody looks at.
type View struct {
	ID     string
	Fields []string
}

// views are those of one agent, where it lives.
type views struct {
	mu    sync.Mutex
	wants map[string]*want
	// list is never changed once stored.
	list atomic.Pointer[[]View]
	// checked is when it was last looked whether a lease has ended.
	checked time.Time
}

// want is why a view is told: for clients of this process, for durable
// subscriptions, and for other processes until their lease ends.
type want struct {
	fields []string
	here   int
	until  time.Time
}

// look adds a reason to tell a view.
func (v *views) look(fields []string, add func(*want)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	id := ViewOf(fields)
	w := v.wants[id]
	if w == nil {
		if v.expire(); len(v.wants) >= maxViews {
			return refusal(script.ErrBusy, "data: there are %d different lists of fields already, and may be %d", len(v.wants), maxViews)
		}
		if v.wants == nil {
			v.wants = make(map[string]*want)
		}
		w = &want{fields: slices.Clone(fields)}
		v.wants[id] = w
	}
	add(w)
	v.index()
	return nil
}

// hold tells a view until release is called.
func (v *views) hold(fields []string) (release func(), err error) {
	if len(fields) == 0 {
		return func() {}, nil
	}
	if err := v.look(fields, func(w *want) { w.here++ }); err != nil {
		return nil, err
	}
	return sync.OnceFunc(func() { v.leave(ViewOf(fields)) }), nil
}

func (v *views) leave(id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if w := v.wants[id]; w != nil {
		w.here--
	}
	v.expire()
	v.index()
}

// expire drops views that nobody wants. Called with mu held.
func (v *views) expire() {
	now := time.Now()
	for id, w := range v.wants {
		if w.here <= 0 && now.After(w.until) {
			delete(v.wants, id)
		}
	}
}

func (v *views) index() {
	list := make([]View, 0, len(v.wants))
	for id, w := range v.wants {
		list = append(list, View{id, w.fields})
	}
	v.list.Store(&list)
}

// Views lists what the named agent of this process is to tell beside the usual
// keys.
func (b *Bus) Views(agent string) []View {
	h, ok := b.homes.Load(agent)
	if !ok {
		return nil
	}
	return h.(*home).views.all()
}

func (v *views) all() []View {
	list := v.list.Load()
	if list == nil || len(*list) == 0 {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if time.Since(v.checked) > renewViews {
		v.checked = time.Now()
		v.expire()
		v.index()
	}
	return *v.list.Load()
}

// Look asks the named agent to tell the view of these fields, until release is
// called. Without fields there is nothing to ask.
func (b *Bus) Look(ctx context.Context, agent string, fields []string) (release func(), err error) {
	if len(fields) == 0 {
		return func() {}, nil
	}
	if s, _, done := b.here(ctx, agent); s != nil {
		defer done()
		return s.views.hold(fields)
	}
	if err := b.askView(ctx, agent, fields); err != nil {
		return nil, err
	}
	renewing, stop := context.WithCancel(b.done)
	b.running.Go(func() {
		tick := time.NewTicker(renewViews)
		defer tick.Stop()
		for {
			select {
			case <-renewing.Done():
				return
			case <-tick.C:
			}
			if err := b.askView(renewing, agent, fields); err != nil && renewing.Err() == nil {
				b.log.Warn("a view may not be told any more", "agent", agent, "error", err)
			}
		}
	})
	return stop, nil
}

func (b *Bus) askView(ctx context.Context, agent string, fields []string) error {
	ctx, cancel := context.WithTimeout(ctx, renewViews)
	defer cancel()
	var refused *script.Error
	if err := b.ask(ctx, viewSubject(agent), fields, &refused); err != nil {
		return err
	}
	if refused != nil {
		return refused
	}
	return nil
}

// answer answers a door of another process.
func (v *views) answer(data []byte) (any, error) {
	var fields []string
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	err := v.look(fields, func(w *want) { w.until = time.Now().Add(viewLease) })
	if err != nil {
		return script.AsError(err), nil
	}
	return nil, nil
}
