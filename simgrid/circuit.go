package simgrid

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"rookery/grid/circuit"
	"rookery/grid/message"
)

// route serves one message of the template.
type route struct {
	id   message.ID
	root bool // only from the region where the avatar is
	do   func(r *Region, p *presence, m message.Message)
}

// onRoot routes a message that only a root agent may send. The handler runs
// with the region locked.
func onRoot[M message.Message](h func(r *Region, p *presence, m M)) route {
	rt := onAny(h)
	rt.root = true
	return rt
}

// onAny routes a message that child agents may send too.
func onAny[M message.Message](h func(r *Region, p *presence, m M)) route {
	var zero M
	return route{id: zero.Info().ID, do: func(r *Region, p *presence, m message.Message) { h(r, p, m.(M)) }}
}

// ignored routes a message that a client sends and that needs no answer.
func ignored[M message.Message](M) route {
	return onAny(func(*Region, *presence, M) {})
}

// routes are all messages that the grid serves, by number. Each topic's table
// stands in its own file.
var routes = func() map[message.ID]route {
	all := make(map[message.ID]route)
	for _, table := range [][]route{
		regionRoutes, movementRoutes, sitRoutes, chatRoutes, imRoutes, teleportRoutes, objectRoutes,
		appearanceRoutes, friendRoutes, muteRoutes, lureRoutes, groupRoutes, inventoryRoutes, xferRoutes, profileRoutes, directoryRoutes,
		mapRoutes, parcelRoutes, economyRoutes, ignoredRoutes,
	} {
		for _, rt := range table {
			if _, twice := all[rt.id]; twice {
				panic("simgrid: two routes for message " + message.Lookup(rt.id).Name)
			}
			all[rt.id] = rt
		}
	}
	return all
}()

// ignoredRoutes are what clients tell a simulator that has no use for it.
var ignoredRoutes = []route{
	ignored((*message.AgentFOV)(nil)),
	ignored((*message.AgentHeightWidth)(nil)),
	ignored((*message.AgentPause)(nil)),
	ignored((*message.AgentResume)(nil)),
	ignored((*message.SoundTrigger)(nil)),
	ignored((*message.VelocityInterpolateOn)(nil)),
	ignored((*message.VelocityInterpolateOff)(nil)),
	ignored((*message.UserReport)(nil)),
}

// accept decides about the first packet from an unknown address: it must be
// the UseCircuitCode of an agent that this region expects.
func (r *Region) accept(remote netip.AddrPort, first message.Message) circuit.Handler {
	use, ok := first.(*message.UseCircuitCode)
	if !ok {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.presences[use.CircuitCode.ID]
	if p == nil || p.session.code != use.CircuitCode.Code || p.session.id != use.CircuitCode.SessionID {
		r.g.log.Debug("circuit refused", "region", r.cfg.Name, "remote", remote, "agent", use.CircuitCode.ID)
		return nil
	}
	return func(c *circuit.Circuit, m message.Message) { r.receive(p, c, m) }
}

// receive serves one message of a client.
func (r *Region) receive(p *presence, c *circuit.Circuit, m message.Message) {
	rt, ok := routes[m.Info().ID]
	if !ok {
		name := m.Info().Name
		if r.g.served.add(name) {
			r.g.log.Debug("message not served", "region", r.cfg.Name, "message", name)
		}
		return
	}
	r.lock()
	defer r.unlock()
	if use, ok := m.(*message.UseCircuitCode); ok {
		r.useCircuit(p, c, use)
		return
	}
	if p.gone || p.circuit != c || rt.root && p.avatar == nil {
		return
	}
	rt.do(r, p, m)
}

// useCircuit binds a circuit to the presence it was opened for. An agent may
// open a second one, from another port; the first then ends.
func (r *Region) useCircuit(p *presence, c *circuit.Circuit, m *message.UseCircuitCode) {
	if p.circuit == c || p.gone || p.session.code != m.CircuitCode.Code {
		return
	}
	if old := p.circuit; old != nil {
		r.later(func() { _ = old.Close() })
	}
	p.circuit = c
	p.setReady(false)
	r.g.wg.Go(func() {
		<-c.Done()
		r.circuitEnded(p, c)
	})
	r.sendHandshake(p)
}

// circuitEnded cleans up after a client that fell silent or hung up. Without
// its root circuit an agent is gone; a child circuit ends alone.
func (r *Region) circuitEnded(p *presence, c *circuit.Circuit) {
	r.lock()
	defer r.unlock()
	if p.circuit != c || p.gone {
		return
	}
	if p.avatar != nil {
		r.later(func() { r.g.end(p.session, CauseTimeout) })
		return
	}
	p.circuit = nil
	p.setReady(false)
}

// send sends m unreliably, to whom is connected.
func (p *presence) send(m message.Message) {
	if p.circuit != nil {
		p.check(p.circuit.Send(m), m)
	}
}

// sendReliable sends m until it is acknowledged, to whom is connected.
func (p *presence) sendReliable(m message.Message) {
	if p.circuit != nil {
		p.check(p.circuit.SendReliable(m), m)
	}
}

func (p *presence) check(err error, m message.Message) {
	if err != nil {
		p.region.g.log.Debug("not sent", "region", p.region.cfg.Name, "agent", p.session.account.Name(), "message", m.Info().Name, "err", err)
	}
}

// dismiss ends the circuit of a child agent at once: the client may open one
// from the same port again in a moment.
func (r *Region) dismiss(p *presence) {
	if p.circuit != nil && !p.gone {
		p.sendReliable(&message.DisableSimulator{})
		_ = p.circuit.Close()
	}
	r.drop(p)
}

// farewell is how long a closing circuit waits for its last words to be
// acknowledged.
const farewell = 2 * time.Second

// hangUp sends last words, when there are any, and closes the circuit.
func (r *Region) hangUp(p *presence, last message.Message) {
	c := p.circuit
	if c == nil {
		return
	}
	p.circuit = nil
	p.setReady(false)
	bye := make(chan struct{})
	r.goodbyes = append(slices.DeleteFunc(r.goodbyes, isDone), bye)
	r.g.wg.Go(func() {
		defer close(bye)
		if last != nil {
			ctx, cancel := context.WithTimeout(r.g.ctx, farewell)
			_ = c.SendWait(ctx, last)
			cancel()
		}
		_ = c.Close()
	})
}

func isDone(ch chan struct{}) bool {
	select {
	case <-ch:
		return true
	default:
		return false
	}
}
