package agent

import (
	"maps"
	"slices"
	"strings"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
)

// Groups lists the groups that the agent is a member of, by name. It is empty
// until the grid has told, shortly after the login.
func (a *Agent) Groups() []caps.GroupMembership {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil {
		return nil
	}
	return a.session.groupList()
}

// Called with a.mu held.
func (s *session) groupList() []caps.GroupMembership {
	list := slices.Collect(maps.Values(s.groups))
	slices.SortFunc(list, func(x, y caps.GroupMembership) int {
		if c := strings.Compare(x.Name, y.Name); c != 0 {
			return c
		}
		return slices.Compare(x.GroupID[:], y.GroupID[:])
	})
	return list
}

// memberships takes in the groups of the agent: all of them, whenever one
// changes. Called with a.mu held.
func (s *session) memberships(agent grid.UUID, groups []caps.GroupMembership) {
	if agent != s.id && agent != (grid.UUID{}) {
		return
	}
	s.groups = make(map[grid.UUID]caps.GroupMembership, len(groups))
	for _, g := range groups {
		s.groups[g.GroupID] = g
	}
	s.a.emit(GroupsChanged{s.groupList()})
}

// groupData is memberships for grids that tell them over UDP.
func (s *session) groupData(m *message.AgentGroupDataUpdate) {
	groups := make([]caps.GroupMembership, len(m.GroupData))
	for i, g := range m.GroupData {
		groups[i] = caps.GroupMembership{
			GroupID: g.GroupID, Name: message.String(g.GroupName), Powers: g.GroupPowers, Insignia: g.GroupInsigniaID,
			Contribution: g.Contribution, AcceptNotices: g.AcceptNotices, ListInProfile: true,
		}
	}
	s.memberships(m.AgentData.AgentID, groups)
}

// leftGroup takes in that the agent is no longer in a group. Called with a.mu
// held.
func (s *session) leftGroup(agent, group grid.UUID) {
	if _, member := s.groups[group]; member && agent == s.id {
		delete(s.groups, group)
		s.a.emit(GroupsChanged{s.groupList()})
	}
}
