package mqtt_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/mochi-mqtt/server/v2/packets"

	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/mqtt"
)

// raw is a client that says packets one by one, right or wrong, in any version of
// the protocol.
type raw struct {
	t       *testing.T
	conn    net.Conn
	in      *bufio.Reader
	version byte
}

func (h *house) raw(version byte) *raw {
	h.T.Helper()
	conn, err := net.Dial("tcp", h.door.Addr())
	if err != nil {
		h.T.Fatal(err)
	}
	h.T.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(gatewaytest.Patience))
	return &raw{h.T, conn, bufio.NewReader(conn), version}
}

func (r *raw) say(pk packets.Packet) {
	r.t.Helper()
	if err := r.try(pk); err != nil {
		r.t.Fatal(err)
	}
}

// try is say to a door that may have ended the connection.
func (r *raw) try(pk packets.Packet) error {
	r.t.Helper()
	pk.ProtocolVersion = r.version
	var b bytes.Buffer
	encode := map[byte]func(*bytes.Buffer) error{
		packets.Connect: pk.ConnectEncode, packets.Publish: pk.PublishEncode, packets.Subscribe: pk.SubscribeEncode, packets.Pingreq: pk.PingreqEncode,
		packets.Puback: pk.PubackEncode, packets.Pubrec: pk.PubrecEncode, packets.Pubcomp: pk.PubcompEncode, packets.Disconnect: pk.DisconnectEncode,
	}
	if err := encode[pk.FixedHeader.Type](&b); err != nil {
		r.t.Fatal(err)
	}
	_, err := r.conn.Write(b.Bytes())
	return err
}

// connect is a CONNECT packet.
func connect(change func(*packets.ConnectParams)) packets.Packet {
	pk := packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Connect},
		Connect:     packets.ConnectParams{ProtocolName: []byte("MQTT"), Clean: true, Keepalive: 30, ClientIdentifier: "raw"},
	}
	change(&pk.Connect)
	return pk
}

func (r *raw) enter() {
	r.t.Helper()
	r.say(connect(func(*packets.ConnectParams) {}))
	if ack := r.hear(packets.Connack); ack.ReasonCode != 0 {
		r.t.Fatalf("refused with 0x%02x", ack.ReasonCode)
	}
}

func (r *raw) subscribe(qos byte, filter string) {
	r.t.Helper()
	r.say(subscribe(1, packets.Subscription{Filter: filter, Qos: qos}))
	if ack := r.hear(packets.Suback); ack.ReasonCodes[0] != qos {
		r.t.Fatalf("%q: granted 0x%02x", filter, ack.ReasonCodes[0])
	}
}

func subscribe(id uint16, sub packets.Subscription) packets.Packet {
	return packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Subscribe, Qos: 1}, PacketID: id, Filters: packets.Subscriptions{sub}}
}

func publish(id uint16, qos byte, topic, text string) packets.Packet {
	return packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: qos}, PacketID: id, TopicName: topic, Payload: []byte(text)}
}

func (r *raw) acknowledge(kind byte, id uint16) {
	r.t.Helper()
	r.say(packets.Packet{FixedHeader: packets.FixedHeader{Type: kind}, PacketID: id})
}

// hear reads one packet of a kind.
func (r *raw) hear(kind byte) packets.Packet {
	r.t.Helper()
	pk, err := r.next()
	if err != nil {
		r.t.Fatalf("want %s: %v", packets.PacketNames[kind], err)
	}
	if pk.FixedHeader.Type != kind {
		r.t.Fatalf("want %s, got %s 0x%02x", packets.PacketNames[kind], packets.PacketNames[pk.FixedHeader.Type], pk.ReasonCode)
	}
	return pk
}

// hearEnd fails the test when anything comes before the end of the connection.
func (r *raw) hearEnd() {
	r.t.Helper()
	if pk, err := r.next(); !errors.Is(err, io.EOF) {
		r.t.Fatalf("want the end, got %s, %v", packets.PacketNames[pk.FixedHeader.Type], err)
	}
}

func (r *raw) next() (packets.Packet, error) {
	pk := packets.Packet{ProtocolVersion: r.version}
	first, err := r.in.ReadByte()
	if err != nil {
		return pk, err
	}
	if err := pk.FixedHeader.Decode(first); err != nil {
		return pk, err
	}
	if pk.FixedHeader.Remaining, _, err = packets.DecodeLength(r.in); err != nil {
		return pk, err
	}
	text := make([]byte, pk.FixedHeader.Remaining)
	if _, err := io.ReadFull(r.in, text); err != nil {
		return pk, err
	}
	decode := map[byte]func([]byte) error{
		packets.Connack: pk.ConnackDecode, packets.Publish: pk.PublishDecode, packets.Suback: pk.SubackDecode, packets.Puback: pk.PubackDecode,
		packets.Pubrec: pk.PubrecDecode, packets.Pubrel: pk.PubrelDecode, packets.Disconnect: pk.DisconnectDecode,
		packets.Pingresp: func([]byte) error { return nil },
	}[pk.FixedHeader.Type]
	if decode == nil {
		return pk, fmt.Errorf("a packet %s", packets.PacketNames[pk.FixedHeader.Type])
	}
	return pk, decode(text)
}

// versions are those of the protocol: 3 is MQTT 3.1, 4 is 3.1.1.
var versions = []byte{3, 4, 5}

func eachVersion(t *testing.T, test func(t *testing.T, version byte)) {
	t.Parallel()
	for _, version := range versions {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			t.Parallel()
			test(t, version)
		})
	}
}

func (r *raw) connect(change func(*packets.ConnectParams)) packets.Packet {
	r.t.Helper()
	r.say(connect(func(c *packets.ConnectParams) {
		if r.version == 3 {
			c.ProtocolName = []byte("MQIsdp")
		}
		change(c)
	}))
	return r.hear(packets.Connack)
}

func TestAnyKeepAliveIsKept(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		h := open(t, mqtt.Config{})
		// One and a half times the second one is 0 in 16 bits.
		for _, seconds := range []uint16{0, 43691, 65535} {
			r := h.raw(version)
			ack := r.connect(func(c *packets.ConnectParams) { c.Keepalive = seconds })
			if ack.ReasonCode != 0 {
				t.Fatalf("keep alive %d: refused with 0x%02x", seconds, ack.ReasonCode)
			}
			if version == 5 && seconds > 43690 && ack.Properties.ServerKeepAlive != 43690 {
				t.Errorf("keep alive %d: told to keep %d", seconds, ack.Properties.ServerKeepAlive)
			}
			for range 3 {
				r.say(packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Pingreq}})
				r.hear(packets.Pingresp)
			}
		}
	})
}

func TestAClientThatIsSilentForTooLongIsGone(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	watcher, r := h.call(), h.raw(4)
	watcher.hears("g/p/commands")
	r.connect(func(c *packets.ConnectParams) {
		c.Keepalive = 1
		c.WillFlag, c.WillTopic, c.WillPayload = true, "g/p/commands", []byte("success=gone")
	})
	r.hearEnd()
	watcher.hear("g/p/commands", "success=gone")
}

// Any will that MQTT has is taken: what is retained elsewhere is said once here.
func TestAWillMayBeRetainedOrEmpty(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		h := open(t, mqtt.Config{})
		watcher := h.call()
		watcher.hears("g/p/answers")
		for _, will := range []string{"gone", ""} {
			r := h.raw(version)
			if ack := r.connect(func(c *packets.ConnectParams) {
				c.WillFlag, c.WillRetain, c.WillQos, c.WillTopic, c.WillPayload = true, true, 1, "g/p/answers", []byte(will)
			}); ack.ReasonCode != 0 {
				t.Fatalf("the will %q: refused with 0x%02x", will, ack.ReasonCode)
			}
			r.conn.Close()
			p := watcher.next()
			if string(p.Payload) != will || p.Retain {
				t.Errorf("the will %q came as %q, retained %v", will, p.Payload, p.Retain)
			}
			if will != "" {
				watcher.hearStart("g/p/answers", "error=")
			}
		}
	})
}

func TestAWillThatIsRefusedIsNeverSaid(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		h := open(t, mqtt.Config{})
		in := h.dial()
		in.connect(login("g", "p"))
		in.hears("g/local")
		r := h.raw(version)
		will := func(c *packets.ConnectParams) {
			c.WillFlag, c.WillTopic, c.WillPayload = true, "g/local", []byte("success=forged")
		}
		if ack := r.connect(will); ack.ReasonCode == 0 {
			t.Error("a will for a topic without a password was let in")
		}
		r.hearEnd()
		// A second CONNECT brings no will either.
		r = h.raw(version)
		r.connect(func(*packets.ConnectParams) {})
		r.say(connect(will))
		for {
			if _, err := r.next(); err != nil {
				break
			}
		}
		gatewaytest.Until(t, "both have gone", func() bool { return h.door.Connections() == 1 })
		h.Notify("local", "", "type=local&n=1")
		in.hear("g/local", "type=local&n=1")
		in.silent()
	})
}

// Who is sent away has not said goodbye.
func TestTheWillOfAClientThatIsSentAwayIsSaid(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		h := open(t, mqtt.Config{})
		watcher := h.call()
		watcher.hears("g/p/answers")
		r := h.raw(version)
		r.connect(func(c *packets.ConnectParams) {
			c.WillFlag, c.WillTopic, c.WillPayload = true, "g/p/answers", []byte("success=gone")
		})
		for range 100 { // it is not let in, again and again
			_ = r.try(publish(0, 0, "g/q/local", "command=echo"))
		}
		watcher.hear("g/p/answers", "success=gone")

		r = h.raw(version)
		r.connect(func(c *packets.ConnectParams) {
			c.WillFlag, c.WillTopic, c.WillPayload = true, "g/p/answers", []byte("success=gone")
		})
		r.say(packets.Packet{FixedHeader: packets.FixedHeader{Type: packets.Disconnect}})
		r.hearEnd()
		gatewaytest.Until(t, "it has gone", func() bool { return h.door.Connections() == 1 })
		watcher.publish("g/p/answers", "success=end")
		watcher.hear("g/p/answers", "success=end")
	})
}

func TestRefusalsAreThoseOfTheVersion(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	for _, tc := range []struct {
		name    string
		version byte
		change  func(*packets.ConnectParams)
		want    byte
	}{
		{"3.1.1: no identifier for a session that stays", 4, func(c *packets.ConnectParams) { c.ClientIdentifier, c.Clean = "", false }, 2},
		{"3.1.1: a wrong password", 4, func(c *packets.ConnectParams) {
			c.UsernameFlag, c.Username, c.PasswordFlag, c.Password = true, []byte("g"), true, []byte("q")
		}, 5},
		{"3.1.1: an empty password", 4, func(c *packets.ConnectParams) { c.UsernameFlag, c.Username, c.PasswordFlag = true, []byte("g"), true }, 4},
		{"a version that there is not", 6, func(*packets.ConnectParams) {}, 1},
		{"what bridges of mosquitto try first", 0x84, func(*packets.ConnectParams) {}, 1},
		{"5.0: a wrong password", 5, func(c *packets.ConnectParams) {
			c.UsernameFlag, c.Username, c.PasswordFlag, c.Password = true, []byte("g"), true, []byte("q")
		}, 0x86},
	} {
		r := h.raw(tc.version)
		if ack := r.connect(tc.change); ack.ReasonCode != tc.want {
			t.Errorf("%s: 0x%02x, want 0x%02x", tc.name, ack.ReasonCode, tc.want)
		}
		r.hearEnd()
	}
}

// Before MQTT 5.0 only clients send DISCONNECT: one that gets it takes it for an
// error of the protocol.
func TestOldClientsAreSentAwayWithoutAWord(t *testing.T) {
	eachVersion(t, func(t *testing.T, version byte) {
		h := open(t, mqtt.Config{})
		r := h.raw(version)
		r.connect(func(*packets.ConnectParams) {})
		r.say(publish(1, 1, "g/q/local", "command=echo"))
		if version < 5 {
			r.hearEnd()
			return
		}
		if ack := r.hear(packets.Puback); ack.ReasonCode != packets.ErrNotAuthorized.Code {
			t.Errorf("acknowledged with 0x%02x", ack.ReasonCode)
		}
	})
}

func TestAMessageToATopicOfTheBrokersOwnIsAnswered(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	for _, topic := range []string{"$SYS/broker/version", "$sys", "$share"} {
		r := h.raw(5)
		r.enter()
		r.say(publish(1, 1, topic, "x"))
		if ack := r.hear(packets.Puback); ack.ReasonCode != packets.ErrNotAuthorized.Code {
			t.Errorf("%s: acknowledged with 0x%02x", topic, ack.ReasonCode)
		}
	}
}

// What is on its way to a client does not count as on its way from it.
func TestAClientWithManyMessagesToAcknowledgeMayPublish(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	r := h.raw(5)
	r.enter()
	r.subscribe(2, "g/p/local")
	const n = 300 // more than a client may have on its way
	for i := range n {
		h.Notify("local", "", fmt.Sprintf("type=local&n=%d", i))
	}
	var ids []uint16
	for range n {
		ids = append(ids, r.hear(packets.Publish).PacketID)
	}
	for _, id := range ids {
		r.acknowledge(packets.Pubrec, id)
		r.hear(packets.Pubrel)
	}
	r.say(publish(1, 1, "g/p/answers", "success=well"))
	if ack := r.hear(packets.Puback); ack.ReasonCode != 0 {
		t.Errorf("acknowledged with 0x%02x", ack.ReasonCode)
	}
}

func TestAMessageThatIsTooLargeForItsClientIsLeftOut(t *testing.T) {
	t.Parallel()
	for name, packet := range map[string]*paho.Connect{"a session that ends": login("g", "p"), "a session that stays": stay("me")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, mqtt.Config{})
			c := h.dial()
			if packet.Properties == nil {
				packet.Properties = &paho.ConnectProperties{}
			}
			packet.Properties.MaximumPacketSize = paho.Uint32(500)
			packet.Properties.ReceiveMaximum = paho.Uint16(2)
			c.connect(packet)
			c.hears("g/local")
			large := strings.Repeat("x", 600)
			for i := range 5 { // more than may be unacknowledged
				h.Notify("local", "", "type=local&message="+large)
				h.Notify("local", "", fmt.Sprintf("type=local&n=%d", i))
			}
			for i := range 5 {
				c.hearStart("g/local", fmt.Sprintf("type=local&n=%d", i))
			}
			c.silent()
		})
	}
}

func TestAClientIsToldHowLargeAPacketMayBe(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{MaxMessage: 1000})
	ack, err := h.dial().Connect(t.Context(), &paho.Connect{CleanStart: true, KeepAlive: 30})
	if err != nil || ack.Properties.MaximumPacketSize == nil || *ack.Properties.MaximumPacketSize != 1000 {
		t.Errorf("%+v, %v", ack, err)
	}
}

// The broker takes an identifier of its own for one of the client's.
func TestIdentifiersKeepAwayFromThoseOfTheClient(t *testing.T) {
	t.Parallel()
	h := open(t, mqtt.Config{})
	r := h.raw(4)
	r.enter()
	r.subscribe(1, "g/p/local")
	theirs := uint16(1)
	for range 64 { // once round
		theirs += 1 << 10
		r.say(publish(theirs, 1, "g/p/answers", "success=x"))
		r.hear(packets.Puback)
		h.Notify("local", "", "type=local")
		ours := r.hear(packets.Publish).PacketID
		if near := int16(ours - theirs); near > -1<<12 && near < 1<<12 {
			t.Errorf("%d where the client has come to %d", ours, theirs)
		}
		r.acknowledge(packets.Puback, ours)
	}
}
