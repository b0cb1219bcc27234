package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
)

// Group is a group that the agent is a member of.
type Group struct {
	ID, Insignia  grid.UUID
	Name, Title   string
	Powers        grid.GroupPowers
	Contribution  int32 // land, square metres
	AcceptNotices bool
	Listed        bool // in the profile
}

// Groups returns the groups that the agent is a member of, as the grid last
// told.
func (a *Agent) Groups() []Group {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.groups)
}

// GroupName finds the name of a group: of the agent's own from memory, of others
// by asking the grid. The error is ErrNotFound when the grid does not know it:
// it then does not answer.
func (a *Agent) GroupName(ctx context.Context, id grid.UUID) (string, error) {
	for _, g := range a.Groups() {
		if g.ID == id && g.Name != "" {
			return g.Name, nil
		}
	}
	limited, cancel := a.answerTime(ctx)
	defer cancel()
	var name string
	err := a.ask(limited, 0, func(_ *region, m message.Message) progress {
		if reply, ok := m.(*message.UUIDGroupNameReply); ok {
			for _, b := range reply.UUIDNameBlock {
				if b.ID == id {
					name = message.String(b.GroupName)
					return complete
				}
			}
		}
		return waiting
	}, &message.UUIDGroupNameRequest{UUIDNameBlock: []message.UUIDGroupNameRequestUUIDNameBlock{{ID: id}}})
	if err != nil && ctx.Err() == nil && errors.Is(err, ErrTimeout) {
		err = ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("group %v: %w", id, err)
	}
	return name, nil
}

// Invitations returns the invitations into groups that wait for an answer, the
// oldest first; at most 100.
func (a *Agent) Invitations() []GroupInvited {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.offers.invitations.all()
}

// AcceptGroupInvitation joins a group, given by the session of the invitation,
// and pays what that costs. It returns when the grid tells that the agent is a
// member. The error is ErrNoOffer when there is no such invitation, and
// ErrTimeout when the grid does not make the agent a member: it says no in
// words for people only, as an Alert.
func (a *Agent) AcceptGroupInvitation(ctx context.Context, session grid.UUID) error {
	return answer(a, &a.offers.invitations, session, func(invited GroupInvited) error {
		s, err := a.online()
		if err != nil {
			return err
		}
		a.mu.Lock()
		w := s.expect(func(*region, message.Message) progress {
			if a.memberOf(invited.Group) {
				return complete
			}
			return waiting
		})
		a.mu.Unlock()
		if err := a.answerInvitation(ctx, invited, grid.IMGroupInvitationAccept); err != nil {
			s.forget(w)
			return err
		}
		if err := s.await(ctx, w, a.timeouts.Load().service, 0); err != nil {
			return fmt.Errorf("join group %v: %w", invited.Group, err)
		}
		return nil
	})
}

// DeclineGroupInvitation declines an invitation. It returns when the region has
// heard of it; the error is ErrNoOffer when there is no such invitation.
func (a *Agent) DeclineGroupInvitation(ctx context.Context, session grid.UUID) error {
	return answer(a, &a.offers.invitations, session, func(invited GroupInvited) error {
		return a.answerInvitation(ctx, invited, grid.IMGroupInvitationDecline)
	})
}

// ForgetInvitation drops an invitation without an answer; it returns whether
// there was one.
func (a *Agent) ForgetInvitation(session grid.UUID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err := a.offers.invitations.take(session)
	return err == nil
}

// answerInvitation sends the answer to the group; where Second Life kept the
// invitation for the login, by capability.
func (a *Agent) answerInvitation(ctx context.Context, invited GroupInvited, dialog grid.IMDialog) error {
	name := "DeclineGroupInvite"
	if dialog == grid.IMGroupInvitationAccept {
		name = "AcceptGroupInvite"
	}
	if invited.Offline && a.HasCapability(name) {
		s, addr, err := a.capability(ctx, name)
		if err != nil {
			return err
		}
		_, err = s.client().Post(ctx, addr, map[string]any{"group": invited.Group})
		return err
	}
	return a.confirmMessage(ctx, OutgoingMessage{To: invited.Group, Dialog: dialog, Session: invited.Session})
}

// memberOf is called with a.mu held.
func (a *Agent) memberOf(group grid.UUID) bool {
	return slices.ContainsFunc(a.groups, func(g Group) bool { return g.ID == group })
}

// setGroups takes in which groups the agent is in, however it was told.
func (s *session) setGroups(agent grid.UUID, groups []Group) {
	if agent != s.id {
		return
	}
	s.a.groups = groups
	s.a.emit(GroupsChanged{Groups: groups})
}

func (s *session) groupData(m *message.AgentGroupDataUpdate) {
	groups := make([]Group, len(m.GroupData))
	for i, g := range m.GroupData {
		groups[i] = Group{
			ID: g.GroupID, Insignia: g.GroupInsigniaID, Name: message.String(g.GroupName), Powers: grid.GroupPowers(g.GroupPowers),
			Contribution: g.Contribution, AcceptNotices: g.AcceptNotices, Listed: true,
		}
	}
	s.setGroups(m.AgentData.AgentID, groups)
}

func (s *session) groupEvent(e *caps.AgentGroupDataUpdate) {
	groups := make([]Group, len(e.Groups))
	for i, g := range e.Groups {
		groups[i] = Group{
			ID: g.GroupID, Insignia: g.Insignia, Name: g.Name, Title: g.Title, Powers: grid.GroupPowers(g.Powers),
			Contribution: g.Contribution, AcceptNotices: g.AcceptNotices, Listed: g.ListInProfile,
		}
	}
	s.setGroups(e.AgentID, groups)
}

// dropGroup takes in that the agent is no longer in a group.
func (s *session) dropGroup(agent, group grid.UUID) {
	if agent != s.id || !s.a.memberOf(group) {
		return
	}
	s.setGroups(agent, slices.DeleteFunc(slices.Clone(s.a.groups), func(g Group) bool { return g.ID == group }))
}
