package mqtt

import (
	"errors"
	"math"
	"strconv"
	"strings"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

var errKind = errors.New("the last level of the topic is no notification that the group may hear")

// refusedFilter has no group, so no client may hear it.
const refusedFilter = "refused"

// maxKeepAlive is the longest keep alive that the broker can count, in seconds: it
// waits one and a half times as long, in 16 bits.
const maxKeepAlive = math.MaxUint16 / 3 * 2

func isFilter(topic string) bool { return strings.ContainsAny(topic, "+#") }

// hook is what the broker asks and tells.
type hook struct {
	broker.HookBase
	door *Door
}

func (h *hook) ID() string { return "door" }

func (h *hook) Provides(b byte) bool {
	switch b {
	case broker.OnConnect, broker.OnConnectAuthenticate, broker.OnSessionEstablish, broker.OnSessionEstablished, broker.OnACLCheck,
		broker.OnDisconnect, broker.OnSubscribe, broker.OnSubscribed, broker.OnUnsubscribed, broker.OnPublish, broker.OnPublished,
		broker.OnPacketRead, broker.OnPacketEncode, broker.OnPacketProcessed:
		return true
	}
	return false
}

// OnPacketRead mends what the broker would take amiss.
func (h *hook) OnPacketRead(cl *broker.Client, pk packets.Packet) (packets.Packet, error) {
	s := sessionOf(cl)
	if s == nil {
		return pk, nil
	}
	switch pk.FixedHeader.Type {
	case packets.Connect:
		s.takeWill(&pk.Connect)
	case packets.Publish:
		if !broker.IsValidFilter(pk.TopicName, true) && !isFilter(pk.TopicName) {
			// A topic of the broker's own, such as $SYS/x: it would never answer.
			pk.TopicName = refusedFilter
		}
		fallthrough
	case packets.Subscribe, packets.Unsubscribe:
		if pk.PacketID != 0 {
			s.theirs.Store(uint32(pk.PacketID))
		}
	}
	return pk, nil
}

// OnPacketEncode makes packets what the client's version of the protocol has.
func (h *hook) OnPacketEncode(cl *broker.Client, pk packets.Packet) packets.Packet {
	version := cl.Properties.ProtocolVersion
	refused := pk.ReasonCode >= packets.ErrUnspecifiedError.Code
	switch {
	case pk.FixedHeader.Type == packets.Connack && version == 5:
		if !refused {
			pk.Properties.MaximumPacketSize = uint32(h.door.cfg.MaxMessage)
		}
	case pk.FixedHeader.Type == packets.Connack && refused:
		pk.ReasonCode = oldReason(pk.ReasonCode, version)
	case pk.FixedHeader.Type == packets.Disconnect && version < 5:
		// Only clients send it there; this one is not sent.
		pk.FixedHeader.Type = packets.Reserved
	}
	return pk
}

// oldReason is what CONNACK says before MQTT 5.0 where the broker has no word for
// it (MQTT 3.1.1 §3.2.2.3).
func oldReason(code, version byte) byte {
	switch {
	case version > 5 || version < 3:
		return packets.Err3UnsupportedProtocolVersion.Code
	case code == packets.ErrUnspecifiedError.Code: // no identifier, and a session that is to stay
		return packets.Err3ClientIdentifierNotValid.Code
	case code == packets.ErrProtocolViolation.Code: // of user name, password or will
		return packets.ErrMalformedUsernameOrPassword.Code
	default:
		return packets.Err3ServerUnavailable.Code
	}
}

// OnConnect makes every connection a session of its own: a client identifier
// proves nothing, and must not hand over what another client asked for.
func (h *hook) OnConnect(cl *broker.Client, _ packets.Packet) error {
	cl.ID = strconv.FormatUint(h.door.clients.Add(1), 10)
	cl.Properties.Clean = true
	if cl.State.Keepalive > maxKeepAlive {
		cl.State.Keepalive, cl.State.ServerKeepalive = maxKeepAlive, true
		if cl.Properties.ProtocolVersion < 5 {
			cl.State.Keepalive = 0 // it cannot be told
		}
	}
	// Without a quota the broker sends nothing by itself, which it would look for
	// with a lock that it takes twice: mochi 2.7.9 stands still for good when
	// something is given to the client between the two.
	cl.State.Inflight.ResetSendQuota(0)
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
	if s.will != nil && !s.maySay(s.will.TopicName) {
		s.will = nil // not even now that the connection ends
		return false
	}
	return true
}

// OnSessionEstablish ends an earlier connection of the same client (MQTT 5.0
// §3.1.4): the same identifier with the same group's password, or without one
// from the same host.
func (h *hook) OnSessionEstablish(cl *broker.Client, pk packets.Packet) {
	if earlier := h.door.entered(sessionOf(cl)); earlier != nil {
		h.door.log.Info("closed: the same client connected again", "remote", earlier.remote)
		_ = h.door.server.DisconnectClient(earlier.client, packets.ErrSessionTakenOver)
		// It may be about to forget the session that this client begins.
		select {
		case <-earlier.over:
		case <-h.door.ctx.Done():
		}
	}
	if s := sessionOf(cl); s != nil {
		s.keep(cl, pk)
	}
}

// OnSessionEstablished is told when the client has been answered.
func (h *hook) OnSessionEstablished(cl *broker.Client, _ packets.Packet) {
	if s := sessionOf(cl); s != nil && s.kept != nil {
		cl.Properties.Props.SessionExpiryInterval = s.kept.expiry
		s.kept.begin()
	}
}

// OnDisconnect is told before the broker takes the client's filters away.
func (h *hook) OnDisconnect(cl *broker.Client, _ error, _ bool) {
	if s := sessionOf(cl); s != nil && s.kept != nil {
		s.kept.disconnected()
	}
}

func (h *hook) OnACLCheck(cl *broker.Client, topic string, write bool) bool {
	s := sessionOf(cl)
	switch {
	case s == nil:
		return false
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
			switch {
			case !s.subscribe(f.Filter):
				pk.Filters[i].Filter = refusedFilter
			case s.kept != nil && s.kept.wants(f):
				// What is kept comes at least once, and so not exactly once.
				pk.Filters[i].Qos = 1
			}
		}
	}
	return pk
}

// OnSubscribed is told what was granted.
func (h *hook) OnSubscribed(cl *broker.Client, pk packets.Packet, reasons []byte) {
	s := sessionOf(cl)
	if s == nil || s.kept == nil {
		return
	}
	for i, f := range pk.Filters {
		if reasons[i] <= packets.CodeGrantedQos2.Code {
			s.kept.subscribed(f)
		}
	}
}

func (h *hook) OnUnsubscribed(cl *broker.Client, pk packets.Packet) {
	if s := sessionOf(cl); s != nil {
		for _, f := range pk.Filters {
			s.unsubscribe(f.Filter)
			if s.kept != nil {
				s.kept.unsubscribed(f.Filter)
			}
		}
	}
}

// OnPublish leaves it to the door to deliver: see OnPublished.
func (h *hook) OnPublish(_ *broker.Client, pk packets.Packet) (packets.Packet, error) {
	return pk, packets.CodeSuccessIgnore
}

// OnPublished is told when a message of a client has been acknowledged.
func (h *hook) OnPublished(cl *broker.Client, pk packets.Packet) {
	if s := sessionOf(cl); s != nil {
		s.heard(pk, s.conn.gone)
	}
}

// OnPacketProcessed makes use of the room that an acknowledgement brings.
func (h *hook) OnPacketProcessed(cl *broker.Client, pk packets.Packet, _ error) {
	switch pk.FixedHeader.Type {
	case packets.Pubrec:
		// The broker has counted what it sends as if the client had sent it.
		cl.State.Inflight.IncreaseReceiveQuota()
		fallthrough
	case packets.Puback, packets.Pubcomp:
		if s := sessionOf(cl); s != nil {
			s.acknowledged(cl, pk.PacketID, pk.FixedHeader.Type != packets.Pubrec)
		}
	}
}
