package simgrid

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// avatar is a body in a region: of an agent or of an inhabitant. Guarded by
// Region.mu.
type avatar struct {
	id      grid.UUID
	local   uint32
	account *Account
	p       *presence   // nil for an inhabitant
	brain   *Inhabitant // nil for an agent

	motion    grid.Motion // position and velocity in region space, seated or not
	flying    bool
	crouching bool
	running   bool // always run
	onGround  bool // feet on the terrain
	controls  grid.Control
	state     grid.AgentState
	nudge     grid.Vector3 // m/s in the avatar's space, for nudgeLeft seconds
	nudgeLeft float32
	target    *destination
	camera    Camera
	transit   *arrival // on the way to another region

	seat     *Prim
	seatPos  grid.Vector3    // relative to the seat
	seatRot  grid.Quaternion // relative to the seat
	offered  *Prim           // AvatarSitResponse was sent, AgentSit not yet heard
	offerPos grid.Vector3
	offerRot grid.Quaternion
	grounded bool // sits on the ground

	typing bool        // said so by chat
	played []grid.UUID // animations that the client started
	shown  []animation // as last told to everybody
	animID int32

	full                 bool // everybody needs a full update
	near, mid, far, last bool // who needs a terse update; see sendUpdates
}

// Camera is where an agent looks from and how far it sees.
type Camera struct {
	Center       grid.Vector3 // region space
	At, Left, Up grid.Vector3 // axes
	Far          float32      // draw distance in metres
}

// AvatarState is an avatar as its region sees it.
type AvatarState struct {
	ID              grid.UUID
	First, Last     string
	Inhabitant      bool
	Region          string
	LocalID         uint32
	Position        grid.Vector3 // region space, metres; the body's middle
	Velocity        grid.Vector3 // m/s
	Rotation        grid.Quaternion
	Flying          bool
	Crouching       bool
	AlwaysRun       bool
	OnGround        bool      // stands or walks, is not in the air
	SittingOn       grid.UUID // the prim, or null
	SittingOnGround bool
	Typing          bool
	Away            bool
	Busy            bool
	Animations      []grid.UUID
	Controls        grid.Control
	Camera          Camera
}

// Sitting tells whether the avatar sits on anything.
func (s AvatarState) Sitting() bool { return s.SittingOn != grid.UUID{} || s.SittingOnGround }

// Playing tells whether the avatar plays an animation.
func (s AvatarState) Playing(anim grid.UUID) bool { return slices.Contains(s.Animations, anim) }

// Heading is the direction the avatar looks in, radians counterclockwise from
// east.
func (s AvatarState) Heading() float64 { return s.Rotation.Heading() }

// Avatar returns the state of an agent or inhabitant, and false when it is not
// in the grid.
func (g *Grid) Avatar(id grid.UUID) (AvatarState, bool) {
	for _, r := range g.regions {
		r.mu.Lock()
		av := r.avatars[id]
		if av == nil {
			r.mu.Unlock()
			continue
		}
		s := av.snapshot(r)
		r.mu.Unlock()
		return s, true
	}
	return AvatarState{}, false
}

// Avatars returns everybody in the region.
func (r *Region) Avatars() []AvatarState {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]AvatarState, 0, len(r.avatars))
	for _, av := range r.avatars {
		all = append(all, av.snapshot(r))
	}
	slices.SortFunc(all, func(a, b AvatarState) int { return int(a.LocalID) - int(b.LocalID) })
	return all
}

// AwaitAvatar waits until an avatar is in the grid and satisfies match (nil:
// any), and returns that state. The error tells the last state seen.
func (g *Grid) AwaitAvatar(ctx context.Context, id grid.UUID, match func(AvatarState) bool) (AvatarState, error) {
	for {
		changed := g.hub.next()
		s, ok := g.Avatar(id)
		if ok && (match == nil || match(s)) {
			return s, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if !ok {
				return s, fmt.Errorf("wait for avatar %s, which is not in the grid: %w", id, ctx.Err())
			}
			return s, fmt.Errorf("wait for avatar %s, now %+v: %w", id, s, ctx.Err())
		}
	}
}

func (av *avatar) snapshot(r *Region) AvatarState {
	s := AvatarState{
		ID: av.id, First: av.account.first, Last: av.account.last, Inhabitant: av.brain != nil,
		Region: r.cfg.Name, LocalID: av.local,
		Position: av.motion.Position, Velocity: av.motion.Velocity, Rotation: av.motion.Rotation,
		Flying: av.flying, Crouching: av.crouching, AlwaysRun: av.running, OnGround: av.onGround,
		SittingOnGround: av.grounded, Typing: av.isTyping(), Away: av.isAway(), Busy: av.isBusy(),
		Controls: av.controls, Camera: av.camera,
	}
	if av.seat != nil {
		s.SittingOn = av.seat.id
	}
	for _, a := range av.shown {
		s.Animations = append(s.Animations, a.id)
	}
	return s
}

// addAgent gives an arriving agent its body.
func (r *Region) addAgent(p *presence, a *arrival) *avatar {
	av := &avatar{
		id: p.session.account.id, account: p.session.account, p: p,
		flying: a.flying, running: a.running, controls: a.controls, played: a.played, camera: a.camera,
	}
	av.motion.Position = r.inside(a.position)
	av.motion.Velocity = a.velocity
	av.motion.Rotation = facing(a.lookAt)
	p.avatar = av
	r.addAvatar(av)
	return av
}

// addAvatar puts a body into the region and shows it to everybody.
func (r *Region) addAvatar(av *avatar) {
	av.local = r.newLocalID()
	r.avatars[av.id] = av
	r.land(av)
	r.active[av] = struct{}{}
	r.animate(av)
	r.needFull(av)
	for _, p := range r.presences {
		if p.ready {
			r.sendAppearance(p, av)
		}
	}
	if av.p != nil {
		av.p.session.setWhere(r.handle, av.motion.Position)
	}
}

// removeAvatar takes a body out of the region and out of everybody's sight.
func (r *Region) removeAvatar(av *avatar) {
	if r.avatars[av.id] != av {
		return
	}
	delete(r.avatars, av.id)
	delete(r.active, av)
	delete(r.changed, av)
	kill := &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: av.local}}}
	for _, p := range r.presences {
		delete(p.behind, av)
		if p.ready {
			p.sendReliable(kill)
		}
	}
	id, name := av.id, r.cfg.Name
	r.later(func() { r.g.hub.emit(Left{Agent: id, Region: name}) })
}

// facing returns the rotation of a body that looks along a direction; east
// when it has none.
func facing(lookAt grid.Vector3) grid.Quaternion {
	if !lookAt.Finite() || lookAt.X == 0 && lookAt.Y == 0 {
		return grid.Identity
	}
	return grid.RotationZ(math.Atan2(float64(lookAt.Y), float64(lookAt.X)))
}

// surround opens child presences around a root agent and closes those that are
// no longer around it. No region's lock may be held.
func (g *Grid) surround(p *presence) {
	s := p.session
	near := map[*Region]bool{p.region: true}
	for _, n := range p.region.neighbours {
		near[n] = true
		n.lock()
		if n.closed {
			n.unlock()
			continue
		}
		child := n.presenceOf(s)
		fresh, addr := child.circuit == nil && !child.gone, n.addr
		n.unlock()
		if fresh {
			p.seed.enableSimulator(child, addr)
		}
	}
	g.mu.Lock()
	var far []*presence
	for r, o := range s.presences {
		if !near[r] && s.root == p {
			far = append(far, o)
		}
	}
	g.mu.Unlock()
	for _, o := range far {
		o.region.lock()
		if o.avatar == nil {
			o.region.dismiss(o)
		}
		o.region.unlock()
	}
}

// depart makes a root presence a child after the agent became root elsewhere.
func (r *Region) depart(p *presence) {
	if p.gone || p.avatar == nil {
		return
	}
	r.removeAvatar(p.avatar)
	p.avatar = nil
}

// transitEnds puts an avatar back that left for another region and never
// arrived there.
func (r *Region) transitEnds(av *avatar, now time.Time) {
	a := av.transit
	if now.Before(a.deadline) || !av.p.session.cancel(a) {
		return
	}
	av.transit = nil
	av.motion.Velocity = grid.Vector3{}
	av.controls = 0
	av.motion.Position = r.inside(av.motion.Position)
	r.needFull(av)
	r.g.hub.touch()
	if a.via == ViaTeleport {
		r.teleportFailed(av.p, timedOut)
	}
}
