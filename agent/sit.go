package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// Sit sits down on an object of the current region, standing up first when the
// avatar sits elsewhere. Offset is where on the object, in its own space, if
// its maker set no seat. It returns when the simulator says that the avatar
// sits; the error is ErrCannotSit, with the simulator's words, when it refuses,
// and ErrTimeout when it does not answer, as when the object does not exist.
func (a *Agent) Sit(ctx context.Context, object grid.UUID, offset grid.Vector3) error {
	if object == (grid.UUID{}) || !offset.Finite() {
		return fmt.Errorf("sit: object %v, offset %v: want an id and numbers", object, offset)
	}
	if err := a.Stand(ctx); err != nil {
		return err
	}
	a.stopSteering()
	s, err := a.online()
	if err != nil {
		return err
	}
	var refused string
	err = a.ask(ctx, 0, func(_ *region, m message.Message) progress {
		switch m := m.(type) {
		case *message.AvatarSitResponse:
			if m.SitObject.ID != (grid.UUID{}) {
				return complete
			}
		case *message.AlertMessage:
			if text := message.String(m.AlertData.Message); aboutSitting(text, m.AlertInfo) {
				refused = text
				return complete
			}
		}
		if e := s.me(); e != nil && e.parent != 0 {
			return complete
		}
		return waiting
	}, &message.AgentRequestSit{
		AgentData:    message.AgentRequestSitAgentData{AgentID: s.id, SessionID: s.secret},
		TargetObject: message.AgentRequestSitTargetObject{TargetID: object, Offset: offset},
	})
	switch {
	case err != nil:
		return fmt.Errorf("sit: %w", err)
	case refused != "":
		return fmt.Errorf("%w: %s", ErrCannotSit, refused)
	}
	seated := func(*region, message.Message) progress {
		if e := s.me(); e != nil && e.parent != 0 {
			return complete
		}
		return waiting
	}
	err = a.ask(ctx, 0, seated, &message.AgentSit{AgentData: message.AgentSitAgentData{AgentID: s.id, SessionID: s.secret}})
	if err != nil {
		return fmt.Errorf("sit: promised, but not done: %w", err)
	}
	return nil
}

// aboutSitting tells whether an alert is the refusal of a seat. Grids word it
// differently; all the words and keys are about sitting.
func aboutSitting(text string, info []message.AlertMessageAlertInfo) bool {
	for _, i := range info {
		if strings.Contains(strings.ToLower(message.String(i.Message)), "sit") {
			return true
		}
	}
	text = strings.ToLower(text)
	return strings.Contains(text, " sit ") || strings.Contains(text, " sit.") || strings.Contains(text, "sit on") ||
		strings.Contains(text, "surface to sit")
}

// retryControl is how long a simulator may take to act on a control that is
// held for one update, before it is sent again: updates get lost.
const retryControl = time.Second

// SitOnGround sits down where the avatar stands, standing up first when it
// sits on an object. It returns when the simulator shows the avatar sitting, or
// without an error after three seconds: not every grid shows it.
func (a *Agent) SitOnGround(ctx context.Context) error {
	if err := a.Stand(ctx); err != nil {
		return err
	}
	a.stopSteering()
	s, err := a.online()
	if err != nil {
		return err
	}
	onGround := func(*region, message.Message) progress {
		if s.self.onGround {
			return complete
		}
		return waiting
	}
	err = s.insist(ctx, grid.ControlSitOnGround, 3, onGround)
	if errors.Is(err, errInsisted) {
		a.mu.Lock()
		s.self.onGround = true
		a.mu.Unlock()
		return nil
	}
	return err
}

// Stand stands up. It returns when the simulator shows the avatar standing,
// and at once when it did not sit.
func (a *Agent) Stand(ctx context.Context) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	a.mu.Lock()
	e := s.me()
	seated, onGround := e != nil && e.parent != 0, s.self.onGround
	a.mu.Unlock()
	if !seated && !onGround {
		return nil
	}
	standing := func(*region, message.Message) progress {
		if e := s.me(); (e == nil || e.parent == 0) && !s.self.onGround {
			return complete
		}
		return waiting
	}
	tries := 3
	if seated {
		tries = int(a.timeouts.Load().service/retryControl) + 1
	}
	err = s.insist(ctx, grid.ControlStandUp, tries, standing)
	if errors.Is(err, errInsisted) {
		if seated {
			return fmt.Errorf("stand up: %w", ErrTimeout)
		}
		a.mu.Lock()
		s.self.onGround = false
		a.mu.Unlock()
		return nil
	}
	return err
}

var errInsisted = errors.New("told several times")

// insist sends an update with a control, and again every second up to tries
// times, until c is satisfied. It returns errInsisted when it never was.
func (s *session) insist(ctx context.Context, control grid.Control, tries int, c check) error {
	a := s.a
	a.mu.Lock()
	w := s.expect(c)
	a.mu.Unlock()
	for range tries {
		a.mu.Lock()
		u := s.update()
		u.AgentData.ControlFlags |= uint32(control)
		to := s.root.circuit
		a.mu.Unlock()
		if err := to.SendReliable(u); err != nil {
			s.forget(w)
			return sendError(u, err)
		}
		s.kick() // releases the control
		err := s.awaitAgain(ctx, w, retryControl)
		if !errors.Is(err, errInsisted) {
			s.forget(w)
			return err
		}
	}
	s.forget(w)
	return errInsisted
}

// awaitAgain waits for w as await does, but leaves w in place when d is over.
func (s *session) awaitAgain(ctx context.Context, w *waiter, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-w.complete:
		return nil
	case <-t.C:
		return errInsisted
	case <-ctx.Done():
		return waitError(ctx)
	case <-s.done:
		return ErrOffline
	}
}
