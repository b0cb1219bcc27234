package agent

import (
	"context"

	"rookery/grid"
	"rookery/grid/message"
)

// Animate starts or stops animations on the own avatar. The agent needs no
// rights for its own and the built-in ones.
func (a *Agent) Animate(ctx context.Context, start bool, animations ...grid.UUID) error {
	if len(animations) == 0 {
		return nil
	}
	s, err := a.online()
	if err != nil {
		return err
	}
	m := &message.AgentAnimation{
		AgentData:               message.AgentAnimationAgentData{AgentID: s.id, SessionID: s.secret},
		PhysicalAvatarEventList: []message.AgentAnimationPhysicalAvatarEventList{{}},
	}
	for _, id := range animations {
		m.AnimationList = append(m.AnimationList, message.AgentAnimationAnimationList{AnimID: id, StartAnim: start})
	}
	return a.tell(ctx, m)
}

// Deanimate stops every animation that plays on the own avatar and is not
// built into viewers.
func (a *Agent) Deanimate(ctx context.Context) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	var foreign []grid.UUID
	a.mu.Lock()
	for _, anim := range s.self.animations {
		if !builtin[anim.ID] {
			foreign = append(foreign, anim.ID)
		}
	}
	a.mu.Unlock()
	return a.Animate(ctx, false, foreign...)
}

// Animating tells whether the simulator says that an animation plays on the
// own avatar.
func (a *Agent) Animating(animation grid.UUID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.session != nil && playing(a.session.self.animations, animation)
}

// Away sets or clears the away state: the control and the animation.
func (a *Agent) Away(ctx context.Context, on bool) error {
	if err := a.Animate(ctx, on, grid.AnimAway); err != nil {
		return err
	}
	return a.hold(ctx, grid.ControlAway, on)
}

// IsAway tells whether the away control is set.
func (a *Agent) IsAway() bool {
	return a.Movement().Controls&grid.ControlAway != 0
}

// Busy sets or clears the busy state: the animation, and the automatic answer
// if Config.BusyReply has one.
func (a *Agent) Busy(ctx context.Context, on bool) error {
	if err := a.Animate(ctx, on, grid.AnimBusy); err != nil {
		return err
	}
	a.mu.Lock()
	a.movement.busy = on
	a.mu.Unlock()
	return nil
}

// IsBusy tells whether the agent is busy, as Busy set it in this session.
func (a *Agent) IsBusy() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.movement.busy
}

// Typing starts or stops the typing animation. It says nothing in chat; see
// ChatTyping and MessageTyping for that.
func (a *Agent) Typing(ctx context.Context, on bool) error {
	if err := a.Animate(ctx, on, grid.AnimType); err != nil {
		return err
	}
	a.mu.Lock()
	if a.movement.State &^= grid.AgentStateTyping; on {
		a.movement.State |= grid.AgentStateTyping
	}
	if a.session != nil {
		a.session.kick()
	}
	a.mu.Unlock()
	return nil
}

// IsTyping tells whether the agent types, as Typing set it in this session.
func (a *Agent) IsTyping() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.movement.State&grid.AgentStateTyping != 0
}

// animSitGroundLoose is the second of the two animations for sitting on the
// ground.
var animSitGroundLoose = grid.UUID{0x1c, 0x76, 0x00, 0xd6, 0x66, 0x1f, 0xb8, 0x7b, 0xef, 0xe2, 0xd7, 0x42, 0x1e, 0xb9, 0x3c, 0x86}
