package grid

// ProfileFlags is what the grid says of an avatar in its profile.
type ProfileFlags uint32

// The profile flags.
const (
	ProfileAllowPublish ProfileFlags = 1 << iota
	ProfileMaturePublish
	ProfileIdentified
	ProfileTransacted
	ProfileOnline
	ProfileAgeVerified
)

var profileFlagNames = names[ProfileFlags]{
	{ProfileAllowPublish, "AllowPublish"},
	{ProfileMaturePublish, "MaturePublish"},
	{ProfileIdentified, "Identified"},
	{ProfileTransacted, "Transacted"},
	{ProfileOnline, "Online"},
	{ProfileAgeVerified, "AgeVerified"},
}

// Names returns the names of the flags set, lowest bit first.
func (f ProfileFlags) Names() []string { return profileFlagNames.flags(f) }
