package simgrid

import (
	"slices"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/message"
)

var lureRoutes = []route{
	onRoot(handleStartLure),
	onRoot(handleTeleportLureRequest),
}

// lure is a teleport that somebody offered to an agent.
type lure struct {
	id, to     grid.UUID
	region     *Region
	at, lookAt grid.Vector3
}

// Lure offers an avatar a teleport to where the inhabitant stands now, in
// whatever region. An agent that accepts it arrives there (Arrived, or
// TeleportedWithin in its own region). It returns the id of the lure.
func (in *Inhabitant) Lure(to grid.UUID, text string) grid.UUID {
	id := uuid.New()
	in.do(func(r *Region, av *avatar) {
		im := in.im(to, grid.IMRequestTeleport, id, text)
		l := lure{id, to, r, av.motion.Position, av.motion.Rotation.Rotate(grid.Vector3{X: 1})}
		r.later(func() { in.g.offerLure(l, im) })
	})
	return id
}

func handleStartLure(r *Region, p *presence, m *message.StartLure) {
	for _, t := range m.TargetData {
		l := lure{uuid.New(), t.TargetID, r, p.avatar.motion.Position, p.avatar.motion.Rotation.Rotate(grid.Vector3{X: 1})}
		im := message.ImprovedInstantMessage{
			AgentData: message.ImprovedInstantMessageAgentData{AgentID: p.avatar.id},
			MessageBlock: message.ImprovedInstantMessageMessageBlock{
				ToAgentID: t.TargetID, ParentEstateID: 1, RegionID: r.cfg.ID, Position: l.at,
				Dialog: uint8(grid.IMRequestTeleport), ID: l.id,
				FromAgentName: message.Bytes(p.session.account.Name()),
				Message:       message.Bytes(truncated(message.String(m.InfoBlock.Message), grid.ChatLimit)), BinaryBucket: []byte{0},
			},
		}
		r.later(func() { r.g.offerLure(l, im) })
	}
}

func (g *Grid) offerLure(l lure, im message.ImprovedInstantMessage) {
	g.mu.Lock()
	if len(g.lures) >= offerLimit {
		g.lures = slices.Delete(g.lures, 0, 1)
	}
	g.lures = append(g.lures, l)
	g.mu.Unlock()
	g.deliver(im)
}

// noSuchLure is the reason of a failed teleport by lure.
const noSuchLure = "The teleport offer is no longer there."

// handleTeleportLureRequest follows a lure, once.
func handleTeleportLureRequest(r *Region, p *presence, m *message.TeleportLureRequest) {
	r.g.mu.Lock()
	i := slices.IndexFunc(r.g.lures, func(l lure) bool { return l.id == m.InfoBlock.LureID && l.to == p.avatar.id })
	var l lure
	if i >= 0 {
		l = r.g.lures[i]
		r.g.lures = slices.Delete(r.g.lures, i, i+1)
	}
	r.g.mu.Unlock()
	if i < 0 {
		r.teleportFailed(p, noSuchLure)
		return
	}
	r.teleport(p, l.region, l.at, l.lookAt, grid.TeleportViaLure)
}
