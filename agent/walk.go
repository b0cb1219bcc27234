package agent

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// FlyOptions tune FlyTo and WalkTo.
type FlyOptions struct {
	Vicinity float32 // metres from the goal that count as there; 2 by default
	Affinity int     // number of braking steps, each twice as slow; 2 by default, 1 to 16
}

func (o FlyOptions) withDefaults() (FlyOptions, error) {
	def(&o.Vicinity, 2)
	def(&o.Affinity, 2)
	if !(o.Vicinity > 0) || math.IsInf(float64(o.Vicinity), 0) {
		return o, fmt.Errorf("vicinity %v m: want more than 0", o.Vicinity)
	}
	if o.Affinity < 1 || o.Affinity > 16 {
		return o, fmt.Errorf("affinity %d: want 1 to 16", o.Affinity)
	}
	return o, nil
}

// WalkTo walks to a point of the current region or, by coordinates below 0 or
// beyond its size, of a neighbour, standing up first. It returns when the
// avatar is within vicinity metres of it on the ground (2 when vicinity is 0);
// the height does not count. The way is straight: nothing is walked around.
//
// The error wraps ErrNotReached when ctx ended first, and is ErrSuperseded when
// another movement took over.
func (a *Agent) WalkTo(ctx context.Context, position grid.Vector3, vicinity float32) error {
	return a.steerTo(ctx, position, FlyOptions{Vicinity: vicinity}, (*steer).walk)
}

// FlyTo flies to a point of the current region or, by coordinates below 0 or
// beyond its size, of a neighbour, standing up first. It returns when the
// avatar is within o.Vicinity metres of it. It flies on afterwards; Fly lands
// it.
//
// The error wraps ErrNotReached when ctx ended first, and is ErrSuperseded when
// another movement took over.
func (a *Agent) FlyTo(ctx context.Context, position grid.Vector3, o FlyOptions) error {
	return a.steerTo(ctx, position, o, (*steer).fly)
}

// steer is one look at the way to go, and what to do about it.
type steer struct {
	to       grid.Vector3 // from the avatar to the goal
	velocity grid.Vector3
	vicinity float32
	affinity int
}

// push tells whether to press on over a distance left, at a speed towards the
// goal: as long as there is half a second to the goal, and then in braking
// steps, each of which allows twice the speed of the next from twice its
// distance. The last ends at half the vicinity, so that being near in each
// direction is being near.
func (t *steer) push(left, speed float32) bool {
	if left > t.vicinity+max(speed, 0)/2 {
		return true
	}
	for p := float32(int(1) << (t.affinity - 1)); p > 1; p /= 2 {
		if left >= t.vicinity*p && speed < 2*p {
			return true
		}
	}
	return left >= t.vicinity/2 && speed < 2
}

func (t *steer) level() float32 { return grid.Vector3{X: t.to.X, Y: t.to.Y}.Length() }

// ahead decides about going forward: at full speed far away, and slower with
// every halving of the distance near the goal.
func (t *steer) ahead() grid.Control {
	d := t.level()
	speed := grid.Vector3{X: t.velocity.X, Y: t.velocity.Y}.Length()
	if d >= 16 || t.push(d, speed) {
		return grid.ControlAtPos
	}
	return 0
}

func (t *steer) walk() (c grid.Control, there bool) {
	return t.ahead(), t.level() <= t.vicinity
}

func (t *steer) fly() (c grid.Control, there bool) {
	c = grid.ControlFly | t.ahead()
	z, vz := t.to.Z, t.velocity.Z
	switch {
	case z > 16 || t.push(z, vz):
		c |= grid.ControlUpPos
	case z < -23 || t.push(-z, -vz):
		c |= grid.ControlUpNeg
	}
	return c, t.to.Length() <= t.vicinity
}

func (a *Agent) steerTo(ctx context.Context, position grid.Vector3, o FlyOptions, way func(*steer) (grid.Control, bool)) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	if !position.Finite() {
		return fmt.Errorf("position %v is not a number", position)
	}
	if err := a.Stand(ctx); err != nil {
		return err
	}
	a.mu.Lock()
	s := a.session
	if s == nil || a.state != Online {
		a.mu.Unlock()
		return ErrOffline
	}
	goal := s.root.info.Handle.Global(position)
	a.mu.Unlock()
	return s.steer(ctx, goal, o, way)
}

// steered are the controls that steering owns while it lasts.
const steered = moveControls | grid.ControlStop

// steer holds the controls until the avatar is at goal. The goal is global, so
// that borders do not matter.
func (s *session) steer(ctx context.Context, goal grid.Vector3d, o FlyOptions, way func(*steer) (grid.Control, bool)) error {
	a := s.a
	a.mu.Lock()
	a.movement.steering++
	turn := a.movement.steering
	a.movement.driven, a.movement.autopilot = true, false
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		if a.movement.steering == turn {
			a.movement.driven = false
			a.movement.Controls &^= steered
		}
		a.mu.Unlock()
		s.kick()
	}()

	tick := time.NewTicker(a.cfg.UpdateInterval)
	defer tick.Stop()
	for {
		there, err := s.look(turn, goal, o, way)
		if err != nil || there {
			return err
		}
		s.kick()
		select {
		case <-tick.C:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return fmt.Errorf("%w: %w", ErrNotReached, waitError(ctx))
			}
			return waitError(ctx)
		case <-s.done:
			return ErrOffline
		}
	}
}

// look turns towards the goal and sets the controls for the next moment.
func (s *session) look(turn int, goal grid.Vector3d, o FlyOptions, way func(*steer) (grid.Control, bool)) (there bool, err error) {
	a := s.a
	a.mu.Lock()
	defer a.mu.Unlock()
	m := &a.movement
	if m.steering != turn {
		return false, ErrSuperseded
	}
	if s.moves > 0 {
		return false, nil // between two regions: keep going
	}
	own, _ := s.place()
	t := steer{to: s.root.info.Handle.Local(goal).Sub(own), vicinity: o.Vicinity, affinity: o.Affinity}
	if e := s.me(); e != nil {
		t.velocity = e.motion.Velocity
	}
	controls, there := way(&t)
	if there {
		return true, nil
	}
	m.face(t.to)
	m.Controls = m.Controls&^steered | controls
	return false, nil
}

// stopSteering takes the controls from a walk or flight, whose call returns
// ErrSuperseded.
func (a *Agent) stopSteering() (wasAutopilot bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := &a.movement
	wasAutopilot = m.autopilot
	m.steering++
	m.driven, m.autopilot = false, false
	m.Controls &^= steered
	return wasAutopilot
}

// StopMoving ends a walk, flight or autopilot, and releases every control that
// moves the avatar. Flying goes on.
func (a *Agent) StopMoving(ctx context.Context) error {
	if !a.stopSteering() {
		return a.sendUpdate(ctx)
	}
	// A key pressed for a moment is what makes a simulator let go.
	a.mu.Lock()
	a.movement.pulse, a.movement.pulseUntil = grid.ControlAtPos, time.Now()
	a.mu.Unlock()
	s, err := a.online()
	if err != nil {
		return err
	}
	a.mu.Lock()
	u := s.update()
	u.AgentData.ControlFlags |= uint32(grid.ControlAtPos)
	a.mu.Unlock()
	if err := a.tell(ctx, u); err != nil {
		return err
	}
	return a.sendUpdate(ctx)
}

// autopilotPatience is how long a simulator may take to start walking the
// avatar before the agent does it itself.
const autopilotPatience = 2 * time.Second

// Autopilot sets out for a point of the current region, standing up first, and
// returns at once. It asks the simulator to walk the avatar (GenericMessage
// "autopilot", which OpenSimulator does); when the avatar has not moved two
// seconds later, the agent steers itself, for five minutes at most.
// StopMoving ends it.
func (a *Agent) Autopilot(ctx context.Context, position grid.Vector3) error {
	if !position.Finite() {
		return fmt.Errorf("position %v is not a number", position)
	}
	if err := a.Stand(ctx); err != nil {
		return err
	}
	a.stopSteering()
	if err := a.TurnTo(ctx, position); err != nil {
		return err
	}
	a.mu.Lock()
	s := a.session
	if s == nil || s.ended || a.state != Online {
		a.mu.Unlock()
		return ErrOffline
	}
	goal := s.root.info.Handle.Global(position)
	from, _ := s.place()
	a.movement.autopilot = true
	a.movement.steering++
	turn := a.movement.steering
	a.mu.Unlock()

	coordinate := func(f float64) message.GenericMessageParamList {
		return message.GenericMessageParamList{Parameter: message.Bytes(strconv.FormatFloat(f, 'f', 4, 64))}
	}
	err := a.tell(ctx, &message.GenericMessage{
		AgentData:  message.GenericMessageAgentData{AgentID: s.id, SessionID: s.secret},
		MethodData: message.GenericMessageMethodData{Method: message.Bytes("autopilot")},
		ParamList:  []message.GenericMessageParamList{coordinate(goal.X), coordinate(goal.Y), coordinate(goal.Z)},
	})
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !s.ended {
		s.start(func() { s.superviseAutopilot(turn, from, goal) })
	}
	return nil
}

// superviseAutopilot walks the avatar to goal if the simulator does not.
func (s *session) superviseAutopilot(turn int, from grid.Vector3, goal grid.Vector3d) {
	a := s.a
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Minute)
	defer cancel()
	t := time.NewTimer(autopilotPatience)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.done:
		return
	}
	a.mu.Lock()
	own, _ := s.place()
	arrived := s.root.info.Handle.Local(goal).Distance2D(own) < 2
	mine := a.movement.steering == turn && a.movement.autopilot
	a.mu.Unlock()
	if !mine || arrived || own.Distance2D(from) > 0.5 {
		return
	}
	o, _ := FlyOptions{Vicinity: 1}.withDefaults()
	if err := s.steer(ctx, goal, o, (*steer).walk); err != nil {
		s.log.Debug("autopilot ended early", "error", err)
	}
}
