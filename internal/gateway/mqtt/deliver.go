package mqtt

import (
	"context"
	"errors"
	"slices"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// maxUnacknowledged is how many messages a client may have that it has not
// acknowledged; it may want less.
const maxUnacknowledged = 1024

// deliver sends a message to everybody who has subscribed to its topic, and does
// not wait for anybody. The broker would do so itself, but drops messages when
// many come at a time.
func (d *Door) deliver(pk packets.Packet) { d.deliverTo(pk, func(*session) bool { return true }) }

// deliverTo is deliver for some of them.
func (d *Door) deliverTo(pk packets.Packet, wanted func(*session) bool) {
	for id, sub := range d.server.Topics.Subscribers(pk.TopicName).Subscriptions {
		if sub.NoLocal && pk.Origin == id {
			continue // MQTT 5.0 §3.8.3.1
		}
		if cl, ok := d.server.Clients.Get(id); ok {
			if s := sessionOf(cl); s != nil && s.mayHear(pk.TopicName) && wanted(s) {
				s.give(cl, sub, pk)
			}
		}
	}
}

// give sends one message to the client, or keeps it until earlier ones are
// acknowledged.
func (s *session) give(cl *broker.Client, sub packets.Subscription, pk packets.Packet) {
	pk = addressed(pk, sub)
	s.giving.Lock()
	defer s.giving.Unlock()
	if pk.FixedHeader.Qos == 0 {
		pk.PacketID = 0
		_ = cl.WritePacket(pk) // it only fails when the connection has
		return
	}
	s.held = append(s.held, pk)
	s.heldBytes += len(pk.TopicName) + len(pk.Payload)
	s.release(cl)
	if s.heldBytes > s.door.cfg.QueueBytes {
		s.held, s.heldBytes = nil, 0
		s.door.log.Info("closed: a client does not acknowledge", "remote", s.remote)
		_ = s.door.server.DisconnectClient(cl, packets.ErrQuotaExceeded)
	}
}

// addressed makes a message one to somebody with a subscription.
func addressed(pk packets.Packet, sub packets.Subscription) packets.Packet {
	pk.FixedHeader.Qos = min(pk.FixedHeader.Qos, sub.Qos)
	pk.FixedHeader.Dup = false
	pk.Created = time.Now().Unix()
	pk.Properties.SubscriptionIdentifier = nil
	for _, id := range sub.Identifiers {
		if id > 0 {
			pk.Properties.SubscriptionIdentifier = append(pk.Properties.SubscriptionIdentifier, id)
		}
	}
	slices.Sort(pk.Properties.SubscriptionIdentifier)
	return pk
}

// giveKept sends a message with QoS 1, and waits until the client has room for
// it: there is no hurry, what waits is kept. Sent is told its identifier before
// the client can acknowledge it.
func (s *session) giveKept(ctx context.Context, cl *broker.Client, sub packets.Subscription, pk packets.Packet, sent func(id uint16)) error {
	pk = addressed(pk, sub)
	for {
		s.giving.Lock()
		if len(s.held) == 0 && cl.State.Inflight.Len() < s.inflight(cl) {
			pk.PacketID = s.packetID(cl)
			sent(pk.PacketID)
			taken := s.send(cl, pk)
			s.giving.Unlock()
			if !taken {
				s.kept.acknowledged(pk.PacketID, 0)
			}
			return nil
		}
		s.giving.Unlock()
		select {
		case <-s.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// acknowledged makes use of the room that an acknowledgement brings.
func (s *session) acknowledged(cl *broker.Client, id uint16, whole bool) {
	if whole && s.kept != nil {
		s.kept.acknowledged(id, 0)
	}
	s.giving.Lock()
	defer s.giving.Unlock()
	s.release(cl)
	select {
	case s.room <- struct{}{}:
	default:
	}
}

// inflight is how many messages the client may have that it has not
// acknowledged.
func (s *session) inflight(cl *broker.Client) int {
	if wanted := int(cl.Properties.Props.ReceiveMaximum); wanted > 0 {
		return min(maxUnacknowledged, wanted)
	}
	return maxUnacknowledged
}

// release sends kept messages while the client has room for more that wait for
// its acknowledgement (MQTT 5.0 §4.9).
func (s *session) release(cl *broker.Client) {
	room := s.inflight(cl)
	for len(s.held) > 0 && cl.State.Inflight.Len() < room {
		pk := s.held[0]
		s.held[0] = packets.Packet{}
		s.held = s.held[1:]
		s.heldBytes -= len(pk.TopicName) + len(pk.Payload)
		pk.PacketID = s.packetID(cl)
		s.send(cl, pk)
	}
}

// send writes a message that is to be acknowledged; false when it is larger than
// the client takes, and so will not be (MQTT 5.0 §3.1.2.11.4).
func (s *session) send(cl *broker.Client, pk packets.Packet) (taken bool) {
	cl.State.Inflight.Set(pk)
	if err := cl.WritePacket(pk); !errors.Is(err, packets.ErrPacketTooLarge) {
		return true // otherwise it only fails when the connection has
	}
	cl.State.Inflight.Delete(pk.PacketID)
	s.door.log.Info("a message was not sent: it is larger than the client takes", "remote", s.remote, "limit", cl.Properties.Props.MaximumPacketSize)
	return false
}

// packetID finds an identifier for a message to the client. The broker takes one
// that it sent and one that the client sent for the same, which MQTT does not:
// these keep away from those that the client, counting, has come to.
func (s *session) packetID(cl *broker.Client) uint16 {
	const quarter = 1 << 14
	theirs := uint16(s.theirs.Load())
	if ahead := s.lastID - theirs; ahead < quarter || ahead >= 3*quarter {
		s.lastID = theirs + 2*quarter
	}
	for {
		s.lastID++
		if _, used := cl.State.Inflight.Get(s.lastID); !used && s.lastID != 0 {
			return s.lastID
		}
	}
}
