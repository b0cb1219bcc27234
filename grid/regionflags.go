package grid

// RegionFlags is what a region allows and forbids, as its handshake says it.
type RegionFlags uint64

// The region flags.
const (
	RegionAllowDamage RegionFlags = 1 << iota
	RegionAllowLandmark
	RegionAllowSetHome
	RegionResetHomeOnTeleport
	RegionSunFixed
	RegionAllowAccessOverride
	RegionBlockTerraform
	RegionBlockLandResell
	RegionSandbox
	RegionNullLayer
	RegionSkipAgentAction
	RegionSkipUpdateInterestList
	RegionSkipCollisions
	RegionSkipScripts
	RegionSkipPhysics
	RegionExternallyVisible
	RegionMainlandVisible
	RegionPublicAllowed
	RegionBlockDwell
	RegionNoFly
	RegionAllowDirectTeleport
	RegionEstateSkipScripts
	RegionRestrictPushObject
	RegionDenyAnonymous
	RegionDenyIdentified
	RegionDenyTransacted
	RegionAllowParcelChanges
	RegionAbuseEmailToEstateOwner
	RegionAllowVoice
	RegionBlockParcelSearch
	RegionDenyAgeUnverified
	RegionDenyBots
)

var regionFlagNames = names[RegionFlags]{
	{RegionAllowDamage, "AllowDamage"},
	{RegionAllowLandmark, "AllowLandmark"},
	{RegionAllowSetHome, "AllowSetHome"},
	{RegionResetHomeOnTeleport, "ResetHomeOnTeleport"},
	{RegionSunFixed, "SunFixed"},
	{RegionAllowAccessOverride, "AllowAccessOverride"},
	{RegionBlockTerraform, "BlockTerraform"},
	{RegionBlockLandResell, "BlockLandResell"},
	{RegionSandbox, "Sandbox"},
	{RegionNullLayer, "NullLayer"},
	{RegionSkipAgentAction, "SkipAgentAction"},
	{RegionSkipUpdateInterestList, "SkipUpdateInterestList"},
	{RegionSkipCollisions, "SkipCollisions"},
	{RegionSkipScripts, "SkipScripts"},
	{RegionSkipPhysics, "SkipPhysics"},
	{RegionExternallyVisible, "ExternallyVisible"},
	{RegionMainlandVisible, "MainlandVisible"},
	{RegionPublicAllowed, "PublicAllowed"},
	{RegionBlockDwell, "BlockDwell"},
	{RegionNoFly, "NoFly"},
	{RegionAllowDirectTeleport, "AllowDirectTeleport"},
	{RegionEstateSkipScripts, "EstateSkipScripts"},
	{RegionRestrictPushObject, "RestrictPushObject"},
	{RegionDenyAnonymous, "DenyAnonymous"},
	{RegionDenyIdentified, "DenyIdentified"},
	{RegionDenyTransacted, "DenyTransacted"},
	{RegionAllowParcelChanges, "AllowParcelChanges"},
	{RegionAbuseEmailToEstateOwner, "AbuseEmailToEstateOwner"},
	{RegionAllowVoice, "AllowVoice"},
	{RegionBlockParcelSearch, "BlockParcelSearch"},
	{RegionDenyAgeUnverified, "DenyAgeUnverified"},
	{RegionDenyBots, "DenyBots"},
}

// Names returns the names of the flags set, lowest bit first.
func (f RegionFlags) Names() []string { return regionFlagNames.flags(f) }

// Access is the maturity rating of a region, or why it cannot be entered.
type Access uint8

// The ratings.
const (
	AccessUnknown     Access = 0
	AccessTrial       Access = 7
	AccessPG          Access = 13 // named PG; general
	AccessMature      Access = 21 // named Mature; moderate
	AccessAdult       Access = 42
	AccessDown        Access = 254
	AccessNonExistent Access = 255
)

var accessNames = names[Access]{
	{AccessUnknown, "Unknown"},
	{AccessTrial, "Trial"},
	{AccessPG, "PG"},
	{AccessMature, "Mature"},
	{AccessAdult, "Adult"},
	{AccessDown, "Down"},
	{AccessNonExistent, "NonExistent"},
}

// String returns the name, or the number of an unknown rating.
func (a Access) String() string { return accessNames.text(a) }
