package chatlog

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

const (
	// queueLength is how many lines may wait to be written.
	queueLength = 1000
	// askLength is how many of them may wait for the name of an avatar.
	askLength = 100
	// closeTimeout is how long Close waits for what is yet to be written.
	closeTimeout = 5 * time.Second
	// complainEvery is the time between two log lines about lost ones.
	complainEvery = 10 * time.Second
)

// Options say what a [Log] works with. Agent is needed.
type Options struct {
	Agent *agent.Agent
	// Group finds a group whose chat is written, by its UUID, and tells its name.
	// Nil: there is none.
	Group func(id grid.UUID) (name string, ok bool)
	// Input are the filters that commands are written with; nil means the
	// default ones.
	Input script.Filters
	// Timeout bounds the wait for the name of an avatar; 0 means 60 s.
	Timeout time.Duration
	// Log receives what went wrong. Nil: discarded.
	Log *slog.Logger
}

// Log writes what is said around one agent. Its methods may be called from any
// goroutine.
type Log struct {
	o     Options
	store *store

	lines chan line
	asks  chan ask
	// asking ends the questions for names, writing everything.
	asking, writing sync.WaitGroup
	ctx             context.Context
	cancel          context.CancelFunc

	mu          sync.Mutex
	unsubscribe func() // nil while nothing is written
	closed      bool
	dropped     int
	complained  time.Time
}

// line is a message on its way to a file.
type line struct {
	kind Kind
	name string
	Entry
}

// ask is a line whose file is called like an avatar.
type ask struct {
	avatar grid.UUID
	line
}

// Open begins to write, until Close is called.
func Open(o Options, s Settings) *Log {
	if o.Input == nil {
		o.Input = script.DefaultFilters()
	}
	if o.Timeout == 0 {
		o.Timeout = 60 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	l := &Log{o: o, store: newStore(s), lines: make(chan line, queueLength), asks: make(chan ask, askLength)}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.asking.Go(l.answer)
	l.writing.Go(l.write)
	l.Set(s)
	return l
}

// Set changes the settings.
func (l *Log) Set(s Settings) {
	l.store.set(s)
	wanted := false
	for _, on := range s.Kinds {
		wanted = wanted || on
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch on := wanted && s.Directory != "" && !l.closed; {
	case on && l.unsubscribe == nil:
		l.unsubscribe = l.o.Agent.Subscribe(l.hear)
	case !on && l.unsubscribe != nil:
		l.unsubscribe()
		l.unsubscribe = nil
	}
}

// Close writes what was heard, and nothing any more. It does not wait for a
// disk that hangs.
func (l *Log) Close() {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	l.closed = true
	if l.unsubscribe != nil {
		l.unsubscribe()
	}
	l.mu.Unlock()

	l.cancel()
	l.asking.Wait()
	done := make(chan struct{})
	go func() {
		l.writing.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(closeTimeout):
		l.o.Log.Warn("chat was not written: the disk does not answer")
	}
}

// put hands a line to the writer, or drops it.
func (l *Log) put(n line) {
	if !l.store.settings().Kinds[n.kind] {
		return
	}
	select {
	case l.lines <- n:
	default:
		l.drop()
	}
}

// putFor is put for a file that is called like an avatar whose name may have to
// be asked for.
func (l *Log) putFor(avatar grid.UUID, n line) {
	select {
	case l.asks <- ask{avatar, n}:
	default:
		n.name = avatar.String()
		l.put(n)
	}
}

func (l *Log) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropped++
	if now := time.Now(); now.Sub(l.complained) > complainEvery {
		l.complained = now
		l.o.Log.Warn("chat was not written: too much at a time", "lines", l.dropped)
		l.dropped = 0
	}
}

// answer finds the names that lines wait for, one after the other.
func (l *Log) answer() {
	for {
		select {
		case a := <-l.asks:
			a.name = l.nameOf(a.avatar)
			l.put(a.line)
			continue
		default:
		}
		select {
		case a := <-l.asks:
			a.name = l.nameOf(a.avatar)
			l.put(a.line)
		case <-l.ctx.Done():
			return
		}
	}
}

// nameOf is the name of an avatar, or its UUID when the grid does not tell.
func (l *Log) nameOf(id grid.UUID) string {
	ctx, cancel := context.WithTimeout(l.ctx, l.o.Timeout)
	defer cancel()
	names, err := l.o.Agent.AvatarNames(ctx, id)
	if name, ok := names[id]; ok {
		return name.String()
	}
	l.o.Log.Debug("chat is written by UUID: the avatar's name is not known", "avatar", id, "error", err)
	return id.String()
}

// write writes lines to their files, until the log is closed and all are
// written. What cannot be written is lost.
func (l *Log) write() {
	lost := 0
	for {
		var n line
		select {
		case n = <-l.lines:
		default:
			select {
			case n = <-l.lines:
			case <-l.ctx.Done():
				// Names may still be found: their lines come before asking ends.
				l.asking.Wait()
				select {
				case n = <-l.lines:
				default:
					return
				}
			}
		}
		err := l.store.append(n.kind, n.name, n.Entry)
		switch {
		case err != nil:
			if lost == 0 {
				l.o.Log.Error("chat cannot be written", "error", err)
			}
			lost++
		case lost > 0:
			l.o.Log.Info("chat is written again", "lost", lost)
			lost = 0
		}
	}
}
