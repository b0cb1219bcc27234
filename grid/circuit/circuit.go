package circuit

import (
	"net/netip"
	"sync"
	"time"

	"rookery/grid/message"
)

// Circuit is one connection to one peer. Its methods may be called from any
// goroutine.
type Circuit struct {
	end     *Endpoint
	remote  netip.AddrPort
	handler Handler
	done    chan struct{}

	mu  sync.Mutex
	err error // why the circuit ended

	timer *time.Timer // runs tick at wake
	wake  time.Time

	// Sending.
	sequence uint32
	inflight []*outgoing // reliable, not acknowledged, by sequence number
	queues   *[categories]fifo[*outgoing]
	limits   *limits
	rtt      estimator
	pingID   uint8
	pingSent time.Time // zero when the answer has come
	pingDue  time.Time

	// Receiving.
	heard    time.Time // when the peer was heard last
	seen     seen
	acks     []uint32
	acksDue  time.Time
	greeted  bool // the first acknowledgement is out
	inbox    fifo[message.Message]
	draining bool // a goroutine hands the inbox to the handler
	discard  bool // the inbox is to be dropped

	stats Stats
}

// Stats counts what a circuit has done.
type Stats struct {
	PacketsSent, PacketsReceived uint64 // datagrams
	BytesSent, BytesReceived     uint64 // UDP payload
	Resent                       uint64 // packets sent again
	GivenUp                      uint64 // reliable packets never acknowledged
	Duplicates                   uint64 // packets received again
	Dropped                      uint64 // received, but the handler's queue was full
	Malformed                    uint64 // received, but not a known message
	Unacked                      int    // reliable packets waiting for their acknowledgement
	Queued                       int    // packets waiting for throttle or window
	Pending                      int    // messages waiting for the handler
	RTT                          time.Duration
	LastReceived                 time.Time // when the circuit was opened before the first packet
}

func newCircuit(e *Endpoint, remote netip.AddrPort, h Handler) *Circuit {
	now := time.Now()
	c := &Circuit{
		end:     e,
		remote:  remote,
		handler: h,
		done:    make(chan struct{}),
		heard:   now,
		pingDue: now.Add(e.o.PingInterval),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wake = c.nextWake(now)
	c.timer = time.AfterFunc(c.wake.Sub(now), c.tick)
	return c
}

// Remote is the address of the peer.
func (c *Circuit) Remote() netip.AddrPort { return c.remote }

// Done is closed when the circuit has ended; when it was ended by silence or
// by the peer, once the handler has had what arrived before.
func (c *Circuit) Done() <-chan struct{} { return c.done }

// Err tells why the circuit ended: ErrClosed, ErrClosedByPeer or ErrTimeout;
// nil while it is open.
func (c *Circuit) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// RTT is the smoothed round trip time, 0 before the first measurement. The
// peer's delay of acknowledgements is part of it.
func (c *Circuit) RTT() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rtt.smoothed
}

// Stats returns what the circuit has done so far.
func (c *Circuit) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.stats
	s.Unacked = len(c.inflight)
	s.Queued = c.queued()
	s.Pending = c.inbox.len()
	s.RTT = c.rtt.smoothed
	s.LastReceived = c.heard
	return s
}

// SetThrottle limits what the circuit sends from now on.
func (c *Circuit) SetThrottle(t Throttle) error {
	if err := t.check(); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	c.limits = newLimits(t)
	c.pump(time.Now())
	return nil
}

// Close sends what is due and CloseCircuit, and frees the circuit. Messages
// that are not acknowledged by then are not sent again: use SendWait for what
// must arrive. Messages that wait for the handler are dropped; one that the
// handler has may still be in its hands. Closing again does nothing.
func (c *Circuit) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil
	}
	now := time.Now()
	c.flushQueues(now)
	c.flushAcks(now)
	c.sendInternal(&message.CloseCircuit{}, now)
	c.finish(ErrClosed, true)
	return nil
}

// finish ends the circuit.
func (c *Circuit) finish(err error, discard bool) {
	c.err = err
	c.timer.Stop()
	for _, o := range c.inflight {
		o.settle(err)
	}
	c.inflight, c.acks = nil, nil
	if c.queues != nil {
		for i := range c.queues {
			for q := &c.queues[i]; q.len() > 0; {
				q.pop().settle(err)
			}
		}
		c.queues = nil
	}
	c.end.forget(c)
	c.discard = discard
	if discard {
		c.inbox = fifo[message.Message]{}
	}
	if discard || !c.draining {
		close(c.done)
	}
}

// tick does what time has made due.
func (c *Circuit) tick() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	now := time.Now()
	if now.Sub(c.heard) >= c.end.o.Timeout {
		c.end.o.Log.Debug("circuit timed out", "remote", c.remote)
		c.finish(ErrTimeout, false)
		return
	}
	c.resendDue(now)
	if !now.Before(c.pingDue) {
		c.ping(now)
	}
	c.pump(now)
	if len(c.acks) > 0 && !now.Before(c.acksDue) {
		c.flushAcks(now)
	}
	c.wake = c.nextWake(now)
	c.timer.Reset(c.wake.Sub(now))
}

// nextWake is when tick has something to do again.
func (c *Circuit) nextWake(now time.Time) time.Time {
	next := c.heard.Add(c.end.o.Timeout)
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	sooner(c.pingDue)
	if len(c.acks) > 0 {
		sooner(c.acksDue)
	}
	for _, o := range c.inflight {
		sooner(o.due)
	}
	if d := c.throttled(now); d > 0 {
		sooner(now.Add(d))
	}
	return next
}

// wakeBy makes tick run at t or earlier.
func (c *Circuit) wakeBy(t, now time.Time) {
	if t.Before(c.wake) {
		c.wake = t
		c.timer.Reset(t.Sub(now))
	}
}
