// Package udp is the UDP door: the words of the TCP door, one datagram each.
//
// A session is an address and port. It begins with a datagram that would open a
// connection of the TCP door: group, password and type, answered with
// success=True or success=False, or a command whose group is let in. From then
// on the notifications go to that address and port, and commands may follow,
// each with its own group and password; each answer is one datagram without a
// line end. A datagram with group, password and type and no command replaces
// what is heard; one whose type is empty ends the session. Whatever arrives from
// the address renews the session, an empty datagram too; after a time without
// anything it is forgotten. A client whose handshake is JSON hears JSON.
//
// Datagrams get lost, and nothing here repeats them: what must arrive belongs on
// another door. An answer that does not fit into a datagram is replaced by an
// error that says so.
//
// Addresses of datagrams can be forged, so what has not shown a password hears
// nothing but short refusals, and few of them.
package udp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"rookery/internal/bus"
	"rookery/internal/gateway"
)

// Config says how the door opens.
type Config struct {
	// Address is HOST:PORT; port 0 lets the system pick one.
	Address string
	// SessionTimeout is how long a client may be silent before it is
	// forgotten; 0 means 5 min.
	SessionTimeout time.Duration
	// MaxSessions is how many clients there may be at a time; 0 means 1,000.
	MaxSessions int
	// CommandsInFlight is how many commands of one client run at a time; 0
	// means 4. As many again times sixteen may wait; more are dropped.
	CommandsInFlight int
}

const (
	defaultSessionTimeout = 5 * time.Minute
	defaultMaxSessions    = 1000
	defaultInFlight       = 4

	// maxDatagram is the payload of the largest datagram over IPv4: 65,535
	// bytes less the IP and UDP headers (RFC 768, RFC 791).
	maxDatagram = 65507

	// waitingFactor is how many commands of a client may wait for each that
	// runs.
	waitingFactor = 16

	// maxStrangers is how many datagrams of unknown addresses are looked into
	// at a time; checking a password takes a while.
	maxStrangers = 32
)

// Door is an open UDP door.
type Door struct {
	cfg         Config
	desk        *gateway.Desk
	log         *slog.Logger
	conn        *net.UDPConn
	read        chan struct{} // closed when the reader has ended
	strangers   chan struct{}
	refusals    *allowance
	audience    gateway.Audience[*session]
	telling     sync.Mutex // held while a notification goes out
	unsubscribe func()

	// ctx ends the waits of commands when the door closes.
	ctx    context.Context
	cancel context.CancelFunc

	mu       sync.Mutex
	closing  bool
	sessions map[netip.AddrPort]*session
	running  sync.WaitGroup
}

// Open starts listening.
func Open(cfg Config, desk *gateway.Desk) (*Door, error) {
	if cfg.SessionTimeout == 0 {
		cfg.SessionTimeout = defaultSessionTimeout
	}
	if cfg.MaxSessions == 0 {
		cfg.MaxSessions = defaultMaxSessions
	}
	if cfg.CommandsInFlight == 0 {
		cfg.CommandsInFlight = defaultInFlight
	}
	addr, err := net.ResolveUDPAddr("udp", cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("open the UDP door at %q: %w", cfg.Address, err)
	}
	conn, err := net.ListenUDP("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("open the UDP door at %s: %w", cfg.Address, err)
	}
	d := &Door{
		cfg: cfg, desk: desk, log: desk.Log.With("door", "udp"), conn: conn,
		read:      make(chan struct{}),
		strangers: make(chan struct{}, maxStrangers),
		refusals:  newAllowance(refusalsPerAddress, refusalsInAll, time.Second),
		sessions:  make(map[netip.AddrPort]*session),
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	if d.unsubscribe, err = desk.Bus.Subscribe(desk.Agent, d.tell); err != nil {
		d.cancel()
		conn.Close()
		return nil, fmt.Errorf("open the UDP door: %w", err)
	}
	go d.listen()
	return d, nil
}

// Addr is where the door is, HOST:PORT.
func (d *Door) Addr() string { return d.conn.LocalAddr().String() }

// Sessions is how many clients there are.
func (d *Door) Sessions() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.sessions)
}

// Close ends running commands, sends their answers and closes. When ctx ends
// first it waits for no more answers.
func (d *Door) Close(ctx context.Context) error {
	d.unsubscribe()
	d.mu.Lock()
	d.closing = true
	for _, s := range d.sessions {
		s.silence.Stop()
	}
	d.mu.Unlock()
	d.cancel()
	ended := make(chan struct{})
	go func() { d.running.Wait(); close(ended) }()
	var late error
	select {
	case <-ended:
	case <-ctx.Done():
		late = ctx.Err()
	}
	err := d.conn.Close()
	<-d.read
	if errors.Is(err, net.ErrClosed) { // closed before
		err = nil
	}
	if err := errors.Join(late, err); err != nil {
		return fmt.Errorf("close the UDP door: %w", err)
	}
	return nil
}

// listen reads until the door closes.
func (d *Door) listen() {
	defer close(d.read)
	buffer := make([]byte, 1<<16) // IPv6 has larger ones than are sent
	for {
		n, from, err := d.conn.ReadFromUDPAddrPort(buffer)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil:
			// An error of one datagram, such as an ICMP message that came back
			// for an earlier one: the next may be well.
			d.log.Debug("read", "error", err)
			continue
		}
		text := buffer[:n]
		for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
			text = text[:len(text)-1]
		}
		d.arrived(from, append([]byte(nil), text...))
	}
}

// start runs something that may take a while, unless the door closes.
func (d *Door) start(run func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.running.Go(run)
	return true
}

// send writes one datagram.
func (d *Door) send(to netip.AddrPort, text []byte) {
	if _, err := d.conn.WriteToUDPAddrPort(text, to); err != nil && !errors.Is(err, net.ErrClosed) {
		d.log.Info("a datagram was not sent", "remote", to, "bytes", len(text), "error", err)
	}
}

// tell sends one notification to everybody who may hear it. Its text is made
// once for each language and shared.
func (d *Door) tell(n bus.Notification) {
	d.telling.Lock()
	defer d.telling.Unlock()
	var texts [2][]byte
	d.audience.Each(n, func(s *session) {
		text := texts[s.language]
		if text == nil {
			var err error
			if text, err = d.desk.AppendNotificationIn(nil, n, s.language); err != nil {
				d.log.Error("a notification that cannot be encoded", "type", n.Type, "error", err)
				return
			}
			texts[s.language] = text
		}
		if len(text) > maxDatagram {
			d.log.Warn("a notification that does not fit into a datagram", "type", n.Type, "remote", s.remote, "bytes", len(text), "limit", maxDatagram)
			return
		}
		d.send(s.remote, text)
	})
}
