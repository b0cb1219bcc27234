package simgrid

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rookery/grid"
	"rookery/grid/caps"
)

// GroupConfig describes a group of avatars.
type GroupConfig struct {
	// Name is 1 to 35 bytes, unique in the grid without regard to case.
	Name string
	// ID is the group's id; one is made from the name when null.
	ID grid.UUID
	// Members are accounts or inhabitants. An agent that is in the grid is told
	// at once.
	Members []grid.UUID
	// Powers are what members may do, as the protocol has them.
	Powers uint64
}

// Group is a group of avatars. Its methods may be called from any goroutine.
type Group struct {
	g   *Grid
	cfg GroupConfig

	session *imSession // its chat

	members []grid.UUID // guarded by Grid.mu
}

// AddGroup makes a group.
func (g *Grid) AddGroup(c GroupConfig) (*Group, error) {
	if c.Name == "" || len(c.Name) > 35 || strings.ContainsRune(c.Name, 0) {
		return nil, fmt.Errorf("group name %q: want 1 to 35 bytes", c.Name)
	}
	if c.ID == (grid.UUID{}) {
		c.ID = nameID("group", c.Name)
	}
	for _, id := range c.Members {
		if g.AccountByID(id) == nil {
			return nil, fmt.Errorf("group %s: there is no avatar %s", c.Name, id)
		}
	}
	gr := &Group{g: g, cfg: c, members: slices.Clone(c.Members)}
	gr.session = &imSession{g: g, id: c.ID, name: c.Name, group: true, participants: gr.Members}
	g.mu.Lock()
	for _, o := range g.groups {
		if o.cfg.ID == c.ID || strings.EqualFold(o.cfg.Name, c.Name) {
			g.mu.Unlock()
			return nil, fmt.Errorf("group %s: %w", c.Name, ErrNameTaken)
		}
	}
	g.groups = append(g.groups, gr)
	g.mu.Unlock()
	g.openSession(gr.session)
	for _, id := range c.Members {
		g.tellGroups(id)
	}
	return gr, nil
}

// ID is the group's id.
func (gr *Group) ID() grid.UUID { return gr.cfg.ID }

// Name is the group's name.
func (gr *Group) Name() string { return gr.cfg.Name }

// Members lists who is in the group.
func (gr *Group) Members() []grid.UUID {
	gr.g.mu.Lock()
	defer gr.g.mu.Unlock()
	return slices.Clone(gr.members)
}

// Remove takes an avatar out of the group.
func (gr *Group) Remove(member grid.UUID) error {
	gr.g.mu.Lock()
	i := slices.Index(gr.members, member)
	if i < 0 {
		gr.g.mu.Unlock()
		return errors.New("it is no member of " + gr.cfg.Name)
	}
	gr.members = slices.Delete(slices.Clone(gr.members), i, i+1)
	gr.g.mu.Unlock()
	if s := gr.g.session(member); s != nil {
		if p := s.rootPresence(); p != nil {
			p.seed.push(&caps.AgentDropGroup{AgentID: member, GroupID: gr.cfg.ID})
		}
	}
	gr.g.tellGroups(member)
	return nil
}

// Say says something in the group's chat, on behalf of a member.
func (gr *Group) Say(member grid.UUID, text string) error { return gr.session.say(member, text) }

// tellGroups tells an agent that is in the grid which groups it is in.
func (g *Grid) tellGroups(agent grid.UUID) {
	if s := g.session(agent); s != nil {
		if p := s.rootPresence(); p != nil {
			p.seed.push(g.memberships(agent))
		}
	}
}

func (g *Grid) memberships(agent grid.UUID) *caps.AgentGroupDataUpdate {
	g.mu.Lock()
	defer g.mu.Unlock()
	e := &caps.AgentGroupDataUpdate{AgentID: agent}
	for _, gr := range g.groups {
		if slices.Contains(gr.members, agent) {
			e.Groups = append(e.Groups, caps.GroupMembership{
				GroupID: gr.cfg.ID, Name: gr.cfg.Name, Powers: gr.cfg.Powers, AcceptNotices: true, ListInProfile: true,
			})
		}
	}
	return e
}
