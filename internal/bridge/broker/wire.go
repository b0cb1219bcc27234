package broker

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/eclipse/paho.golang/packets"
)

// Errors of reading from a broker.
var (
	// errSyntax reports a packet that cannot be read.
	errSyntax = errors.New("the broker sent a wrong packet")
	// errOld reports a broker that does not speak MQTT 5.0.
	errOld = errors.New("the broker does not speak MQTT 5.0")
	// errNoBroker reports that something else listens there.
	errNoBroker = errors.New("what answers is no MQTT broker")
	// errEnd reports that the broker closed the connection.
	errEnd = errors.New("the broker closed the connection")
	// errSilent reports that the client closed it, because the broker did not
	// take or answer anything any more.
	errSilent = errors.New("the broker does not answer any more")
)

// wire is a connection to a broker as the client wants to see it. It hands on
// whole packets that are no larger than they may be, and only those that brokers
// send. When old is set the far side speaks MQTT 3.1.1 and the near side 5.0.
type wire struct {
	net.Conn
	// Locker is held by the client while it writes a packet.
	sync.Locker
	in    *bufio.Reader
	limit int
	old   bool

	ready  []byte // of a packet that was read, what the client has not taken yet
	begun  []byte // what the client has written of a packet
	opened bool   // the first packet was read

	mu  sync.Mutex
	why error // why reading ended
}

func newWire(conn net.Conn, limit int, old bool) *wire {
	return &wire{Conn: conn, Locker: &sync.Mutex{}, in: bufio.NewReader(conn), limit: limit, old: old}
}

// Read reads of one packet at a time.
func (w *wire) Read(p []byte) (int, error) {
	if len(w.ready) == 0 {
		packet, err := w.next()
		if err != nil {
			w.mu.Lock()
			if w.why == nil {
				w.why = err
			}
			w.mu.Unlock()
			return 0, err
		}
		w.ready = packet
	}
	n := copy(p, w.ready)
	w.ready = w.ready[n:]
	return n, nil
}

// cause is why reading ended, nil as long as it did not.
func (w *wire) cause() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.why
}

// next reads one packet.
func (w *wire) next() ([]byte, error) {
	packet, err := readPacket(w.in, w.limit, w.old)
	first := !w.opened
	w.opened = true
	switch {
	case err == nil:
	case first && errors.Is(err, errSyntax):
		return nil, errNoBroker
	default:
		return nil, plain(err)
	}
	kind := packet[0] >> 4
	switch {
	case first && kind != packets.CONNACK:
		return nil, errNoBroker
	case first != (kind == packets.CONNACK):
		return nil, fmt.Errorf("the broker sent a packet of type %d out of turn", kind)
	case kind == packets.PUBLISH && packet[0]&0x06 == 0x06:
		return nil, errors.New("the broker sent a message with a quality of service of 3")
	case !fromBroker(kind):
		return nil, fmt.Errorf("the broker sent a packet of type %d, which brokers do not send", kind)
	case w.old:
		return raise(packet)
	case first && len(packet) == 4 && packet[3] < 0x80:
		// Without the length of its properties it is one of MQTT 3.1.1.
		return nil, errOld
	case first && len(packet) == 4:
		return append(packet[:1], 3, packet[2], packet[3], 0), nil // some leave the length out
	case kind == packets.DISCONNECT:
		w.mu.Lock()
		if w.why == nil {
			w.why = disconnected(packet)
		}
		w.mu.Unlock()
	}
	return packet, nil
}

// plain says what the end of a connection means.
func plain(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return errEnd
	case errors.Is(err, net.ErrClosed):
		return errSilent
	}
	return err
}

// fromBroker tells whether a broker sends this type of packets to a client that
// does not use the extended authentication.
func fromBroker(kind byte) bool {
	switch kind {
	case packets.CONNACK, packets.PUBLISH, packets.PUBACK, packets.PUBREC, packets.PUBREL, packets.PUBCOMP,
		packets.SUBACK, packets.UNSUBACK, packets.PINGRESP, packets.DISCONNECT:
		return true
	}
	return false
}

// Write takes a part of a packet, or all of it. A packet leaves when it is whole.
func (w *wire) Write(p []byte) (int, error) {
	w.begun = append(w.begun, p...)
	for {
		head, length, ok, err := header(w.begun)
		if err != nil {
			return 0, err
		}
		if !ok || len(w.begun) < head+length {
			return len(p), nil
		}
		packet := w.begun[:head+length]
		if w.old {
			if packet, err = lower(packet); err != nil {
				return 0, err
			}
		}
		if _, err := w.Conn.Write(packet); err != nil {
			return 0, plain(err)
		}
		w.begun = append(w.begun[:0], w.begun[head+length:]...)
	}
}

// readPacket reads one packet, unless what follows its header is longer than
// limit. Of a message that is longer it leaves a message without topic and
// payload, which the client acknowledges as any other: the broker would send it
// again and again otherwise.
func readPacket(in *bufio.Reader, limit int, old bool) ([]byte, error) {
	for n := 2; ; n++ {
		begin, err := in.Peek(n)
		if err != nil {
			if len(begin) > 0 && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		head, length, ok, err := header(begin)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if length <= limit {
			packet := make([]byte, head+length)
			_, err = io.ReadFull(in, packet)
			return packet, err
		}
		first := begin[0]
		if first>>4 != packets.PUBLISH {
			return nil, fmt.Errorf("%w: it has %d bytes; allowed are %d", errSyntax, length, limit)
		}
		if _, err := in.Discard(head); err != nil {
			return nil, err
		}
		return hollow(in, first, length, old)
	}
}

// hollow reads the rest of a message and keeps its identifier alone.
func hollow(in *bufio.Reader, first byte, length int, old bool) ([]byte, error) {
	var topic [2]byte
	if _, err := io.ReadFull(in, topic[:]); err != nil {
		return nil, err
	}
	read, err := in.Discard(int(binary.BigEndian.Uint16(topic[:])))
	if err != nil {
		return nil, err
	}
	body := []byte{0, 0}
	if first&0x06 != 0 {
		var id [2]byte
		if _, err := io.ReadFull(in, id[:]); err != nil {
			return nil, err
		}
		body = append(body, id[:]...)
	}
	if read += len(body); read > length {
		return nil, errPacket
	}
	if !old {
		body = append(body, 0) // no properties
	}
	_, err = in.Discard(length - read)
	return pack(first, body), err
}

// header reads the fixed header of a packet (MQTT 5.0 §2.1): how long it is, and
// how long what follows is. It is not ok when the header is not all there.
func header(packet []byte) (head, length int, ok bool, err error) {
	for i := 1; i < len(packet); i++ {
		length |= int(packet[i]&0x7f) << (7 * (i - 1))
		if packet[i] < 0x80 {
			return i + 1, length, true, nil
		}
		if i == 4 {
			return 0, 0, false, fmt.Errorf("%w: its length has more than four bytes", errSyntax)
		}
	}
	return 0, 0, false, nil
}
