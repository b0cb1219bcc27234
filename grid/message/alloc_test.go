package message_test

import (
	"testing"

	"rookery/grid/message"
)

// hot are the messages that flow all the time.
func hot() []message.Message {
	text := message.Bytes("Hello, everybody in this region!")
	return []message.Message{
		&message.AgentUpdate{AgentData: message.AgentUpdateAgentData{AgentID: agentID, SessionID: sessionID, Far: 128}},
		&message.ImprovedTerseObjectUpdate{ObjectData: []message.ImprovedTerseObjectUpdateObjectData{
			{Data: make([]byte, 60)}, {Data: make([]byte, 44), TextureEntry: make([]byte, 30)},
		}},
		&message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{
			{FullID: agentID, ObjectData: make([]byte, 76), TextureEntry: make([]byte, 100), NameValue: text},
			{FullID: sessionID, ObjectData: make([]byte, 60), Text: text, ExtraParams: make([]byte, 20)},
		}},
		&message.ObjectUpdateCompressed{ObjectData: []message.ObjectUpdateCompressedObjectData{{Data: make([]byte, 200)}}},
		&message.ChatFromSimulator{ChatData: message.ChatFromSimulatorChatData{FromName: text, Message: text}},
		&message.ChatFromViewer{ChatData: message.ChatFromViewerChatData{Message: text}},
		&message.CoarseLocationUpdate{Location: make([]message.CoarseLocationUpdateLocation, 20), AgentData: make([]message.CoarseLocationUpdateAgentData, 20)},
		&message.PacketAck{Packets: make([]message.PacketAckPackets, 20)},
		&message.StartPingCheck{},
		&message.CompletePingCheck{},
		&message.KillObject{ObjectData: make([]message.KillObjectObjectData, 3)},
	}
}

func TestHotMessagesAreDecodedAndEncodedWithoutAllocation(t *testing.T) {
	for _, m := range hot() {
		packet, err := message.AppendPacket(nil, message.Header{Flags: message.FlagZerocoded}, m)
		if err != nil {
			t.Fatal(err)
		}
		packet = message.AppendAcks(packet, []uint32{1, 2, 3})
		used, _ := message.New(m.Info().ID)
		out, scratch := make([]byte, 0, 4096), make([]byte, 0, 4096)
		acks := []uint32{4, 5, 6}
		decode := func() {
			p, err := message.ParsePacket(packet)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := p.Plain(scratch)
			if err != nil {
				t.Fatal(err)
			}
			_, body, err := message.ParseID(plain)
			if err != nil {
				t.Fatal(err)
			}
			if err := used.Decode(body); err != nil {
				t.Fatal(err)
			}
		}
		encode := func() {
			b, err := message.AppendPacket(out[:0], message.Header{Flags: message.FlagZerocoded, Sequence: 9}, used)
			if err != nil {
				t.Fatal(err)
			}
			message.AppendAcks(b, acks)
		}
		if n := testing.AllocsPerRun(100, decode); n != 0 {
			t.Errorf("%s: decoding allocates %v times", m.Info().Name, n)
		}
		if n := testing.AllocsPerRun(100, encode); n != 0 {
			t.Errorf("%s: encoding allocates %v times", m.Info().Name, n)
		}
	}
}
