package simgrid

import (
	"time"

	"rookery/grid/message"
)

// objectCapacity is how many prims a region may hold, as full regions of Second
// Life have it. Nothing counts them here.
const objectCapacity = 15000

// Numbers of statistics in SimStats.
const (
	statDilation    = 0
	statFPS         = 1
	statPhysicsFPS  = 2
	statFrameTime   = 4 // milliseconds
	statPhysicsTime = 7 // milliseconds
	statObjects     = 11
	statAgents      = 13
	statChildAgents = 14
)

// clockStats is how a region's clock went since it was last told.
type clockStats struct {
	since  time.Time
	ticks  int
	busy   time.Duration // in steps
	passed time.Duration // in the region's own time
}

func (c *clockStats) count(passed, busy time.Duration) {
	c.ticks++
	c.passed += passed
	c.busy += busy
}

// sendStats tells everybody how the region does. A step moves avatars and does
// nothing else that takes time, so its time is that of the physics.
func (r *Region) sendStats(now time.Time) {
	c := r.clock
	r.clock = clockStats{since: now}
	wall := now.Sub(c.since).Seconds()
	if c.since.IsZero() || wall <= 0 || c.ticks == 0 {
		return
	}
	fps := float32(float64(c.ticks) / wall)
	frame := float32(c.busy.Seconds() * 1000 / float64(c.ticks))
	x, y := r.handle.Grid()
	m := &message.SimStats{
		Region: message.SimStatsRegion{RegionX: x, RegionY: y, RegionFlags: regionFlags, ObjectCapacity: objectCapacity},
		Stat: []message.SimStatsStat{
			{StatID: statDilation, StatValue: float32(min(c.passed.Seconds()/wall, 1))},
			{StatID: statFPS, StatValue: fps},
			{StatID: statPhysicsFPS, StatValue: fps},
			{StatID: statFrameTime, StatValue: frame},
			{StatID: statPhysicsTime, StatValue: frame},
			{StatID: statObjects, StatValue: float32(len(r.prims))},
			{StatID: statAgents, StatValue: float32(len(r.avatars))},
			{StatID: statChildAgents, StatValue: float32(len(r.presences) - r.roots())},
		},
		RegionInfo: []message.SimStatsRegionInfo{{RegionFlagsExtended: regionFlags}},
	}
	for _, p := range r.presences {
		if p.ready {
			p.send(m)
		}
	}
}

// roots counts the clients whose avatars are here.
func (r *Region) roots() int {
	n := 0
	for _, p := range r.presences {
		if p.avatar != nil {
			n++
		}
	}
	return n
}
