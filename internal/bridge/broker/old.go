package broker

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/eclipse/paho.golang/packets"
)

// errPacket reports a packet that ends too early.
var errPacket = errors.New("a packet is shorter than it says")

// lower makes a packet of MQTT 3.1.1 of one of MQTT 5.0 that a client sends: the
// same without properties, and without reasons and options that 3.1.1 does not
// have.
func lower(packet []byte) ([]byte, error) {
	head, length, ok, err := header(packet)
	if err != nil || !ok || len(packet) != head+length {
		return nil, errPacket
	}
	body := reader{rest: packet[head:]}
	var out []byte
	switch first := packet[0]; first >> 4 {
	case packets.CONNECT:
		out = append(out, body.take(6)...) // the protocol's name
		body.take(1)
		out = append(out, 4) // its level
		flags := body.take(1)
		out = append(append(out, flags...), body.take(2)...) // and the keep-alive time
		body.properties()
		out = append(out, body.text()...)          // client identifier
		if len(flags) == 1 && flags[0]&0x04 != 0 { // a last will
			body.properties()
			out = append(append(out, body.text()...), body.text()...)
		}
		out = append(out, body.all()...) // user name and password
	case packets.PUBLISH:
		out = append(out, body.text()...)
		if first&0x06 != 0 {
			out = append(out, body.take(2)...)
		}
		body.properties()
		out = append(out, body.all()...)
	case packets.PUBACK, packets.PUBREC, packets.PUBREL, packets.PUBCOMP:
		out = append(out, body.take(2)...)
	case packets.SUBSCRIBE:
		out = append(out, body.take(2)...)
		body.properties()
		for !body.short && len(body.rest) > 0 {
			out = append(out, body.text()...)
			for _, options := range body.take(1) {
				out = append(out, options&0x03) // the quality of service
			}
		}
	case packets.UNSUBSCRIBE:
		out = append(out, body.take(2)...)
		body.properties()
		out = append(out, body.all()...)
	case packets.PINGREQ, packets.DISCONNECT:
	default:
		return nil, errors.New("MQTT 3.1.1 has no such packet")
	}
	if body.short {
		return nil, errPacket
	}
	return pack(packet[0], out), nil
}

// reasons are the reasons of MQTT 5.0 for the answers to a CONNECT packet of
// MQTT 3.1.1 (§3.2.2.3).
var reasons = []byte{
	0, packets.ConnackUnsupportedProtocolVersion, packets.ConnackInvalidClientID, packets.ConnackServerUnavailable,
	packets.ConnackBadUsernameOrPassword, packets.ConnackNotAuthorized,
}

// raise makes a packet of MQTT 5.0 of one of MQTT 3.1.1 that a broker sends.
func raise(packet []byte) ([]byte, error) {
	head, length, ok, err := header(packet)
	if err != nil || !ok || len(packet) != head+length {
		return nil, errPacket
	}
	body := reader{rest: packet[head:]}
	var out []byte
	switch first := packet[0]; first >> 4 {
	case packets.CONNACK:
		out = append(out, body.take(1)...)
		for _, code := range body.take(1) {
			reason := byte(packets.ConnackUnspecifiedError)
			if int(code) < len(reasons) {
				reason = reasons[code]
			}
			out = append(out, reason, 0)
		}
	case packets.PUBLISH:
		out = append(out, body.text()...)
		if first&0x06 != 0 {
			out = append(out, body.take(2)...)
		}
		out = append(append(out, 0), body.all()...)
	case packets.PUBACK, packets.PUBREC, packets.PUBREL, packets.PUBCOMP:
		out = append(out, body.take(2)...)
	case packets.SUBACK:
		out = append(append(append(out, body.take(2)...), 0), body.all()...)
	case packets.UNSUBACK:
		// It has no reasons; clients of this package unsubscribe from one topic
		// at a time.
		out = append(append(out, body.take(2)...), 0, 0)
	case packets.PINGRESP:
	default:
		return nil, errors.New("MQTT 3.1.1 has no such packet")
	}
	if body.short {
		return nil, errPacket
	}
	return pack(packet[0], out), nil
}

// pack puts a fixed header before a body.
func pack(first byte, body []byte) []byte {
	packet := append(make([]byte, 0, 5+len(body)), first)
	for n := len(body); ; {
		digit := byte(n & 0x7f)
		if n >>= 7; n > 0 {
			digit |= 0x80
		}
		packet = append(packet, digit)
		if n == 0 {
			return append(packet, body...)
		}
	}
}

// reader takes a body apart, and notes when there is too little of it.
type reader struct {
	rest  []byte
	short bool
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.short = true
		n = len(r.rest)
	}
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return slices.Clip(part)
}

func (r *reader) all() []byte { return r.take(len(r.rest)) }

// text takes a text with the two bytes of its length before it.
func (r *reader) text() []byte {
	if len(r.rest) < 2 {
		r.short = true
		return nil
	}
	return r.take(2 + int(binary.BigEndian.Uint16(r.rest)))
}

// properties takes properties away.
func (r *reader) properties() {
	// A length is written as in the fixed header, which has one byte before it.
	head, length, ok, err := header(append([]byte{0}, r.rest[:min(4, len(r.rest))]...))
	if err != nil || !ok {
		r.short = true
		return
	}
	r.take(head - 1 + length)
}
