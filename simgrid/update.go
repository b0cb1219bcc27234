package simgrid

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// Who sees how much of a moving avatar: near ones many updates, far ones few.
// The last update of a movement goes to everybody, reliably.
const (
	nearRange = 32 // metres
	midRange  = 96
	nearEvery = 100 * time.Millisecond
	midEvery  = 500 * time.Millisecond
	farEvery  = 2 * time.Second
	// busyQueue is how many packets may wait for a viewer's throttle before it
	// is spared what is soon outdated.
	busyQueue = 32
	// terseBatch is how many avatars fit one datagram.
	terseBatch = 16
	// coarseLimit is how many avatars fit one CoarseLocationUpdate.
	coarseLimit = 60
	// coarseAgain repeats coarse locations, which are sent unreliably.
	coarseAgain = 10 * time.Second
)

// timeDilation of a region that runs at full speed.
const timeDilation = math.MaxUint16

// needFull marks an avatar that everybody needs to see afresh.
func (r *Region) needFull(av *avatar) {
	av.full = true
	r.changed[av] = struct{}{}
}

// needTerse marks an avatar that moved; last when it moved to stay.
func (r *Region) needTerse(av *avatar, last bool) {
	av.near, av.mid, av.far = true, true, true
	av.last = last
	r.changed[av] = struct{}{}
}

// sendUpdates tells everybody who is ready what changed.
func (r *Region) sendUpdates() {
	if len(r.changed) == 0 && !r.lagging {
		return
	}
	near, mid, far := r.every(nearEvery), r.every(midEvery), r.every(farEvery)
	var viewers []*presence
	for _, p := range r.presences {
		if p.ready {
			viewers = append(viewers, p)
			if near {
				p.busy = p.circuit.Stats().Queued > busyQueue
			}
		}
	}
	for av := range r.changed {
		switch {
		case av.full:
			r.sendAvatar(av, viewers)
			av.full, av.near, av.mid, av.far, av.last = false, false, false, false, false
		case av.last:
			r.collectTerse(av, viewers, func(float32) bool { return true }, true)
			av.near, av.mid, av.far, av.last = false, false, false, false
		default:
			n, m, f := near && av.near, mid && av.mid, far && av.far
			if !n && !m && !f {
				continue
			}
			r.collectTerse(av, viewers, func(d float32) bool {
				switch {
				case d <= nearRange:
					return n
				case d <= midRange:
					return m
				}
				return f
			}, false)
			av.near, av.mid, av.far = av.near && !n, av.mid && !m, av.far && !f
		}
		if !av.near && !av.mid && !av.far {
			delete(r.changed, av)
		}
	}
	r.lagging = false
	for _, p := range viewers {
		if p.busy {
			r.lagging = r.lagging || len(p.behind) > 0
		} else {
			r.catchUp(p)
		}
		r.sendTerse(p)
	}
}

// catchUp tells a viewer how those stand whom it was not told about while it
// was busy.
func (r *Region) catchUp(p *presence) {
	for av, missed := range p.behind {
		if missed.animations {
			p.sendReliable(av.animationMessage())
		}
		if missed.terse {
			p.terse, p.last = append(p.terse, av.terse()), true
		}
	}
	clear(p.behind)
}

// terse encodes where an avatar is.
func (av *avatar) terse() []byte {
	u := grid.TerseUpdate{LocalID: av.local, State: uint8(av.state), Avatar: true, Motion: av.shownMotion()}
	return grid.AppendTerse(nil, &u)
}

// collectTerse encodes where an avatar is once and gives it to the viewers who
// need it.
func (r *Region) collectTerse(av *avatar, viewers []*presence, wants func(distance float32) bool, last bool) {
	var block []byte
	for _, p := range viewers {
		d := float32(0)
		if p.avatar != av {
			if at, ok := p.viewer(); ok {
				d = at.Distance(av.motion.Position)
			}
		}
		if !wants(d) {
			continue
		}
		if p.busy && p.avatar != av {
			p.skip(av, lag{terse: true})
			continue
		}
		if block == nil {
			block = av.terse()
		}
		p.terse = append(p.terse, block)
		p.last = p.last || last
	}
}

// sendTerse sends what collectTerse collected for one viewer.
func (r *Region) sendTerse(p *presence) {
	if len(p.terse) == 0 {
		return
	}
	m := &message.ImprovedTerseObjectUpdate{RegionData: message.ImprovedTerseObjectUpdateRegionData{
		RegionHandle: uint64(r.handle), TimeDilation: timeDilation,
	}}
	for batch := range slices.Chunk(p.terse, terseBatch) {
		m.ObjectData = m.ObjectData[:0]
		for _, b := range batch {
			m.ObjectData = append(m.ObjectData, message.ImprovedTerseObjectUpdateObjectData{Data: b})
		}
		if p.last {
			p.sendReliable(m)
		} else {
			p.send(m)
		}
	}
	clear(p.terse)
	p.terse, p.last = p.terse[:0], false
}

// shownMotion is the motion as the wire wants it: relative to the seat of who
// sits on one.
func (av *avatar) shownMotion() grid.Motion {
	m := av.motion
	if av.seat != nil {
		m.Position, m.Rotation, m.Velocity = av.seatPos, av.seatRot, grid.Vector3{}
	}
	return m
}

// sendAvatar shows an avatar to some.
func (r *Region) sendAvatar(av *avatar, viewers []*presence) {
	m := r.objectUpdate(av.block())
	for _, p := range viewers {
		p.sendReliable(m)
	}
}

// avatarBatch is how many avatars one ObjectUpdate carries.
const avatarBatch = 4

// sendAvatars shows everybody in the region to one.
func (r *Region) sendAvatars(p *presence) {
	avatars := slices.SortedFunc(maps.Values(r.avatars), byLocal)
	for batch := range slices.Chunk(avatars, avatarBatch) {
		m := r.objectUpdate()
		for _, av := range batch {
			m.ObjectData = append(m.ObjectData, av.block())
		}
		p.sendReliable(m)
	}
	for _, av := range avatars {
		r.sendAppearance(p, av)
		p.sendReliable(av.animationMessage())
	}
}

func byLocal(a, b *avatar) int { return cmp.Compare(a.local, b.local) }

func (r *Region) objectUpdate(blocks ...message.ObjectUpdateObjectData) *message.ObjectUpdate {
	return &message.ObjectUpdate{
		RegionData: message.ObjectUpdateRegionData{RegionHandle: uint64(r.handle), TimeDilation: timeDilation},
		ObjectData: blocks,
	}
}

// block describes an avatar for ObjectUpdate.
func (av *avatar) block() message.ObjectUpdateObjectData {
	m := av.shownMotion()
	b := message.ObjectUpdateObjectData{
		ID: av.local, State: uint8(av.state), FullID: av.id, PCode: uint8(grid.PCodeAvatar),
		Material: 4, Scale: grid.Vector3{X: 0.45, Y: 0.6, Z: avatarHeight},
		ObjectData: grid.AppendMotion(nil, &m, true),
		PathCurve:  16, ProfileCurve: 1, PathScaleX: 100, PathScaleY: 100,
		NameValue: message.Bytes("FirstName STRING RW SV " + av.account.first +
			"\nLastName STRING RW SV " + av.account.last + "\nTitle STRING RW SV "),
	}
	if av.seat != nil {
		b.ParentID = av.seat.local
	}
	return b
}

// sendCoarse tells where everybody is, roughly, when that has changed.
func (r *Region) sendCoarse() {
	avatars := slices.SortedFunc(maps.Values(r.avatars), byLocal)
	h := fnv.New64a()
	for _, av := range avatars {
		l := r.coarseLocation(av)
		_, _ = h.Write(binary.LittleEndian.AppendUint32(nil, av.local))
		_, _ = h.Write([]byte{l.X, l.Y, l.Z})
	}
	sum := h.Sum64() | 1 // never 0, which is "has none yet"
	again := r.every(coarseAgain)
	for _, p := range r.presences {
		if p.ready && (again || p.coarse != sum) {
			p.coarse = sum
			p.send(r.coarseFor(p, avatars))
		}
	}
}

// coarseFor lists the avatars nearest to one viewer.
func (r *Region) coarseFor(p *presence, avatars []*avatar) *message.CoarseLocationUpdate {
	if at, ok := p.viewer(); ok && len(avatars) > coarseLimit {
		avatars = slices.Clone(avatars)
		slices.SortStableFunc(avatars, func(a, b *avatar) int {
			return cmp.Compare(a.motion.Position.Distance(at), b.motion.Position.Distance(at))
		})
	}
	m := &message.CoarseLocationUpdate{Index: message.CoarseLocationUpdateIndex{You: -1, Prey: -1}}
	for i, av := range avatars[:min(len(avatars), coarseLimit)] {
		if av.p == p {
			m.Index.You = int16(i)
		}
		m.Location = append(m.Location, r.coarseLocation(av))
		m.AgentData = append(m.AgentData, message.CoarseLocationUpdateAgentData{AgentID: av.id})
	}
	return m
}

// coarseLocation rounds a position to the wire's bytes. In regions larger than
// 256 m the scale of X and Y is such that 256 is the region's edge, as
// OpenSimulator has it; Z is in units of 4 m, 0 when higher than 1020 m.
func (r *Region) coarseLocation(av *avatar) message.CoarseLocationUpdateLocation {
	scale := grid.RegionSize / float32(r.cfg.Size)
	at := av.motion.Position
	l := message.CoarseLocationUpdateLocation{X: uint8(at.X * scale), Y: uint8(at.Y * scale)}
	if at.Z < 1024 {
		l.Z = uint8(at.Z / 4)
	}
	return l
}
