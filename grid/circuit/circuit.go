package circuit

import (
	"context"
	"net/netip"
	"time"

	"rookery/grid/message"
)

// Circuit is one connection to one peer. Its methods may be called from any
// goroutine.
type Circuit struct{}

// Send sends m once, as soon as the throttle lets it. The message is encoded
// before Send returns and may be changed afterwards.
func (c *Circuit) Send(m message.Message) error { panic("TODO") }

// SendReliable sends m until the peer acknowledges it or it is given up.
func (c *Circuit) SendReliable(m message.Message) error { panic("TODO") }

// SendWait is SendReliable that returns when the peer has acknowledged m. When
// ctx ends first the message is still resent.
func (c *Circuit) SendWait(ctx context.Context, m message.Message) error { panic("TODO") }

// Remote is the address of the peer.
func (c *Circuit) Remote() netip.AddrPort { panic("TODO") }

// Done is closed when the circuit has ended; after the end of silence or by
// the peer, once the handler has had what arrived before.
func (c *Circuit) Done() <-chan struct{} { panic("TODO") }

// Err tells why the circuit ended: ErrClosed, ErrClosedByPeer or ErrTimeout;
// nil while it is open.
func (c *Circuit) Err() error { panic("TODO") }

// RTT is the smoothed round trip time, 0 before the first measurement.
func (c *Circuit) RTT() time.Duration { panic("TODO") }

// Stats returns what the circuit has done so far.
func (c *Circuit) Stats() Stats { panic("TODO") }

// SetThrottle limits what the circuit sends from now on.
func (c *Circuit) SetThrottle(t Throttle) error { panic("TODO") }

// Close sends what is due and CloseCircuit, and frees the circuit. Messages
// that are not acknowledged by then are not sent again: use SendWait for what
// must arrive. Messages that wait for the handler are dropped.
func (c *Circuit) Close() error { panic("TODO") }

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
	LastReceived                 time.Time
}
