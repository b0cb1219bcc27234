package simgrid

import (
	"rookery/grid"
	"rookery/grid/message"
)

var sitRoutes = []route{
	onRoot(handleAgentRequestSit),
	onRoot(handleAgentSit),
}

// SitTarget is where and how a script seats avatars on a prim.
type SitTarget struct {
	Offset   grid.Vector3 // from the prim's middle, in its space
	Rotation grid.Quaternion
}

// sitReach is how far away a prim without a sit target may be, in metres.
const sitReach = 10

// What simulators say when a seat is refused.
const (
	noRoomToSit = "There is no room to sit here, try another spot."
	noSurface   = "There is no suitable surface to sit on, try another spot."
)

// handleAgentRequestSit offers a seat; the client takes it with AgentSit.
func handleAgentRequestSit(r *Region, p *presence, m *message.AgentRequestSit) {
	av := p.avatar
	seat := r.primIDs[m.TargetObject.TargetID]
	if av.transit != nil {
		return
	}
	if seat == nil || !m.TargetObject.Offset.Finite() {
		r.alert(p, noSurface)
		return
	}
	pos, rot := m.TargetObject.Offset, grid.Identity
	switch {
	case seat.cfg.SitTarget != nil:
		for _, other := range r.avatars {
			if other != av && other.seat == seat {
				r.alert(p, noRoomToSit)
				return
			}
		}
		pos, rot = seat.cfg.SitTarget.Offset, seat.cfg.SitTarget.Rotation.Normalize()
	case av.motion.Position.Distance(seat.cfg.Position) > sitReach:
		r.alert(p, noRoomToSit)
		return
	}
	av.offered, av.offerPos, av.offerRot = seat, pos, rot
	p.sendReliable(&message.AvatarSitResponse{
		SitObject:    message.AvatarSitResponseSitObject{ID: seat.id},
		SitTransform: message.AvatarSitResponseSitTransform{SitPosition: pos, SitRotation: rot},
	})
}

func handleAgentSit(r *Region, p *presence, _ *message.AgentSit) {
	av := p.avatar
	if av.offered == nil || r.prims[av.offered.local] != av.offered || av.transit != nil {
		return
	}
	r.seat(av, av.offered, av.offerPos, av.offerRot)
}

// seat puts an avatar on a prim.
func (r *Region) seat(av *avatar, seat *Prim, pos grid.Vector3, rot grid.Quaternion) {
	av.seat, av.seatPos, av.seatRot = seat, pos, rot
	av.offered, av.grounded, av.target = nil, false, nil
	av.flying, av.crouching, av.nudgeLeft = false, false, 0
	r.follow(av)
	r.seatChanged(av)
}

// follow moves a seated avatar to where its seat is.
func (r *Region) follow(av *avatar) {
	rot := av.seat.cfg.Rotation
	av.motion.Position = av.seat.cfg.Position.Add(rot.Rotate(av.seatPos))
	av.motion.Rotation = rot.Mul(av.seatRot).Normalize()
	av.motion.Velocity = grid.Vector3{}
	av.onGround = false
	av.motion.CollisionPlane = grid.Vector4{W: 1}
}

func (r *Region) sitOnGround(av *avatar) {
	if av.grounded || av.seat != nil {
		return
	}
	av.grounded, av.target = true, nil
	av.flying, av.crouching, av.nudgeLeft = false, false, 0
	av.motion.Position.Z = r.cfg.Ground + avatarHeight/2
	av.motion.Velocity = grid.Vector3{}
	r.land(av)
	r.seatChanged(av)
}

// stand takes an avatar off its seat, in front of it.
func (r *Region) stand(av *avatar) {
	if av.seat == nil && !av.grounded {
		return
	}
	if seat := av.seat; seat != nil {
		front := av.motion.Rotation.Rotate(grid.Vector3{X: 1})
		at := av.motion.Position.Add(grid.Vector3{X: front.X, Y: front.Y}.Normalize().Scale(0.5 + seat.cfg.Scale.X/2))
		av.seat = nil
		av.motion.Position = r.inside(at)
		av.motion.Rotation = grid.RotationZ(av.motion.Rotation.Heading())
	}
	av.grounded = false
	r.land(av)
	r.active[av] = struct{}{}
	r.seatChanged(av)
}

func (r *Region) seatChanged(av *avatar) {
	r.animate(av)
	r.needFull(av)
	if av.p != nil {
		av.p.session.setWhere(r.handle, av.motion.Position)
	}
	e := SeatChanged{Agent: av.id, Region: r.cfg.Name, Ground: av.grounded}
	if av.seat != nil {
		e.Seat = av.seat.id
	}
	r.g.hub.emit(e)
}
