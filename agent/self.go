package agent

import (
	"context"
	"fmt"
	"slices"

	"rookery/grid"
	"rookery/grid/message"
)

// place is where the own avatar is in the current region. Called with a.mu held.
func (s *session) place() (grid.Vector3, grid.Quaternion) {
	if s.root == nil {
		return s.self.position, grid.Identity
	}
	if e := s.root.ids[s.id]; e != nil {
		return s.root.place(e)
	}
	return s.self.position, s.a.movement.BodyRotation
}

// me is the own avatar in the current region, nil before the first update.
// Called with a.mu held.
func (s *session) me() *entity {
	if s.root == nil {
		return nil
	}
	return s.root.ids[s.id]
}

// Self returns what is known of the own avatar; after the agent left the grid,
// its zero value.
func (a *Agent) Self() Self {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.session
	if s == nil || s.root == nil {
		return Self{}
	}
	position, rotation := s.place()
	me := Self{
		ID: s.id, Name: s.self.name, Region: s.root.info.Handle, RegionName: s.root.info.Name,
		Position: position, Rotation: rotation, RelativePosition: position, RelativeRotation: rotation,
		LookAt: s.self.lookAt, OnGround: s.self.onGround, Animations: slices.Clone(s.self.animations),
		Health: s.self.health, Balance: s.self.balance,
		ActiveGroup: s.self.group, ActiveGroupName: s.self.groupName,
		ActiveGroupTitle: s.self.groupTitle, ActiveGroupPowers: s.self.groupPowers,
		StartLocation: s.self.start, Access: s.self.access, AccessMax: s.self.accessMax,
		TeleportMessage: s.self.teleportMessage,
		HomeRegion:      s.self.homeRegion, HomePosition: s.self.homePosition, HomeLookAt: s.self.homeLookAt,
	}
	if e := s.me(); e != nil {
		m := &e.motion
		me.LocalID, me.RelativePosition, me.RelativeRotation = e.local, m.Position, m.Rotation
		me.Velocity, me.Acceleration, me.AngularVelocity = m.Velocity, m.Acceleration, m.AngularVelocity
		me.CollisionPlane = m.CollisionPlane
		me.Sitting, me.SeatLocalID, me.SittingOn = e.parent != 0, e.parent, s.root.idOf(e.parent)
		me.LookAt = rotation.Rotate(grid.Vector3{X: 1})
	}
	return me
}

// Distance returns how far a point of a region is from the agent, in metres;
// across borders too. It is 0 while the agent is in no region.
func (a *Agent) Distance(region grid.RegionHandle, position grid.Vector3) float32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.session
	if s == nil || s.root == nil {
		return 0
	}
	own, _ := s.place()
	return s.root.info.Handle.Local(region.Global(position)).Distance(own)
}

// Balance asks the grid for the agent's money, L$; 0 where there is none.
func (a *Agent) Balance(ctx context.Context) (int32, error) {
	s, err := a.online()
	if err != nil {
		return 0, err
	}
	var balance int32
	err = a.ask(ctx, 0, func(_ *region, m message.Message) progress {
		if reply, ok := m.(*message.MoneyBalanceReply); ok && reply.MoneyData.AgentID == s.id {
			balance = reply.MoneyData.MoneyBalance
			return complete
		}
		return waiting
	}, &message.MoneyBalanceRequest{
		AgentData: message.MoneyBalanceRequestAgentData{AgentID: s.id, SessionID: s.secret},
	})
	if err != nil {
		return 0, fmt.Errorf("balance: %w", err)
	}
	return balance, nil
}

func (s *session) agentData(m *message.AgentDataUpdate) {
	d := &m.AgentData
	if d.AgentID != s.id {
		return
	}
	s.self.group, s.self.groupPowers = d.ActiveGroupID, d.GroupPowers
	s.self.groupName, s.self.groupTitle = message.String(d.GroupName), message.String(d.GroupTitle)
}

func (s *session) balance(m *message.MoneyBalanceReply) {
	s.self.balance = m.MoneyData.MoneyBalance
	s.a.emit(BalanceChanged{Balance: s.self.balance})
}
