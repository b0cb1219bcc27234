package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"rookery/script"
)

const (
	// keepTimeout bounds the wait until a notification is kept: nothing may
	// hold up what happens for long.
	keepTimeout = 2 * time.Second
	// tidyEvery is how often subscriptions without a client are looked for.
	tidyEvery = time.Hour
	// tidyTimeout bounds one look.
	tidyTimeout = time.Minute
)

// home is what is told of an agent of this process: it lives as long as the bus,
// so that even an agent that says goodbye is heard.
type home struct {
	keeper *keeper
	views  views
}

// home finds or makes the home of an agent.
func (b *Bus) home(ctx context.Context, agent string) (*home, error) {
	if h, ok := b.homes.Load(agent); ok {
		return h.(*home), nil
	}
	h := &home{}
	var err error
	if h.keeper, err = newKeeper(ctx, b, agent, &h.views); err != nil {
		return nil, err
	}
	if earlier, loaded := b.homes.LoadOrStore(agent, h); loaded {
		h.keeper.close()
		return earlier.(*home), nil
	}
	return h, nil
}

// keeper keeps the notifications of one agent for its durable subscriptions,
// where the agent lives.
type keeper struct {
	bus   *Bus
	agent string
	views *views

	mu sync.Mutex // held while a subscription is made, changed or forgotten
	// table is never changed once stored, so that keeping needs no lock.
	table atomic.Pointer[[]kept]

	stop    context.CancelFunc
	running sync.WaitGroup
}

// kept is a durable subscription with its stream.
type kept struct {
	Durable
	stream string
	// release ends the telling of its view.
	release func()
}

func keepSubject(agent string) string { return "rookery.keep." + token(agent) }

// keeping is what a door asks of a keeper.
type keeping struct {
	// Do is "ensure", "list" or "remove".
	Do      string  `json:"do"`
	Durable Durable `json:"durable"`
	// From is where the asker wants to begin; 0: it does not say.
	From uint64 `json:"from,omitempty"`
}

type keepingAnswer struct {
	Kept  []Kept        `json:"kept,omitempty"`
	Error *script.Error `json:"error,omitempty"`
}

// newKeeper finds the durable subscriptions of an agent.
func newKeeper(ctx context.Context, b *Bus, agent string, v *views) (*keeper, error) {
	k := &keeper{bus: b, agent: agent, views: v}
	k.table.Store(&[]kept{})
	ctx, cancel := context.WithTimeout(ctx, tidyTimeout)
	defer cancel()
	if !b.canKeep(ctx) {
		return k, nil
	}
	if err := k.load(ctx); err != nil {
		return nil, fmt.Errorf("find the durable subscriptions of %s: %w", agent, err)
	}
	tidying, stop := context.WithCancel(context.Background())
	k.stop = stop
	k.running.Go(func() { k.tidy(tidying) })
	return k, nil
}

func (k *keeper) close() {
	if k.stop != nil {
		k.stop()
	}
	k.running.Wait()
}

func (k *keeper) load(ctx context.Context) error {
	var table []kept
	streams := k.bus.js.ListStreams(ctx)
	for info := range streams.Info() {
		d, ok := durableOf(k.agent, info)
		if !ok {
			continue
		}
		release, err := k.views.hold(d.Fields)
		if err != nil {
			return err
		}
		table = append(table, kept{d, info.Config.Name, release})
	}
	if err := streams.Err(); err != nil {
		return err
	}
	k.table.Store(&table)
	return nil
}

// keep writes a notification down for every subscription that wants it, and
// returns when that is done. When the store fails nothing waits for it any more
// until it works again.
func (k *keeper) keep(n Notification) {
	var acks []jetstream.PubAckFuture
	for _, s := range *k.table.Load() {
		if !s.keeps(n) || !k.bus.mayHear(k.agent, s.Group, n.Type) {
			continue
		}
		if k.bus.down.Load() {
			k.bus.missed.Add(1)
			continue
		}
		ack, err := k.bus.js.PublishMsgAsync(&nats.Msg{Subject: keptSubject(s.stream, token(n.Type)), Data: n.Text})
		if err != nil {
			k.bus.lost(err)
			continue
		}
		acks = append(acks, ack)
	}
	if len(acks) == 0 {
		return
	}
	late := time.NewTimer(keepTimeout)
	defer late.Stop()
	for _, ack := range acks {
		select {
		case <-ack.Ok():
		case err := <-ack.Err():
			k.bus.lost(err)
		case <-late.C:
			k.bus.lost(errors.New("the store does not answer"))
			return
		}
	}
}

// do answers a door.
func (k *keeper) do(ctx context.Context, q keeping) keepingAnswer {
	if !k.bus.canKeep(ctx) {
		return keepingAnswer{Error: refusal(script.ErrUnavailable, "nothing can be kept: the bus has no store")}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var a keepingAnswer
	var err error
	switch q.Do {
	case "ensure":
		a.Kept, err = k.ensure(ctx, q.Durable, q.From)
	case "list":
		a.Kept, err = k.list(ctx, q.Durable.Group)
	case "remove":
		a.Kept, err = k.remove(ctx, q.Durable)
	default:
		err = fmt.Errorf("a keeper is asked to %q", q.Do)
	}
	if err != nil {
		a = keepingAnswer{Error: script.AsError(err)}
		var full *jetstream.APIError
		switch {
		case errors.As(err, &full):
			a.Error = refusal(script.ErrUnavailable, "the store of the bus says: %s", full.Description)
			k.bus.log.Error("durable subscription", "agent", k.agent, "do", q.Do, "error", err)
		case a.Error == script.ErrGeneral:
			k.bus.log.Error("durable subscription", "agent", k.agent, "do", q.Do, "error", err)
		}
	}
	return a
}

// ensure makes a subscription, or changes what the one of that name keeps.
func (k *keeper) ensure(ctx context.Context, d Durable, from uint64) ([]Kept, error) {
	if err := CheckName(d.Name); err != nil {
		return nil, refusal(script.ErrInvalidParameter, "subscription: %v", err)
	}
	table := *k.table.Load()
	i := k.find(d.Group, d.Name)
	if i < 0 {
		have := 0
		for _, s := range table {
			if s.Group == d.Group {
				have++
			}
		}
		if have >= k.bus.limits.Most {
			return nil, refusal(script.ErrSubscriptions, "the group has %d durable subscriptions and may have %d", have, k.bus.limits.Most)
		}
	}
	config, err := d.config(k.agent, k.bus.limits)
	if err != nil {
		return nil, err
	}
	// Before anything is made or changed, or anybody is sent away.
	if err := k.reached(ctx, i, from); err != nil {
		return nil, err
	}
	release, err := k.views.hold(d.Fields)
	if err != nil {
		return nil, err
	}
	stream, err := k.bus.js.CreateOrUpdateStream(ctx, config)
	if err != nil {
		release()
		return nil, err
	}
	changed := slices.Clone(table)
	if i < 0 {
		changed = append(changed, kept{d, config.Name, release})
	} else {
		table[i].release()
		changed[i] = kept{d, config.Name, release}
	}
	k.table.Store(&changed)
	about, err := k.about(ctx, d, stream)
	return []Kept{about}, err
}

// reached refuses a sequence that the subscription at a place of the table, or a
// new one at -1, has never come to.
func (k *keeper) reached(ctx context.Context, i int, from uint64) error {
	if from <= 1 {
		return nil
	}
	last := uint64(0)
	if i >= 0 {
		stream, err := k.bus.js.Stream(ctx, (*k.table.Load())[i].stream)
		if err != nil {
			return err
		}
		last = stream.CachedInfo().State.LastSeq
	}
	if from > last+1 {
		return refusal(script.ErrInvalidParameter, "from: %d: the newest sequence is %d", from, last)
	}
	return nil
}

func (k *keeper) about(ctx context.Context, d Durable, stream jetstream.Stream) (Kept, error) {
	info := stream.CachedInfo()
	used, err := k.bus.lastUsed(ctx, info.Config.Name)
	return Kept{d, max(1, info.State.FirstSeq), info.State.LastSeq, info.State.Bytes, used}, err
}

func (k *keeper) find(group, name string) int {
	return slices.IndexFunc(*k.table.Load(), func(s kept) bool { return s.Group == group && s.Name == name })
}

// list returns the subscriptions of a group, by name.
func (k *keeper) list(ctx context.Context, group string) ([]Kept, error) {
	var all []Kept
	for _, s := range *k.table.Load() {
		if s.Group != group {
			continue
		}
		stream, err := k.bus.js.Stream(ctx, s.stream)
		if err != nil {
			return nil, err
		}
		about, err := k.about(ctx, s.Durable, stream)
		if err != nil {
			return nil, err
		}
		all = append(all, about)
	}
	slices.SortFunc(all, func(a, b Kept) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// remove forgets a subscription and what it keeps. A client that has it is sent
// away.
func (k *keeper) remove(ctx context.Context, d Durable) ([]Kept, error) {
	i := k.find(d.Group, d.Name)
	if i < 0 {
		return nil, refusal(script.ErrInvalidParameter, "the group has no durable subscription %q", d.Name)
	}
	return nil, k.forget(ctx, i)
}

func (k *keeper) forget(ctx context.Context, i int) error {
	table := *k.table.Load()
	s := table[i]
	changed := slices.Delete(slices.Clone(table), i, i+1)
	k.table.Store(&changed)
	s.release()
	if err := k.bus.take(ctx, s.stream); err != nil {
		k.bus.log.Warn("durable subscription", "agent", k.agent, "subscription", s.Name, "error", err)
	}
	if err := k.bus.js.DeleteStream(ctx, s.stream); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	return k.bus.forgetPlace(ctx, s.stream)
}

// revise forgets the subscriptions of groups that are no more.
func (k *keeper) revise(r Rights) {
	ctx, cancel := context.WithTimeout(context.Background(), tidyTimeout)
	defer cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := len(*k.table.Load()) - 1; i >= 0; i-- {
		s := (*k.table.Load())[i]
		if _, there := r[s.Group]; there {
			continue
		}
		if err := k.forget(ctx, i); err != nil {
			k.bus.log.Error("a durable subscription of a group that is gone was not forgotten", "agent", k.agent, "subscription", s.Name, "error", err)
			continue
		}
		k.bus.log.Info("a durable subscription was forgotten: its group is gone", "agent", k.agent, "subscription", s.Name)
	}
}

// tidy forgets subscriptions that no client had for as long as a notification
// is kept.
func (k *keeper) tidy(ctx context.Context) {
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	for {
		k.forgetUnused(ctx, time.Now().Add(-k.bus.limits.Age))
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// forgetUnused forgets subscriptions that had their last client before a time.
func (k *keeper) forgetUnused(ctx context.Context, before time.Time) {
	ctx, cancel := context.WithTimeout(ctx, tidyTimeout)
	defer cancel()
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := len(*k.table.Load()) - 1; i >= 0; i-- {
		s := (*k.table.Load())[i]
		used, err := k.bus.lastUsed(ctx, s.stream)
		there := false
		if err == nil && used.Before(before) {
			there, err = k.bus.hasClient(ctx, s.stream)
		}
		if err == nil && used.Before(before) && !there {
			if err = k.forget(ctx, i); err == nil {
				k.bus.log.Info("a durable subscription was forgotten: nobody came for it", "agent", k.agent, "subscription", s.Name, "since", used)
			}
		}
		if err != nil && ctx.Err() == nil {
			k.bus.log.Warn("durable subscription", "agent", k.agent, "subscription", s.Name, "error", err)
		}
	}
}

// askKeeper asks where the agent lives.
func (b *Bus) askKeeper(ctx context.Context, agent string, q keeping) ([]Kept, error) {
	var a keepingAnswer
	if s, ctx, done := b.here(ctx, agent); s != nil {
		defer done()
		a = s.keeper.do(ctx, q)
	} else if err := b.ask(ctx, keepSubject(agent), q, &a); err != nil {
		return nil, err
	}
	if a.Error != nil {
		return nil, a.Error
	}
	return a.Kept, nil
}

// Keep makes a durable subscription, or changes what the one of that name keeps,
// without reading it.
func (b *Bus) Keep(ctx context.Context, agent string, d Durable) error {
	_, err := b.askKeeper(ctx, agent, keeping{Do: "ensure", Durable: d})
	return err
}

// Durables are the durable subscriptions of an agent.
type Durables struct {
	bus   *Bus
	agent string
}

// Durables returns those of the named agent.
func (b *Bus) Durables(agent string) *Durables { return &Durables{b, agent} }

// List returns those of a group, by name.
func (d *Durables) List(ctx context.Context, group string) ([]Kept, error) {
	return d.bus.askKeeper(ctx, d.agent, keeping{Do: "list", Durable: Durable{Group: group}})
}

// Remove forgets one and what it keeps. Its client, if it has one, is sent away.
func (d *Durables) Remove(ctx context.Context, group, name string) error {
	_, err := d.bus.askKeeper(ctx, d.agent, keeping{Do: "remove", Durable: Durable{Group: group, Name: name}})
	return err
}

// answer answers what came over the bus.
func (k *keeper) answer(ctx context.Context, data []byte) (any, error) {
	var q keeping
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, err
	}
	return k.do(ctx, q), nil
}
