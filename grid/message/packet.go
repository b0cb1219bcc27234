package message

import (
	"errors"
	"fmt"
)

// Flags are the first byte of a packet.
type Flags uint8

const (
	FlagZerocoded Flags = 0x80 // what follows the header is zero-coded
	FlagReliable  Flags = 0x40 // to be acknowledged
	FlagResent    Flags = 0x20 // sent before with the same sequence number
	FlagAcks      Flags = 0x10 // acknowledgements follow the body
)

// HeaderSize is the length of a packet's header without extra bytes.
const HeaderSize = 6

// Header is what goes before the message in a packet.
type Header struct {
	Flags    Flags
	Sequence uint32
	Extra    []byte // at most 255 bytes that nobody has given a meaning
}

// Packet is a datagram taken apart. Its slices point into the datagram.
type Packet struct {
	Header
	// Body is number and body of the message, zero-coded when the flag says so.
	Body []byte

	acks []byte
}

// ErrAcks says that a packet claims more appended acknowledgements than it
// holds.
var ErrAcks = errors.New("packet: more appended acknowledgements than bytes")

// ParsePacket takes a datagram apart without looking at the message: flags,
// sequence number (big-endian), extra bytes, body, and appended
// acknowledgements, which are never zero-coded. Errors are ErrShort and
// ErrAcks.
func ParsePacket(b []byte) (Packet, error) {
	if len(b) < HeaderSize+1 {
		return Packet{}, ErrShort
	}
	p := Packet{Header: Header{Flags: Flags(b[0]), Sequence: be.Uint32(b[1:])}}
	body := HeaderSize + int(b[5])
	if len(b) < body+1 {
		return Packet{}, ErrShort
	}
	p.Extra = b[HeaderSize:body:body]
	p.Body = b[body:]
	if p.Flags&FlagAcks != 0 {
		end := len(p.Body) - 1
		start := end - 4*int(p.Body[end])
		if start < 1 {
			return Packet{}, ErrAcks
		}
		p.Body, p.acks = p.Body[:start:start], p.Body[start:end]
	}
	return p, nil
}

// Acks is the number of appended acknowledgements.
func (p *Packet) Acks() int { return len(p.acks) / 4 }

// Ack returns the sequence number that the i-th appended acknowledgement
// names.
func (p *Packet) Ack(i int) uint32 { return be.Uint32(p.acks[4*i:]) }

// Plain returns number and body of the message, expanded into buf when they
// are zero-coded. The result shares memory with the packet or with buf.
func (p *Packet) Plain(buf []byte) ([]byte, error) {
	if p.Flags&FlagZerocoded == 0 {
		return p.Body, nil
	}
	return ZeroDecode(buf[:0], p.Body, MaxBody)
}

// AppendPacket appends a packet without acknowledgements. With FlagZerocoded
// the message is zero-coded when that makes it shorter, else the flag is
// dropped. On error it returns b as it was.
func AppendPacket(b []byte, h Header, m Message) ([]byte, error) {
	if len(h.Extra) > 255 {
		return b, fmt.Errorf("packet: %d extra header bytes, at most 255 fit", len(h.Extra))
	}
	start := len(b)
	seq := h.Sequence
	b = append(b, byte(h.Flags&^FlagAcks), byte(seq>>24), byte(seq>>16), byte(seq>>8), byte(seq), byte(len(h.Extra)))
	if len(h.Extra) > 0 {
		b = append(b, h.Extra...)
	}
	body := len(b)
	b, err := m.AppendTo(b)
	if err != nil {
		return b[:start], err
	}
	if h.Flags&FlagZerocoded != 0 {
		end := len(b)
		b = ZeroEncode(b, b[body:])
		if coded := b[end:]; len(coded) < end-body {
			b = b[:body+copy(b[body:], coded)]
		} else {
			b = b[:end]
			b[start] &^= byte(FlagZerocoded)
		}
	}
	return b, nil
}

// AppendAcks appends up to 255 acknowledgements to packet, which has none yet.
func AppendAcks(packet []byte, acks []uint32) []byte {
	if len(acks) == 0 {
		return packet
	}
	acks = acks[:min(len(acks), 255)]
	packet[0] |= byte(FlagAcks)
	for _, seq := range acks {
		packet = be.AppendUint32(packet, seq)
	}
	return append(packet, byte(len(acks)))
}
