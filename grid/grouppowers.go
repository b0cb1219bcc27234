package grid

// GroupPowers is what a role lets a member of a group do.
type GroupPowers uint64

// The group powers.
const (
	PowerInvite              GroupPowers = 1 << 1
	PowerEject               GroupPowers = 1 << 2
	PowerChangeOptions       GroupPowers = 1 << 3
	PowerCreateRole          GroupPowers = 1 << 4
	PowerDeleteRole          GroupPowers = 1 << 5
	PowerRoleProperties      GroupPowers = 1 << 6
	PowerAssignMemberLimited GroupPowers = 1 << 7
	PowerAssignMember        GroupPowers = 1 << 8
	PowerRemoveMember        GroupPowers = 1 << 9
	PowerChangeActions       GroupPowers = 1 << 10
	PowerChangeIdentity      GroupPowers = 1 << 11
	PowerLandDeed            GroupPowers = 1 << 12
	PowerLandRelease         GroupPowers = 1 << 13
	PowerLandSetSale         GroupPowers = 1 << 14
	PowerLandDivideJoin      GroupPowers = 1 << 15
	PowerJoinChat            GroupPowers = 1 << 16
	PowerFindPlaces          GroupPowers = 1 << 17
	PowerLandChangeIdentity  GroupPowers = 1 << 18
	PowerSetLandingPoint     GroupPowers = 1 << 19
	PowerChangeMedia         GroupPowers = 1 << 20
	PowerLandEdit            GroupPowers = 1 << 21
	PowerLandOptions         GroupPowers = 1 << 22
	PowerAllowEditLand       GroupPowers = 1 << 23
	PowerAllowFly            GroupPowers = 1 << 24
	PowerAllowRez            GroupPowers = 1 << 25
	PowerAllowLandmark       GroupPowers = 1 << 26
	PowerAllowVoiceChat      GroupPowers = 1 << 27
	PowerAllowSetHome        GroupPowers = 1 << 28
	PowerLandManageAllowed   GroupPowers = 1 << 29
	PowerLandManageBanned    GroupPowers = 1 << 30
	PowerLandManagePasses    GroupPowers = 1 << 31
	PowerLandEjectAndFreeze  GroupPowers = 1 << 32
	PowerReturnGroupSet      GroupPowers = 1 << 33
	PowerReturnNonGroup      GroupPowers = 1 << 34
	PowerLandGardening       GroupPowers = 1 << 35
	PowerDeedObject          GroupPowers = 1 << 36
	PowerModerateChat        GroupPowers = 1 << 37
	PowerObjectManipulate    GroupPowers = 1 << 38
	PowerObjectSetForSale    GroupPowers = 1 << 39
	PowerAccountable         GroupPowers = 1 << 40
	PowerHostEvent           GroupPowers = 1 << 41
	PowerSendNotices         GroupPowers = 1 << 42
	PowerReceiveNotices      GroupPowers = 1 << 43
	PowerStartProposal       GroupPowers = 1 << 44
	PowerVoteOnProposal      GroupPowers = 1 << 45
	PowerMemberVisible       GroupPowers = 1 << 47
	PowerReturnGroupOwned    GroupPowers = 1 << 48
	PowerExperienceAdmin     GroupPowers = 1 << 49
	PowerExperienceCreator   GroupPowers = 1 << 50
	PowerGroupBanAccess      GroupPowers = 1 << 51
)

var groupPowerNames = names[GroupPowers]{
	{PowerInvite, "Invite"},
	{PowerEject, "Eject"},
	{PowerChangeOptions, "ChangeOptions"},
	{PowerCreateRole, "CreateRole"},
	{PowerDeleteRole, "DeleteRole"},
	{PowerRoleProperties, "RoleProperties"},
	{PowerAssignMemberLimited, "AssignMemberLimited"},
	{PowerAssignMember, "AssignMember"},
	{PowerRemoveMember, "RemoveMember"},
	{PowerChangeActions, "ChangeActions"},
	{PowerChangeIdentity, "ChangeIdentity"},
	{PowerLandDeed, "LandDeed"},
	{PowerLandRelease, "LandRelease"},
	{PowerLandSetSale, "LandSetSale"},
	{PowerLandDivideJoin, "LandDivideJoin"},
	{PowerJoinChat, "JoinChat"},
	{PowerFindPlaces, "FindPlaces"},
	{PowerLandChangeIdentity, "LandChangeIdentity"},
	{PowerSetLandingPoint, "SetLandingPoint"},
	{PowerChangeMedia, "ChangeMedia"},
	{PowerLandEdit, "LandEdit"},
	{PowerLandOptions, "LandOptions"},
	{PowerAllowEditLand, "AllowEditLand"},
	{PowerAllowFly, "AllowFly"},
	{PowerAllowRez, "AllowRez"},
	{PowerAllowLandmark, "AllowLandmark"},
	{PowerAllowVoiceChat, "AllowVoiceChat"},
	{PowerAllowSetHome, "AllowSetHome"},
	{PowerLandManageAllowed, "LandManageAllowed"},
	{PowerLandManageBanned, "LandManageBanned"},
	{PowerLandManagePasses, "LandManagePasses"},
	{PowerLandEjectAndFreeze, "LandEjectAndFreeze"},
	{PowerReturnGroupSet, "ReturnGroupSet"},
	{PowerReturnNonGroup, "ReturnNonGroup"},
	{PowerLandGardening, "LandGardening"},
	{PowerDeedObject, "DeedObject"},
	{PowerModerateChat, "ModerateChat"},
	{PowerObjectManipulate, "ObjectManipulate"},
	{PowerObjectSetForSale, "ObjectSetForSale"},
	{PowerAccountable, "Accountable"},
	{PowerHostEvent, "HostEvent"},
	{PowerSendNotices, "SendNotices"},
	{PowerReceiveNotices, "ReceiveNotices"},
	{PowerStartProposal, "StartProposal"},
	{PowerVoteOnProposal, "VoteOnProposal"},
	{PowerMemberVisible, "MemberVisible"},
	{PowerReturnGroupOwned, "ReturnGroupOwned"},
	{PowerExperienceAdmin, "ExperienceAdmin"},
	{PowerExperienceCreator, "ExperienceCreator"},
	{PowerGroupBanAccess, "GroupBanAccess"},
}

// Names returns the names of the powers in the set, lowest bit first.
func (p GroupPowers) Names() []string { return groupPowerNames.flags(p) }

// ParseGroupPower finds one power by name.
func ParseGroupPower(s string) (GroupPowers, bool) { return groupPowerNames.parse(s) }
