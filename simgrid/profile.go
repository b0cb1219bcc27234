package simgrid

import (
	"rookery/grid/message"
)

var profileRoutes = []route{
	onRoot(handleAvatarPropertiesRequest),
}

// Profile flags of AvatarPropertiesReply.
const (
	profileAllowPublish = 1 << 0
	profileIdentified   = 1 << 2
	profileTransacted   = 1 << 3
	profileOnline       = 1 << 4
)

func handleAvatarPropertiesRequest(r *Region, p *presence, m *message.AvatarPropertiesRequest) {
	a := r.g.AccountByID(m.AgentData.AvatarID)
	if a == nil {
		return
	}
	flags := uint32(profileAllowPublish | profileIdentified | profileTransacted)
	if a.inhabitant || r.g.session(a.id) != nil {
		flags |= profileOnline
	}
	r.g.mu.Lock()
	about := a.about
	r.g.mu.Unlock()
	p.sendReliable(&message.AvatarPropertiesReply{
		AgentData: message.AvatarPropertiesReplyAgentData{AgentID: p.avatar.id, AvatarID: a.id},
		PropertiesData: message.AvatarPropertiesReplyPropertiesData{
			AboutText: message.Bytes(about), FLAboutText: message.Bytes(""),
			BornOn: message.Bytes(a.born.Format("1/2/2006")), ProfileURL: message.Bytes(""),
			CharterMember: []byte{0}, Flags: flags,
		},
	})
	p.sendReliable(&message.AvatarInterestsReply{
		AgentData: message.AvatarInterestsReplyAgentData{AgentID: p.avatar.id, AvatarID: a.id},
		PropertiesData: message.AvatarInterestsReplyPropertiesData{
			WantToText: message.Bytes(""), SkillsText: message.Bytes(""), LanguagesText: message.Bytes(""),
		},
	})
	groups := &message.AvatarGroupsReply{
		AgentData:    message.AvatarGroupsReplyAgentData{AgentID: p.avatar.id, AvatarID: a.id},
		NewGroupData: message.AvatarGroupsReplyNewGroupData{ListInProfile: true},
	}
	for _, group := range r.g.groupsOf(a.id) {
		groups.GroupData = append(groups.GroupData, message.AvatarGroupsReplyGroupData{
			GroupID: group.cfg.ID, GroupName: message.Bytes(group.cfg.Name), GroupTitle: message.Bytes("Member"),
			GroupPowers: uint64(memberPowers), AcceptNotices: true,
		})
	}
	p.sendReliable(groups)
}
