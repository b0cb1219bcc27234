package circuit

import (
	"errors"
	"time"

	"rookery/grid/message"
)

// receive takes a packet from the endpoint's receive loop. plain is its
// message, no longer zero-coded.
func (c *Circuit) receive(p *message.Packet, plain []byte, size int) {
	m, err := c.end.decode(plain)
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.stats.PacketsReceived++
	c.stats.BytesReceived += uint64(size)
	c.heard = now
	for i := range p.Acks() {
		c.acknowledged(p.Ack(i), now)
	}
	if err != nil {
		c.malformed(p, err, now)
	} else if own := c.internal(m, now); c.err == nil {
		c.accept(p, m, own, now)
	}
	if c.err == nil {
		c.pump(now)
	}
}

// internal deals with the circuit's own messages.
func (c *Circuit) internal(m message.Message, now time.Time) (own bool) {
	switch m := m.(type) {
	case *message.PacketAck:
		for i := range m.Packets {
			c.acknowledged(m.Packets[i].ID, now)
		}
	case *message.StartPingCheck:
		if m.PingID.OldestUnacked != 0 { // some clients always say 0
			c.seen.trim(m.PingID.OldestUnacked)
		}
		c.sendInternal(&message.CompletePingCheck{PingID: message.CompletePingCheckPingID{PingID: m.PingID.PingID}}, now)
	case *message.CompletePingCheck:
		if m.PingID.PingID == c.pingID && !c.pingSent.IsZero() {
			c.rtt.sample(now.Sub(c.pingSent))
			c.pingSent = time.Time{}
		}
	case *message.CloseCircuit:
		c.finish(ErrClosedByPeer, false)
	default:
		return false
	}
	return true
}

// accept acknowledges a message and, when it is new, queues it for the
// handler.
func (c *Circuit) accept(p *message.Packet, m message.Message, own bool, now time.Time) {
	reliable := p.Flags&message.FlagReliable != 0
	full := !own && c.inbox.len() >= c.end.o.ReceiveQueue
	if full && reliable {
		c.stats.Dropped++
		return // neither noted nor acknowledged: it will come again
	}
	v := c.seen.add(p.Sequence, reliable || !own)
	if reliable && v != doubtful {
		c.acknowledge(p.Sequence, now)
	}
	switch {
	case own:
	case v == doubtful:
		c.stats.Dropped++
	case v == duplicate:
		c.stats.Duplicates++
	case full:
		c.stats.Dropped++
	default:
		c.inbox.push(m)
		if !c.draining {
			c.draining = true
			go c.drain()
		}
	}
}

// ackBatch is how many acknowledgements go without waiting for more: often
// enough that the peer's window does not run dry.
const ackBatch = 32

// acknowledge plans an acknowledgement. The first of a circuit goes at once,
// because the handshake waits for it.
func (c *Circuit) acknowledge(sequence uint32, now time.Time) {
	c.acks = append(c.acks, sequence)
	switch {
	case len(c.acks) >= ackBatch || !c.greeted:
		c.greeted = true
		c.flushAcks(now)
	case len(c.acks) == 1:
		c.acksDue = now.Add(c.end.o.AckDelay)
		c.wakeBy(c.acksDue, now)
	}
}

// malformed counts a packet that is no message. One with a number that the
// template lacks is still acknowledged: the peer may speak a newer protocol,
// and sending it again would not help.
func (c *Circuit) malformed(p *message.Packet, err error, now time.Time) {
	c.stats.Malformed++
	c.end.complain(c.remote, err)
	var unknown *message.UnknownError
	if errors.As(err, &unknown) && p.Flags&message.FlagReliable != 0 {
		c.acknowledge(p.Sequence, now)
	}
}

// drain hands the inbox to the handler and ends when it is empty, so that an
// idle circuit has no goroutine.
func (c *Circuit) drain() {
	for {
		c.mu.Lock()
		if c.inbox.len() == 0 {
			c.draining = false
			if c.err != nil && !c.discard {
				close(c.done)
			}
			c.mu.Unlock()
			return
		}
		m := c.inbox.pop()
		c.mu.Unlock()
		c.handler(c, m)
	}
}
