package simgrid

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
	"rookery/grid/message"
)

var teleportRoutes = []route{
	onRoot(handleTeleportLocationRequest),
	onRoot(handleTeleportRequest),
	onRoot(handleTeleportLandmarkRequest),
	onRoot(handleSetStartLocationRequest),
	ignored((*message.TeleportCancel)(nil)),
}

// RefuseTeleports makes teleports fail with a reason from now on: those of one
// agent, or everybody's when the id is null. An empty reason lets them through
// again.
func (g *Grid) RefuseTeleports(agent grid.UUID, reason string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if reason == "" {
		delete(g.teleports, agent)
		return
	}
	g.teleports[agent] = reason
}

func (g *Grid) teleportRefusal(agent grid.UUID) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if reason := g.teleports[agent]; reason != "" {
		return reason
	}
	return g.teleports[uuid.Nil]
}

// The reasons of a failed teleport that the grid finds by itself.
const (
	noSuchRegion   = "Could not find that region. It may be offline or not exist."
	regionIsDown   = "That region is not available right now. Please try again later."
	regionIsFull   = "That region is full. Please try again later."
	alreadyOnTheGo = "You are already on the way to another region."
	timedOut       = "The teleport timed out."
	noLandmark     = "Could not find the landmark's destination."
)

func handleTeleportLocationRequest(r *Region, p *presence, m *message.TeleportLocationRequest) {
	h := grid.RegionHandle(m.InfoBlock.RegionHandle)
	to, at := r.g.byHandle(h), m.InfoBlock.Position
	if to != nil {
		// The handle may name any 256 m square of a larger region.
		at = to.handle.Local(h.Global(at))
	}
	r.teleport(p, to, at, m.InfoBlock.LookAt, grid.TeleportViaLocation)
}

func handleTeleportRequest(r *Region, p *presence, m *message.TeleportRequest) {
	var to *Region
	for _, o := range r.g.regions {
		if o.cfg.ID == m.InfoBlock.RegionID {
			to = o
		}
	}
	r.teleport(p, to, m.InfoBlock.Position, m.InfoBlock.LookAt, grid.TeleportViaRegionID)
}

// handleTeleportLandmarkRequest serves "home", which is the null landmark.
func handleTeleportLandmarkRequest(r *Region, p *presence, m *message.TeleportLandmarkRequest) {
	if m.InfoBlock.LandmarkID != uuid.Nil {
		r.teleportFailed(p, noLandmark)
		return
	}
	r.g.mu.Lock()
	home := p.session.account.home
	r.g.mu.Unlock()
	to := r.g.Region(home.Region)
	if to == nil {
		to = r.g.regions[0]
		home.Position = to.middle()
	}
	r.teleport(p, to, home.Position, home.LookAt, grid.TeleportViaHome)
}

// byHandle returns the region whose south-west corner or any 256 m square has
// that handle, or nil.
func (g *Grid) byHandle(h grid.RegionHandle) *Region {
	x, y := h.Metres()
	return g.at(float64(x), float64(y))
}

// teleport moves an agent to a place in the grid.
func (r *Region) teleport(p *presence, to *Region, at, lookAt grid.Vector3, flags grid.TeleportFlags) {
	av := p.avatar
	if reason := r.g.teleportRefusal(av.id); reason != "" {
		r.teleportFailed(p, reason)
		return
	}
	switch {
	case to == nil:
		r.teleportFailed(p, noSuchRegion)
		return
	case av.transit != nil:
		r.teleportFailed(p, alreadyOnTheGo)
		return
	}
	if !lookAt.Finite() || lookAt == (grid.Vector3{}) {
		lookAt = av.motion.Rotation.Rotate(grid.Vector3{X: 1})
	}
	p.sendReliable(&message.TeleportStart{InfoBlock: message.TeleportStartInfo{TeleportFlags: uint32(flags)}})
	if to == r {
		r.teleportLocal(p, at, lookAt, flags)
		return
	}
	p.sendReliable(&message.TeleportProgress{
		AgentData: message.TeleportProgressAgentData{AgentID: av.id},
		InfoBlock: message.TeleportProgressInfo{TeleportFlags: uint32(flags), Message: message.Bytes("sending_dest")},
	})
	r.stand(av)
	a := r.departure(av, to, ViaTeleport)
	a.position, a.lookAt, a.flags = at, lookAt, flags
	if !p.session.expect(a) {
		r.teleportFailed(p, alreadyOnTheGo)
		return
	}
	av.transit = a
	r.active[av] = struct{}{}
	r.later(func() { r.g.invite(p, a) })
}

// departure describes an avatar that leaves for another region.
func (r *Region) departure(av *avatar, to *Region, via Via) *arrival {
	return &arrival{
		to: to, via: via, from: av.p, deadline: time.Now().Add(r.g.cfg.TransferTimeout),
		flying: av.flying, running: av.running, controls: av.controls, played: av.played, camera: av.camera,
	}
}

// invite asks the destination of a teleport to take an agent, and tells the
// agent where to go. No region's lock may be held.
func (g *Grid) invite(p *presence, a *arrival) {
	to := a.to
	to.lock()
	reason := ""
	switch {
	case to.closed || to.endpoint == nil:
		reason = regionIsDown
	case to.agents() >= to.cfg.MaxAgents:
		reason = regionIsFull
	}
	var dest *presence
	if reason == "" {
		a.position = to.inside(a.position)
		dest = to.presenceOf(p.session)
	}
	addr := to.addr
	to.unlock()
	if reason != "" {
		p.region.lock()
		defer p.region.unlock()
		if p.avatar != nil && p.avatar.transit == a && p.session.cancel(a) {
			p.avatar.transit = nil
			p.region.teleportFailed(p, reason)
		}
		return
	}
	p.seed.teleportFinish(dest, addr, a.flags)
}

// agents counts the agents that are in the region.
func (r *Region) agents() int {
	n := 0
	for _, p := range r.presences {
		if p.avatar != nil {
			n++
		}
	}
	return n
}

func (r *Region) teleportLocal(p *presence, at, lookAt grid.Vector3, flags grid.TeleportFlags) {
	av := p.avatar
	r.stand(av)
	av.target = nil
	av.motion.Position, av.motion.Velocity = r.inside(at), grid.Vector3{}
	av.motion.Rotation = facing(lookAt)
	r.land(av)
	r.active[av] = struct{}{}
	av.p.session.setWhere(r.handle, av.motion.Position)
	p.sendReliable(&message.TeleportLocal{InfoBlock: message.TeleportLocalInfo{
		AgentID: av.id, LocationID: 4, Position: av.motion.Position, LookAt: lookAt, TeleportFlags: uint32(flags),
	}})
	r.needFull(av)
	r.g.hub.emit(TeleportedWithin{Agent: av.id, Region: r.cfg.Name, Position: av.motion.Position})
}

func (r *Region) teleportFailed(p *presence, reason string) {
	if r.g.cfg.OpenSim {
		p.sendReliable(&message.TeleportFailed{InfoBlock: message.TeleportFailedInfo{
			AgentID: p.session.account.id, Reason: message.Bytes(truncated(reason, 254)),
		}})
	} else {
		p.seed.push(&caps.TeleportFailed{AgentID: p.session.account.id, Reason: reason})
	}
	r.g.hub.emit(TeleportRefused{Agent: p.session.account.id, Reason: reason})
}

// cross takes an agent that walked over the border into the neighbour, when
// there is one and the agent's client has a circuit to it.
func (r *Region) cross(av *avatar, at, v grid.Vector3) bool {
	if av.p == nil {
		return false
	}
	global := r.handle.Global(at)
	to := r.g.at(global.X, global.Y)
	if to == nil || to == r {
		return false
	}
	child := av.p.session.presence(to)
	if child == nil || !child.linked.Load() {
		return false
	}
	a := r.departure(av, to, ViaCrossing)
	a.position, a.velocity = to.handle.Local(global), v
	a.lookAt = av.motion.Rotation.Rotate(grid.Vector3{X: 1})
	if !av.p.session.expect(a) {
		return false
	}
	av.transit = a
	av.motion.Position, _ = r.wall(at, v)
	from := av.p.seed
	r.later(func() { from.crossedRegion(child, to.Addr(), a.position, a.lookAt) })
	return true
}

// startHome is the location that SetStartLocationRequest sets as home.
const startHome = 1

const homeIsSet = "Home position set."

func handleSetStartLocationRequest(r *Region, p *presence, m *message.SetStartLocationRequest) {
	d := m.StartLocationData
	if d.LocationID != startHome || !d.LocationPos.Finite() {
		return
	}
	r.setHome(p, d.LocationPos, d.LocationLookAt)
	if r.g.cfg.OpenSim {
		p.sendReliable(agentAlert(p.avatar.id, homeIsSet, false))
	} else {
		r.alert(p, homeIsSet)
	}
}

// setHome makes a point of this region the agent's home.
func (r *Region) setHome(p *presence, at, lookAt grid.Vector3) {
	home := Place{Region: r.cfg.Name, Position: r.inside(at), LookAt: lookAt}
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	p.session.account.home = home
}

func serveHomeLocation(p *presence, w http.ResponseWriter, req *http.Request) {
	v, ok := caps.ReadLLSD(w, req, 1<<16)
	if !ok {
		return
	}
	var body struct {
		HomeLocation struct {
			LocationID     int32 `llsd:"LocationId"`
			LocationPos    struct{ X, Y, Z float64 }
			LocationLookAt struct{ X, Y, Z float64 }
		}
	}
	err := llsd.Unmarshal(v, &body)
	h := body.HomeLocation
	at := grid.Vector3{X: float32(h.LocationPos.X), Y: float32(h.LocationPos.Y), Z: float32(h.LocationPos.Z)}
	look := grid.Vector3{X: float32(h.LocationLookAt.X), Y: float32(h.LocationLookAt.Y), Z: float32(h.LocationLookAt.Z)}
	if err != nil || h.LocationID != startHome || !at.Finite() {
		caps.WriteLLSD(w, http.StatusOK, map[string]any{"success": false, "message": "The home location could not be read."})
		return
	}
	p.region.lock()
	p.region.setHome(p, at, look)
	p.region.unlock()
	caps.WriteLLSD(w, http.StatusOK, map[string]any{"success": true, "HomeLocation": v})
}
