package tcpserver

import (
	"fmt"
	"sync"
)

// Types of TLS records, RFC 8446 §5.1. A client's first byte is recordHandshake.
const (
	recordChange    = 20
	recordAlert     = 21
	recordHandshake = 22
	recordData      = 23
)

var recordNames = map[byte]string{
	recordChange: "change cipher spec", recordAlert: "alert",
	recordHandshake: "handshake", recordData: "application data",
}

// packetLog tells each TLS record by an SSLStatus event. A nil one tells nothing.
type packetLog struct {
	c       *Conn
	show    bool // the bytes too
	mu      sync.Mutex
	in, out recordStream
}

// recordStream finds the records in one direction of a stream.
type recordStream struct {
	record []byte // what is there of the current one
}

func newPacketLog(c *Conn) *packetLog {
	if !c.opt.settings.LogSSLPackets || c.opt.events.SSLStatus == nil {
		return nil
	}
	return &packetLog{c: c, show: !c.opt.settings.MaskSensitiveData.on(true)}
}

func (l *packetLog) received(b []byte) {
	if l != nil {
		l.log("received", &l.in, b)
	}
}

func (l *packetLog) sent(b []byte) {
	if l != nil {
		l.log("sent", &l.out, b)
	}
}

func (l *packetLog) log(verb string, s *recordStream, b []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.record = append(s.record, b...)
	for len(s.record) >= 5 {
		size := 5 + int(s.record[3])<<8 + int(s.record[4])
		if len(s.record) < size {
			return
		}
		record := s.record[:size]
		name := recordNames[record[0]]
		if name == "" {
			name = fmt.Sprintf("type %d", record[0])
		}
		message := fmt.Sprintf("%s a TLS record: %s, %d bytes", verb, name, size)
		if l.show {
			message += fmt.Sprintf(": % x", record)
		}
		l.c.post(func() { l.c.tellStatus(message) })
		s.record = s.record[size:]
	}
	if len(s.record) == 0 {
		s.record = nil
	}
}
