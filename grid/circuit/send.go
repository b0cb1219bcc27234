package circuit

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"rookery/grid/message"
)

const (
	// mtu is how long a packet may grow by appended acknowledgements.
	mtu = 1400
	// maxDatagram is what UDP over IPv4 can carry.
	maxDatagram = 65507
)

// outgoing is an encoded packet on its way out. Its buffer is used again once
// nobody waits for an acknowledgement.
type outgoing struct {
	buf      []byte
	reliable bool
	cat      category
	sequence uint32
	sent     time.Time
	due      time.Time     // when to send again
	rto      time.Duration // the wait before that
	resends  int
	receipt  *receipt
}

// receipt tells a waiting sender what has become of a packet.
type receipt struct {
	done chan struct{}
	err  error
}

var outgoings = sync.Pool{New: func() any { return new(outgoing) }}

// settle reports the end of a packet and frees it.
func (o *outgoing) settle(err error) {
	if o.receipt != nil {
		o.receipt.err = err
		close(o.receipt.done)
	}
	buf := o.buf[:0]
	if cap(buf) > 4096 {
		buf = nil
	}
	*o = outgoing{buf: buf}
	outgoings.Put(o)
}

// Send sends m once, as soon as the throttle lets it. The message is encoded
// before Send returns and may be changed afterwards. Errors are those of the
// encoding, ErrTooLarge, ErrQueueFull, why the circuit ended, or the socket's.
func (c *Circuit) Send(m message.Message) error { return c.send(m, 0, nil) }

// SendReliable sends m until the peer acknowledges it or it is given up, which
// Stats counts. It returns before that, with the errors of Send.
func (c *Circuit) SendReliable(m message.Message) error {
	return c.send(m, message.FlagReliable, nil)
}

// SendWait is SendReliable that returns when the peer has acknowledged m, with
// ErrGivenUp when it never does, or with why the circuit ended meanwhile. When
// ctx ends first the message is still resent.
func (c *Circuit) SendWait(ctx context.Context, m message.Message) error {
	r := &receipt{done: make(chan struct{})}
	if err := c.send(m, message.FlagReliable, r); err != nil {
		return err
	}
	select {
	case <-r.done:
		if r.err != nil {
			return fmt.Errorf("send %s: %w", m.Info().Name, r.err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("send %s: %w", m.Info().Name, ctx.Err())
	}
}

func (c *Circuit) send(m message.Message, flags message.Flags, r *receipt) error {
	o, err := encode(m, flags)
	if err != nil {
		return err
	}
	o.cat = categoryOf(m)
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		o.settle(nil)
		return c.err
	}
	if (c.queues == nil || c.queues[o.cat].len() == 0) && c.mayGo(o, now) == 0 {
		o.receipt = r
		return c.first(o, now)
	}
	if c.queues == nil {
		c.queues = new([categories]fifo[*outgoing])
	}
	q := &c.queues[o.cat]
	if q.len() >= c.end.o.SendQueue {
		o.settle(nil)
		return fmt.Errorf("send %s: %w", m.Info().Name, ErrQueueFull)
	}
	o.receipt = r
	q.push(o)
	if d := c.throttled(now); d > 0 {
		c.wakeBy(now.Add(d), now)
	}
	return nil
}

// encode makes a packet without sequence number.
func encode(m message.Message, flags message.Flags) (*outgoing, error) {
	info := m.Info()
	if info.Zerocoded {
		flags |= message.FlagZerocoded
	}
	o := outgoings.Get().(*outgoing)
	buf, err := message.AppendPacket(o.buf[:0], message.Header{Flags: flags}, m)
	o.buf = buf
	o.reliable = flags&message.FlagReliable != 0
	if err == nil && len(buf) > maxDatagram {
		err = fmt.Errorf("send %s: %w: the packet is %d bytes long, at most %d fit", info.Name, ErrTooLarge, len(buf), maxDatagram)
	}
	if err != nil {
		o.settle(nil)
		return nil, err
	}
	return o, nil
}

// mayGo returns 0 when window and throttle let o go now, having taken it from
// the throttle's bucket; the time to wait when the throttle does not; and a
// negative time when the window is full.
func (c *Circuit) mayGo(o *outgoing, now time.Time) time.Duration {
	if o.reliable && len(c.inflight) >= c.end.o.Window {
		return -1
	}
	return c.limits.wait(o.cat, len(o.buf), now)
}

// first sends a packet for the first time.
func (c *Circuit) first(o *outgoing, now time.Time) error {
	c.sequence = (c.sequence + 1) % sequenceWrap
	o.sequence = c.sequence
	binary.BigEndian.PutUint32(o.buf[1:], o.sequence)
	err := c.transmit(o, now)
	if !o.reliable {
		o.settle(nil)
		return err
	}
	// A write that fails is as good as a lost packet: it is sent again.
	o.sent = now
	o.rto = c.rtt.timeout(&c.end.o)
	o.due = now.Add(o.rto)
	c.inflight = append(c.inflight, o)
	c.wakeBy(o.due, now)
	return nil
}

// transmit writes a packet with as many acknowledgements as there is room for.
func (c *Circuit) transmit(o *outgoing, _ time.Time) error {
	packet := o.buf
	if n := min(len(c.acks), 255, (mtu-len(packet)-1)/4); n > 0 {
		packet = message.AppendAcks(packet, c.acks[:n])
		c.acks = slices.Delete(c.acks, 0, n)
		o.buf = packet[:len(o.buf)]
		defer func() { o.buf[0] &^= byte(message.FlagAcks) }()
	}
	c.stats.PacketsSent++
	c.stats.BytesSent += uint64(len(packet))
	return c.end.write(packet, c.remote)
}

// sendInternal sends one of the circuit's own messages, past queue and throttle.
func (c *Circuit) sendInternal(m message.Message, now time.Time) {
	o, err := encode(m, 0)
	if err == nil {
		err = c.first(o, now)
	}
	if err != nil {
		c.end.o.Log.Debug("circuit message not sent", "remote", c.remote, "message", m.Info().Name, "error", err)
	}
}

// pump sends queued packets as far as window and throttle allow, one of each
// category in turn.
func (c *Circuit) pump(now time.Time) {
	if c.queues == nil {
		return
	}
	for going := true; going; {
		going = false
		for i := range c.queues {
			q := &c.queues[i]
			if q.len() > 0 && c.mayGo(q.peek(), now) == 0 {
				c.firstQueued(q.pop(), now)
				going = true
			}
		}
	}
	if c.queued() == 0 {
		c.queues = nil
		return
	}
	if d := c.throttled(now); d > 0 {
		c.wakeBy(now.Add(d), now)
	}
}

// flushQueues sends all that is queued, whatever window and throttle say.
func (c *Circuit) flushQueues(now time.Time) {
	if c.queues == nil {
		return
	}
	for i := range c.queues {
		for q := &c.queues[i]; q.len() > 0; {
			c.firstQueued(q.pop(), now)
		}
	}
}

func (c *Circuit) firstQueued(o *outgoing, now time.Time) {
	if err := c.first(o, now); err != nil {
		c.end.o.Log.Debug("packet not sent", "remote", c.remote, "error", err)
	}
}

func (c *Circuit) queued() int {
	if c.queues == nil {
		return 0
	}
	n := 0
	for i := range c.queues {
		n += c.queues[i].len()
	}
	return n
}

// throttled is how long until a queued packet may go because of the throttle
// alone; 0 when none waits for that. It takes nothing from the buckets.
func (c *Circuit) throttled(now time.Time) time.Duration {
	if c.queues == nil {
		return 0
	}
	var least time.Duration
	for i := range c.queues {
		q := &c.queues[i]
		if q.len() == 0 {
			continue
		}
		o := q.peek()
		if o.reliable && len(c.inflight) >= c.end.o.Window {
			continue // an acknowledgement will pump
		}
		d := c.limits.delay(o.cat, len(o.buf), now)
		if d > 0 && (least == 0 || d < least) {
			least = d
		}
	}
	return least
}

// resendDue sends again what was not acknowledged in time, and gives up what
// was sent often enough.
func (c *Circuit) resendDue(now time.Time) {
	givenUp := false
	for i, o := range c.inflight {
		if now.Before(o.due) {
			continue
		}
		if o.resends >= c.end.o.MaxResends {
			c.stats.GivenUp++
			c.end.o.Log.Debug("message given up", "remote", c.remote, "sequence", o.sequence, "resends", o.resends)
			o.settle(ErrGivenUp)
			c.inflight[i] = nil
			givenUp = true
			continue
		}
		if d := c.limits.wait(resend, len(o.buf), now); d > 0 {
			o.due = now.Add(d)
			continue
		}
		o.resends++
		o.rto = min(2*o.rto, c.end.o.MaxRTO)
		c.rtt.backedOff = o.rto
		o.due = now.Add(o.rto)
		o.buf[0] |= byte(message.FlagResent)
		c.stats.Resent++
		if err := c.transmit(o, now); err != nil {
			c.end.o.Log.Debug("packet not sent again", "remote", c.remote, "error", err)
		}
	}
	if givenUp {
		c.inflight = slices.DeleteFunc(c.inflight, func(o *outgoing) bool { return o == nil })
	}
}

// acknowledged takes note of the peer's acknowledgement.
func (c *Circuit) acknowledged(sequence uint32, now time.Time) {
	for i, o := range c.inflight {
		if o.sequence != sequence {
			continue
		}
		// One that was sent twice does not tell which sending is answered.
		if o.resends == 0 {
			c.rtt.sample(now.Sub(o.sent))
		}
		o.settle(nil)
		c.inflight = slices.Delete(c.inflight, i, i+1)
		if len(c.inflight) == 0 && cap(c.inflight) > 64 {
			c.inflight = nil
		}
		return
	}
}

func (c *Circuit) flushAcks(now time.Time) {
	for len(c.acks) > 0 {
		n := min(len(c.acks), 255)
		m := &message.PacketAck{Packets: make([]message.PacketAckPackets, n)}
		for i, sequence := range c.acks[:n] {
			m.Packets[i].ID = sequence
		}
		c.acks = slices.Delete(c.acks, 0, n)
		c.sendInternal(m, now)
	}
	if cap(c.acks) > 64 {
		c.acks = nil
	}
}

func (c *Circuit) ping(now time.Time) {
	c.pingID++
	c.pingSent = now
	c.pingDue = now.Add(c.end.o.PingInterval)
	// With nothing unacknowledged, everything before this packet is settled.
	oldest := (c.sequence + 1) % sequenceWrap
	if len(c.inflight) > 0 {
		oldest = c.inflight[0].sequence
	}
	c.sendInternal(&message.StartPingCheck{PingID: message.StartPingCheckPingID{PingID: c.pingID, OldestUnacked: oldest}}, now)
}
