package broker

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/google/go-cmp/cmp"
	mochi "github.com/mochi-mqtt/server/v2/packets"
	"pgregory.net/rapid"
)

// text draws a text that MQTT may carry.
func text(most int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune("abc/é世 +#")), 0, most, -1)
}

// encode writes a packet as paho does.
func encode(t *rapid.T, p io.WriterTo) []byte {
	var b bytes.Buffer
	if _, err := p.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// decode reads a packet of MQTT 3.1.1 as a broker does.
func decode(t *rapid.T, packet []byte) *mochi.Packet {
	head, length, ok, err := header(packet)
	if err != nil || !ok || len(packet) != head+length {
		t.Fatalf("no packet: % x", packet)
	}
	pk := &mochi.Packet{ProtocolVersion: 4}
	if err := pk.FixedHeader.Decode(packet[0]); err != nil {
		t.Fatalf("% x: %v", packet, err)
	}
	pk.FixedHeader.Remaining = length
	body := packet[head:]
	switch pk.FixedHeader.Type {
	case mochi.Connect:
		err = pk.ConnectDecode(body)
	case mochi.Publish:
		err = pk.PublishDecode(body)
	case mochi.Subscribe:
		err = pk.SubscribeDecode(body)
	case mochi.Unsubscribe:
		err = pk.UnsubscribeDecode(body)
	case mochi.Puback:
		err = pk.PubackDecode(body)
	case mochi.Pubrec:
		err = pk.PubrecDecode(body)
	case mochi.Pubrel:
		err = pk.PubrelDecode(body)
	case mochi.Pubcomp:
		err = pk.PubcompDecode(body)
	default:
		if length != 0 {
			t.Fatalf("% x has a body", packet)
		}
	}
	if err != nil {
		t.Fatalf("% x: %v", packet, err)
	}
	return pk
}

func lowered(t *rapid.T, p io.WriterTo) *mochi.Packet {
	packet, err := lower(encode(t, p))
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, packet)
}

func properties(t *rapid.T) *packets.Properties {
	p := &packets.Properties{}
	if rapid.Bool().Draw(t, "properties") {
		p.ReasonString = text(200).Draw(t, "reason")
		p.User = []packets.User{{Key: text(5).Draw(t, "key"), Value: text(300).Draw(t, "value")}}
	}
	return p
}

func TestBrokersOfMQTT311ReadWhatIsSent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := uint16(rapid.IntRange(1, 65535).Draw(t, "id"))
		qos := rapid.ByteRange(0, 2).Draw(t, "qos")
		payload := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "payload")
		topic := text(200).Draw(t, "topic")

		connect := &packets.Connect{
			ProtocolName: "MQTT", ProtocolVersion: 5, ClientID: text(30).Draw(t, "client"), KeepAlive: id,
			CleanStart: rapid.Bool().Draw(t, "clean"), Properties: &packets.Properties{SessionExpiryInterval: new(uint32)},
		}
		if rapid.Bool().Draw(t, "user") {
			connect.UsernameFlag, connect.Username = true, text(20).Draw(t, "name")
			if rapid.Bool().Draw(t, "password") {
				connect.PasswordFlag, connect.Password = true, payload
			}
		}
		if rapid.Bool().Draw(t, "will") {
			connect.WillFlag, connect.WillTopic, connect.WillMessage, connect.WillQOS = true, topic, payload, qos
			connect.WillRetain, connect.WillProperties = rapid.Bool().Draw(t, "kept"), &packets.Properties{}
		}
		got := lowered(t, connect)
		want := mochi.ConnectParams{
			ProtocolName: []byte("MQTT"), Clean: connect.CleanStart, ClientIdentifier: connect.ClientID, Keepalive: connect.KeepAlive,
			UsernameFlag: connect.UsernameFlag, PasswordFlag: connect.PasswordFlag,
			WillFlag: connect.WillFlag, WillQos: connect.WillQOS, WillRetain: connect.WillRetain,
		}
		if connect.UsernameFlag {
			want.Username = []byte(connect.Username)
		}
		if connect.PasswordFlag {
			want.Password = connect.Password
		}
		if connect.WillFlag {
			want.WillTopic, want.WillPayload = connect.WillTopic, connect.WillMessage
		}
		if diff := cmp.Diff(want, got.Connect, cmp.Comparer(bytes.Equal)); diff != "" || got.ProtocolVersion != 4 {
			t.Errorf("version %d (-want +got):\n%s", got.ProtocolVersion, diff)
		}

		m := publish(Message{Topic: topic, Payload: payload, QoS: qos, Retain: rapid.Bool().Draw(t, "retain"), Response: "r", Correlation: []byte("c")}, id, qos > 0)
		got = lowered(t, m)
		if got.TopicName != topic || !bytes.Equal(got.Payload, payload) || got.FixedHeader.Qos != qos || got.FixedHeader.Retain != m.Retain ||
			got.FixedHeader.Dup != (qos > 0) || qos > 0 && got.PacketID != id {
			t.Errorf("%+v, want %+v", got, m)
		}

		subscribe := &packets.Subscribe{PacketID: id, Properties: properties(t), Subscriptions: []packets.SubOptions{
			{Topic: topic, QoS: qos, NoLocal: true, RetainHandling: 1}, {Topic: "b", QoS: 1},
		}}
		got = lowered(t, subscribe)
		if got.PacketID != id || len(got.Filters) != 2 || got.Filters[0].Filter != topic || got.Filters[0].Qos != qos || got.Filters[1].Filter != "b" ||
			got.Filters[0].NoLocal || got.Filters[1].Qos != 1 {
			t.Errorf("%+v", got.Filters)
		}
		got = lowered(t, &packets.Unsubscribe{PacketID: id, Properties: properties(t), Topics: []string{topic, "b"}})
		if got.PacketID != id || len(got.Filters) != 2 || got.Filters[0].Filter != topic || got.Filters[1].Filter != "b" {
			t.Errorf("%+v", got.Filters)
		}
		for _, p := range []io.WriterTo{
			&packets.Puback{PacketID: id, Properties: properties(t)}, &packets.Pubrec{PacketID: id, ReasonCode: 0x80},
			&packets.Pubrel{PacketID: id, ReasonCode: 0x92}, &packets.Pubcomp{PacketID: id, Properties: properties(t)},
		} {
			if got := lowered(t, p); got.PacketID != id {
				t.Errorf("%+v of %v", got, p)
			}
		}
		lowered(t, &packets.Disconnect{ReasonCode: 4, Properties: &packets.Properties{SessionExpiryInterval: new(uint32)}})
		lowered(t, packets.NewControlPacket(packets.PINGREQ))
	})
}

// sent writes a packet of MQTT 3.1.1 as a broker does, and reads what is made of
// it as paho does.
func sentByBroker(t *rapid.T, pk mochi.Packet) *packets.ControlPacket {
	pk.ProtocolVersion = 4
	var b bytes.Buffer
	var err error
	switch pk.FixedHeader.Type {
	case mochi.Connack:
		err = pk.ConnackEncode(&b)
	case mochi.Publish:
		err = pk.PublishEncode(&b)
	case mochi.Suback:
		err = pk.SubackEncode(&b)
	case mochi.Unsuback:
		err = pk.UnsubackEncode(&b)
	case mochi.Puback:
		err = pk.PubackEncode(&b)
	case mochi.Pubrec:
		err = pk.PubrecEncode(&b)
	case mochi.Pubrel:
		err = pk.PubrelEncode(&b)
	case mochi.Pubcomp:
		err = pk.PubcompEncode(&b)
	case mochi.Pingresp:
		err = pk.PingrespEncode(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	packet, err := raise(b.Bytes())
	if err != nil {
		t.Fatalf("% x: %v", b.Bytes(), err)
	}
	got, err := packets.ReadPacket(bytes.NewReader(packet))
	if err != nil {
		t.Fatalf("% x: %v", packet, err)
	}
	return got
}

func TestWhatBrokersOfMQTT311SendIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := uint16(rapid.IntRange(1, 65535).Draw(t, "id"))
		qos := rapid.ByteRange(0, 2).Draw(t, "qos")
		payload := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "payload")
		topic := "a" + text(200).Draw(t, "topic")
		dup, retain := qos > 0 && rapid.Bool().Draw(t, "dup"), rapid.Bool().Draw(t, "retain")
		m := mochi.Packet{FixedHeader: mochi.FixedHeader{Type: mochi.Publish, Qos: qos, Dup: dup, Retain: retain}, TopicName: topic, Payload: payload}
		if qos > 0 {
			m.PacketID = id
		}
		got := sentByBroker(t, m).Content.(*packets.Publish)
		if got.Topic != topic || !bytes.Equal(got.Payload, payload) || got.QoS != qos || got.Duplicate != dup || got.Retain != retain || got.PacketID != m.PacketID {
			t.Errorf("%+v, want %+v", got, m)
		}
		for kind, want := range map[byte]any{
			mochi.Puback: &packets.Puback{PacketID: id}, mochi.Pubrec: &packets.Pubrec{PacketID: id},
			mochi.Pubrel: &packets.Pubrel{PacketID: id}, mochi.Pubcomp: &packets.Pubcomp{PacketID: id},
			mochi.Unsuback: &packets.Unsuback{PacketID: id, Reasons: []byte{0}},
			mochi.Suback:   &packets.Suback{PacketID: id, Reasons: []byte{qos, 0x80}},
			mochi.Pingresp: &packets.Pingresp{},
		} {
			got := sentByBroker(t, mochi.Packet{FixedHeader: mochi.FixedHeader{Type: kind, Qos: 1}, PacketID: id, ReasonCodes: []byte{qos, 0x80}})
			if diff := cmp.Diff(want, got.Content, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Properties" }, cmp.Ignore())); diff != "" {
				t.Errorf("%d (-want +got):\n%s", kind, diff)
			}
		}
		for code, reason := range map[byte]byte{0: 0, 1: 0x84, 2: 0x85, 3: 0x88, 4: 0x86, 5: 0x87, 6: 0x80, 255: 0x80} {
			ack := mochi.Packet{FixedHeader: mochi.FixedHeader{Type: mochi.Connack}, ReasonCode: code, SessionPresent: retain}
			got := sentByBroker(t, ack).Content.(*packets.Connack)
			if got.ReasonCode != reason || got.SessionPresent != retain {
				t.Errorf("code %d: %+v", code, got)
			}
		}
	})
}

// feed is a connection from a broker that has said all this.
func feed(t testing.TB, limit int, old bool, said ...byte) *wire {
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close() })
	go func() {
		_, _ = far.Write(said)
		far.Close()
	}()
	return newWire(near, limit, old)
}

func TestOnlyWhatABrokerMaySendIsHandedOn(t *testing.T) {
	t.Parallel()
	welcome := []byte{0x20, 3, 0, 0, 0}
	for name, tc := range map[string]struct {
		said []byte
		old  bool
		want string // what is handed on
		says string // how it ends
	}{
		"a whole conversation":        {append(welcome, 0xd0, 0, 0x30, 4, 0, 1, 'a', 0), false, "\x20\x03\x00\x00\x00\xd0\x00\x30\x04\x00\x01a\x00", "closed the connection"},
		"nothing":                     {nil, false, "", "closed the connection"},
		"half a packet":               {[]byte{0x20, 3, 0}, false, "", "unexpected EOF"},
		"half a header":               {[]byte{0x20}, false, "", "unexpected EOF"},
		"an old refusal":              {[]byte{0x20, 2, 0, 1}, false, "", errOld.Error()},
		"a refusal that is too short": {[]byte{0x20, 2, 0, 0x87}, false, "\x20\x03\x00\x87\x00", "closed the connection"},
		"an old refusal, as asked":    {[]byte{0x20, 2, 0, 5}, true, "\x20\x03\x00\x87\x00", "closed the connection"},
		"a message first":             {[]byte{0x30, 4, 0, 1, 'a', 0}, false, "", errNoBroker.Error()},
		"two welcomes":                {append(welcome, welcome...), false, string(welcome), "type 2 out of turn"},
		"what clients send":           {append(welcome, 0xc0, 0), false, string(welcome), "type 12, which brokers do not send"},
		"authentication":              {[]byte{0xf0, 0}, false, "", errNoBroker.Error()},
		"a quality of 3":              {append(welcome, 0x36, 0), false, string(welcome), "quality of service of 3"},
		"more than is allowed":        {append(welcome, 0x90, 0xff, 0x7f), false, string(welcome), "16383 bytes; allowed are 1000"},
		"as much as there is":         {append(welcome, 0x90, 0xff, 0xff, 0xff, 0x7f), false, string(welcome), "268435455 bytes; allowed are 1000"},
		"a message too large":         {append(append(welcome, 0x34, 0xea, 0x07, 0, 1, 'a', 0, 9), make([]byte, 997)...), false, string(welcome) + "\x34\x05\x00\x00\x00\x09\x00", "closed the connection"},
		"an old message too large":    {append([]byte{0x20, 2, 0, 0, 0x30, 0xea, 0x07, 0, 1, 'a'}, make([]byte, 999)...), true, string(welcome) + "\x30\x03\x00\x00\x00", "closed the connection"},
		"a topic too large":           {append(append(welcome, 0x30, 0xea, 0x07, 0xff, 0xff), make([]byte, 70000)...), false, string(welcome), errPacket.Error()},
		"a length without end":        {append(welcome, 0x30, 0xff, 0xff, 0xff, 0xff, 0xff), false, string(welcome), "more than four bytes"},
		"an old message cut short":    {[]byte{0x20, 2, 0, 0, 0x30, 3, 0, 5, 'a'}, true, string(welcome), errPacket.Error()},
		"an old broker's farewell":    {[]byte{0x20, 2, 0, 0, 0xe0, 0}, true, string(welcome), "no such packet"},
		"a farewell with its cause":   {append(welcome, 0xe0, 1, 0x8b), false, string(welcome) + "\xe0\x01\x8b", "it is shutting down (0x8b)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := feed(t, 1000, tc.old, tc.said...)
			got, err := io.ReadAll(io.MultiReader(w))
			if string(got) != tc.want {
				t.Errorf("handed on % x, want % x", got, tc.want)
			}
			if cause := w.cause(); cause == nil || !strings.Contains(cause.Error(), tc.says) {
				t.Errorf("%v and %v, want %q", err, cause, tc.says)
			}
		})
	}
}

func TestPacketsLeaveWhole(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	w := newWire(near, 1000, true)
	go func() {
		for _, b := range []byte{0x32, 9, 0, 1, 'a', 0, 7, 2, 1, 0, 'x', 0xc0, 0} {
			if _, err := w.Write([]byte{b}); err != nil {
				t.Error(err)
			}
		}
	}()
	for _, want := range []string{"\x32\x06\x00\x01a\x00\x07x", "\xc0\x00"} {
		part := make([]byte, 100)
		_ = far.SetReadDeadline(time.Now().Add(20 * time.Second))
		n, err := far.Read(part)
		if err != nil || string(part[:n]) != want {
			t.Errorf("% x, %v; want % x", part[:n], err, want)
		}
	}
}

func FuzzReadPacket(f *testing.F) {
	for _, p := range [][]byte{{0x20, 3, 0, 0, 0}, {0xd0, 0}, {0x30, 0xff, 0xff, 0xff, 0x7f}, {0x30, 0x80, 0x80, 0x80, 0x80, 1}, {0x30}, {}, append([]byte{0x32, 0xea, 0x07, 0, 1, 'a', 0, 9}, make([]byte, 1000)...)} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		in := bufio.NewReader(bytes.NewReader(said))
		for rest := said; ; {
			packet, err := readPacket(in, 1000, false)
			if err != nil {
				return
			}
			if head, length, _, _ := header(rest); length > 1000 {
				if packet[0]>>4 != packets.PUBLISH || len(packet) > 7 {
					t.Fatalf("% x of %d bytes", packet, length)
				}
				rest = rest[head+length:]
				continue
			}
			if len(packet) > 1005 || !bytes.HasPrefix(rest, packet) {
				t.Fatalf("% x is not the beginning of % x", packet, rest)
			}
			rest = rest[len(packet):]
		}
	})
}

func FuzzRaise(f *testing.F) {
	for _, p := range [][]byte{{0x20, 2, 0, 0}, {0x20, 2, 1, 5}, {0x30, 4, 0, 1, 'a', 'x'}, {0x32, 5, 0, 1, 'a', 0, 7}, {0x90, 3, 0, 1, 0x80}, {0xb0, 2, 0, 1}, {0xd0, 0}} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		raised, err := raise(packet)
		if err != nil {
			return
		}
		// What was made is one whole packet, and of the same type.
		if got, err := readPacket(bufio.NewReader(bytes.NewReader(raised)), len(packet)+10, false); err != nil || !bytes.Equal(got, raised) || got[0] != packet[0] {
			t.Fatalf("% x of % x: %v", raised, packet, err)
		}
		if packet[0]&0x06 != 0x06 {
			if _, err := packets.ReadPacket(bytes.NewReader(raised)); err != nil {
				t.Fatalf("% x of % x: %v", raised, packet, err)
			}
		}
	})
}

func FuzzLower(f *testing.F) {
	var b bytes.Buffer
	for _, p := range []io.WriterTo{
		&packets.Connect{ProtocolName: "MQTT", ProtocolVersion: 5, ClientID: "c", WillFlag: true, WillTopic: "w", Properties: &packets.Properties{}, WillProperties: &packets.Properties{}},
		publish(Message{Topic: "a", QoS: 1, Payload: []byte("x")}, 7, true),
		&packets.Subscribe{PacketID: 1, Properties: &packets.Properties{}, Subscriptions: []packets.SubOptions{{Topic: "a", QoS: 2}}},
		&packets.Unsubscribe{PacketID: 1, Properties: &packets.Properties{}, Topics: []string{"a"}},
		&packets.Puback{PacketID: 1}, &packets.Disconnect{ReasonCode: 4},
	} {
		b.Reset()
		_, _ = p.WriteTo(&b)
		f.Add(bytes.Clone(b.Bytes()))
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		lowered, err := lower(packet)
		if err != nil {
			return
		}
		if len(lowered) > len(packet) {
			t.Fatalf("% x became longer: % x", packet, lowered)
		}
		if got, err := readPacket(bufio.NewReader(bytes.NewReader(lowered)), len(packet), true); err != nil || !bytes.Equal(got, lowered) {
			t.Fatalf("% x of % x: %v", lowered, packet, err)
		}
	})
}

func TestErrorsOfReasonsAreWords(t *testing.T) {
	t.Parallel()
	for reason, want := range map[byte]string{0x87: "not authorized (0x87)", 0x97: "a quota is exceeded (0x97)", 0xfe: "for a reason of its own (0xfe)"} {
		if err := refusedMessage(reason, &packets.Properties{ReasonString: "no\nway"}); err == nil || !strings.Contains(err.Error(), want+`: "no\nway"`) {
			t.Error(err)
		}
	}
	if err := refusedMessage(0x10, nil); err != nil {
		t.Errorf("nobody has subscribed: %v", err)
	}
	if !errors.Is(refusedLogin(0x86, ""), ErrLogin) || errors.Is(refusedLogin(0x88, ""), ErrLogin) {
		t.Error("a refused login is not told from others")
	}
}
