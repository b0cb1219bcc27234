package schedule

import (
	"context"
	"sync"
	"time"

	"rookery/internal/bus"
	"rookery/internal/rights"
)

const (
	// look is the longest time between two looks at the clock, which may be
	// set meanwhile.
	look = 30 * time.Second
	// again is the pause before a command is tried again whose group had too
	// many running, and tries is how often.
	again = time.Second
	tries = 300
	// perGroup is how many due commands of a group run at the same time.
	perGroup = 4
)

// Execute runs a command for a group, by UUID.
type Execute func(ctx context.Context, group string, r bus.Request) bus.Reply

// runner runs what comes due.
type runner struct {
	*Book
	execute Execute
	running sync.WaitGroup
	lanes   map[string]chan struct{} // places, by group
	active  sync.Map                 // names of entries that wait for a place or run
}

// Start runs commands when they come due, until stop is called. Stop returns
// when none runs any more; those that do are told to end.
func (b *Book) Start(execute Execute) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	r := &runner{Book: b, execute: execute, lanes: make(map[string]chan struct{})}
	r.running.Go(func() { r.run(ctx) })
	return func() {
		cancel()
		r.running.Wait()
	}
}

func (r *runner) run(ctx context.Context) {
	if r.o.Ready != nil {
		select {
		case <-ctx.Done():
			return
		case <-r.o.Ready:
		}
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		for _, e := range r.due(ctx) {
			r.begin(ctx, e)
		}
		timer.Reset(r.pause())
		select {
		case <-ctx.Done():
			return
		case <-r.changed:
		case <-timer.C:
		}
	}
}

// pause is the time until the next one is due.
func (b *Book) pause() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	pause := look
	now := b.o.Now()
	for _, e := range b.entries {
		pause = min(pause, e.Time.Sub(now))
	}
	return max(pause, 0)
}

// due takes what is due out of the book; what follows a rule stays, with its
// next time.
func (b *Book) due(ctx context.Context) []entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	var due []entry
	now := b.o.Now()
	for _, e := range append([]entry(nil), b.entries...) {
		if e.Time.After(now) {
			continue
		}
		due = append(due, e)
		if err := b.advance(ctx, e, now); err != nil {
			b.o.Log.Error("a schedule is run, but may run again after a restart", "group", e.group, "error", err)
		}
	}
	return due
}

// advance puts the next time in place of one that is due, or forgets it.
func (b *Book) advance(ctx context.Context, e entry, now time.Time) error {
	if e.Rule != "" {
		next, err := e.after(now)
		if err == nil {
			e.Time = next
			for i := range b.entries {
				if b.entries[i].name == e.name {
					b.entries[i] = e
				}
			}
			return b.keep(ctx, e)
		}
	}
	err := b.forget(ctx, e)
	if err != nil {
		// Out of the list all the same, or it would be due for ever.
		b.drop(e)
	}
	return err
}

func (b *Book) drop(e entry) {
	for i := range b.entries {
		if b.entries[i].name == e.name {
			b.entries = append(b.entries[:i], b.entries[i+1:]...)
			return
		}
	}
}

// begin runs a command beside the others of its group.
func (r *runner) begin(ctx context.Context, e entry) {
	log := r.o.Log.With("command", e.Message.Get("command"), "due", e.Time)
	caller, ok := r.o.Group(e.group)
	if !ok || !caller.Permissions.Has(rights.Schedule) || caller.Schedules == 0 {
		log.Warn("a schedule came due for a group that may have none", "group", e.group)
		return
	}
	lane := r.lanes[e.group]
	if lane == nil {
		lane = make(chan struct{}, perGroup)
		r.lanes[e.group] = lane
	}
	if _, active := r.active.LoadOrStore(e.name, true); active {
		log.Warn("a schedule is left out: it still runs from the time before", "group", caller.Name)
		return
	}
	r.running.Go(func() {
		defer r.active.Delete(e.name)
		select {
		case lane <- struct{}{}:
			defer func() { <-lane }()
		case <-ctx.Done():
			return
		}
		answer := r.try(ctx, e)
		log.Info("a schedule ran", "group", caller.Name, "success", answer.Pairs.Get("success"), "error", answer.Pairs.Get("error"))
	})
}

// try runs a command, again and again while its group has too much to do.
func (r *runner) try(ctx context.Context, e entry) bus.Reply {
	request := bus.Request{Door: "schedule", Sender: e.Sender, Identifier: e.Identifier}
	pause := time.NewTicker(again)
	defer pause.Stop()
	for n := 1; ; n++ {
		request.Pairs = e.Message.Clone()
		answer := r.execute(ctx, e.group, request)
		if !busy(answer) || n == tries {
			return answer
		}
		select {
		case <-ctx.Done():
			return answer
		case <-pause.C:
		}
	}
}
