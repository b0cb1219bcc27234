package agent

import (
	"context"
	"errors"

	"rookery/grid"
)

// Chat says message in local chat. With channel 0 everybody in range hears it
// (see grid.ChatRange); other channels are for objects only; a negative channel is reached by way of a script dialog reply, as
// grids accept no other. Type is ChatWhisper, ChatNormal or ChatShout; typing types send no text; other types are sent as they are, for the
// grid to judge. ErrTooLong when message is over grid.ChatLimit bytes.
func (a *Agent) Chat(ctx context.Context, message string, t grid.ChatType, channel int32) error {
	return errors.ErrUnsupported
}

// Say says message on channel 0 with the normal range.
func (a *Agent) Say(ctx context.Context, message string) error {
	return a.Chat(ctx, message, grid.ChatNormal, 0)
}

// ChatTyping tells those in chat range that the agent began or stopped typing, with the animation.
func (a *Agent) ChatTyping(ctx context.Context, start bool) error { return errors.ErrUnsupported }

// OutgoingMessage is an instant message to send.
type OutgoingMessage struct {
	To      grid.UUID
	Dialog  grid.IMDialog
	Session grid.UUID // null: the session of the two avatars
	Online  grid.IMOnline
	Message string
	Bucket  []byte
}

// InstantMessage sends message to an avatar; the grid keeps it when the avatar is away.
func (a *Agent) InstantMessage(ctx context.Context, to grid.UUID, message string) error {
	return errors.ErrUnsupported
}

// SendInstantMessage sends an instant message of any dialog.
func (a *Agent) SendInstantMessage(ctx context.Context, m OutgoingMessage) error {
	return errors.ErrUnsupported
}

// MessageTyping tells an avatar that the agent began or stopped typing to it.
func (a *Agent) MessageTyping(ctx context.Context, to grid.UUID, start bool) error {
	return errors.ErrUnsupported
}

// Animate starts or stops animations on the own avatar.
func (a *Agent) Animate(ctx context.Context, start bool, animations ...grid.UUID) error {
	return errors.ErrUnsupported
}

// Deanimate stops every playing animation that is not built into viewers.
func (a *Agent) Deanimate(ctx context.Context) error { return errors.ErrUnsupported }

// Animating tells whether the simulator says that an animation plays on the own avatar.
func (a *Agent) Animating(animation grid.UUID) bool { return false }

// Away sets or clears the away state, control and animation. IsAway reads the control.
func (a *Agent) Away(ctx context.Context, on bool) error { return errors.ErrUnsupported }
func (a *Agent) IsAway() bool                            { return false }

// Busy sets or clears the busy state. IsBusy tells whether it is set.
func (a *Agent) Busy(ctx context.Context, on bool) error { return errors.ErrUnsupported }
func (a *Agent) IsBusy() bool                            { return false }

// Typing starts or stops the typing animation only.
func (a *Agent) Typing(ctx context.Context, on bool) error { return errors.ErrUnsupported }
func (a *Agent) IsTyping() bool                            { return false }

// Movement returns what agent updates say now. SetMovement changes it and sends an update reliably.
func (a *Agent) Movement() Movement { return Movement{} }
func (a *Agent) SetMovement(ctx context.Context, change func(*Movement)) error {
	return errors.ErrUnsupported
}

// Camera returns the camera. SetCamera fixes it; ResetCamera puts it back onto the avatar, which it then follows.
func (a *Agent) Camera() Camera                                { return Camera{} }
func (a *Agent) SetCamera(ctx context.Context, c Camera) error { return errors.ErrUnsupported }
func (a *Agent) ResetCamera(ctx context.Context) error         { return errors.ErrUnsupported }

// Nudge gives one small push.
func (a *Agent) Nudge(ctx context.Context, d Direction) error { return errors.ErrUnsupported }

// Turn turns left by an angle in radians; right when negative.
func (a *Agent) Turn(ctx context.Context, radians float64) error { return errors.ErrUnsupported }

// TurnTo turns body, head and camera towards a position in region space.
func (a *Agent) TurnTo(ctx context.Context, position grid.Vector3) error {
	return errors.ErrUnsupported
}

// Fly, Crouch, Jump and AlwaysRun hold or release the control.
func (a *Agent) Fly(ctx context.Context, on bool) error       { return errors.ErrUnsupported }
func (a *Agent) Crouch(ctx context.Context, on bool) error    { return errors.ErrUnsupported }
func (a *Agent) Jump(ctx context.Context, on bool) error      { return errors.ErrUnsupported }
func (a *Agent) AlwaysRun(ctx context.Context, on bool) error { return errors.ErrUnsupported }

// WalkTo walks to a position in region space (it may lie in a neighbour) and returns when the agent is within
// vicinity metres on the ground; 2 when vicinity is 0. ErrNotReached when ctx ends first.
func (a *Agent) WalkTo(ctx context.Context, position grid.Vector3, vicinity float32) error {
	return errors.ErrUnsupported
}

// FlyTo flies to a position in region space; ErrNotReached when ctx ends first. The agent still flies afterwards.
func (a *Agent) FlyTo(ctx context.Context, position grid.Vector3, o FlyOptions) error {
	return errors.ErrUnsupported
}

// Autopilot starts to walk to a position in region space and returns at once.
func (a *Agent) Autopilot(ctx context.Context, position grid.Vector3) error {
	return errors.ErrUnsupported
}

// StopMoving cancels a walk, flight or autopilot and releases all movement controls.
func (a *Agent) StopMoving(ctx context.Context) error { return errors.ErrUnsupported }

// Sit sits down on an object of the current region; offset is where on it. ErrCannotSit, ErrTimeout.
func (a *Agent) Sit(ctx context.Context, object grid.UUID, offset grid.Vector3) error {
	return errors.ErrUnsupported
}

// SitOnGround sits down where the agent stands.
func (a *Agent) SitOnGround(ctx context.Context) error { return errors.ErrUnsupported }

// Stand stands up; nothing happens when the agent does not sit.
func (a *Agent) Stand(ctx context.Context) error { return errors.ErrUnsupported }

// Teleport goes to a position in a region. *TeleportError when the grid refuses, ErrThrottled, ErrTimeout.
func (a *Agent) Teleport(ctx context.Context, region grid.RegionHandle, position, lookAt grid.Vector3) error {
	return errors.ErrUnsupported
}

// TeleportRegion is Teleport to a region by name in any case; ErrRegionNotFound.
func (a *Agent) TeleportRegion(ctx context.Context, name string, position, lookAt grid.Vector3) error {
	return errors.ErrUnsupported
}

// TeleportGlobal is Teleport to a position in metres from the grid's south-west corner.
func (a *Agent) TeleportGlobal(ctx context.Context, position grid.Vector3d, lookAt grid.Vector3) error {
	return errors.ErrUnsupported
}

// TeleportLandmark goes where a landmark asset points; the null UUID means home.
func (a *Agent) TeleportLandmark(ctx context.Context, asset grid.UUID) error {
	return errors.ErrUnsupported
}

// Self returns what is known of the own avatar.
func (a *Agent) Self() Self { return Self{} }

// Region returns the region that the agent stands in; false while offline.
func (a *Agent) Region() (Region, bool) { return Region{}, false }

// Regions returns every region that the agent has a circuit to, the current first.
func (a *Agent) Regions() []Region { return nil }

// RegionNamed returns the connected region of a name, in any case.
func (a *Agent) RegionNamed(name string) (Region, bool) { return Region{}, false }

// Avatars returns the avatars in view, of every connected region, the own included. Avatar returns one.
func (a *Agent) Avatars() []Avatar                  { return nil }
func (a *Agent) Avatar(id grid.UUID) (Avatar, bool) { return Avatar{}, false }

// Objects returns the objects in view, of every connected region, attachments included. Object returns one.
func (a *Agent) Objects() []Object                  { return nil }
func (a *Agent) Object(id grid.UUID) (Object, bool) { return Object{}, false }

// CoarseLocations returns the avatars that the map of a connected region shows, the own included.
func (a *Agent) CoarseLocations(region grid.RegionHandle) []CoarseLocation { return nil }

// Distance returns how far a position in a region is from the agent, in metres.
func (a *Agent) Distance(region grid.RegionHandle, position grid.Vector3) float32 { return 0 }

// ObjectProperties asks for the names and such of objects by id, and returns those that were told; the rest is
// missing, without an error, when the grid went quiet for DataTimeout. Known properties are asked for again.
func (a *Agent) ObjectProperties(ctx context.Context, objects ...grid.UUID) (map[grid.UUID]ObjectProperties, error) {
	return nil, errors.ErrUnsupported
}

// FindObject finds the nearest object within range metres by id or by exact name. ErrObjectNotFound.
func (a *Agent) FindObject(ctx context.Context, item string, within float32) (Object, error) {
	return Object{}, errors.ErrUnsupported
}

// MapRegion is a region as the world map knows it.
type MapRegion struct {
	Handle       grid.RegionHandle
	Name         string
	SizeX, SizeY uint32
	Access       uint8
	Flags        uint32
	WaterHeight  uint8
	Agents       uint8
	MapImage     grid.UUID
}

// FindRegion asks the map for a region by name, in any case. ErrRegionNotFound.
func (a *Agent) FindRegion(ctx context.Context, name string) (MapRegion, error) {
	return MapRegion{}, errors.ErrUnsupported
}

// RegionByID asks for the handle of a region by its id. ErrRegionNotFound.
func (a *Agent) RegionByID(ctx context.Context, id grid.UUID) (grid.RegionHandle, error) {
	return 0, errors.ErrUnsupported
}

// MapRegions asks the map for the regions between two corners, both included, in units of 256 m.
func (a *Agent) MapRegions(ctx context.Context, minX, minY, maxX, maxY uint16) ([]MapRegion, error) {
	return nil, errors.ErrUnsupported
}

// MapAvatar is a dot (or a heap of dots) of avatars on the world map.
type MapAvatar struct {
	Global grid.Vector3d
	Count  int
}

// AvatarPositions asks the map where avatars are in any region of the grid.
func (a *Agent) AvatarPositions(ctx context.Context, region grid.RegionHandle) ([]MapAvatar, error) {
	return nil, errors.ErrUnsupported
}

// AvatarNames finds the names of avatars, from memory and from the grid. Those not known are missing, without an error.
func (a *Agent) AvatarNames(ctx context.Context, ids ...grid.UUID) (map[grid.UUID]Name, error) {
	return nil, errors.ErrUnsupported
}

// AvatarName is AvatarNames for one; ErrNotFound.
func (a *Agent) AvatarName(ctx context.Context, id grid.UUID) (Name, error) {
	return Name{}, errors.ErrUnsupported
}

// AvatarIDs finds avatars by name, in any case, from memory and from the grid. Those not known are missing. The keys are the names as asked.
func (a *Agent) AvatarIDs(ctx context.Context, names ...Name) (map[Name]grid.UUID, error) {
	return nil, errors.ErrUnsupported
}

// AvatarID is AvatarIDs for one; ErrNotFound.
func (a *Agent) AvatarID(ctx context.Context, name Name) (grid.UUID, error) {
	return grid.UUID{}, errors.ErrUnsupported
}

// Profile is what an avatar tells of itself.
type Profile struct {
	ID                                grid.UUID
	About, FirstLife                  string
	Image, FirstLifeImage, Partner    grid.UUID
	BornOn, URL                       string
	CharterMember                     string
	Flags                             uint32
	WantTo, Skills                    uint32
	WantToText, SkillsText, Languages string
	Groups                            []ProfileGroup
}

// ProfileGroup is a group in a profile.
type ProfileGroup struct {
	ID, Insignia  grid.UUID
	Name, Title   string
	Powers        uint64
	AcceptNotices bool
}

// Profile asks for the profile of an avatar. ErrTimeout when nothing came.
func (a *Agent) Profile(ctx context.Context, id grid.UUID) (Profile, error) {
	return Profile{}, errors.ErrUnsupported
}

// HasCapability tells whether the current region offers a capability.
func (a *Agent) HasCapability(name string) bool { return false }
