package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"

	"rookery/script"
)

// ErrNoAgent reports that nobody serves the agent that was asked.
var ErrNoAgent = errors.New("no such agent on the bus")

// Request is one command on its way from a door to an agent.
type Request struct {
	// Door is where it came in: "tcp", "http" …
	Door string `json:"door"`
	// Sender says who asked, as logs show it; Identifier is the address or
	// UUID the sender asked from.
	Sender     string `json:"sender"`
	Identifier string `json:"identifier"`
	// Pairs are the keys and values, decoded, in the order they came in.
	Pairs script.Pairs `json:"pairs"`
}

// Reply is the answer to a Request: its keys and values, not yet encoded, in
// the order in which they are to be written.
type Reply struct {
	Pairs script.Pairs `json:"pairs"`
}

// Authorization asks whether a group with this password may hear these
// notifications.
type Authorization struct {
	Group    string   `json:"group"`
	Password string   `json:"password"`
	Types    []string `json:"types"`
	// All asks instead for everything that the group may hear, which may be
	// nothing.
	All bool `json:"all,omitempty"`
	// Remote is the address that asks, for logs and for slowing down guesses;
	// Door is where it came in.
	Remote string `json:"remote"`
	Door   string `json:"door,omitempty"`
}

// Grant is what an Authorization was answered with. When Error is not nil
// nothing was granted.
type Grant struct {
	GroupName string `json:"group_name,omitempty"`
	GroupID   string `json:"group_id,omitempty"`
	// Types are the granted notifications by their proper names.
	Types []string      `json:"types,omitempty"`
	Error *script.Error `json:"error,omitempty"`
}

// Handler is an agent's side of the bus. Its methods are called concurrently.
type Handler interface {
	// Execute runs one command and returns its answer.
	Execute(ctx context.Context, r Request) Reply
	// Authorize checks a group, its password and the notifications it asks for.
	Authorize(ctx context.Context, a Authorization) Grant
}

// served is an agent that this process serves.
type served struct {
	handler Handler
	*home
	// ctx ends when the serving does.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	over    bool
	running sync.WaitGroup
}

// begin counts a question that is about to be answered; false when the
// serving has ended.
func (s *served) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false
	}
	s.running.Add(1)
	return true
}

func (s *served) end() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.cancel()
	s.running.Wait()
}

// Serve answers what is asked of the named agent until stop is called, which
// waits for running handlers; their context ends with ctx or when stop is called.
func (b *Bus) Serve(ctx context.Context, agent string, h Handler) (stop func(), err error) {
	home, err := b.home(ctx, agent)
	if err != nil {
		return nil, fmt.Errorf("serve %s on the bus: %w", agent, err)
	}
	s := &served{handler: h, home: home}
	s.ctx, s.cancel = context.WithCancel(ctx)
	if _, taken := b.local.LoadOrStore(agent, s); taken {
		s.cancel()
		return nil, fmt.Errorf("serve %s on the bus: it is served already", agent)
	}
	var subs []*nats.Subscription
	stop = func() {
		b.local.Delete(agent)
		for _, sub := range subs {
			_ = sub.Unsubscribe()
		}
		s.end()
	}
	serve := func(subject string, answer func([]byte) (any, error)) error {
		sub, err := b.conn.Subscribe(subject, func(m *nats.Msg) {
			if !s.begin() {
				return
			}
			go func() {
				defer s.running.Done()
				v, err := answer(m.Data)
				if err != nil {
					b.log.Warn("bus request", "subject", subject, "error", err)
					return
				}
				data, err := json.Marshal(v)
				if err == nil {
					err = m.Respond(data)
				}
				if err != nil {
					b.log.Warn("bus answer", "subject", subject, "error", err)
				}
			}()
		})
		if err != nil {
			return fmt.Errorf("serve %s on the bus: %w", subject, err)
		}
		subs = append(subs, sub)
		return nil
	}
	err = errors.Join(
		serve(commandSubject(agent), func(data []byte) (any, error) {
			var r Request
			if err := json.Unmarshal(data, &r); err != nil {
				return nil, err
			}
			return h.Execute(s.ctx, r), nil
		}),
		serve(authorizeSubject(agent), func(data []byte) (any, error) {
			var a Authorization
			if err := json.Unmarshal(data, &a); err != nil {
				return nil, err
			}
			return h.Authorize(s.ctx, a), nil
		}),
		serve(keepSubject(agent), func(data []byte) (any, error) { return s.keeper.answer(s.ctx, data) }),
		serve(viewSubject(agent), s.views.answer),
		b.conn.Flush(),
	)
	if err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// Execute asks the named agent to run a command. It returns ErrNoAgent when
// nobody serves that agent, and the context's error when no answer came in time.
func (b *Bus) Execute(ctx context.Context, agent string, r Request) (Reply, error) {
	if s, ctx, done := b.here(ctx, agent); s != nil {
		defer done()
		return s.handler.Execute(ctx, r), nil
	}
	var reply Reply
	err := b.ask(ctx, commandSubject(agent), r, &reply)
	return reply, err
}

// Authorize asks the named agent whether a group may hear notifications. A
// refusal is a Grant with an Error; err is for the bus itself, as with Execute.
func (b *Bus) Authorize(ctx context.Context, agent string, a Authorization) (Grant, error) {
	if s, ctx, done := b.here(ctx, agent); s != nil {
		defer done()
		return s.handler.Authorize(ctx, a), nil
	}
	var grant Grant
	err := b.ask(ctx, authorizeSubject(agent), a, &grant)
	return grant, err
}

// here finds an agent that this process serves itself: what is asked of it need
// not travel. The context ends with the caller's and with the serving. Nil when
// the agent lives elsewhere; otherwise done must be called.
func (b *Bus) here(ctx context.Context, agent string) (s *served, both context.Context, done func()) {
	v, ok := b.local.Load(agent)
	if !ok {
		return nil, ctx, nil
	}
	s = v.(*served)
	if !s.begin() {
		return nil, ctx, nil
	}
	both, cancel := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.ctx, cancel)
	return s, both, func() {
		unhook()
		cancel()
		s.running.Done()
	}
}

func (b *Bus) ask(ctx context.Context, subject string, question, answer any) error {
	data, err := json.Marshal(question)
	if err != nil {
		return fmt.Errorf("ask %s: %w", subject, err)
	}
	m, err := b.conn.RequestWithContext(ctx, subject, data)
	if errors.Is(err, nats.ErrNoResponders) {
		return fmt.Errorf("ask %s: %w", subject, ErrNoAgent)
	}
	if err != nil {
		return fmt.Errorf("ask %s: %w", subject, err)
	}
	if err := json.Unmarshal(m.Data, answer); err != nil {
		return fmt.Errorf("answer of %s: %w", subject, err)
	}
	return nil
}
