package agent

import (
	"fmt"
	"net/netip"
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
