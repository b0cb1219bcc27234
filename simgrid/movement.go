package simgrid

import (
	"math"
	"strconv"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// How avatars move, in metres and seconds.
const (
	avatarHeight = 1.9
	walkSpeed    = 3.2
	runSpeed     = 5.13
	crouchSpeed  = 1.6
	flySpeed     = 16
	liftSpeed    = 10 // up and down while flying
	jumpSpeed    = 6
	gravity      = 9.8
	fallLimit    = 54
	nudgeTime    = 0.2 // how long one nudge moves
	edge         = 0.1 // how near to the grid's outer border an avatar gets
	ceiling      = 4096
	arrivedNear  = 0.3 // an autopilot is there
)

// destination is where an autopilot or an inhabitant goes.
type destination struct {
	point  grid.Vector3 // region space; may lie in another region
	fly    bool         // also reach the height
	done   func(reached bool)
	before float32 // distance at the last step, to notice walls
	stuck  float32 // seconds without getting nearer
}

var movementRoutes = []route{
	onAny(handleAgentUpdate),
	onRoot(handleSetAlwaysRun),
	onRoot(handleGenericMessage),
}

func handleAgentUpdate(r *Region, p *presence, m *message.AgentUpdate) {
	d := &m.AgentData
	av := p.avatar
	if av == nil || av.transit != nil || d.AgentID != av.id {
		return
	}
	av.camera = Camera{Center: d.CameraCenter, At: d.CameraAtAxis, Left: d.CameraLeftAxis, Up: d.CameraUpAxis, Far: d.Far}
	av.state = grid.AgentState(d.State)
	if rot := d.BodyRotation; av.seat == nil && !av.grounded && finiteRotation(rot) {
		rot = grid.RotationZ(rot.Normalize().Heading())
		if !sameRotation(rot, av.motion.Rotation) {
			av.motion.Rotation = rot
			r.needTerse(av, true)
		}
	}
	r.control(av, grid.Control(d.ControlFlags))
}

func handleSetAlwaysRun(r *Region, p *presence, m *message.SetAlwaysRun) {
	p.avatar.running = m.AgentData.AlwaysRun
	r.active[p.avatar] = struct{}{}
	r.g.hub.touch()
}

// handleGenericMessage serves the one generic message of movement: "autopilot"
// with the global coordinates of the destination as three texts.
func handleGenericMessage(r *Region, p *presence, m *message.GenericMessage) {
	method := message.String(m.MethodData.Method)
	if method != "autopilot" {
		r.g.served.add("GenericMessage " + strconv.Quote(truncated(method, 32)))
		return
	}
	if len(m.ParamList) < 3 {
		return
	}
	var xyz [3]float64
	for i := range xyz {
		f, err := strconv.ParseFloat(message.String(m.ParamList[i].Parameter), 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return
		}
		xyz[i] = f
	}
	av := p.avatar
	if av.seat != nil || av.grounded {
		return
	}
	at := r.handle.Local(grid.Vector3d{X: xyz[0], Y: xyz[1], Z: xyz[2]})
	av.target = &destination{point: at, fly: av.flying}
	r.active[av] = struct{}{}
}

// steering are the controls that end an autopilot.
const steering = grid.ControlAtPos | grid.ControlAtNeg | grid.ControlLeftPos | grid.ControlLeftNeg |
	grid.ControlNudgeAtPos | grid.ControlNudgeAtNeg | grid.ControlNudgeLeftPos | grid.ControlNudgeLeftNeg | grid.ControlStop

// control takes the keys that an agent holds down.
func (r *Region) control(av *avatar, c grid.Control) {
	av.controls = c
	r.active[av] = struct{}{}
	if c&steering != 0 {
		av.target = nil
	}
	if c&grid.ControlStandUp != 0 {
		r.stand(av)
	}
	if c&grid.ControlSitOnGround != 0 && av.seat == nil {
		r.sitOnGround(av)
	}
	if n := axes(c, nudgeBits); n != (grid.Vector3{}) {
		av.nudge, av.nudgeLeft = n.Scale(walkSpeed), nudgeTime
	}
	if av.seat == nil && !av.grounded {
		if fly := c&grid.ControlFly != 0; fly != av.flying {
			av.flying = fly
			r.needTerse(av, true)
		}
		av.crouching = !av.flying && c&grid.ControlUpNeg != 0
	}
	r.animate(av)
	r.g.hub.touch()
}

// bits names the controls of the three axes, positive and negative.
type bits [3][2]grid.Control

var (
	moveBits = bits{
		{grid.ControlAtPos, grid.ControlAtNeg},
		{grid.ControlLeftPos, grid.ControlLeftNeg},
		{grid.ControlUpPos, grid.ControlUpNeg},
	}
	nudgeBits = bits{
		{grid.ControlNudgeAtPos, grid.ControlNudgeAtNeg},
		{grid.ControlNudgeLeftPos, grid.ControlNudgeLeftNeg},
		{grid.ControlNudgeUpPos, grid.ControlNudgeUpNeg},
	}
)

// axes returns the direction that controls ask for, in the avatar's space.
func axes(c grid.Control, b bits) grid.Vector3 {
	one := func(pair [2]grid.Control) (f float32) {
		if c&pair[0] != 0 {
			f++
		}
		if c&pair[1] != 0 {
			f--
		}
		return f
	}
	return grid.Vector3{X: one(b[0]), Y: one(b[1]), Z: one(b[2])}
}

// stepAvatars moves everybody who moves.
func (r *Region) stepAvatars(now time.Time, dt float32) {
	moved := false
	for av := range r.active {
		switch {
		case av.transit != nil:
			r.transitEnds(av, now)
		default:
			if av.brain != nil {
				av.brain.step(r, av, now)
			}
			goesOn, changed := r.stepAvatar(av, dt)
			moved = moved || changed
			if !goesOn && av.brain == nil && av.transit == nil {
				delete(r.active, av)
			}
		}
	}
	if moved {
		r.g.hub.touch()
	}
}

// stepAvatar moves one avatar by one tick and tells whether it needs more of
// them and whether anything changed.
func (r *Region) stepAvatar(av *avatar, dt float32) (goesOn, changed bool) {
	if av.seat != nil || av.grounded {
		return false, false
	}
	wasStill := av.motion.Velocity == grid.Vector3{}
	v := r.wanted(av, dt)
	if !av.flying {
		v.Z = r.fall(av, dt)
	}
	v = settled(v)
	before := av.motion.Position
	at := before.Add(v.Scale(dt))
	if floor := r.cfg.Ground + avatarHeight/2; at.Z <= floor {
		at.Z = floor
		if v.Z < 0 {
			v.Z = 0
		}
	}
	if at.Z > ceiling {
		at.Z, v.Z = ceiling, 0
	}
	if !r.contains(at) {
		if r.cross(av, at, v) {
			return true, true
		}
		at, v = r.wall(at, v)
	}
	av.motion.Position, av.motion.Velocity = at, v
	r.land(av)
	r.animate(av)
	still := v == grid.Vector3{}
	changed = !still || !wasStill || at != before
	if changed {
		r.needTerse(av, still)
		if av.p != nil {
			av.p.session.setWhere(r.handle, at)
		}
	}
	return !still || av.controls&^grid.ControlFly != 0 || av.nudgeLeft > 0 || av.target != nil, changed
}

// settled returns a velocity without the dust that turning a vector leaves.
func settled(v grid.Vector3) grid.Vector3 {
	for _, f := range []*float32{&v.X, &v.Y, &v.Z} {
		if *f < 1e-3 && *f > -1e-3 {
			*f = 0
		}
	}
	return v
}

// wanted returns the velocity that controls, nudges or a destination ask for.
func (r *Region) wanted(av *avatar, dt float32) grid.Vector3 {
	if av.controls&grid.ControlStop != 0 {
		return grid.Vector3{}
	}
	if av.target != nil {
		return r.approach(av, dt)
	}
	dir := axes(av.controls, moveBits)
	flat := grid.Vector3{X: dir.X, Y: dir.Y}.Normalize().Scale(av.speed())
	v := av.motion.Rotation.Rotate(flat)
	if av.flying {
		v.Z = dir.Z * liftSpeed
	}
	if av.nudgeLeft > 0 {
		av.nudgeLeft -= dt
		n := av.motion.Rotation.Rotate(grid.Vector3{X: av.nudge.X, Y: av.nudge.Y})
		v.X, v.Y = v.X+n.X, v.Y+n.Y
		if av.flying {
			v.Z += av.nudge.Z
		}
	}
	return v
}

func (av *avatar) speed() float32 {
	switch {
	case av.flying:
		return flySpeed
	case av.crouching:
		return crouchSpeed
	case av.running:
		return runSpeed
	}
	return walkSpeed
}

// approach steers towards the destination and forgets it when it is reached or
// cannot be.
func (r *Region) approach(av *avatar, dt float32) grid.Vector3 {
	t := av.target
	to := t.point.Sub(av.motion.Position)
	if !t.fly || !av.flying {
		to.Z = 0
	}
	dist := to.Length()
	if dist < t.before-0.01 || t.before == 0 {
		t.stuck = 0
	} else {
		t.stuck += dt
	}
	t.before = dist
	if dist < arrivedNear || t.stuck > 2 {
		av.target = nil
		if t.done != nil {
			reached := dist < arrivedNear
			r.later(func() { t.done(reached) })
		}
		return grid.Vector3{}
	}
	if to.X != 0 || to.Y != 0 {
		av.motion.Rotation = facing(to)
	}
	return to.Normalize().Scale(min(av.speed(), dist/max(dt, 1e-3)))
}

// fall returns the vertical speed of who does not fly.
func (r *Region) fall(av *avatar, dt float32) float32 {
	if av.onGround {
		if av.controls&grid.ControlUpPos != 0 || av.nudgeLeft > 0 && av.nudge.Z > 0 {
			return jumpSpeed
		}
		return 0
	}
	return max(av.motion.Velocity.Z-gravity*dt, -fallLimit)
}

// land tells the avatar what its feet touch.
func (r *Region) land(av *avatar) {
	av.onGround = av.motion.Position.Z <= r.cfg.Ground+avatarHeight/2+0.01 && av.motion.Velocity.Z <= 0
	if av.onGround {
		av.motion.CollisionPlane = grid.Vector4{Z: 1, W: r.cfg.Ground}
	} else {
		av.motion.CollisionPlane = grid.Vector4{W: 1}
	}
}

// wall stops who runs into the grid's outer border.
func (r *Region) wall(at, v grid.Vector3) (grid.Vector3, grid.Vector3) {
	in := r.inside(at)
	if in.X != at.X {
		v.X = 0
	}
	if in.Y != at.Y {
		v.Y = 0
	}
	in.Z = at.Z
	return in, v
}

func finiteRotation(q grid.Quaternion) bool {
	return grid.Vector3{X: q.X, Y: q.Y, Z: q.Z}.Finite() && !math.IsNaN(float64(q.W)) && !math.IsInf(float64(q.W), 0)
}

// sameRotation compares as far as the wire can tell.
func sameRotation(a, b grid.Quaternion) bool {
	dot := a.X*b.X + a.Y*b.Y + a.Z*b.Z + a.W*b.W
	return math.Abs(float64(dot)) > 1-1e-7
}
