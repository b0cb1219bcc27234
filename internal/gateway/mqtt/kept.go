package mqtt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"rookery/internal/bus"
	"rookery/internal/gateway"
)

// keptSession is a session that outlives its connection (MQTT 5.0 §4.1): a
// durable subscription of the group that the client logged in for, named after
// the client. What the client has acknowledged counts as sent.
type keptSession struct {
	s    *session
	name string
	// expiry is how long the session outlives a connection, in seconds.
	expiry uint32
	// from is the sequence that the client asked for; 0: none. Wrong says what is
	// wrong with what it asked for.
	from  uint64
	wrong error

	mu sync.Mutex
	// established is set when the client has been answered, ended when its
	// connection is over: what it had subscribed to then stays.
	established, ended bool
	// filters are those of the group itself with QoS 1.
	filters []packets.Subscription
	reader  *bus.Reader
	cancel  context.CancelFunc
	// out are the messages that wait for acknowledgement, oldest first.
	out []outMessage
}

// outMessage is a message on its way.
type outMessage struct {
	id       uint16
	sequence uint64
	done     bool
}

// note is what is remembered of a session with its durable subscription.
type note struct {
	Expiry  uint32       `json:"expiry"`
	Filters []noteFilter `json:"filters"`
}

type noteFilter struct {
	Filter     string `json:"filter"`
	Identifier int    `json:"id,omitempty"`
}

// forgetTimeout bounds how long it takes to forget a session: a door that closes
// waits for it.
const forgetTimeout = 5 * time.Second

// keptName names the durable subscription of a client.
func keptName(clientID string) (string, error) {
	name := "mqtt:" + clientID
	return name, bus.CheckName(name)
}

func (s *session) durables() *bus.Durables { return s.door.desk.Bus.Durables(s.door.desk.Agent) }

// keep makes the session one that outlives its connection, where the client
// wants that and has logged in with a user name: a client identifier alone proves
// nothing. It ends what there was of the session where the client wants that.
func (s *session) keep(cl *broker.Client, pk packets.Packet) {
	requested := pk.Properties.SessionExpiryInterval
	if cl.Properties.ProtocolVersion < 5 && !pk.Connect.Clean {
		requested = math.MaxUint32
	}
	if s.login == nil || pk.Connect.ClientIdentifier == "" {
		return
	}
	name, err := keptName(pk.Connect.ClientIdentifier)
	if err != nil {
		if requested > 0 {
			s.door.log.Info("a session ends with its connection: its client identifier cannot name it", "remote", s.remote, "reason", err)
		}
		return
	}
	if pk.Connect.Clean {
		err := s.durables().Remove(s.door.ctx, s.login.grant.GroupID, name)
		if err != nil {
			s.door.log.Debug("a session begins anew", "remote", s.remote, "error", err)
		}
	}
	if requested == 0 {
		return
	}
	k := &keptSession{s: s, name: name, expiry: requested}
	for _, p := range pk.Properties.User {
		if p.Key == "from" {
			if k.from, _ = strconv.ParseUint(p.Val, 10, 63); k.from == 0 {
				k.wrong = fmt.Errorf("from: %q: want a sequence, a whole number from 1", p.Val)
			}
		}
	}
	s.kept = k
	if !pk.Connect.Clean {
		k.restore(cl)
	}
	// The broker would tell the client that its session ends with the connection.
	cl.Properties.Props.SessionExpiryInterval = 0
}

// restore finds the filters that the session had, and lets the broker have them
// as if an earlier client left them.
func (k *keptSession) restore(cl *broker.Client) {
	s := k.s
	all, err := s.durables().List(s.door.ctx, s.login.grant.GroupID)
	if err != nil {
		s.door.log.Warn("a session is not found again", "remote", s.remote, "error", err)
		return
	}
	i := slices.IndexFunc(all, func(d bus.Kept) bool { return d.Name == k.name })
	if i < 0 {
		return
	}
	var was note
	if err := json.Unmarshal([]byte(all[i].Note), &was); err != nil {
		return // made by a handshake of another door
	}
	if was.Expiry != math.MaxUint32 && time.Since(all[i].Used) > time.Duration(was.Expiry)*time.Second {
		_ = s.durables().Remove(s.door.ctx, s.login.grant.GroupID, k.name)
		return
	}
	earlier := s.door.server.NewClient(nil, s.door.listener.ID(), cl.ID, true)
	earlier.Stop(packets.ErrSessionTakenOver)
	for _, f := range was.Filters {
		if !s.subscribe(f.Filter) {
			continue // the group may not hear it any more
		}
		sub := packets.Subscription{Filter: f.Filter, Qos: 1, Identifier: f.Identifier}
		if f.Identifier > 0 {
			sub.Identifiers = map[string]int{f.Filter: f.Identifier}
		}
		k.filters = append(k.filters, sub)
		earlier.State.Subscriptions.Add(f.Filter, sub)
	}
	s.door.server.Clients.Add(earlier)
}

// wants tells whether a filter is the kind that is kept: of the group itself, and
// with QoS 1 or 2.
func (k *keptSession) wants(sub packets.Subscription) bool {
	r, _ := split(sub.Filter)
	return sub.Qos > 0 && !strings.Contains(r.prefix, "/")
}

// subscribed keeps a filter; delivery begins where it is the first.
func (k *keptSession) subscribed(sub packets.Subscription) {
	k.mu.Lock()
	k.filters = slices.DeleteFunc(k.filters, func(f packets.Subscription) bool { return f.Filter == sub.Filter })
	if k.wants(sub) {
		k.filters = append(k.filters, sub)
	}
	begun := k.reader != nil
	k.mu.Unlock()
	if !begun {
		k.begin()
		return
	}
	k.change()
}

func (k *keptSession) unsubscribed(filter string) {
	k.mu.Lock()
	if k.ended {
		k.mu.Unlock()
		return
	}
	before := len(k.filters)
	k.filters = slices.DeleteFunc(k.filters, func(f packets.Subscription) bool { return f.Filter == filter })
	changed := len(k.filters) != before
	k.mu.Unlock()
	if changed {
		k.change()
	}
}

// durable is the subscription as it is now.
func (k *keptSession) durable() bus.Durable {
	k.mu.Lock()
	defer k.mu.Unlock()
	d := bus.Durable{Group: k.s.login.grant.GroupID, Name: k.name, Types: []string{}}
	n := note{Expiry: k.expiry}
	for _, f := range k.filters {
		n.Filters = append(n.Filters, noteFilter{f.Filter, f.Identifier})
		if a, err := parseTopic(f.Filter, k.s.login); err == nil {
			kinds, _ := a.kinds(k.s.login.grant)
			for _, kind := range kinds {
				if !slices.Contains(d.Types, kind) {
					d.Types = append(d.Types, kind)
				}
			}
		}
	}
	text, err := json.Marshal(n)
	if err != nil {
		panic(err) // numbers and texts always encode
	}
	d.Note = string(text)
	return d
}

// change tells what is to be kept from now on.
func (k *keptSession) change() {
	if err := k.s.door.desk.Bus.Keep(k.s.door.ctx, k.s.door.desk.Agent, k.durable()); err != nil {
		k.failed(err)
	}
}

// begin delivers what was kept and what will be, when there is anything to keep.
func (k *keptSession) begin() {
	k.mu.Lock()
	none := len(k.filters) == 0
	k.established = true
	k.mu.Unlock()
	if k.wrong != nil {
		k.failed(k.wrong)
		return
	}
	if none {
		return
	}
	d := k.s.door
	reader, err := d.desk.Bus.Resume(d.ctx, d.desk.Agent, k.durable(), k.from)
	if err != nil {
		k.failed(err)
		return
	}
	ctx, cancel := context.WithCancel(d.ctx)
	k.mu.Lock()
	k.reader, k.cancel = reader, cancel
	k.mu.Unlock()
	if !d.start(func() { k.deliver(ctx, reader) }) {
		reader.Close()
	}
}

// failed ends the connection of a client whose session cannot be kept: it relies
// on that. MQTT 5.0 tells it why.
func (k *keptSession) failed(err error) {
	k.s.door.log.Warn("closed: a session cannot be kept", "remote", k.s.remote, "error", err)
	k.s.mu.Lock()
	cl := k.s.client
	k.s.mu.Unlock()
	_ = k.s.door.server.DisconnectClient(cl, packets.Code{Code: packets.ErrImplementationSpecificError.Code, Reason: err.Error()})
}

// taken ends the connection of a client that would hear nothing any more: its
// subscription was removed, or somebody else has it.
func (k *keptSession) taken() {
	k.s.mu.Lock()
	cl := k.s.client
	k.s.mu.Unlock()
	if cl.Closed() {
		return // the same client has connected again
	}
	k.s.door.log.Info("closed: its session was removed or taken", "remote", k.s.remote)
	_ = k.s.door.server.DisconnectClient(cl, packets.ErrSessionTakenOver)
}

func (k *keptSession) deliver(ctx context.Context, reader *bus.Reader) {
	defer reader.Close()
	for {
		n, err := reader.Next(ctx)
		if err == nil {
			err = k.send(ctx, n)
		}
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, bus.ErrTaken):
			k.taken()
			return
		case err != nil:
			k.failed(err)
			return
		}
	}
}

// send publishes one notification to the client, once for each topic that it has
// asked for.
func (k *keptSession) send(ctx context.Context, n bus.Resumed) error {
	d := k.s.door
	k.s.mu.Lock()
	cl := k.s.client
	k.s.mu.Unlock()
	channels := k.channels(n.Type)
	for i, c := range channels {
		language := gateway.WAS
		if c.json {
			language = gateway.JSON
		}
		text, err := d.desk.AppendResumed(nil, n, language)
		if err != nil {
			d.log.Error("a notification that cannot be encoded", "type", n.Type, "error", err)
			continue
		}
		d.echoes.add(text)
		sub := d.server.Topics.Subscribers(c.topic).Subscriptions[cl.ID]
		sub.Qos = 1
		pk := packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: 1}, TopicName: c.topic, Payload: text}
		// Only with the last of them is the notification sent.
		sequence := uint64(0)
		if i == len(channels)-1 {
			sequence = n.Sequence
		}
		if err := k.s.giveKept(ctx, cl, sub, pk, func(id uint16) { k.sent(id, sequence) }); err != nil {
			return err
		}
	}
	if len(channels) == 0 {
		k.acknowledged(0, n.Sequence)
	}
	return nil
}

// channels are where notifications of a kind go.
func (k *keptSession) channels(kind string) []channel {
	k.mu.Lock()
	defer k.mu.Unlock()
	var channels []channel
	for _, f := range k.filters {
		a, err := parseTopic(f.Filter, k.s.login)
		if err != nil {
			continue
		}
		if kinds, _ := a.kinds(k.s.login.grant); slices.Contains(kinds, kind) && !slices.Contains(channels, a.channel(kind)) {
			channels = append(channels, a.channel(kind))
		}
	}
	return channels
}

// sent notes a message on its way; sequence is 0 for all but the last of a
// notification.
func (k *keptSession) sent(id uint16, sequence uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.out = append(k.out, outMessage{id: id, sequence: sequence})
}

// acknowledged notes that the client has a message, or, when id is 0, that
// nothing had to be sent for a sequence.
func (k *keptSession) acknowledged(id uint16, sequence uint64) {
	// Nobody else may wait for the store, which the reader writes to.
	if reader, sent := k.arrived(id, sequence); sent > 0 {
		reader.Sent(sent)
	}
}

// arrived is acknowledged but for the store: it returns the sequence up to which
// the client has everything, 0 if that is as it was.
func (k *keptSession) arrived(id uint16, sequence uint64) (reader *bus.Reader, sent uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if id == 0 {
		k.out = append(k.out, outMessage{sequence: sequence, done: true})
	}
	for i := range k.out {
		if k.out[i].id == id && !k.out[i].done {
			k.out[i].done = true
			break
		}
	}
	for len(k.out) > 0 && k.out[0].done {
		sent = max(sent, k.out[0].sequence)
		k.out = k.out[1:]
	}
	return k.reader, sent
}

// disconnected makes what the client has subscribed to stay.
func (k *keptSession) disconnected() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.ended = true
}

// end lets go of the session with its connection, or forgets it where the client
// has said so in its DISCONNECT packet.
func (k *keptSession) end(forget bool) {
	k.disconnected()
	k.mu.Lock()
	cancel, established := k.cancel, k.established
	k.mu.Unlock()
	if cancel != nil {
		cancel()
	}
	if forget && established {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(k.s.door.ctx), forgetTimeout)
		defer cancel()
		if err := k.s.durables().Remove(ctx, k.s.login.grant.GroupID, k.name); err != nil {
			k.s.door.log.Warn("a session was not forgotten", "remote", k.s.remote, "error", err)
		}
	}
}

// keeps tells whether notifications of a topic come to the client by way of what
// is kept.
func (s *session) keeps(topic string) bool {
	if s.kept == nil {
		return false
	}
	r, kind := split(topic)
	return slices.Contains(s.kept.channels(kind), channel{topic, r.json})
}
