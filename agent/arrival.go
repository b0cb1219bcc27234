package agent

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/message"
)

// arrival is where the grid sends the agent, or tells it to look.
type arrival struct {
	handle       grid.RegionHandle
	addr         netip.AddrPort
	sizeX, sizeY uint32
	seed         string
	flags        grid.TeleportFlags
}

// open opens a circuit to a region, or finds the one that is there. It returns
// when the simulator has taken the circuit code.
func (s *session) open(ctx context.Context, to arrival) (*region, error) {
	a := s.a
	for {
		a.mu.Lock()
		if s.ended {
			a.mu.Unlock()
			return nil, ErrOffline
		}
		if r := s.regionAt(to.addr); r != nil && !r.stale() {
			r.setSize(to.sizeX, to.sizeY)
			a.mu.Unlock()
			return r, nil
		} else if r != nil && r != s.root {
			s.drop(r)
		}
		closing := s.closing[to.addr]
		if closing == nil {
			break
		}
		a.mu.Unlock()
		select { // there can be one circuit to an address
		case <-closing:
		case <-ctx.Done():
			return nil, waitError(ctx)
		case <-s.done:
			return nil, ErrOffline
		}
	}
	r := &region{
		s: s, entities: make(map[uint32]*entity), ids: make(map[grid.UUID]*entity),
		info: Region{Handle: to.handle, Addr: to.addr, SizeX: grid.RegionSize, SizeY: grid.RegionSize},
	}
	r.setSize(to.sizeX, to.sizeY)
	c, err := s.endpoint.Dial(to.addr, r.handle)
	if err != nil {
		a.mu.Unlock()
		return nil, fmt.Errorf("open circuit to %v: %w", to.addr, err)
	}
	r.circuit = c
	if old := s.regionOf(to.handle); old != nil && old != s.root {
		s.drop(old) // the region restarted elsewhere
	}
	s.regions = append(s.regions, r)
	a.mu.Unlock()

	limited, cancel := context.WithTimeoutCause(ctx, a.timeouts.Load().service, ErrTimeout)
	defer cancel()
	// The simulator refuses everything else until it has acknowledged this.
	err = c.SendWait(limited, &message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{
		Code: s.code, SessionID: s.secret, ID: s.id,
	}})
	if err != nil {
		a.mu.Lock()
		s.drop(r)
		a.mu.Unlock()
		return nil, fmt.Errorf("circuit code: %w", err)
	}
	return r, nil
}

// arrive makes r the region that the avatar stands in: it announces the
// arrival, waits for the handshake, and tells the simulator what it needs to
// know of the agent.
func (s *session) arrive(ctx context.Context, r *region, seed string) error {
	a := s.a
	a.mu.Lock()
	s.moves++
	first := s.root == nil
	r.info.Moved = false
	if seed != "" {
		r.seed = seed
	}
	w := s.expect(func(*region, message.Message) progress {
		if r.info.Moved && r.info.Handshake || r.gone {
			return complete
		}
		return waiting
	})
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		s.moves--
		a.mu.Unlock()
		s.kick()
	}()
	// OpenSimulator waits with its handshake for the capabilities to be asked for.
	r.startCaps()
	if err := s.announce(ctx, r, w); err != nil {
		return err
	}

	a.mu.Lock()
	if s.ended {
		a.mu.Unlock()
		return ErrOffline
	}
	if r.gone {
		defer a.mu.Unlock()
		return fmt.Errorf("%s closed its circuit: %w", r.label(), circuit.ErrClosedByPeer)
	}
	old := s.root
	s.root = r
	if old != nil && old != r {
		s.leave(old)
	}
	r.startEvents()
	changed := RegionChanged{New: r.info.Name, NewHandle: r.info.Handle}
	if old != nil {
		changed.Old, changed.OldHandle = old.info.Name, old.info.Handle
	}
	update := s.update()
	if first {
		a.state = Online
	}
	if old != r {
		a.emit(changed)
	}
	s.notify(r, nil)
	a.mu.Unlock()

	for _, m := range append(s.introduction(first), update) {
		if err := r.circuit.SendReliable(m); err != nil {
			return sendError(m, err)
		}
	}
	return nil
}

// leave forgets the own avatar in a region that it left, which the region does
// not tell the one who leaves. Called with a.mu held.
func (s *session) leave(r *region) {
	if e := r.ids[s.id]; e != nil {
		delete(r.entities, e.local)
		delete(r.ids, e.id)
	}
	r.coarse = slices.DeleteFunc(slices.Clone(r.coarse), func(l CoarseLocation) bool { return l.ID == s.id })
}

// announce sends CompleteAgentMovement until w is complete. A simulator that
// is still busy taking over the agent may not hear the first one.
func (s *session) announce(ctx context.Context, r *region, w *waiter) error {
	m := &message.CompleteAgentMovement{AgentData: message.CompleteAgentMovementAgentData{
		AgentID: s.id, SessionID: s.secret, CircuitCode: s.code,
	}}
	ctx, cancel := context.WithTimeoutCause(ctx, s.a.timeouts.Load().service, ErrTimeout)
	defer cancel()
	again := time.NewTicker(10 * time.Second)
	defer again.Stop()
	defer s.forget(w)
	for {
		if err := r.circuit.SendReliable(m); err != nil {
			return sendError(m, err)
		}
		select {
		case <-w.complete:
			return nil
		case <-again.C:
		case <-r.circuit.Done():
			return fmt.Errorf("waiting for the region's handshake: %w", r.circuit.Err())
		case <-ctx.Done():
			return fmt.Errorf("waiting for the region's handshake: %w", waitError(ctx))
		case <-s.done:
			return ErrOffline
		}
	}
}

// introduction is what a region is told once the avatar stands in it; more in
// the first region of a session.
func (s *session) introduction(first bool) []message.Message {
	a := s.a
	throttle := message.AgentThrottle{
		AgentData: message.AgentThrottleAgentData{AgentID: s.id, SessionID: s.secret, CircuitCode: s.code},
		Throttle:  message.AgentThrottleThrottle{Throttles: a.cfg.Throttle.Encode()},
	}
	size := message.AgentHeightWidth{
		AgentData:        message.AgentHeightWidthAgentData{AgentID: s.id, SessionID: s.secret, CircuitCode: s.code},
		HeightWidthBlock: message.AgentHeightWidthHeightWidthBlock{Height: 768, Width: 1024},
	}
	out := []message.Message{&throttle, &size}
	a.mu.Lock()
	run := a.movement.AlwaysRun
	a.mu.Unlock()
	if run {
		out = append(out, s.alwaysRun(true))
	}
	if first {
		out = append(out,
			&message.AgentDataUpdateRequest{AgentData: message.AgentDataUpdateRequestAgentData{AgentID: s.id, SessionID: s.secret}},
			&message.MoneyBalanceRequest{AgentData: message.MoneyBalanceRequestAgentData{AgentID: s.id, SessionID: s.secret}},
		)
	}
	return out
}

// drop forgets a region and closes its circuit. Called with a.mu held.
func (s *session) drop(r *region) {
	for i, other := range s.regions {
		if other == r {
			s.regions = append(s.regions[:i:i], s.regions[i+1:]...)
			break
		}
	}
	if r.gone {
		return
	}
	r.gone = true
	known := r.info.Handshake
	if !s.ended { // else the session's end closes it
		s.closeCircuit(r)
	}
	if known {
		s.a.emit(RegionDisconnected{s.snapshot(r)})
	}
	s.notify(r, nil)
}

// closeCircuit closes a region's circuit in the background, for it may wait
// for the handler, which may wait for a.mu. Called with a.mu held.
func (s *session) closeCircuit(r *region) {
	closed := make(chan struct{})
	if s.closing == nil {
		s.closing = make(map[netip.AddrPort]chan struct{})
	}
	s.closing[r.info.Addr] = closed
	s.start(func() {
		r.stopCaps()
		_ = r.circuit.Close()
		s.a.mu.Lock()
		defer s.a.mu.Unlock()
		if s.closing[r.info.Addr] == closed {
			delete(s.closing, r.info.Addr)
		}
		close(closed)
	})
}

// neighbour opens a circuit to a region next to the agent's, in the
// background. Called with a.mu held.
func (s *session) neighbour(n arrival) {
	a := s.a
	if s.ended || a.cfg.NoNeighbours || !n.addr.IsValid() || n.addr.Port() == 0 {
		return
	}
	if r := s.regionAt(n.addr); r != nil && !r.stale() {
		r.setSize(n.sizeX, n.sizeY)
		if n.seed != "" {
			r.seed = n.seed
		}
		return
	}
	s.start(func() {
		r, err := s.open(s.ctx, n)
		if err != nil {
			s.log.Debug("neighbour not reached", "addr", n.addr, "error", err)
			return
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		if n.seed != "" {
			r.seed = n.seed
		}
	})
}
