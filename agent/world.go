package agent

import (
	"net/netip"
	"strings"

	"rookery/grid"
)

// Name is the legacy name of an avatar. An avatar of Second Life with a single
// name has the last name Resident.
type Name struct{ First, Last string }

// ParseName splits a full name at its first blank or dot; a single word gets
// the last name Resident.
func ParseName(full string) Name {
	full = strings.TrimSpace(full)
	i := strings.IndexAny(full, " .\t")
	if i < 0 {
		return Name{full, "Resident"}
	}
	last := strings.TrimSpace(full[i+1:])
	if last == "" {
		last = "Resident"
	}
	return Name{full[:i], last}
}

// String returns first and last name with a blank between.
func (n Name) String() string {
	if n.Last == "" {
		return n.First
	}
	return n.First + " " + n.Last
}

// Equal compares without regard to case, as grids do.
func (n Name) Equal(other Name) bool {
	return strings.EqualFold(n.First, other.First) && strings.EqualFold(n.Last, other.Last)
}

func (n Name) key() string { return strings.ToLower(n.First + " " + n.Last) }

// Animation is one animation playing on an avatar.
type Animation struct {
	ID       grid.UUID
	Sequence int32
	Source   grid.UUID // the object that started it, null when none
}

// Self is what the agent knows of its own avatar.
type Self struct {
	ID      grid.UUID
	LocalID uint32 // in the present region; 0 before the first update
	Name    Name

	Region     grid.RegionHandle
	RegionName string

	// Position, Rotation in region space, the seat taken into account.
	Position grid.Vector3
	Rotation grid.Quaternion
	// Relative to the seat when there is one, else equal to the above.
	RelativePosition grid.Vector3
	RelativeRotation grid.Quaternion
	Velocity         grid.Vector3
	Acceleration     grid.Vector3
	AngularVelocity  grid.Vector3
	CollisionPlane   grid.Vector4
	LookAt           grid.Vector3

	Sitting     bool      // on an object
	SittingOn   grid.UUID // null when not seated or the seat is not known
	SeatLocalID uint32
	OnGround    bool // sitting on the ground

	Animations []Animation

	Health            float32 // percent; 100 until told otherwise
	Balance           int32
	ActiveGroup       grid.UUID
	ActiveGroupName   string
	ActiveGroupTitle  string
	ActiveGroupPowers uint64

	StartLocation   string // as the login server words it: last, home, url, …
	Access          string // PG, M or A
	AccessMax       string
	TeleportMessage string // the last one
	HomeRegion      grid.RegionHandle
	HomePosition    grid.Vector3
	HomeLookAt      grid.Vector3
}

// Global returns the position in metres from the grid's south-west corner.
func (s Self) Global() grid.Vector3d { return s.Region.Global(s.Position) }

// Region is what the agent knows of a region that it has a circuit to.
type Region struct {
	Handle       grid.RegionHandle
	ID           grid.UUID
	Name         string
	SizeX, SizeY uint32 // metres
	Addr         netip.AddrPort

	Current   bool // the agent stands in it
	Handshake bool // the region handshake is done
	Moved     bool // the agent's arrival was confirmed (AgentMovementComplete)

	Flags              uint64 // extended region flags
	Protocols          uint64
	Access             uint8 // 13 general, 21 moderate, 42 adult
	Owner              grid.UUID
	EstateManager      bool // the agent is one here
	WaterHeight        float32
	BillableFactor     float32
	CacheID            grid.UUID
	TerrainBase        [4]grid.UUID
	TerrainDetail      [4]grid.UUID
	TerrainStartHeight [4]float32 // corners 00, 01, 10, 11
	TerrainHeightRange [4]float32
	CPUClass           int32
	CPURatio           int32
	ColoName           string
	ProductSKU         string
	ProductName        string
	Version            string // of the simulator

	Stats RegionStats

	Objects int // known to the agent, avatars not counted
	Avatars int // known to the agent, itself included
}

// RegionStats is the latest SimStats of a region. The field names are those
// that scripts ask for.
type RegionStats struct {
	Dilation, FPS, PhysicsFPS, AgentUpdates                           float32
	FrameTime, NetTime, PhysicsTime, ImageTime, ScriptTime, OtherTime float32 // milliseconds
	AgentTime                                                         float32 // milliseconds
	Objects, ScriptedObjects, Agents, ChildAgents, ActiveScripts      int
	LSLIPS, INPPS, OUTPPS, PendingDownloads, PendingUploads           int
	VirtualSize, ResidentSize, PendingLocalUploads, UnackedBytes      int
	PhysicsStepTime, PhysicsShapeTime, PhysicsOtherTime               float32
	ObjectCapacity                                                    uint32
}

// Avatar is what the agent knows of an avatar in view.
type Avatar struct {
	ID      grid.UUID
	LocalID uint32
	Region  grid.RegionHandle
	Name    Name
	Title   string // group title

	Position         grid.Vector3 // in region space, the seat taken into account
	Rotation         grid.Quaternion
	RelativePosition grid.Vector3 // relative to the seat when there is one
	RelativeRotation grid.Quaternion
	Velocity         grid.Vector3
	Acceleration     grid.Vector3
	AngularVelocity  grid.Vector3
	CollisionPlane   grid.Vector4
	Scale            grid.Vector3

	ParentID uint32    // local id of the seat, 0 when standing
	Seat     grid.UUID // null when standing or the seat is not known
	State    uint8
	Flags    grid.ObjectFlags

	Animations []Animation
}

// Object is what the agent knows of a prim, tree or patch of grass in view.
type Object struct {
	ID      grid.UUID
	LocalID uint32
	Region  grid.RegionHandle
	PCode   grid.PCode

	ParentID uint32    // local id of the root prim or the wearer, 0 for roots
	Parent   grid.UUID // null for roots or when the parent is not known

	Position         grid.Vector3 // in region space
	Rotation         grid.Quaternion
	RelativePosition grid.Vector3 // relative to the parent when there is one
	RelativeRotation grid.Quaternion
	Velocity         grid.Vector3
	Acceleration     grid.Vector3
	AngularVelocity  grid.Vector3
	Scale            grid.Vector3

	CRC         uint32
	State       uint8
	Material    uint8
	ClickAction uint8
	Flags       grid.ObjectFlags
	Text        string // floating text
	TextColor   [4]uint8
	MediaURL    string
	Sound       grid.UUID

	Attachment  bool
	AttachPoint uint8
	AttachItem  grid.UUID // inventory item, for attachments
	Wearer      grid.UUID // null when not attached or not known

	// From ObjectProperties, which only comes when asked for; see
	// [Agent.ObjectProperties]. Owner may be known without it.
	Owner      grid.UUID
	Properties *ObjectProperties
}

// ObjectProperties is what a simulator tells of an object when asked.
type ObjectProperties struct {
	Name, Description     string
	Creator, Owner        grid.UUID
	LastOwner, Group      grid.UUID
	Created               uint64 // microseconds since 1970; 0 when not known
	BaseMask, OwnerMask   uint32
	GroupMask             uint32
	EveryoneMask          uint32
	NextOwnerMask         uint32
	SaleType              uint8
	SalePrice             int32
	Category              uint32
	InventorySerial       int16
	Item, Folder          grid.UUID
	FromTask              grid.UUID
	TouchName, SitName    string
	OwnershipCost         int32
	AggregatePerms        uint8
	AggregateTextures     uint8
	AggregateTexturesOwns uint8
}

// CoarseLocation is a dot on the map of a region.
type CoarseLocation struct {
	ID grid.UUID
	// Position in region space, on a raster of size/256 m (X, Y) and 4 m (Z).
	// Z is 0 when the avatar is above 1,020 m or the grid does not tell.
	Position grid.Vector3
}
