package agent

import (
	"context"
	"fmt"
	"math"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// Camera is where the agent looks from. The axes are unit vectors.
type Camera struct {
	Far      float32 // metres the agent wants to see
	Position grid.Vector3
	AtAxis   grid.Vector3 // forward
	LeftAxis grid.Vector3
	UpAxis   grid.Vector3
}

// Movement is what the agent's updates say of it.
type Movement struct {
	Controls     grid.Control
	BodyRotation grid.Quaternion
	HeadRotation grid.Quaternion
	Camera       Camera
	State        grid.AgentState
	HideTitle    bool // of the group, for others
	AlwaysRun    bool

	// UpdateInterval is the time between two updates while the agent moves.
	UpdateInterval time.Duration
}

// movement is the agent's own part of what its updates say. It outlives
// sessions. Guarded by a.mu.
type movement struct {
	Movement
	fixed bool // the camera stays where SetCamera put it
	busy  bool

	// Controls held down for one moment, and until when.
	pulse      grid.Control
	pulseUntil time.Time

	steering  int  // number of the walk or flight that has the controls
	driven    bool // one is under way
	autopilot bool // the simulator was asked to walk the avatar
}

// moveControls are those that move the avatar: while one is held down, updates
// go out often.
const moveControls = grid.ControlAtPos | grid.ControlAtNeg | grid.ControlLeftPos | grid.ControlLeftNeg |
	grid.ControlUpPos | grid.ControlUpNeg | grid.ControlFastAt | grid.ControlFastLeft | grid.ControlFastUp |
	grid.ControlNudgeAtPos | grid.ControlNudgeAtNeg | grid.ControlNudgeLeftPos | grid.ControlNudgeLeftNeg |
	grid.ControlNudgeUpPos | grid.ControlNudgeUpNeg

func (m *movement) init(cfg Config) {
	m.BodyRotation, m.HeadRotation = grid.Identity, grid.Identity
	m.Camera.Far = cfg.Range
	m.UpdateInterval = cfg.UpdateInterval
}

// reset releases what a new session does not know of.
func (m *movement) reset() {
	m.Controls, m.State, m.busy, m.pulse, m.driven, m.autopilot = 0, 0, false, 0, false, false
	m.steering++
}

// held returns the controls that an update says are down now.
func (m *movement) held() grid.Control {
	if m.pulse != 0 && time.Now().After(m.pulseUntil) {
		m.pulse = 0
	}
	return m.Controls | m.pulse
}

func (m *movement) moving() bool {
	return m.driven || m.pulse != 0 || m.Controls&moveControls != 0
}

// face turns body, head and camera towards a direction on the ground.
func (m *movement) face(direction grid.Vector3) {
	if direction.X == 0 && direction.Y == 0 {
		return
	}
	m.BodyRotation = grid.RotationZ(math.Atan2(float64(direction.Y), float64(direction.X)))
	m.HeadRotation = m.BodyRotation
}

// camera returns the camera: where SetCamera put it, or on the avatar, looking
// where it looks.
func (s *session) camera() Camera {
	m := &s.a.movement
	c := m.Camera
	if m.fixed {
		return c
	}
	c.Position, _ = s.place()
	c.AtAxis = m.BodyRotation.Rotate(grid.Vector3{X: 1})
	c.LeftAxis = m.BodyRotation.Rotate(grid.Vector3{Y: 1})
	c.UpAxis = m.BodyRotation.Rotate(grid.Vector3{Z: 1})
	return c
}

// update builds an agent update. Called with a.mu held.
func (s *session) update() *message.AgentUpdate {
	m := &s.a.movement
	c := s.camera()
	u := &message.AgentUpdate{AgentData: message.AgentUpdateAgentData{
		AgentID: s.id, SessionID: s.secret, BodyRotation: m.BodyRotation, HeadRotation: m.HeadRotation,
		State: uint8(m.State), CameraCenter: c.Position, CameraAtAxis: c.AtAxis, CameraLeftAxis: c.LeftAxis,
		CameraUpAxis: c.UpAxis, Far: c.Far, ControlFlags: uint32(m.held()),
	}}
	if m.HideTitle {
		u.AgentData.Flags = 1
	}
	return u
}

// Movement returns what the agent's updates say of it now.
func (a *Agent) Movement() Movement {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.movement.Movement
	if a.session != nil {
		m.Camera = a.session.camera()
	}
	return m
}

// Camera returns the agent's camera. It follows the avatar until SetCamera.
func (a *Agent) Camera() Camera { return a.Movement().Camera }

// SetMovement changes what the agent's updates say and sends one. Changing the
// camera fixes it, as SetCamera does. Changing the controls takes them from a
// walk or flight under way. Rotations are normalised.
func (a *Agent) SetMovement(ctx context.Context, change func(*Movement)) error {
	before := a.Movement()
	after := before
	change(&after)
	if err := after.check(); err != nil {
		return err
	}
	a.mu.Lock()
	m := &a.movement
	fixed, far := m.fixed || !sameView(after.Camera, before.Camera), after.Camera.Far
	camera := m.Camera
	if fixed {
		camera = after.Camera
	}
	camera.Far = far
	if after.Controls != before.Controls {
		m.steering++
		m.driven = false
	}
	m.Movement, m.fixed, m.Camera = after, fixed, camera
	a.mu.Unlock()
	if after.AlwaysRun != before.AlwaysRun {
		if err := a.AlwaysRun(ctx, after.AlwaysRun); err != nil {
			return err
		}
	}
	return a.sendUpdate(ctx)
}

func sameView(a, b Camera) bool {
	a.Far = b.Far
	return a == b
}

func (m *Movement) check() error {
	c := &m.Camera
	for _, v := range []grid.Vector3{c.Position, c.AtAxis, c.LeftAxis, c.UpAxis} {
		if !v.Finite() {
			return fmt.Errorf("camera vector %v is not a number", v)
		}
	}
	if !(c.Far >= 0 && c.Far <= 10000) {
		return fmt.Errorf("draw distance %v m: want 0 to 10000", c.Far)
	}
	if m.UpdateInterval < 10*time.Millisecond || m.UpdateInterval > time.Minute {
		return fmt.Errorf("update interval %v: want 10 ms to 1 min", m.UpdateInterval)
	}
	m.BodyRotation, m.HeadRotation = m.BodyRotation.Normalize(), m.HeadRotation.Normalize()
	return nil
}

// SetCamera puts the camera somewhere and keeps it there until ResetCamera.
func (a *Agent) SetCamera(ctx context.Context, c Camera) error {
	return a.SetMovement(ctx, func(m *Movement) { m.Camera = c })
}

// ResetCamera puts the camera onto the avatar, which it follows from now on.
func (a *Agent) ResetCamera(ctx context.Context) error {
	a.mu.Lock()
	a.movement.fixed = false
	a.mu.Unlock()
	return a.sendUpdate(ctx)
}

// sendUpdate sends an agent update that does not get lost.
func (a *Agent) sendUpdate(ctx context.Context) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	a.mu.Lock()
	u := s.update()
	a.mu.Unlock()
	err = a.tell(ctx, u)
	s.kick() // sets the pace of what follows
	return err
}

// hold presses or releases controls until told otherwise.
func (a *Agent) hold(ctx context.Context, c grid.Control, on bool) error {
	if _, err := a.online(); err != nil {
		return err
	}
	a.mu.Lock()
	if a.movement.Controls &^= c; on {
		a.movement.Controls |= c
	}
	a.mu.Unlock()
	return a.sendUpdate(ctx)
}

// press holds controls down for a moment.
func (a *Agent) press(ctx context.Context, c grid.Control, d time.Duration) error {
	if _, err := a.online(); err != nil {
		return err
	}
	a.mu.Lock()
	a.movement.pulse, a.movement.pulseUntil = c, time.Now().Add(d)
	a.mu.Unlock()
	return a.sendUpdate(ctx)
}

// Direction is one of the six ways to nudge.
type Direction string

// The directions, relative to where the avatar faces.
const (
	Forward Direction = "forward"
	Back    Direction = "back"
	Left    Direction = "left"
	Right   Direction = "right"
	Up      Direction = "up"
	Down    Direction = "down"
)

var nudges = map[Direction]grid.Control{
	Forward: grid.ControlAtPos, Back: grid.ControlAtNeg, Left: grid.ControlLeftPos,
	Right: grid.ControlLeftNeg, Up: grid.ControlUpPos, Down: grid.ControlUpNeg,
}

// nudgeTime is how long a nudge holds its control: long enough for the slowest
// simulator's frame, short enough to stay a nudge.
const nudgeTime = 150 * time.Millisecond

// Nudge gives the avatar one small push. It returns when the push was sent.
func (a *Agent) Nudge(ctx context.Context, d Direction) error {
	c, ok := nudges[d]
	if !ok {
		return fmt.Errorf("direction %q: want back, forward, left, right, up or down", d)
	}
	return a.press(ctx, c, nudgeTime)
}

// Turn turns the avatar to the left by an angle in radians, to the right when
// it is negative.
func (a *Agent) Turn(ctx context.Context, radians float64) error {
	if math.IsNaN(radians) || math.IsInf(radians, 0) {
		return fmt.Errorf("angle %v is not a number", radians)
	}
	if _, err := a.online(); err != nil {
		return err
	}
	turn := grid.ControlTurnLeft
	if radians < 0 {
		turn = grid.ControlTurnRight
	}
	a.mu.Lock()
	m := &a.movement
	m.BodyRotation = grid.RotationZ(radians).Mul(m.BodyRotation).Normalize()
	m.HeadRotation = m.BodyRotation
	a.mu.Unlock()
	return a.press(ctx, turn, nudgeTime)
}

// TurnTo turns body, head and camera towards a point of the current region,
// relative to the seat when the avatar sits.
func (a *Agent) TurnTo(ctx context.Context, position grid.Vector3) error {
	if !position.Finite() {
		return fmt.Errorf("position %v is not a number", position)
	}
	s, err := a.online()
	if err != nil {
		return err
	}
	a.mu.Lock()
	own, _ := s.place()
	m := &a.movement
	m.face(position.Sub(own))
	if e := s.me(); e != nil && e.parent != 0 {
		if seat := s.root.entities[e.parent]; seat != nil {
			_, rotation := s.root.place(seat)
			m.BodyRotation = rotation.Conjugate().Mul(m.BodyRotation).Normalize()
			m.HeadRotation = m.BodyRotation
		}
	}
	a.mu.Unlock()
	return a.sendUpdate(ctx)
}

// Fly starts or stops flying.
func (a *Agent) Fly(ctx context.Context, on bool) error { return a.hold(ctx, grid.ControlFly, on) }

// Crouch starts or stops crouching; in flight, sinking.
func (a *Agent) Crouch(ctx context.Context, on bool) error { return a.hold(ctx, grid.ControlUpNeg, on) }

// Jump starts or stops jumping; in flight, rising.
func (a *Agent) Jump(ctx context.Context, on bool) error {
	return a.hold(ctx, grid.ControlUpPos|grid.ControlFastUp, on)
}

// AlwaysRun makes the avatar run where it would walk, or walk again.
func (a *Agent) AlwaysRun(ctx context.Context, on bool) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.movement.AlwaysRun = on
	a.mu.Unlock()
	if err := a.tell(ctx, s.alwaysRun(on)); err != nil {
		return err
	}
	return a.sendUpdate(ctx)
}

func (s *session) alwaysRun(on bool) *message.SetAlwaysRun {
	return &message.SetAlwaysRun{AgentData: message.SetAlwaysRunAgentData{AgentID: s.id, SessionID: s.secret, AlwaysRun: on}}
}
