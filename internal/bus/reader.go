package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rookery/script"
)

// ErrTaken reports that another client took a durable subscription, or that it
// was removed.
var ErrTaken = errors.New("another client has the durable subscription now, or it was removed")

const (
	// savePlaceEvery is how often it is kept how far a client has come. After a
	// kill of the program, what was sent since then is sent again.
	savePlaceEvery = time.Second
	// takeTimeout bounds the wait for the one that has a subscription to let go.
	takeTimeout = 5 * time.Second
	// readAhead is how many kept notifications are fetched at a time.
	readAhead = 64
)

// Resumed is a notification of a durable subscription with its sequence, which
// counts from 1 without a gap; where one is missing, the limits cost it.
type Resumed struct {
	Notification
	Sequence uint64
}

// Reader hands out what a durable subscription holds and will hold. One client
// has it at a time. Next belongs to one goroutine.
type Reader struct {
	bus    *Bus
	agent  string
	about  Durable
	stream string
	from   uint64

	messages jetstream.MessagesContext
	claim    *nats.Subscription
	// taken is closed when another client has taken the subscription.
	taken chan struct{}
	once  sync.Once

	mu   sync.Mutex
	next uint64    // the first that was not sent
	last time.Time // when that was saved
}

func takeSubject(stream string) string { return "rookery.take." + stream }

// stillThere asks the client that has a stream only whether there is one.
const stillThere = "?"

// take makes the client that has a stream, if there is one, let go of it.
func (b *Bus) take(ctx context.Context, stream string) error {
	_, err := b.askClient(ctx, stream, "")
	return err
}

// hasClient tells whether a client has a stream.
func (b *Bus) hasClient(ctx context.Context, stream string) (bool, error) {
	return b.askClient(ctx, stream, stillThere)
}

func (b *Bus) askClient(ctx context.Context, stream, what string) (there bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, takeTimeout)
	defer cancel()
	_, err = b.conn.RequestWithContext(ctx, takeSubject(stream), []byte(what))
	if errors.Is(err, nats.ErrNoResponders) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("ask the client of a durable subscription: %w", err)
	}
	return true, nil
}

// Resume makes a durable subscription of an agent, or changes what the one of
// that name keeps, and returns a reader of it, taking it from the client that may
// have it. It begins at a sequence, or, when from is 0, behind what was sent to
// the last client. When from is no longer kept it begins with the oldest that is.
// Errors that scripts see are [script.Error].
func (b *Bus) Resume(ctx context.Context, agent string, d Durable, from uint64) (*Reader, error) {
	all, err := b.askKeeper(ctx, agent, keeping{Do: "ensure", Durable: d, From: from})
	if err != nil {
		return nil, err
	}
	if !b.canKeep(ctx) {
		return nil, refusal(script.ErrUnavailable, "nothing can be kept: the bus has no store")
	}
	r := &Reader{bus: b, agent: agent, about: d, stream: streamOf(agent, d.Group, d.Name), taken: make(chan struct{})}
	if err := b.take(ctx, r.stream); err != nil {
		return nil, err
	}
	state := all[0]
	if from == 0 {
		p, err := b.placeOf(ctx, r.stream)
		if err != nil {
			return nil, err
		}
		from = p.Next
	}
	r.from = max(from, state.First)
	r.next = r.from
	if err := b.putPlace(ctx, r.stream, r.from); err != nil {
		return nil, err
	}
	r.last = time.Now()
	if err := r.open(ctx); err != nil {
		r.Close()
		return nil, fmt.Errorf("read the durable subscription: %w", err)
	}
	return r, nil
}

func (r *Reader) open(ctx context.Context) error {
	consumer, err := r.bus.js.OrderedConsumer(ctx, r.stream, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   r.from,
	})
	if err != nil {
		return err
	}
	if r.messages, err = consumer.Messages(jetstream.PullMaxMessages(readAhead)); err != nil {
		return err
	}
	r.claim, err = r.bus.conn.Subscribe(takeSubject(r.stream), func(m *nats.Msg) {
		defer func() { _ = m.Respond(nil) }()
		if string(m.Data) == stillThere {
			return
		}
		r.once.Do(func() {
			r.save()
			close(r.taken)
			r.messages.Stop()
		})
	})
	return err
}

// From is the sequence that it begins with.
func (r *Reader) From() uint64 { return r.from }

// Taken is closed when another client has taken the subscription.
func (r *Reader) Taken() <-chan struct{} { return r.taken }

// Next waits for the next notification that the group may hear. It fails with
// [ErrTaken], and with the context's error.
func (r *Reader) Next(ctx context.Context) (Resumed, error) {
	for {
		m, err := r.messages.Next(jetstream.NextContext(ctx))
		select {
		case <-r.taken:
			return Resumed{}, ErrTaken
		default:
		}
		if err != nil {
			if ctx.Err() != nil {
				return Resumed{}, ctx.Err()
			}
			return Resumed{}, fmt.Errorf("read the durable subscription: %w", err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return Resumed{}, fmt.Errorf("read the durable subscription: %w", err)
		}
		kind := untoken(m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:])
		if !r.bus.mayHear(r.agent, r.about.Group, kind) {
			r.Sent(meta.Sequence.Stream)
			continue
		}
		return Resumed{
			Notification: Notification{Type: kind, Group: r.about.Group, View: ViewOf(r.about.Fields), Text: m.Data()},
			Sequence:     meta.Sequence.Stream,
		}, nil
	}
}

// Sent notes that a notification, and all before it, have been sent to the
// client.
func (r *Reader) Sent(sequence uint64) {
	r.mu.Lock()
	r.next = max(r.next, sequence+1)
	due := time.Since(r.last) >= savePlaceEvery
	r.mu.Unlock()
	if due {
		r.save()
	}
}

// save keeps how far the client has come.
func (r *Reader) save() {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), keepTimeout)
	defer cancel()
	r.last = time.Now()
	if err := r.bus.putPlace(ctx, r.stream, r.next); err != nil {
		r.bus.log.Warn("durable subscription", "agent", r.agent, "subscription", r.about.Name, "error", err)
	}
}

// Close lets go of the subscription, which goes on keeping.
func (r *Reader) Close() {
	r.once.Do(r.save)
	if r.messages != nil {
		r.messages.Stop()
	}
	if r.claim != nil {
		// Who asks for the subscription at this moment still gets an answer.
		_ = r.claim.Drain()
	}
}
