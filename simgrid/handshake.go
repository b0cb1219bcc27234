package simgrid

import (
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/message"
)

// Region flags of the wire: what the land allows.
const (
	regionAllowLandmark   = 1 << 0
	regionAllowSetHome    = 1 << 1
	regionAllowDirectTele = 1 << 20
	regionFlags           = regionAllowLandmark | regionAllowSetHome | regionAllowDirectTele
)

// productName is what the grid says it runs. Clients look into it to tell
// Second Life from OpenSimulator, so it names neither.
const (
	productName    = "Estate / Full Region"
	channelVersion = "Simgrid Server 1.0"
)

var regionRoutes = []route{
	{id: (*message.UseCircuitCode)(nil).Info().ID, do: func(*Region, *presence, message.Message) {}}, // see receive
	onAny(handleCompleteAgentMovement),
	onAny(handleRegionHandshakeReply),
	onAny(handleAgentThrottle),
	onAny(handleRequestRegionInfo),
	onAny(handleAgentDataUpdateRequest),
	onAny(handleLogoutRequest),
}

// sendHandshake describes the region to a client that just connected.
func (r *Region) sendHandshake(p *presence) {
	height := r.cfg.Ground
	p.sendReliable(&message.RegionHandshake{
		RegionInfo: message.RegionHandshakeRegionInfo{
			RegionFlags: regionFlags, SimAccess: uint8(r.cfg.Access),
			SimName: message.Bytes(r.cfg.Name), SimOwner: r.cfg.Owner,
			IsEstateManager: r.cfg.Owner == p.session.account.id,
			WaterHeight:     r.cfg.Water, BillableFactor: 1, CacheID: r.cfg.ID,
			TerrainStartHeight00: height, TerrainStartHeight01: height,
			TerrainStartHeight10: height, TerrainStartHeight11: height,
			TerrainHeightRange00: 60, TerrainHeightRange01: 60,
			TerrainHeightRange10: 60, TerrainHeightRange11: 60,
		},
		RegionInfo2: message.RegionHandshakeRegionInfo2{RegionID: r.cfg.ID},
		RegionInfo3: message.RegionHandshakeRegionInfo3{
			CPUClassID: 9, CPURatio: 1, ColoName: message.Bytes("simgrid"),
			ProductSKU: message.Bytes("023"), ProductName: message.Bytes(productName),
		},
		RegionInfo4: []message.RegionHandshakeRegionInfo4{{RegionFlagsExtended: regionFlags}},
	})
}

// handleRegionHandshakeReply is the sign that the client is ready to see the
// region.
func handleRegionHandshakeReply(r *Region, p *presence, _ *message.RegionHandshakeReply) {
	if p.ready {
		return
	}
	p.setReady(true)
	r.sendParcelOverlay(p)
	r.sendPrims(p)
	r.sendAvatars(p)
	p.coarse = 0
}

// handleCompleteAgentMovement makes the agent root here when it is expected.
func handleCompleteAgentMovement(r *Region, p *presence, m *message.CompleteAgentMovement) {
	s := p.session
	if m.AgentData.AgentID != s.account.id || m.AgentData.SessionID != s.id || m.AgentData.CircuitCode != s.code {
		return
	}
	if p.avatar != nil {
		r.sendMovementComplete(p, p.avatar)
		return
	}
	old := s.rootPresence()
	a := s.arrive(p)
	if a == nil {
		return
	}
	av := r.addAgent(p, a)
	r.sendMovementComplete(p, av)
	r.sendAgentData(p)
	r.sendParcelProperties(p, 0, false)
	r.later(func() {
		if old != nil && old != p {
			old.region.lock()
			old.region.depart(old)
			old.region.unlock()
		}
		r.g.hub.emit(Arrived{Agent: s.account.id, Region: r.cfg.Name, Position: a.position, Via: a.via})
		r.g.surround(p)
	})
	r.g.log.Info("agent arrived", "agent", s.account.Name(), "region", r.cfg.Name, "via", a.via)
}

func (r *Region) sendMovementComplete(p *presence, av *avatar) {
	p.sendReliable(&message.AgentMovementComplete{
		AgentData: message.AgentMovementCompleteAgentData{AgentID: av.id, SessionID: p.session.id},
		Data: message.AgentMovementCompleteData{
			Position: av.motion.Position, LookAt: av.motion.Rotation.Rotate(grid.Vector3{X: 1}),
			RegionHandle: uint64(r.handle), Timestamp: uint32(time.Now().Unix()),
		},
		SimData: message.AgentMovementCompleteSimData{ChannelVersion: message.Bytes(channelVersion)},
	})
}

func handleAgentDataUpdateRequest(r *Region, p *presence, _ *message.AgentDataUpdateRequest) {
	r.sendAgentData(p)
	p.sendGroups(r.g.groupsOf(p.session.account.id))
}

// sendAgentData tells an agent its own name and active group.
func (r *Region) sendAgentData(p *presence) {
	a := p.session.account
	p.sendReliable(&message.AgentDataUpdate{AgentData: message.AgentDataUpdateAgentData{
		AgentID: a.id, FirstName: message.Bytes(a.first), LastName: message.Bytes(a.last),
		GroupTitle: message.Bytes(""), GroupName: message.Bytes(""),
	}})
}

// handleAgentThrottle lets the client limit what it is sent.
func handleAgentThrottle(r *Region, p *presence, m *message.AgentThrottle) {
	t, err := circuit.ParseThrottle(m.Throttle.Throttles)
	if err == nil {
		err = p.circuit.SetThrottle(t)
	}
	if err != nil {
		r.g.log.Debug("throttle refused", "agent", p.session.account.Name(), "err", err)
		return
	}
	r.g.hub.emit(ThrottleAsked{p.session.account.id, r.cfg.Name, t})
}

func handleRequestRegionInfo(r *Region, p *presence, _ *message.RequestRegionInfo) {
	p.sendReliable(&message.RegionInfo{
		AgentData: message.RegionInfoAgentData{AgentID: p.session.account.id, SessionID: p.session.id},
		RegionInfo: message.RegionInfoRegionInfo{
			SimName: message.Bytes(r.cfg.Name), EstateID: 1, ParentEstateID: 1,
			RegionFlags: regionFlags, SimAccess: uint8(r.cfg.Access),
			MaxAgents: uint8(min(r.cfg.MaxAgents, 255)), BillableFactor: 1, ObjectBonusFactor: 1,
			WaterHeight: r.cfg.Water, TerrainRaiseLimit: 100, TerrainLowerLimit: -100, UseEstateSun: true,
		},
		RegionInfo2: message.RegionInfoRegionInfo2{
			ProductSKU: message.Bytes("023"), ProductName: message.Bytes(productName),
			MaxAgents32: uint32(r.cfg.MaxAgents), HardMaxAgents: uint32(r.cfg.MaxAgents), HardMaxObjects: 15000,
		},
		RegionInfo3: []message.RegionInfoRegionInfo3{{RegionFlagsExtended: regionFlags}},
		RegionInfo5: []message.RegionInfoRegionInfo5{{ChatWhisperRange: 10, ChatNormalRange: 20, ChatShoutRange: 100}},
	})
}

// handleLogoutRequest ends the session and confirms it.
func handleLogoutRequest(r *Region, p *presence, m *message.LogoutRequest) {
	s := p.session
	if m.AgentData.AgentID != s.account.id || m.AgentData.SessionID != s.id {
		return
	}
	p.leaving = &message.LogoutReply{
		AgentData:     message.LogoutReplyAgentData{AgentID: s.account.id, SessionID: s.id},
		InventoryData: []message.LogoutReplyInventoryData{{ItemID: uuid.Nil}},
	}
	r.later(func() { r.g.end(s, CauseLogout) })
}
