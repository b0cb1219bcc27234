package agent

import (
	"time"

	"rookery/grid"
)

// Event is something that happened, one of the types of this package that say
// so. Events are values; nobody changes one after it was told.
type Event interface{ event() }

// LoginStatus is a step of a login. The names are those that scripts use.
type LoginStatus string

// The steps of a login.
const (
	LoginConnecting    LoginStatus = "ConnectingToLogin" // asking the login server
	LoginReading       LoginStatus = "ReadingResponse"
	LoginRedirecting   LoginStatus = "Redirecting"     // told to ask another server
	LoginConnectingSim LoginStatus = "ConnectingToSim" // let in, opening the circuit
	LoginSuccess       LoginStatus = "Success"         // in a region
	LoginFailed        LoginStatus = "Failed"
)

// LoginProgress tells each step of a login.
type LoginProgress struct {
	Status  LoginStatus
	Message string // of the login server: message of the day, or why not
	Reason  string // the key of the failure, "key" for a wrong password; Failed only
	Err     error  // Failed only
}

// LoggedOut tells that the agent left the grid of its own will.
type LoggedOut struct {
	Items []grid.UUID // inventory that the grid did not keep, as LogoutReply lists it
}

// Disconnected tells that the agent lost the grid against its will.
type Disconnected struct {
	Err    error  // a *KickedError, a circuit error, …
	Reason string // for people
}

// Reconnecting tells that Run will log in again.
type Reconnecting struct {
	Attempt int           // 1 for the first
	Delay   time.Duration // until then
}

// RegionChanged tells that the agent stands in another region than before:
// after login, teleport and crossing.
type RegionChanged struct {
	Old, New             string // names; Old is empty after a login
	OldHandle, NewHandle grid.RegionHandle
}

// RegionCrossed tells that the agent walked or flew over a border. RegionChanged
// follows it, or comes before it when the neighbour was not known yet.
type RegionCrossed struct {
	Old, New             string // names
	OldHandle, NewHandle grid.RegionHandle
}

// RegionConnected tells that a circuit to a region was opened and its
// handshake done: the own one or a neighbour's.
type RegionConnected struct{ Region Region }

// RegionDisconnected tells that the circuit to a region was closed. What was
// there is forgotten; AvatarGone and ObjectGone do not tell of each.
type RegionDisconnected struct{ Region Region }

// ChatHeard is a line of local chat, of any type but typing (see
// [TypingChanged]). The agent hears itself too.
type ChatHeard struct {
	Region   grid.RegionHandle
	FromName string // of the avatar or object
	Source   grid.UUID
	Owner    grid.UUID // the avatar itself, or the owner of the object
	Kind     grid.ChatSource
	Type     grid.ChatType
	Audible  grid.ChatAudible
	Position grid.Vector3 // of the source
	Message  string
}

// InstantMessage is what MessageReceived and its likes carry.
type InstantMessage struct {
	From         grid.UUID // the avatar; for objects see [ObjectMessage]
	FromName     string
	To           grid.UUID
	Dialog       grid.IMDialog
	Group        bool // sent on behalf of a group
	Session      grid.UUID
	ParentEstate uint32
	Region       grid.UUID
	Position     grid.Vector3
	Offline      bool      // was stored while the agent was away
	Time         time.Time // when it was sent if the grid says, else when it came
	Message      string
	Bucket       []byte
}

// MessageReceived is an instant message from an avatar to this agent: dialog
// MessageFromAgent, outside groups and conferences.
type MessageReceived struct{ InstantMessage }

// ObjectMessage is an instant message from an object (llInstantMessage).
type ObjectMessage struct {
	InstantMessage
	Object grid.UUID // the object: IM session on Second Life, sender on OpenSimulator
	Owner  grid.UUID // its owner where the grid says so (Second Life), else null
}

// GroupMessage is a line of the chat of a group that the agent is in; its
// Session is the group's id. Grids tell the agent its own lines too.
type GroupMessage struct {
	InstantMessage
	GroupName string // empty when the grid has not told it
}

// ConferenceMessage is a line of a conference, which several avatars hold.
// Grids tell the agent its own lines too.
type ConferenceMessage struct {
	InstantMessage
	Name string // of the conference; empty when the grid tells none
}

// RegionMessage is what a manager of the estate says to everybody in the
// region or the estate.
type RegionMessage struct{ InstantMessage }

// MessageSent is an instant message that the agent sent.
type MessageSent struct{ InstantMessage }

// DialogReceived is every other instant message: notices, automatic answers.
type DialogReceived struct{ InstantMessage }

// FriendshipOffered tells that an avatar offers friendship. The offer waits for
// [Agent.AcceptFriendship] or [Agent.DeclineFriendship].
type FriendshipOffered struct{ InstantMessage }

// LureReceived tells that an avatar offers a teleport to where it is. The offer
// waits for [Agent.AcceptLure] or [Agent.DeclineLure].
type LureReceived struct{ InstantMessage }

// GroupInvited tells that somebody invites the agent into a group. The sender
// is the group or, on some grids, whoever invites; the sender's name is that of
// who invites. The invitation waits for [Agent.AcceptGroupInvitation] or
// [Agent.DeclineGroupInvitation].
type GroupInvited struct {
	InstantMessage
	Group grid.UUID
	Role  grid.UUID // null: everyone's
	Fee   int32     // what joining costs, L$
}

// InventoryOffered tells that an avatar offers an item or a folder, or an object
// an item. The offer waits for [Agent.AcceptInventory] or
// [Agent.DeclineInventory].
type InventoryOffered struct {
	InstantMessage                // from an object: its name, and its owner's id
	Type           grid.AssetType // AssetFolder: a folder
	Item           grid.UUID      // in the agent's inventory; null from an object
	Object         bool           // offered by an object
}

// FriendshipAnswered tells that an avatar answered an offer of friendship.
type FriendshipAnswered struct {
	InstantMessage
	Accepted bool
}

// InventoryAnswered tells that somebody answered an offer of inventory.
type InventoryAnswered struct {
	InstantMessage
	Accepted bool
}

// GroupsChanged tells which groups the agent is a member of: after a login, and
// when it joined or left one.
type GroupsChanged struct{ Groups []Group }

// MuteListChanged tells the mute list: after a login, and when it was changed.
type MuteListChanged struct{ Mutes []grid.Mute }

// TypingChanged tells that somebody began or stopped typing.
type TypingChanged struct {
	Agent    grid.UUID
	FromName string
	Start    bool
	IM       bool // in an instant message session; else in local chat
}

// Alert is a message of the simulator to its agents.
type Alert struct {
	Message string
	Modal   bool // AgentAlertMessage with the wish to be confirmed
	Agent   bool // came as AgentAlertMessage
	Info    []AlertInfo
}

// AlertInfo is the key of an alert that grids with translations send beside
// its text.
type AlertInfo struct{ Key, Params string }

// AvatarAppeared tells that an avatar came into view; AvatarUpdated that what
// is known of it changed (position changes come as TerseUpdate too);
// AvatarGone that it left.
type (
	AvatarAppeared struct{ Avatar Avatar }
	AvatarUpdated  struct{ Avatar Avatar }
	AvatarGone     struct{ Avatar Avatar }
)

// ObjectAppeared tells that an object came into view, attachments included;
// ObjectUpdated that what is known of it changed; ObjectGone that it left.
type (
	ObjectAppeared struct{ Object Object }
	ObjectUpdated  struct{ Object Object }
	ObjectGone     struct{ Object Object }
)

// TerseUpdate is a change of place of an object or avatar that is known, as
// the simulator sends many times a second.
type TerseUpdate struct {
	Region   grid.RegionHandle
	ID       grid.UUID
	LocalID  uint32
	PCode    grid.PCode
	State    uint8
	Motion   grid.Motion  // relative to the parent when there is one
	Position grid.Vector3 // in region space
	Rotation grid.Quaternion
}

// SitChanged tells that an avatar in view sat down on an object, changed its
// seat, or stood up.
type SitChanged struct {
	Region   grid.RegionHandle
	Avatar   Avatar
	Old, New grid.UUID // the seats; null when there is none or it is not known
	Seated   bool      // now
}

// CoarseLocations tells that avatars came to a region or left it, as its map
// shows. A move within the region is no such event.
type CoarseLocations struct {
	Region   grid.RegionHandle
	Old, New []CoarseLocation // avatars that left, avatars that came
	All      []CoarseLocation
}

// TeleportStatus is a step of a teleport.
type TeleportStatus string

// The steps of a teleport.
const (
	TeleportStarted    TeleportStatus = "Start"
	TeleportProgressed TeleportStatus = "Progress"
	TeleportFailed     TeleportStatus = "Failed"
	TeleportFinished   TeleportStatus = "Finished"
	TeleportCancelled  TeleportStatus = "Cancelled"
)

// TeleportProgress tells each step of a teleport, whoever caused it.
type TeleportProgress struct {
	Status  TeleportStatus
	Flags   grid.TeleportFlags
	Message string
}

// AnimationsChanged tells which animations play on an avatar.
type AnimationsChanged struct {
	Agent      grid.UUID
	Animations []Animation
}

// BalanceChanged tells the money of the agent.
type BalanceChanged struct{ Balance int32 }

// Moved tells that the own avatar is somewhere else or moves differently. It
// comes as often as the simulator says so.
type Moved struct {
	Region   grid.RegionHandle
	Position grid.Vector3 // in region space
	Velocity grid.Vector3
	Rotation grid.Quaternion
}

// Lagged tells a subscriber that it was too slow, and lost events.
type Lagged struct{ Lost int }

func (LoginProgress) event()      {}
func (LoggedOut) event()          {}
func (Disconnected) event()       {}
func (Reconnecting) event()       {}
func (RegionChanged) event()      {}
func (RegionCrossed) event()      {}
func (RegionConnected) event()    {}
func (RegionDisconnected) event() {}
func (ChatHeard) event()          {}
func (MessageReceived) event()    {}
func (ObjectMessage) event()      {}
func (GroupMessage) event()       {}
func (ConferenceMessage) event()  {}
func (RegionMessage) event()      {}
func (MessageSent) event()        {}
func (DialogReceived) event()     {}
func (FriendshipOffered) event()  {}
func (LureReceived) event()       {}
func (GroupInvited) event()       {}
func (InventoryOffered) event()   {}
func (FriendshipAnswered) event() {}
func (InventoryAnswered) event()  {}
func (GroupsChanged) event()      {}
func (MuteListChanged) event()    {}
func (TypingChanged) event()      {}
func (Alert) event()              {}
func (AvatarAppeared) event()     {}
func (AvatarUpdated) event()      {}
func (AvatarGone) event()         {}
func (ObjectAppeared) event()     {}
func (ObjectUpdated) event()      {}
func (ObjectGone) event()         {}
func (TerseUpdate) event()        {}
func (SitChanged) event()         {}
func (CoarseLocations) event()    {}
func (TeleportProgress) event()   {}
func (AnimationsChanged) event()  {}
func (BalanceChanged) event()     {}
func (Moved) event()              {}
func (Lagged) event()             {}
