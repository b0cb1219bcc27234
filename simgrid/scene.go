package simgrid

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// ErrNotInGrid says that an agent has no running session.
var ErrNotInGrid = errors.New("the agent is not in the grid")

// Kick throws an agent off the grid with a reason, as estate owners and
// relogins do.
func (g *Grid) Kick(agent grid.UUID, reason string) error {
	s := g.session(agent)
	if s == nil {
		return fmt.Errorf("kick %s: %w", agent, ErrNotInGrid)
	}
	g.kick(s, reason, CauseKick)
	return nil
}

func (g *Grid) kick(s *session, reason string, cause Cause) {
	if p := s.rootPresence(); p != nil {
		p.region.lock()
		p.leaving = kickMessage(p, reason)
		p.region.unlock()
	}
	g.end(s, cause)
}

func kickMessage(p *presence, reason string) *message.KickUser {
	return &message.KickUser{UserInfo: message.KickUserUserInfo{
		AgentID: p.session.account.id, SessionID: p.session.id, Reason: message.Bytes(reason),
	}}
}

// Silence lets nothing of an agent through any more, in neither direction, as
// if its network broke: UDP of all its circuits is dropped and its event queues
// stay mute. The region drops it after Config.CircuitTimeout. The returned
// function repairs the network.
func (g *Grid) Silence(agent grid.UUID) (restore func(), err error) {
	s := g.session(agent)
	if s == nil {
		return nil, fmt.Errorf("silence %s: %w", agent, ErrNotInGrid)
	}
	var undo []func()
	for _, p := range g.presencesOf(s) {
		p.region.lock()
		if p.circuit != nil {
			faults, remote := p.region.faults, netip.AddrPortFrom(p.circuit.Remote().Addr().Unmap(), p.circuit.Remote().Port())
			faults.silence(remote, true)
			undo = append(undo, func() { faults.silence(remote, false) })
		}
		undo = append(undo, p.seed.mute())
		p.region.unlock()
	}
	return func() {
		for _, f := range undo {
			f()
		}
	}, nil
}

func (g *Grid) presencesOf(s *session) []*presence {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*presence, 0, len(s.presences))
	for _, p := range s.presences {
		all = append(all, p)
	}
	return all
}

// SlowEventQueues makes every event queue hold back what it has for a time.
func (g *Grid) SlowEventQueues(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.queueHold = max(d, 0)
}

// FailEventQueue answers the next polls of an agent's event queues with an HTTP
// status: 502 or 500 as busy grids do, 404 as for a region that is gone.
func (g *Grid) FailEventQueue(agent grid.UUID, status, times int) error {
	s := g.session(agent)
	if s == nil {
		return fmt.Errorf("event queue of %s: %w", agent, ErrNotInGrid)
	}
	for _, p := range g.presencesOf(s) {
		p.seed.fail(status, times)
	}
	return nil
}

// Alert shows an agent a text in the corner of its screen (AlertMessage).
func (g *Grid) Alert(agent grid.UUID, text string) error {
	return g.withRoot(agent, "alert", func(r *Region, p *presence) { r.alert(p, text) })
}

// AgentAlert shows an agent a text as AgentAlertMessage; a modal one asks to be
// clicked away.
func (g *Grid) AgentAlert(agent grid.UUID, text string, modal bool) error {
	return g.withRoot(agent, "alert", func(_ *Region, p *presence) {
		p.sendReliable(agentAlert(agent, text, modal))
	})
}

func agentAlert(agent grid.UUID, text string, modal bool) *message.AgentAlertMessage {
	return &message.AgentAlertMessage{
		AgentData: message.AgentAlertMessageAgentData{AgentID: agent},
		AlertData: message.AgentAlertMessageAlertData{Modal: modal, Message: message.Bytes(truncated(text, 254))},
	}
}

// Send sends any message to an agent over its root circuit, reliably: for
// scenes that this package has no words for yet.
func (g *Grid) Send(agent grid.UUID, m message.Message) error {
	return g.withRoot(agent, "send "+m.Info().Name, func(_ *Region, p *presence) { p.sendReliable(m) })
}

func (g *Grid) withRoot(agent grid.UUID, what string, f func(r *Region, p *presence)) error {
	if s := g.session(agent); s != nil {
		if p := s.rootPresence(); p != nil {
			p.region.lock()
			defer p.region.unlock()
			if !p.gone {
				f(p.region, p)
				return nil
			}
		}
	}
	return fmt.Errorf("%s to %s: %w", what, agent, ErrNotInGrid)
}

// faultConn is a region's socket, which drops the packets from and to silenced
// addresses.
type faultConn struct {
	*net.UDPConn
	silent atomic.Pointer[map[netip.AddrPort]bool] // replaced, never changed
}

func (c *faultConn) silence(a netip.AddrPort, on bool) {
	for {
		old := c.silent.Load()
		next := make(map[netip.AddrPort]bool)
		if old != nil {
			maps.Copy(next, *old)
		}
		if on {
			next[a] = true
		} else {
			delete(next, a)
		}
		if c.silent.CompareAndSwap(old, &next) {
			return
		}
	}
}

func (c *faultConn) silenced(a netip.AddrPort) bool {
	m := c.silent.Load()
	return m != nil && (*m)[netip.AddrPortFrom(a.Addr().Unmap(), a.Port())]
}

func (c *faultConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, a, err := c.UDPConn.ReadFromUDPAddrPort(b)
		if err != nil || !c.silenced(a) {
			return n, a, err
		}
	}
}

func (c *faultConn) WriteToUDPAddrPort(b []byte, a netip.AddrPort) (int, error) {
	if c.silenced(a) {
		return len(b), nil
	}
	return c.UDPConn.WriteToUDPAddrPort(b, a)
}

// ReadFrom and WriteTo are the same for a Config.Network in between.

func (c *faultConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, a, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(a), nil
}

func (c *faultConn) WriteTo(b []byte, a net.Addr) (int, error) {
	udp, ok := a.(*net.UDPAddr)
	if !ok {
		return 0, fmt.Errorf("packet to %v: want a UDP address, have %T", a, a)
	}
	return c.WriteToUDPAddrPort(b, udp.AddrPort())
}
