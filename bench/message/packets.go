// Package message measures the codec of the UDP messages with those that flow
// all the time.
package message

import (
	"bytes"

	"rookery/grid"
	"rookery/grid/message"
)

// A Packet is one datagram to measure with.
type Packet struct {
	Name string
	Wire []byte
	Size int // bytes that a receiver handles: the datagram, zero-coding undone
}

// Packets returns the hot messages as they typically are: an agent's own
// movement, an update of eight moving avatars, one of four prims, a line of
// chat, a batch of acknowledgements.
func Packets() ([]Packet, error) {
	id := func(n byte) grid.UUID { return grid.UUID(bytes.Repeat([]byte{n}, 16)) }
	fill := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			if i%3 != 0 { // some zeros, as positions and sizes have
				b[i] = byte(i)
			}
		}
		return b
	}
	terse := &message.ImprovedTerseObjectUpdate{
		RegionData: message.ImprovedTerseObjectUpdateRegionData{RegionHandle: uint64(grid.HandleAt(256000, 256000)), TimeDilation: 65535},
	}
	for range 8 {
		terse.ObjectData = append(terse.ObjectData, message.ImprovedTerseObjectUpdateObjectData{Data: fill(60)})
	}
	objects := &message.ObjectUpdate{
		RegionData: message.ObjectUpdateRegionData{RegionHandle: uint64(grid.HandleAt(256000, 256000)), TimeDilation: 65535},
	}
	for n := range byte(4) {
		objects.ObjectData = append(objects.ObjectData, message.ObjectUpdateObjectData{
			ID: uint32(n) + 1000, FullID: id(n + 1), PCode: 9, Material: 3, Scale: grid.Vector3{X: 0.5, Y: 0.5, Z: 0.5},
			ObjectData: fill(60), UpdateFlags: 0x100, PathCurve: 16, ProfileCurve: 1, PathScaleX: 100, PathScaleY: 100,
			TextureEntry: fill(48), Text: message.Bytes("hover text"), ExtraParams: []byte{0},
		})
	}
	acks := &message.PacketAck{}
	for n := range uint32(20) {
		acks.Packets = append(acks.Packets, message.PacketAckPackets{ID: 70000 + n})
	}
	var packets []Packet
	for _, m := range []message.Message{
		&message.AgentUpdate{AgentData: message.AgentUpdateAgentData{
			AgentID: id(1), SessionID: id(2), BodyRotation: grid.Identity, HeadRotation: grid.Identity,
			CameraCenter: grid.Vector3{X: 128.5, Y: 127.25, Z: 24}, CameraAtAxis: grid.Vector3{X: 1},
			CameraLeftAxis: grid.Vector3{Y: 1}, CameraUpAxis: grid.Vector3{Z: 1}, Far: 128, ControlFlags: 1,
		}},
		terse,
		objects,
		&message.ChatFromSimulator{ChatData: message.ChatFromSimulatorChatData{
			FromName: message.Bytes("Ada Lovelace"), SourceID: id(3), OwnerID: id(3), SourceType: 1, ChatType: 1, Audible: 1,
			Position: grid.Vector3{X: 120, Y: 130, Z: 22}, Message: message.Bytes("Good evening, everybody. Who is coming to the concert on the hill?"),
		}},
		acks,
	} {
		info := m.Info()
		h := message.Header{Sequence: 4711}
		if info.Zerocoded {
			h.Flags |= message.FlagZerocoded
		}
		wire, err := message.AppendPacket(nil, h, m)
		if err != nil {
			return nil, err
		}
		p, err := message.ParsePacket(wire)
		if err != nil {
			return nil, err
		}
		plain, err := p.Plain(nil)
		if err != nil {
			return nil, err
		}
		packets = append(packets, Packet{Name: info.Name, Wire: wire, Size: message.HeaderSize + len(plain)})
	}
	return packets, nil
}

// A Coder decodes and encodes packets of one kind into the same message and
// buffers.
type Coder struct {
	m       message.Message
	scratch []byte
	out     []byte
}

// Decode decodes a whole packet.
func (c *Coder) Decode(wire []byte) error {
	p, err := message.ParsePacket(wire)
	if err != nil {
		return err
	}
	plain, err := p.Plain(c.scratch)
	if err != nil {
		return err
	}
	if p.Flags&message.FlagZerocoded != 0 {
		c.scratch = plain
	}
	id, body, err := message.ParseID(plain)
	if err != nil {
		return err
	}
	if c.m == nil || c.m.Info().ID != id {
		m, ok := message.New(id)
		if !ok {
			return &message.UnknownError{ID: id}
		}
		c.m = m
	}
	return c.m.Decode(body)
}

// Encode encodes the message that was decoded last and returns the packet,
// which is valid until the next call.
func (c *Coder) Encode() ([]byte, error) {
	h := message.Header{Sequence: 4711}
	if c.m.Info().Zerocoded {
		h.Flags |= message.FlagZerocoded
	}
	b, err := message.AppendPacket(c.out[:0], h, c.m)
	c.out = b
	return b, err
}
