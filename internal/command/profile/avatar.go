package profile

import (
	"rookery/agent"
	"rookery/grid"
	"rookery/internal/query"
)

// avatar is an avatar in view, with its profile if that was asked for.
type avatar struct {
	agent.Avatar
	profile *agent.Profile
}

// propertyMembers are the members of AvatarProperties.
var propertyMembers = query.NewTable(
	query.Member[agent.Profile]{Name: "AboutText", Of: func(p agent.Profile) any { return p.About }},
	query.Member[agent.Profile]{Name: "FirstLifeText", Of: func(p agent.Profile) any { return p.FirstLife }},
	query.Member[agent.Profile]{Name: "FirstLifeImage", Of: func(p agent.Profile) any { return p.FirstLifeImage }},
	query.Member[agent.Profile]{Name: "ProfileImage", Of: func(p agent.Profile) any { return p.Image }},
	query.Member[agent.Profile]{Name: "Partner", Of: func(p agent.Profile) any { return p.Partner }},
	query.Member[agent.Profile]{Name: "BornOn", Of: func(p agent.Profile) any { return p.BornOn }},
	query.Member[agent.Profile]{Name: "CharterMember", Of: func(p agent.Profile) any { return p.CharterMember }},
	query.Member[agent.Profile]{Name: "ProfileURL", Of: func(p agent.Profile) any { return p.URL }},
	query.Member[agent.Profile]{Name: "Flags", Of: func(p agent.Profile) any { return grid.ProfileFlags(p.Flags) }},
	query.Member[agent.Profile]{Name: "AllowPublish", Of: func(p agent.Profile) any { return p.Flags&uint32(grid.ProfileAllowPublish) != 0 }},
	query.Member[agent.Profile]{Name: "MaturePublish", Of: func(p agent.Profile) any { return p.Flags&uint32(grid.ProfileMaturePublish) != 0 }},
	query.Member[agent.Profile]{Name: "Online", Of: func(p agent.Profile) any { return p.Flags&uint32(grid.ProfileOnline) != 0 }},
	query.Member[agent.Profile]{Name: "Identified", Of: func(p agent.Profile) any { return p.Flags&uint32(grid.ProfileIdentified) != 0 }},
	query.Member[agent.Profile]{Name: "Transacted", Of: func(p agent.Profile) any { return p.Flags&uint32(grid.ProfileTransacted) != 0 }},
)

// interestMembers are the members of Interests.
var interestMembers = query.NewTable(
	query.Member[agent.Profile]{Name: "LanguagesText", Of: func(p agent.Profile) any { return p.Languages }},
	query.Member[agent.Profile]{Name: "SkillsMask", Of: func(p agent.Profile) any { return p.Skills }},
	query.Member[agent.Profile]{Name: "SkillsText", Of: func(p agent.Profile) any { return p.SkillsText }},
	query.Member[agent.Profile]{Name: "WantToMask", Of: func(p agent.Profile) any { return p.WantTo }},
	query.Member[agent.Profile]{Name: "WantToText", Of: func(p agent.Profile) any { return p.WantToText }},
)

// profileMembers are the members of Avatar that come from its profile: only
// for them the grid is asked.
var profileMembers = []query.Member[avatar]{
	{Name: "Groups", Of: func(a avatar) any { return a.groups() }},
	{Name: "ProfileProperties", Of: func(a avatar) any { return a.part(propertyMembers) }},
	{Name: "ProfileInterests", Of: func(a avatar) any { return a.part(interestMembers) }},
}

// avatarMembers are the members of Avatar. Position and Rotation are relative
// to the seat of who sits, as simulators tell them; RegionPosition and
// RegionRotation never are.
var avatarMembers = query.NewTable(append([]query.Member[avatar]{
	{Name: "ID", Of: func(a avatar) any { return a.ID }},
	{Name: "LocalID", Of: func(a avatar) any { return a.LocalID }},
	{Name: "ParentID", Of: func(a avatar) any { return a.ParentID }},
	{Name: "RegionHandle", Of: func(a avatar) any { return uint64(a.Region) }},
	{Name: "FirstName", Of: func(a avatar) any { return a.Name.First }},
	{Name: "LastName", Of: func(a avatar) any { return a.Name.Last }},
	{Name: "Name", Of: func(a avatar) any { return a.Name.String() }},
	{Name: "GroupName", Of: func(a avatar) any { return a.Title }},
	{Name: "Position", Of: func(a avatar) any { return a.RelativePosition }},
	{Name: "Rotation", Of: func(a avatar) any { return a.RelativeRotation }},
	{Name: "Velocity", Of: func(a avatar) any { return a.Velocity }},
	{Name: "Acceleration", Of: func(a avatar) any { return a.Acceleration }},
	{Name: "AngularVelocity", Of: func(a avatar) any { return a.AngularVelocity }},
	{Name: "CollisionPlane", Of: func(a avatar) any { return a.CollisionPlane }},
	{Name: "Scale", Of: func(a avatar) any { return a.Scale }},
	{Name: "PCode", Of: func(avatar) any { return grid.PCodeAvatar }},
	{Name: "Flags", Of: func(a avatar) any { return uint32(a.Flags) }},
	{Name: "State", Of: func(a avatar) any { return a.State }},
	{Name: "SittingOn", Of: func(a avatar) any { return a.Seat }},
	{Name: "RegionPosition", Of: func(a avatar) any { return a.Position }},
	{Name: "RegionRotation", Of: func(a avatar) any { return a.Rotation }},
}, profileMembers...)...)

func (a avatar) groups() any {
	if a.profile == nil {
		return nil
	}
	ids := make([]grid.UUID, len(a.profile.Groups))
	for i, g := range a.profile.Groups {
		ids[i] = g.ID
	}
	return ids
}

func (a avatar) part(members *query.Table[agent.Profile]) any {
	if a.profile == nil {
		return nil
	}
	return members.Of(*a.profile)
}
