package simgrid

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
	"rookery/grid/message"
)

var groupRoutes = []route{
	onAny(handleUUIDGroupNameRequest),
	onRoot(handleInviteGroupRequest),
	onRoot(handleLeaveGroupRequest),
}

// GroupConfig describes a group.
type GroupConfig struct {
	Name string    // 4 to 35 bytes, unique in any case
	ID   grid.UUID // one is made from the name when null
	// Fee is what joining costs, L$. The grid has no money, so nobody can join a
	// group with a fee.
	Fee int32
	// Members are in the group from the start; they may invite others.
	Members []grid.UUID
}

// Group is a group of avatars. Its methods may be called from any goroutine.
type Group struct {
	g   *Grid
	cfg GroupConfig

	// guarded by Grid.mu
	members     []grid.UUID
	invitations []invitation
}

// invitation is one into a group that waits for its answer.
type invitation struct{ id, to grid.UUID }

// memberPowers is what every member may do.
const memberPowers = grid.PowerInvite | grid.PowerJoinChat | grid.PowerReceiveNotices

// AddGroup makes a group.
func (g *Grid) AddGroup(c GroupConfig) (*Group, error) {
	if len(c.Name) < 4 || len(c.Name) > 35 || strings.ContainsRune(c.Name, 0) {
		return nil, fmt.Errorf("group name %q: want 4 to 35 bytes", c.Name)
	}
	if c.Fee < 0 {
		return nil, fmt.Errorf("group %q: fee %d: want 0 or more", c.Name, c.Fee)
	}
	if c.ID == (grid.UUID{}) {
		c.ID = nameID("group", c.Name)
	}
	group := &Group{g: g, cfg: c, members: slices.Clone(c.Members)}
	g.mu.Lock()
	for _, o := range g.groups {
		if o.cfg.ID == c.ID || strings.EqualFold(o.cfg.Name, c.Name) {
			g.mu.Unlock()
			return nil, fmt.Errorf("group %q: %w", c.Name, ErrNameTaken)
		}
	}
	g.groups = append(g.groups, group)
	g.mu.Unlock()
	for _, m := range c.Members {
		g.tellGroups(m)
	}
	return group, nil
}

// ID is the group's id.
func (gr *Group) ID() grid.UUID { return gr.cfg.ID }

// Name is the group's name.
func (gr *Group) Name() string { return gr.cfg.Name }

// Members returns the members, in the order in which they joined.
func (gr *Group) Members() []grid.UUID {
	gr.g.mu.Lock()
	defer gr.g.mu.Unlock()
	return slices.Clone(gr.members)
}

// Has tells whether an avatar is a member.
func (gr *Group) Has(avatar grid.UUID) bool { return slices.Contains(gr.Members(), avatar) }

// InviteToGroup invites an avatar to a group. Its answer shows as GroupJoined
// or GroupDeclined.
func (in *Inhabitant) InviteToGroup(to grid.UUID, group *Group) {
	group.invite(in.account, to)
}

// groupByID returns the group with that id, or nil.
func (g *Grid) groupByID(id grid.UUID) *Group {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, group := range g.groups {
		if group.cfg.ID == id {
			return group
		}
	}
	return nil
}

// groupsOf returns the groups that an avatar is a member of.
func (g *Grid) groupsOf(avatar grid.UUID) []*Group {
	g.mu.Lock()
	defer g.mu.Unlock()
	var of []*Group
	for _, group := range g.groups {
		if slices.Contains(group.members, avatar) {
			of = append(of, group)
		}
	}
	return of
}

// invite sends an invitation. It comes from the group, in the inviter's name,
// as grids have it. No region's lock may be held.
func (gr *Group) invite(by *Account, to grid.UUID) {
	g := gr.g
	id := uuid.New()
	g.mu.Lock()
	if slices.Contains(gr.members, to) {
		g.mu.Unlock()
		return
	}
	if len(gr.invitations) >= offerLimit {
		gr.invitations = gr.invitations[1:]
	}
	gr.invitations = append(gr.invitations, invitation{id, to})
	g.mu.Unlock()
	cost := "There is no cost to join this group."
	if gr.cfg.Fee > 0 {
		cost = fmt.Sprintf("To join, you must pay L$%d.", gr.cfg.Fee)
	}
	g.deliver(message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: gr.cfg.ID},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			FromGroup: true, ToAgentID: to, Dialog: uint8(grid.IMGroupInvitation), ID: id,
			FromAgentName: message.Bytes(by.Name()),
			Message:       message.Bytes(fmt.Sprintf("%s has invited you to join %s. %s", by.Name(), gr.cfg.Name, cost)),
			BinaryBucket:  grid.AppendInvitationBucket(nil, grid.InvitationBucket{Fee: gr.cfg.Fee}),
		},
	})
}

func handleInviteGroupRequest(r *Region, p *presence, m *message.InviteGroupRequest) {
	r.later(func() {
		group := r.g.groupByID(m.GroupData.GroupID)
		if group == nil || !group.Has(p.session.account.id) {
			return
		}
		for _, i := range m.InviteData {
			group.invite(p.session.account, i.InviteeID)
		}
	})
}

// noFunds is what an agent is told who cannot pay for joining.
const noFunds = "Unable to join group: insufficient funds."

// answerInvitation takes the answer to an invitation, which is sent to the
// group. No region's lock may be held.
func (g *Grid) answerInvitation(from *Account, im message.ImprovedInstantMessage) {
	b := &im.MessageBlock
	group := g.groupByID(b.ToAgentID)
	if group == nil {
		return
	}
	accept := grid.IMDialog(b.Dialog) == grid.IMGroupInvitationAccept
	group.answer(from, func(i invitation) bool { return i.id == b.ID }, accept)
}

// serveGroupInvite answers invitations that waited for the agent to log in.
func serveGroupInvite(accept bool) capability {
	return func(p *presence, w http.ResponseWriter, r *http.Request) {
		v, ok := caps.ReadLLSD(w, r, 1<<12)
		if !ok {
			return
		}
		group := p.region.g.groupByID(llsd.UUID(llsd.Get(v, "group")))
		done := group != nil && group.answer(p.session.account, func(invitation) bool { return true }, accept)
		caps.WriteLLSD(w, http.StatusOK, map[string]any{"success": done})
	}
}

// answer takes an avatar into the group when it was invited and accepts.
func (gr *Group) answer(avatar *Account, which func(invitation) bool, accept bool) bool {
	g := gr.g
	g.mu.Lock()
	i := slices.IndexFunc(gr.invitations, func(i invitation) bool { return i.to == avatar.id && which(i) })
	if i < 0 {
		g.mu.Unlock()
		return false
	}
	gr.invitations = slices.Delete(gr.invitations, i, i+1)
	joins := accept && gr.cfg.Fee == 0
	if joins {
		gr.members = append(gr.members, avatar.id)
	}
	g.mu.Unlock()
	switch {
	case joins:
		g.tellGroups(avatar.id)
		g.hub.emit(GroupJoined{Group: gr.cfg.ID, Agent: avatar.id})
	case accept:
		_ = g.Alert(avatar.id, noFunds) // who is away does not hear it
		return false
	default:
		g.hub.emit(GroupDeclined{Group: gr.cfg.ID, Agent: avatar.id})
	}
	return true
}

func handleLeaveGroupRequest(r *Region, p *presence, m *message.LeaveGroupRequest) {
	r.later(func() {
		g, me := r.g, p.session.account.id
		group := g.groupByID(m.GroupData.GroupID)
		left := false
		if group != nil {
			g.mu.Lock()
			if i := slices.Index(group.members, me); i >= 0 {
				group.members = slices.Delete(group.members, i, i+1)
				left = true
			}
			g.mu.Unlock()
		}
		_ = g.withRoot(me, "answer", func(_ *Region, p *presence) {
			p.sendReliable(&message.LeaveGroupReply{
				AgentData: message.LeaveGroupReplyAgentData{AgentID: me},
				GroupData: message.LeaveGroupReplyGroupData{GroupID: m.GroupData.GroupID, Success: left},
			})
		})
		if left {
			g.tellGroups(me)
			g.hub.emit(GroupLeft{Group: group.cfg.ID, Agent: me})
		}
	})
}

// tellGroups tells an agent that is in the grid which groups it is in. No
// region's lock may be held.
func (g *Grid) tellGroups(agent grid.UUID) {
	groups := g.groupsOf(agent)
	_ = g.withRoot(agent, "groups", func(_ *Region, p *presence) { p.sendGroups(groups) })
}

// sendGroups tells an agent its groups: by the event queue, or over UDP as
// older simulators do.
func (p *presence) sendGroups(groups []*Group) {
	me := p.session.account.id
	if p.region.g.cfg.OpenSim {
		m := &message.AgentGroupDataUpdate{AgentData: message.AgentGroupDataUpdateAgentData{AgentID: me}}
		for _, group := range groups {
			m.GroupData = append(m.GroupData, message.AgentGroupDataUpdateGroupData{
				GroupID: group.cfg.ID, GroupPowers: uint64(memberPowers), AcceptNotices: true, GroupName: message.Bytes(group.cfg.Name),
			})
		}
		p.sendReliable(m)
		return
	}
	e := &caps.AgentGroupDataUpdate{AgentID: me}
	for _, group := range groups {
		e.Groups = append(e.Groups, caps.GroupMembership{
			GroupID: group.cfg.ID, Name: group.cfg.Name, Title: "Member", Powers: uint64(memberPowers), AcceptNotices: true, ListInProfile: true,
		})
	}
	p.seed.push(e)
}

func handleUUIDGroupNameRequest(r *Region, p *presence, m *message.UUIDGroupNameRequest) {
	reply := &message.UUIDGroupNameReply{}
	for _, b := range m.UUIDNameBlock {
		if group := r.g.groupByID(b.ID); group != nil {
			reply.UUIDNameBlock = append(reply.UUIDNameBlock, message.UUIDGroupNameReplyUUIDNameBlock{
				ID: b.ID, GroupName: message.Bytes(group.cfg.Name),
			})
		}
	}
	if len(reply.UUIDNameBlock) > 0 {
		p.sendReliable(reply)
	}
}
