package simgrid

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"rookery/grid"
)

// Config says what a grid starts with. The zero value is a grid with two
// adjacent regions and nobody in it.
type Config struct {
	// Name is the grid's name; "Simgrid" when empty.
	Name string
	// Welcome is the message that a login answers with; a plain greeting when empty.
	Welcome string
	// Host is the IP address that all sockets listen on; 127.0.0.1 when empty.
	Host string
	// Port is the TCP port of login and capabilities; 0 takes a free one.
	Port int
	// Regions are the grid's regions; DefaultRegions() when empty.
	Regions []RegionConfig
	// Accounts may log in. More can be added later.
	Accounts []AccountConfig
	// Inhabitants are the avatars that the grid runs itself.
	Inhabitants []InhabitantConfig
	// Prims stand in the regions from the start.
	Prims []PrimConfig
	// Tick is the time between two steps of a region's clock, 10 ms to 1 s;
	// 50 ms when 0.
	Tick time.Duration
	// CircuitTimeout is how long a circuit may stay silent before the region
	// drops it; 60 s when 0, as grids have it.
	CircuitTimeout time.Duration
	// TransferTimeout is how long an agent may take to arrive where a teleport
	// or a border crossing sent it before it is put back; 15 s when 0.
	TransferTimeout time.Duration
	// EventQueuePoll is how long an event queue poll waits before it is
	// answered with nothing; 20 s when 0.
	EventQueuePoll time.Duration
	// Relogin says what happens when an agent that is in the grid logs in again.
	Relogin Relogin
	// OpenSim makes the grid behave as OpenSimulator where that differs from
	// Second Life: instant messages of objects come from the object, not from
	// its owner; a failed teleport is told over UDP, not by the event queue; a
	// home that was set by AgentAlertMessage; some capabilities are missing.
	OpenSim bool
	// Network, when set, is put between each region's socket and its circuits:
	// a bad network for tests, such as that of package circuittest.
	Network func(net.PacketConn) net.PacketConn
	// Log receives what the grid does; nothing is logged when nil.
	Log *slog.Logger
}

// Relogin says what happens when an agent that is in the grid logs in again.
type Relogin int

const (
	// KickOld ends the old session and lets the new one in.
	KickOld Relogin = iota
	// RefusePresence refuses the new login with reason "presence" and ends the
	// old session, so that the next try succeeds, as Second Life does.
	RefusePresence
	// RefuseUntilGone refuses with reason "presence" until the old session has
	// ended by itself, as OpenSimulator does.
	RefuseUntilGone
)

// RegionConfig describes a region.
type RegionConfig struct {
	// Name is unique in the grid, compared without case.
	Name string
	// X and Y place the south-west corner on the world map, in units of 256 m.
	X, Y uint32
	// Size is the edge in metres, a multiple of 256 up to 4096; 256 when 0.
	Size uint32
	// Ground is the height of the flat terrain in metres; 21 when 0.
	Ground float32
	// Water is the height of the water in metres; 20 when 0.
	Water float32
	// ID is the region's id; one is made from the name when null.
	ID grid.UUID
	// Owner owns region and land; the grid's governor when null.
	Owner grid.UUID
	// Access is the maturity rating; AccessGeneral when 0.
	Access Access
	// MaxAgents is how many root agents the region lets in; 100 when 0.
	MaxAgents int
}

// Access is the maturity rating of a region (SimAccess on the wire).
type Access uint8

// The ratings.
const (
	AccessGeneral  Access = 13
	AccessModerate Access = 21
	AccessAdult    Access = 42
)

// DefaultRegions returns Rookery and, east of it, Heronry.
func DefaultRegions() []RegionConfig {
	return []RegionConfig{
		{Name: "Rookery", X: 1000, Y: 1000},
		{Name: "Heronry", X: 1001, Y: 1000},
	}
}

const (
	maxRegionSize   = 4096
	defaultTick     = 50 * time.Millisecond
	defaultGround   = 21
	defaultWater    = 20
	defaultTransfer = 15 * time.Second
)

// withDefaults checks the configuration and fills in what it leaves open.
func (c Config) withDefaults() (Config, error) {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if c.Name == "" {
		c.Name = "Simgrid"
	}
	if c.Welcome == "" {
		c.Welcome = "Welcome to " + c.Name + "."
	}
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	if _, err := netip.ParseAddr(c.Host); err != nil {
		return c, fmt.Errorf("host %q: want an IP address such as 127.0.0.1", c.Host)
	}
	if c.Port < 0 || c.Port > 65535 {
		return c, fmt.Errorf("port %d: want 0 to 65535", c.Port)
	}
	def(&c.Tick, defaultTick)
	def(&c.CircuitTimeout, 60*time.Second)
	def(&c.TransferTimeout, defaultTransfer)
	def(&c.EventQueuePoll, 20*time.Second)
	if c.Tick < 10*time.Millisecond || c.Tick > time.Second {
		return c, fmt.Errorf("tick %v: want 10ms to 1s", c.Tick)
	}
	for _, d := range []time.Duration{c.CircuitTimeout, c.TransferTimeout, c.EventQueuePoll} {
		if d < 0 {
			return c, fmt.Errorf("timeout %v: want a positive duration", d)
		}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if len(c.Regions) == 0 {
		c.Regions = DefaultRegions()
	}
	regions := make([]RegionConfig, len(c.Regions))
	for i, r := range c.Regions {
		r, err := r.withDefaults()
		if err != nil {
			return c, err
		}
		for _, o := range regions[:i] {
			if strings.EqualFold(o.Name, r.Name) {
				return c, fmt.Errorf("region %q: the name is used twice", r.Name)
			}
			if o.overlaps(r) {
				return c, fmt.Errorf("region %q lies on region %q", r.Name, o.Name)
			}
		}
		regions[i] = r
	}
	c.Regions = regions
	return c, nil
}

func (r RegionConfig) withDefaults() (RegionConfig, error) {
	if strings.TrimSpace(r.Name) == "" || len(r.Name) > 63 || strings.ContainsAny(r.Name, "\x00\r\n") {
		return r, fmt.Errorf("region name %q: want 1 to 63 bytes on one line", r.Name)
	}
	if r.Size == 0 {
		r.Size = grid.RegionSize
	}
	if r.Size%grid.RegionSize != 0 || r.Size > maxRegionSize {
		return r, fmt.Errorf("region %q: size %d m: want a multiple of 256 up to %d", r.Name, r.Size, maxRegionSize)
	}
	if r.X > 1<<16-1 || r.Y > 1<<16-1 {
		return r, fmt.Errorf("region %q: place %d,%d: want 0 to 65535", r.Name, r.X, r.Y)
	}
	if r.Ground == 0 {
		r.Ground = defaultGround
	}
	if r.Water == 0 {
		r.Water = defaultWater
	}
	if !(r.Ground > 0 && r.Ground <= 4000) || !(r.Water > 0 && r.Water <= 4000) {
		return r, fmt.Errorf("region %q: ground %g m, water %g m: want 0 to 4000", r.Name, r.Ground, r.Water)
	}
	if r.ID == (grid.UUID{}) {
		r.ID = nameID("region", r.Name)
	}
	if r.Owner == (grid.UUID{}) {
		r.Owner = governor
	}
	if r.Access == 0 {
		r.Access = AccessGeneral
	}
	if r.MaxAgents == 0 {
		r.MaxAgents = 100
	}
	if r.MaxAgents < 0 {
		return r, errors.New("region " + r.Name + ": MaxAgents is negative")
	}
	return r, nil
}

// handle returns the region's place in the form of the wire.
func (r RegionConfig) handle() grid.RegionHandle {
	return grid.HandleAt(r.X*grid.RegionSize, r.Y*grid.RegionSize)
}

// overlaps tells whether two regions share ground.
func (r RegionConfig) overlaps(o RegionConfig) bool {
	cells, ocells := r.Size/grid.RegionSize, o.Size/grid.RegionSize
	return r.X < o.X+ocells && o.X < r.X+cells && r.Y < o.Y+ocells && o.Y < r.Y+cells
}

// touches tells whether two regions share a border or a corner.
func (r RegionConfig) touches(o RegionConfig) bool {
	cells, ocells := r.Size/grid.RegionSize, o.Size/grid.RegionSize
	return r.X <= o.X+ocells && o.X <= r.X+cells && r.Y <= o.Y+ocells && o.Y <= r.Y+cells
}
