package agent

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/message"
)

// region is a region that the session has a circuit to. Guarded by a.mu,
// except for what never changes.
type region struct {
	s       *session
	circuit *circuit.Circuit // set before anybody sees the region
	info    Region
	seed    string // address of the seed capability, "" when not known
	caps    *capabilities
	gone    bool // dropped; late messages are ignored

	entities map[uint32]*entity    // by local id, avatars and objects
	ids      map[grid.UUID]*entity // the same by id
	asked    map[uint32]time.Time  // local ids asked for, and when
	coarse   []CoarseLocation
}

// label is the region's name for people.
func (r *region) label() string {
	if r.info.Name != "" {
		return r.info.Name
	}
	x, y := r.info.Handle.Grid()
	return fmt.Sprintf("at %d,%d", x, y)
}

// open opens a circuit to a region, or finds the one that is there. It returns
// when the simulator has taken the circuit code.
func (s *session) open(ctx context.Context, to arrival) (*region, error) {
	a := s.a
	a.mu.Lock()
	if s.ended {
		a.mu.Unlock()
		return nil, ErrOffline
	}
	if r := s.regionAt(to.addr); r != nil && !r.stale() {
		r.setSize(to.sizeX, to.sizeY)
		a.mu.Unlock()
		return r, nil
	}
	r := &region{
		s: s, entities: make(map[uint32]*entity), ids: make(map[grid.UUID]*entity),
		info: Region{Handle: to.handle, Addr: to.addr, SizeX: grid.RegionSize, SizeY: grid.RegionSize},
	}
	if old := s.regionAt(to.addr); old != nil && old != s.root {
		s.drop(old) // its circuit has ended
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
		s.start(func() {
			r.stopCaps()
			_ = r.circuit.Close()
		})
	}
	if known {
		s.a.emit(RegionDisconnected{s.snapshot(r)})
	}
	s.notify(r, nil)
}

// Called with a.mu held.
func (s *session) regionAt(addr netip.AddrPort) *region {
	for _, r := range s.regions {
		if r.info.Addr == addr {
			return r
		}
	}
	return nil
}

// Called with a.mu held.
func (s *session) regionOf(h grid.RegionHandle) *region {
	for _, r := range s.regions {
		if r.info.Handle == h {
			return r
		}
	}
	return nil
}

// stale tells whether the circuit has ended, perhaps without a word: some
// simulators forget an agent that teleported away and tell it nothing. A
// simulator that is there answers a ping every few seconds.
func (r *region) stale() bool {
	const silence = 15 * time.Second
	return r.circuit.Err() != nil ||
		r != r.s.root && r.info.Handshake && time.Since(r.circuit.Stats().LastReceived) > silence
}

// setSize takes a size over when the grid tells one; grids that know only
// classic regions tell 0.
func (r *region) setSize(x, y uint32) {
	if x > 0 && y > 0 {
		r.info.SizeX, r.info.SizeY = x, y
	}
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

// handshake takes in what a region tells of itself.
func (s *session) handshake(r *region, m *message.RegionHandshake) {
	i, again := &m.RegionInfo, r.info.Handshake
	info := &r.info
	info.Name = message.String(i.SimName)
	info.ID = m.RegionInfo2.RegionID
	info.Flags, info.Access, info.Owner = uint64(i.RegionFlags), i.SimAccess, i.SimOwner
	if len(m.RegionInfo4) > 0 {
		info.Flags, info.Protocols = m.RegionInfo4[0].RegionFlagsExtended, m.RegionInfo4[0].RegionProtocols
	}
	info.EstateManager, info.CacheID = i.IsEstateManager, i.CacheID
	info.WaterHeight, info.BillableFactor = i.WaterHeight, i.BillableFactor
	info.TerrainBase = [4]grid.UUID{i.TerrainBase0, i.TerrainBase1, i.TerrainBase2, i.TerrainBase3}
	info.TerrainDetail = [4]grid.UUID{i.TerrainDetail0, i.TerrainDetail1, i.TerrainDetail2, i.TerrainDetail3}
	info.TerrainStartHeight = [4]float32{i.TerrainStartHeight00, i.TerrainStartHeight01, i.TerrainStartHeight10, i.TerrainStartHeight11}
	info.TerrainHeightRange = [4]float32{i.TerrainHeightRange00, i.TerrainHeightRange01, i.TerrainHeightRange10, i.TerrainHeightRange11}
	p := &m.RegionInfo3
	info.CPUClass, info.CPURatio = p.CPUClassID, p.CPURatio
	info.ColoName, info.ProductSKU, info.ProductName = message.String(p.ColoName), message.String(p.ProductSKU), message.String(p.ProductName)
	info.Handshake = true

	const (
		cacheEmpty     = 1 << 1 // send all objects in full
		selfAppearance = 1 << 2 // the agent takes its own appearance from the grid
	)
	s.reply(r, &message.RegionHandshakeReply{
		AgentData:  message.RegionHandshakeReplyAgentData{AgentID: s.id, SessionID: s.secret},
		RegionInfo: message.RegionHandshakeReplyRegionInfo{Flags: cacheEmpty | selfAppearance},
	})
	if !again {
		s.a.emit(RegionConnected{s.snapshot(r)})
	}
}

// movementComplete takes in the simulator's confirmation that the avatar
// stands in r.
func (s *session) movementComplete(r *region, m *message.AgentMovementComplete) {
	r.info.Moved = true
	if h := grid.RegionHandle(m.Data.RegionHandle); h != 0 {
		r.info.Handle = h
	}
	r.info.Version = message.String(m.SimData.ChannelVersion)
	s.standAt(m.Data.Position, m.Data.LookAt)
}

// standAt takes over where the simulator put the avatar.
func (s *session) standAt(position, lookAt grid.Vector3) {
	if position.Finite() && lookAt.Finite() {
		s.self.position, s.self.lookAt = position, lookAt
	}
}

// snapshot copies what is known of r. Called with a.mu held.
func (s *session) snapshot(r *region) Region {
	info := r.info
	info.Current = r == s.root
	for _, e := range r.entities {
		if e.pcode == grid.PCodeAvatar {
			info.Avatars++
		} else {
			info.Objects++
		}
	}
	return info
}

// Region returns the region that the agent stands in; false while it is in
// none.
func (a *Agent) Region() (Region, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil || a.session.root == nil {
		return Region{}, false
	}
	return a.session.snapshot(a.session.root), true
}

// Regions returns every region that the agent has a circuit to and that has
// done its handshake, the current one first.
func (a *Agent) Regions() []Region {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.session
	if s == nil {
		return nil
	}
	all := make([]Region, 0, len(s.regions))
	for _, r := range s.regions {
		if !r.info.Handshake {
			continue
		}
		all = append(all, s.snapshot(r))
		if r == s.root {
			last := len(all) - 1
			all[0], all[last] = all[last], all[0]
		}
	}
	return all
}

// RegionNamed returns the connected region of that name, in any case.
func (a *Agent) RegionNamed(name string) (Region, bool) {
	for _, r := range a.Regions() {
		if strings.EqualFold(r.Name, name) {
			return r, true
		}
	}
	return Region{}, false
}
