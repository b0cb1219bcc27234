package grid

// RegionSize is the edge of a classic region in metres. OpenSimulator regions
// may be any multiple of it; nothing may assume this size for a region it has
// not asked.
const RegionSize = 256

// RegionHandle names a region's place on the grid: the global X of its
// south-west corner in metres in the upper 32 bits, the global Y in the lower.
type RegionHandle uint64

// HandleAt returns the handle of the region whose south-west corner lies at
// (x, y), in metres from the grid's south-west corner.
func HandleAt(x, y uint32) RegionHandle { return RegionHandle(uint64(x)<<32 | uint64(y)) }

// Metres returns the global coordinates of the south-west corner, in metres.
func (h RegionHandle) Metres() (x, y uint32) { return uint32(h >> 32), uint32(h) }

// Grid returns the coordinates as the world map shows them, in units of 256 m.
func (h RegionHandle) Grid() (x, y uint32) { return uint32(h>>32) / RegionSize, uint32(h) / RegionSize }
