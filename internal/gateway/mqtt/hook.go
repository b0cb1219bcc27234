package mqtt

import (
	"errors"
	"strconv"
	"strings"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

var errKind = errors.New("the last level of the topic is no notification that the group may hear")

// These have no group, so no client may hear or use them.
const (
	refusedFilter = "refused"
	goodbyeTopic  = "goodbye"
)

func isFilter(topic string) bool { return strings.ContainsAny(topic, "+#") }

// hook is what the broker asks and tells. Sessions of clients that are not the
// door's own are nil: the door itself, which may do anything.
type hook struct {
	broker.HookBase
	door *Door
}

func (h *hook) ID() string { return "door" }

func (h *hook) Provides(b byte) bool {
	switch b {
	case broker.OnConnect, broker.OnConnectAuthenticate, broker.OnSessionEstablish, broker.OnACLCheck,
		broker.OnSubscribe, broker.OnUnsubscribed, broker.OnPublish, broker.OnPublished, broker.OnWillSent, broker.OnPublishDropped,
		broker.OnPacketEncode:
		return true
	}
	return false
}

// OnConnect makes every connection a session of its own: a client identifier
// proves nothing, and must not hand over what another client asked for.
func (h *hook) OnConnect(cl *broker.Client, _ packets.Packet) error {
	cl.ID = strconv.FormatUint(h.door.clients.Add(1), 10)
	cl.Properties.Clean = true
	cl.Properties.Will.WillDelayInterval = 0 // the session ends at once
	if s := sessionOf(cl); s != nil && s.late {
		h.door.log.Warn("refused: too many connections", "remote", s.remote, "limit", h.door.cfg.MaxConnections)
		busy := packets.ErrServerBusy
		if cl.Properties.ProtocolVersion < 5 {
			busy = packets.ErrServerUnavailable
		}
		_ = h.door.server.SendConnack(cl, busy, false, nil)
		return busy
	}
	return nil
}

// OnConnectAuthenticate lets in who gives no user name, for whom the topics tell
// group and password, and who gives those of a group.
func (h *hook) OnConnectAuthenticate(cl *broker.Client, pk packets.Packet) bool {
	s := sessionOf(cl)
	if s == nil || !s.enter(cl, string(pk.Connect.Username), string(pk.Connect.Password), pk.Connect.ClientIdentifier) {
		return false
	}
	if pk.Connect.WillFlag {
		return s.maySay(pk.Connect.WillTopic)
	}
	return true
}

// OnSessionEstablish ends an earlier connection of the same client (MQTT 5.0
// §3.1.4): the same identifier with the same group's password, or without one
// from the same host.
func (h *hook) OnSessionEstablish(cl *broker.Client, _ packets.Packet) {
	if earlier := h.door.entered(sessionOf(cl)); earlier != nil {
		h.door.log.Info("closed: the same client connected again", "remote", earlier.remote)
		if earlier.client.Properties.ProtocolVersion >= 5 {
			_ = h.door.server.DisconnectClient(earlier.client, packets.ErrSessionTakenOver)
			return
		}
		earlier.client.Stop(packets.ErrSessionTakenOver)
	}
}

func (h *hook) OnACLCheck(cl *broker.Client, topic string, write bool) bool {
	s := sessionOf(cl)
	switch {
	case s == nil:
		return true
	case write:
		return s.maySay(topic)
	default:
		return s.mayHear(topic)
	}
}

// OnSubscribe decides about filters. In the place of one that is refused it puts
// what OnACLCheck refuses, which cannot tell a filter without wildcards from a
// topic.
func (h *hook) OnSubscribe(cl *broker.Client, pk packets.Packet) packets.Packet {
	if s := sessionOf(cl); s != nil {
		for i, f := range pk.Filters {
			if !s.subscribe(f.Filter) {
				pk.Filters[i].Filter = refusedFilter
			}
		}
	}
	return pk
}

func (h *hook) OnUnsubscribed(cl *broker.Client, pk packets.Packet) {
	if s := sessionOf(cl); s != nil {
		for _, f := range pk.Filters {
			s.unsubscribe(f.Filter)
		}
	}
}

// OnPublish lets nothing be retained: a command is run once.
func (h *hook) OnPublish(_ *broker.Client, pk packets.Packet) (packets.Packet, error) {
	pk.FixedHeader.Retain = false
	return pk, nil
}

// OnPublished is told after the message has gone to those who hear its topic,
// so that they see a command before its answer.
func (h *hook) OnPublished(cl *broker.Client, pk packets.Packet) {
	if s := sessionOf(cl); s != nil {
		s.heard(pk)
	}
}

func (h *hook) OnWillSent(cl *broker.Client, pk packets.Packet) {
	if s := sessionOf(cl); s != nil {
		s.heard(pk)
	}
}

// OnPacketEncode is called for each packet as its turn comes. The goodbye is
// queued behind all messages as a message of its own, and is put in its place
// here.
func (h *hook) OnPacketEncode(cl *broker.Client, pk packets.Packet) packets.Packet {
	if pk.FixedHeader.Type == packets.Publish && pk.TopicName == goodbyeTopic {
		if s := sessionOf(cl); s != nil {
			s.goodbye() // what is written after it goes nowhere
		}
	}
	return pk
}

// OnPublishDropped sends away who does not keep up.
func (h *hook) OnPublishDropped(cl *broker.Client, _ packets.Packet) {
	if s := sessionOf(cl); s != nil {
		h.door.log.Info("closed: a client does not keep up", "remote", s.remote)
		cl.Stop(packets.ErrQuotaExceeded)
	}
}
