package broker

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho/log"
	sessions "github.com/eclipse/paho.golang/paho/session"
)

// unknownIdentifier is the reason of a release that the broker should not wait
// for (MQTT 5.0 §3.6.2.1).
const unknownIdentifier = 0x92

// session is what client and broker have to remember of each other beyond a
// connection (MQTT 5.0 §4.1): messages that were not acknowledged. Beside them it
// holds those that were not sent yet.
type session struct {
	// changed is told when there is something to send.
	changed chan struct{}

	mu     sync.Mutex
	queue  queue
	flight []*sent // in the order in which they were sent
	lastID uint16
	// seen are the messages of quality of service 2 of the broker that were
	// received, and that the broker has not released yet.
	seen map[uint16]bool
	// used are the identifiers of what else is asked of the broker.
	used map[uint16]bool
	// closed is set when nothing is taken any more.
	closed bool
}

// sent is a message that the broker has not acknowledged.
type sent struct {
	*entry
	id uint16
	at time.Time // when it was sent on this connection
	// received tells that the broker has it, of those of quality of service 2.
	received bool
}

func newSession(queueBytes int) *session {
	return &session{
		changed: make(chan struct{}, 1),
		queue:   queue{most: queueBytes},
		seen:    make(map[uint16]bool),
		used:    make(map[uint16]bool),
	}
}

func (s *session) wake() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// add hands in a message. The error is [ErrTooLarge] or [ErrClosed]; those that
// had to make room are told [ErrDropped], and counted.
func (s *session) add(e *entry) (dropped int, err error) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return 0, ErrClosed
	}
	out, ok := s.queue.push(e)
	s.mu.Unlock()
	for _, d := range out {
		d.finish(ErrDropped)
	}
	if !ok {
		return 0, ErrTooLarge
	}
	s.wake()
	return len(out), nil
}

// next takes the next message to send, as long as fewer than window are not
// acknowledged. Of quality of service 0 it has no identifier, and is forgotten.
func (s *session) next(window int) (m *entry, id uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.flight) > 0 && s.flight[0].tries >= doubtful {
		window = 1 // it may be what the broker cannot bear
	}
	if len(s.flight) >= window {
		return nil, 0
	}
	for {
		if m = s.queue.pop(); m == nil || !m.over {
			break
		}
	}
	if m == nil || m.QoS == 0 {
		return m, 0
	}
	id = s.newID()
	m.try()
	s.flight = append(s.flight, &sent{entry: m, id: id, at: time.Now()})
	return m, id
}

// abandon gives up a message that nobody waits for any more; one that was sent
// may arrive all the same.
func (s *session) abandon(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.over = true
}

// refuse takes a message out that was not sent.
func (s *session) refuse(id uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(id); i >= 0 {
		s.flight = slices.Delete(s.flight, i, i+1)
	}
}

// again puts a message back that could not be sent.
func (s *session) again(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.back([]*entry{e})
}

// newID finds a free identifier. The caller holds mu.
func (s *session) newID() uint16 {
	for {
		s.lastID++
		if s.lastID != 0 && !s.used[s.lastID] && s.find(s.lastID) < 0 {
			return s.lastID
		}
	}
}

func (s *session) find(id uint16) int {
	return slices.IndexFunc(s.flight, func(m *sent) bool { return m.id == id })
}

// idle tells whether there is nothing to be sent or acknowledged.
func (s *session) idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.flight) == 0 && len(s.queue.waiting) == 0
}

// oldest is how long the first message has waited for its acknowledgement.
func (s *session) oldest() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.flight) == 0 {
		return 0
	}
	return time.Since(s.flight[0].at)
}

// lost notes that the broker remembers nothing: what it has not acknowledged is
// to be sent anew.
func (s *session) lost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.seen)
	var again []*entry
	for _, m := range s.flight {
		again = append(again, m.entry)
	}
	s.flight = nil
	s.queue.back(again)
}

// poison takes out the first message when it was sent on many connections and
// every one ended before it was acknowledged: the broker may end them because of
// it.
func (s *session) poison() *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.flight) == 0 || s.flight[0].tries < maxTries || time.Since(s.flight[0].first) < tryTime {
		return nil
	}
	e := s.flight[0].entry
	s.flight = s.flight[1:]
	return e
}

// close takes no more messages, and tells those there are what became of them.
func (s *session) close(err error) {
	s.mu.Lock()
	s.closed = true
	left := slices.Clone(s.queue.waiting)
	for _, m := range s.flight {
		left = append(left, m.entry)
	}
	s.flight, s.queue.waiting, s.queue.bytes = nil, nil, 0
	s.mu.Unlock()
	for _, e := range left {
		e.finish(err)
	}
}

// acknowledged takes a message out that the broker has answered for good.
func (s *session) acknowledged(id uint16, reason byte, properties *packets.Properties) {
	s.mu.Lock()
	i := s.find(id)
	if i < 0 {
		s.mu.Unlock()
		return
	}
	e := s.flight[i].entry
	s.flight = slices.Delete(s.flight, i, i+1)
	s.mu.Unlock()
	e.finish(refusedMessage(reason, properties))
	s.wake()
}

// line is a session as one connection has it.
type line struct {
	*session
	w io.Writer
	// gone is closed when the connection has ended.
	gone chan struct{}
	end  sync.Once
	// asked are the questions that the broker has not answered. The session's
	// lock guards it.
	asked map[uint16]chan<- packets.ControlPacket
	// heard is how many messages of the broker are not acknowledged, and settled
	// is told when there are none any more. The session's lock guards heard.
	heard   int
	settled chan struct{}
}

var _ sessions.SessionManager = (*line)(nil)

func newLine(s *session) *line {
	return &line{session: s, gone: make(chan struct{}), settled: make(chan struct{}, 1), asked: make(map[uint16]chan<- packets.ControlPacket)}
}

// ConAckReceived sends again what was not acknowledged (MQTT 5.0 §4.4).
func (l *line) ConAckReceived(w io.Writer, _ *packets.Connect, ack *packets.Connack) error {
	l.w = w
	if !ack.SessionPresent {
		l.lost()
		return nil
	}
	l.mu.Lock()
	again := slices.Clone(l.flight)
	for _, m := range again {
		m.at = time.Now()
		m.try()
	}
	l.mu.Unlock()
	for _, m := range again {
		var err error
		if m.received {
			err = write(&packets.Pubrel{PacketID: m.id}, w)
		} else {
			err = write(publish(m.Message, m.id, true), w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ConnectionLost ends what waits for the broker on this connection.
func (l *line) ConnectionLost(*packets.Disconnect) error {
	l.end.Do(func() {
		close(l.gone)
		l.mu.Lock()
		defer l.mu.Unlock()
		for id, answer := range l.asked {
			delete(l.asked, id)
			delete(l.used, id)
			answer <- packets.ControlPacket{} // there is room for one
		}
	})
	return nil
}

// AddToSession gives an identifier to a subscription or the end of one. Messages
// do not come this way.
func (l *line) AddToSession(_ context.Context, p sessions.Packet, answer chan<- packets.ControlPacket) error {
	if p.Type() == packets.PUBLISH {
		return errors.New("messages are published by the session")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.gone:
		return sessions.ErrNoConnection
	default:
	}
	id := l.newID()
	l.used[id] = true
	l.asked[id] = answer
	p.SetIdentifier(id)
	return nil
}

// PacketReceived takes what the broker answers, and hands its messages on.
func (l *line) PacketReceived(p *packets.ControlPacket, messages chan<- *packets.Publish) error {
	switch c := p.Content.(type) {
	case *packets.Suback:
		l.answered(c.PacketID, p)
	case *packets.Unsuback:
		l.answered(c.PacketID, p)
	case *packets.Puback:
		l.acknowledged(c.PacketID, c.ReasonCode, c.Properties)
	case *packets.Pubrec:
		if c.ReasonCode >= 0x80 {
			l.acknowledged(c.PacketID, c.ReasonCode, c.Properties)
			return nil
		}
		release := packets.Pubrel{PacketID: c.PacketID}
		if !l.receivedByBroker(c.PacketID) {
			release.ReasonCode = unknownIdentifier
		}
		return write(&release, l.w)
	case *packets.Pubcomp:
		l.acknowledged(c.PacketID, 0, nil)
	case *packets.Publish:
		if c.QoS == 2 && l.has(c.PacketID) {
			return write(&packets.Pubrec{PacketID: c.PacketID}, l.w)
		}
		l.mu.Lock()
		l.heard++
		l.mu.Unlock()
		select {
		case messages <- c:
		case <-l.gone:
		}
	case *packets.Pubrel:
		l.mu.Lock()
		delete(l.seen, c.PacketID)
		l.mu.Unlock()
		return write(&packets.Pubcomp{PacketID: c.PacketID}, l.w)
	}
	return nil
}

// answered hands on the answer to a question.
func (l *line) answered(id uint16, p *packets.ControlPacket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if answer, ok := l.asked[id]; ok {
		delete(l.asked, id)
		delete(l.used, id)
		answer <- *p
	}
}

// receivedByBroker notes that the broker has a message; false when it is not
// known.
func (l *line) receivedByBroker(id uint16) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.find(id)
	if i >= 0 {
		l.flight[i].received = true
	}
	return i >= 0
}

func (l *line) has(id uint16) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[id]
}

// Ack acknowledges a message that was received.
func (l *line) Ack(m *packets.Publish) error {
	if m.QoS > 0 {
		defer l.acked()
	}
	switch m.QoS {
	case 1:
		return write(&packets.Puback{PacketID: m.PacketID}, l.w)
	case 2:
		l.mu.Lock()
		l.seen[m.PacketID] = true
		l.mu.Unlock()
		return write(&packets.Pubrec{PacketID: m.PacketID}, l.w)
	}
	return nil
}

// acked notes that a message was acknowledged.
func (l *line) acked() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.heard--; l.heard == 0 {
		select {
		case l.settled <- struct{}{}:
		default:
		}
	}
}

// settle waits until every message of the broker is acknowledged, so that it does
// not come again.
func (l *line) settle(ctx context.Context) {
	for {
		l.mu.Lock()
		heard := l.heard
		l.mu.Unlock()
		if heard == 0 {
			return
		}
		select {
		case <-l.settled:
		case <-l.gone:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Close is for clients that own their session, which these do not.
func (l *line) Close() error { return nil }

// SetErrorLogger is not used: what goes wrong ends the connection.
func (l *line) SetErrorLogger(log.Logger) {}

// SetDebugLogger is not used.
func (l *line) SetDebugLogger(log.Logger) {}

// publish is a message as a packet.
func publish(m Message, id uint16, again bool) *packets.Publish {
	p := &packets.Publish{
		Topic: m.Topic, Payload: m.Payload, QoS: m.QoS, Retain: m.Retain, PacketID: id, Duplicate: again,
		Properties: &packets.Properties{},
	}
	if m.Correlation != nil {
		p.Properties.CorrelationData = m.Correlation
	}
	if m.Response != "" {
		p.Properties.ResponseTopic = m.Response
	}
	return p
}

func write(p io.WriterTo, w io.Writer) error {
	_, err := p.WriteTo(w)
	return err
}
