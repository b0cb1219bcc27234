package message_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rookery/grid"
	"rookery/grid/message"
)

// unhex reads hex digits in groups; what follows # on a line is a comment.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		b.WriteString(strings.Join(strings.Fields(line), ""))
	}
	raw, err := hex.DecodeString(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var (
	agentID   = grid.UUID{0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0}
	sessionID = grid.UUID{0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd0}
)

// The bytes are written down from the template, field by field.
var golden = []struct {
	m    message.Message
	wire string
}{
	{
		&message.StartPingCheck{PingID: message.StartPingCheckPingID{PingID: 7, OldestUnacked: 0x01020304}},
		`01 # High 1
		07 # PingID U8
		04030201 # OldestUnacked U32`,
	},
	{
		&message.PacketAck{Packets: []message.PacketAckPackets{{ID: 1}, {ID: 0x01020304}}},
		`ff ff ff fb # Fixed
		02 # count
		01000000 04030201`,
	},
	{&message.CloseCircuit{}, `ff ff ff fd`},
	{
		&message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{Code: 0x0a0b0c0d, SessionID: sessionID, ID: agentID}},
		`ff ff 00 03 # Low 3, big-endian
		0d0c0b0a # Code U32
		c1c2c3c4c5c6c7c8c9cacbcccdcecfd0
		a1a2a3a4a5a6a7a8a9aaabacadaeafb0`,
	},
	{
		&message.ChatFromViewer{
			AgentData: message.ChatFromViewerAgentData{AgentID: agentID, SessionID: sessionID},
			ChatData:  message.ChatFromViewerChatData{Message: message.Bytes("Hi"), Type: 1, Channel: -2},
		},
		`ff ff 00 50 # Low 80
		a1a2a3a4a5a6a7a8a9aaabacadaeafb0
		c1c2c3c4c5c6c7c8c9cacbcccdcecfd0
		0300 486900 # Variable2 with its NUL
		01 # Type U8
		feffffff # Channel S32`,
	},
	{
		&message.CoarseLocationUpdate{
			Location:  []message.CoarseLocationUpdateLocation{{X: 1, Y: 2, Z: 3}, {X: 4, Y: 5, Z: 6}},
			Index:     message.CoarseLocationUpdateIndex{You: 1, Prey: -1},
			AgentData: []message.CoarseLocationUpdateAgentData{{AgentID: agentID}},
		},
		`ff 06 # Medium 6
		02 010203 040506
		0100 ffff # S16
		01 a1a2a3a4a5a6a7a8a9aaabacadaeafb0`,
	},
	{
		&message.EnableSimulator{SimulatorInfo: message.EnableSimulatorSimulatorInfo{
			Handle: 0x0003e800000003e8, IP: [4]byte{192, 168, 1, 2}, Port: 9000,
		}},
		`ff ff 00 97 # Low 151
		e803000000e80300 # Handle U64
		c0a80102 # IPADDR as it is
		2328 # IPPORT big-endian`,
	},
	{
		&message.AvatarSitResponse{
			SitObject: message.AvatarSitResponseSitObject{ID: agentID},
			SitTransform: message.AvatarSitResponseSitTransform{
				AutoPilot:       true,
				SitPosition:     grid.Vector3{X: 1, Y: -2, Z: 0.5},
				SitRotation:     grid.Quaternion{X: 0.6, W: 0.8},
				CameraEyeOffset: grid.Vector3{Z: 1},
				ForceMouselook:  false,
			},
		},
		`15 # High 21
		a1a2a3a4a5a6a7a8a9aaabacadaeafb0
		01 # BOOL
		0000803f 000000c0 0000003f # LLVector3
		9a99193f 00000000 00000000 # LLQuaternion without W
		00000000 00000000 0000803f
		00000000 00000000 00000000
		00`,
	},
	{
		&message.ViewerStats{
			AgentData: message.ViewerStatsAgentData{MetersTraveled: 1, RegionsVisited: 2},
			NetStats:  [2]message.ViewerStatsNetStats{{Bytes: 1}, {Savings: 2}},
			MiscStats: []message.ViewerStatsMiscStats{{Type: 3, Value: -2}},
		},
		`ff ff 00 83 # Low 131
		00000000000000000000000000000000
		00000000000000000000000000000000
		00000000 00000000 00000000 00000000 00000000 00 00000000
		000000000000f03f # F64
		02000000 00000000
		00 00 00
		00000000 00000000 00000000
		01000000 00000000 00000000 00000000 # Multiple 2, no count
		00000000 00000000 00000000 02000000
		00000000 00000000 00000000 00000000 00000000 00000000
		01 03000000 00000000000000c0`,
	},
}

func TestMessagesAreWrittenAndReadAsTheTemplateSays(t *testing.T) {
	t.Parallel()
	for _, c := range golden {
		name := c.m.Info().Name
		want := unhex(t, c.wire)
		got, err := c.m.AppendTo(nil)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: wrote % x, %v\nwant % x", name, got, err, want)
		}
		m, err := message.Decode(want)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		// W of a quaternion is rebuilt, rounded.
		if diff := cmp.Diff(c.m, m, cmpopts.EquateEmpty(), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestQuaternionsGoOutWithUnitLengthAndPositiveW(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want grid.Quaternion }{
		{grid.Identity, grid.Identity},
		{grid.Quaternion{}, grid.Identity},
		{grid.Quaternion{Z: 2}, grid.Quaternion{Z: 1}},
		{grid.Quaternion{X: 0.6, W: -0.8}, grid.Quaternion{X: -0.6, W: 0.8}},
		{grid.Quaternion{X: 3, Y: 4}, grid.Quaternion{X: 0.6, Y: 0.8}},
		{grid.Quaternion{X: 1, Y: 1, Z: 1, W: -1}, grid.Quaternion{X: -0.5, Y: -0.5, Z: -0.5, W: 0.5}},
	} {
		m := message.ObjectRotation{ObjectData: []message.ObjectRotationObjectData{{Rotation: c.in}}}
		b, err := m.AppendTo(nil)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := message.ParseID(b)
		if err := m.Decode(body); err != nil {
			t.Fatal(err)
		}
		// Where W is near 0, its rebuilding magnifies rounding.
		if diff := cmp.Diff(c.want, m.ObjectData[0].Rotation, cmpopts.EquateApprox(0, 1e-3)); diff != "" {
			t.Errorf("%v: %s", c.in, diff)
		}
	}
}

var packets = []struct {
	name   string
	header message.Header
	m      message.Message
	acks   []uint32
	wire   string
}{
	{
		"plain",
		message.Header{Sequence: 0x00010203},
		&message.CompletePingCheck{PingID: message.CompletePingCheckPingID{PingID: 0}}, nil,
		`00 00010203 00  02 00`,
	},
	{
		"reliable and resent",
		message.Header{Flags: message.FlagReliable | message.FlagResent, Sequence: 1},
		&message.CloseCircuit{}, nil,
		`60 00000001 00  ff ff ff fd`,
	},
	{
		"acknowledgements are big-endian, their count comes last",
		message.Header{Sequence: 1},
		&message.CompletePingCheck{},
		[]uint32{5, 0x01020304},
		`10 00000001 00  02 00  00000005 01020304 02`,
	},
	{
		"zero-coding starts after the header",
		message.Header{Flags: message.FlagZerocoded | message.FlagReliable, Sequence: 256},
		&message.AgentRequestSit{AgentData: message.AgentRequestSitAgentData{AgentID: agentID}}, nil,
		`c0 00000100 00  06 a1a2a3a4a5a6a7a8a9aaabacadaeafb0 00 2c`,
	},
	{
		"extra bytes are not zero-coded",
		message.Header{Flags: message.FlagZerocoded, Sequence: 2, Extra: []byte{0, 0, 9}},
		&message.AgentRequestSit{AgentData: message.AgentRequestSitAgentData{AgentID: agentID}}, nil,
		`80 00000002 03 000009  06 a1a2a3a4a5a6a7a8a9aaabacadaeafb0 00 2c`,
	},
	{
		"acknowledgements are not zero-coded",
		message.Header{Flags: message.FlagZerocoded, Sequence: 2},
		&message.AgentRequestSit{AgentData: message.AgentRequestSitAgentData{AgentID: agentID}},
		[]uint32{3},
		`90 00000002 00  06 a1a2a3a4a5a6a7a8a9aaabacadaeafb0 00 2c  00000003 01`,
	},
	{
		"what zero-coding does not shorten goes plain",
		message.Header{Flags: message.FlagZerocoded, Sequence: 2},
		&message.CompletePingCheck{PingID: message.CompletePingCheckPingID{PingID: 1}}, nil,
		`00 00000002 00  02 01`,
	},
}

func TestPacketsAreWrittenAndReadByteForByte(t *testing.T) {
	t.Parallel()
	for _, c := range packets {
		want := unhex(t, c.wire)
		got, err := message.AppendPacket(nil, c.header, c.m)
		if err != nil {
			t.Fatal(err)
		}
		got = message.AppendAcks(got, c.acks)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: wrote % x\nwant % x", c.name, got, want)
		}
		p, err := message.ParsePacket(want)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if p.Sequence != c.header.Sequence || !bytes.Equal(p.Extra, c.header.Extra) || p.Flags != message.Flags(want[0]) {
			t.Errorf("%s: header %+v", c.name, p.Header)
		}
		var acks []uint32
		for i := range p.Acks() {
			acks = append(acks, p.Ack(i))
		}
		if diff := cmp.Diff(c.acks, acks); diff != "" {
			t.Errorf("%s: acknowledgements: %s", c.name, diff)
		}
		plain, err := p.Plain(nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		m, err := message.Decode(plain)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.m, m, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestMalformedPacketsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, wire string
		err        error
	}{
		{"nothing", ``, message.ErrShort},
		{"header only", `00 00000001 00`, message.ErrShort},
		{"extra bytes missing", `00 00000001 02 00`, message.ErrShort},
		{"nothing after the extra bytes", `00 00000001 02 0000`, message.ErrShort},
		{"acknowledgements missing", `10 00000001 00 02 00 01`, message.ErrAcks},
		{"acknowledgements eat the message", `10 00000001 00 00000005 01`, message.ErrAcks},
		{"nothing but a count", `10 00000001 00 00`, message.ErrAcks},
	} {
		if _, err := message.ParsePacket(unhex(t, c.wire)); !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.err)
		}
	}
	_, err := message.AppendPacket(nil, message.Header{Extra: make([]byte, 256)}, &message.CloseCircuit{})
	if err == nil {
		t.Error("256 extra bytes were taken")
	}
}

func FuzzParsePacket(f *testing.F) {
	for _, c := range packets {
		f.Add(unhex(f, c.wire))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := message.ParsePacket(b)
		if err != nil {
			return
		}
		size := message.HeaderSize + len(p.Extra) + len(p.Body)
		if n := p.Acks(); p.Flags&message.FlagAcks != 0 {
			size += 4*n + 1
		}
		if size != len(b) {
			t.Fatalf("the parts make %d bytes of %d", size, len(b))
		}
		for i := range p.Acks() {
			p.Ack(i)
		}
		plain, err := p.Plain(nil)
		if err != nil {
			return
		}
		m, err := message.Decode(plain)
		if err != nil {
			return
		}
		again, err := message.AppendPacket(nil, p.Header, m)
		if err != nil {
			t.Fatalf("%T was decoded but cannot be encoded: %v", m, err)
		}
		if _, err := message.ParsePacket(again); err != nil {
			t.Fatalf("% x: %v", again, err)
		}
	})
}
