package circuit

import (
	"log/slog"
	"net/netip"
	"time"

	"rookery/grid/message"
)

// A Handler takes the messages of one circuit in the order in which they
// arrived, one at a time. The message belongs to the handler. A handler may
// call every method of the circuit, SendWait too; it must not wait for the
// circuit's Done.
type Handler func(c *Circuit, m message.Message)

// Options configure an Endpoint. The zero value of each field means its
// default.
type Options struct {
	// Accept decides about a message from an address that has no circuit; nil
	// refuses all. Returning a Handler opens a circuit, whose first message is
	// this one; returning nil drops the packet. It is called from the receive
	// loop and must not block. A simulator accepts UseCircuitCode only: late
	// packets of a circuit that has ended come here too.
	Accept func(remote netip.AddrPort, first message.Message) Handler

	// Log receives what is worth knowing; nil discards it. Malformed packets
	// are logged at most once a second per endpoint.
	Log *slog.Logger

	// Timeout is the silence after which a circuit ends with ErrTimeout;
	// 60 s by default.
	Timeout time.Duration
	// PingInterval is the time between two pings; 5 s by default.
	PingInterval time.Duration
	// AckDelay is how long an acknowledgement may wait for company; 50 ms by
	// default. The first of a circuit does not wait.
	AckDelay time.Duration

	// The time after which a reliable packet is sent again follows the measured
	// round trip as in RFC 6298, starting from InitialRTO (1 s by default) and
	// kept between MinRTO (300 ms) and MaxRTO (4 s).
	InitialRTO, MinRTO, MaxRTO time.Duration
	// MaxResends is how often a reliable packet is sent again before it is
	// given up; 12 by default.
	MaxResends int

	// Window is how many reliable packets may be unacknowledged; 128 by default,
	// which the usual receive buffer of a socket holds.
	Window int
	// SendQueue is how many packets per throttle category may wait; 4096 by
	// default.
	SendQueue int
	// ReceiveQueue is how many messages may wait for a handler; 1024 by default.
	ReceiveQueue int

	// Trace sees every datagram, before the circuit looks at it or after it was
	// written; for debugging. It must not keep packet, block or call the endpoint.
	Trace func(d Direction, remote netip.AddrPort, packet []byte)
}

// Direction tells a traced packet's way.
type Direction uint8

const (
	Received Direction = iota
	Sent
)

func (d Direction) String() string {
	if d == Sent {
		return "sent"
	}
	return "received"
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.Timeout, 60*time.Second)
	def(&o.PingInterval, 5*time.Second)
	def(&o.AckDelay, 50*time.Millisecond)
	def(&o.InitialRTO, time.Second)
	def(&o.MinRTO, 300*time.Millisecond)
	def(&o.MaxRTO, 4*time.Second)
	o.MaxRTO = max(o.MaxRTO, o.MinRTO)
	count := func(n *int, v int) {
		if *n <= 0 {
			*n = v
		}
	}
	count(&o.MaxResends, 12)
	count(&o.Window, 128)
	count(&o.SendQueue, 4096)
	count(&o.ReceiveQueue, 1024)
	return o
}
