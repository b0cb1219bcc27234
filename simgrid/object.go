package simgrid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// PrimConfig describes a prim.
type PrimConfig struct {
	Region      string // only in Config.Prims; Region.AddPrim knows it
	Name        string // up to 63 bytes; "Object" when empty
	Description string
	ID          grid.UUID // one is made from region and name when null
	Owner       grid.UUID // the governor when null
	Position    grid.Vector3
	Rotation    grid.Quaternion // identity when zero
	Scale       grid.Vector3    // half a metre each way when zero
	Text        string          // hovers over it
	SitTarget   *SitTarget
}

// Prim is a thing in a region. Its methods may be called from any goroutine.
type Prim struct {
	region *Region
	id     grid.UUID
	local  uint32
	made   time.Time

	// guarded by Region.mu
	cfg     PrimConfig
	removed bool
	ears    []ear
	crc     uint32
}

// ear is what a prim listens with.
type ear struct {
	channel int32
	hear    func(Heard)
}

// ErrNoPrim says that a prim is no longer in its region.
var ErrNoPrim = errors.New("the prim was removed")

var objectRoutes = []route{
	onAny(handleObjectSelect),
	onAny(handleRequestObjectPropertiesFamily),
	onAny(handleRequestMultipleObjects),
	ignored((*message.ObjectDeselect)(nil)),
}

// AddPrim places a prim.
func (r *Region) AddPrim(c PrimConfig) (*Prim, error) {
	if c.Name == "" {
		c.Name = "Object"
	}
	if len(c.Name) > 63 || strings.ContainsRune(c.Name, 0) {
		return nil, fmt.Errorf("prim name %q: want at most 63 bytes", c.Name)
	}
	if !r.contains(c.Position) || !c.Position.Finite() {
		return nil, fmt.Errorf("prim %q: position %v is not in region %s", c.Name, c.Position, r.cfg.Name)
	}
	if c.Scale == (grid.Vector3{}) {
		c.Scale = grid.Vector3{X: 0.5, Y: 0.5, Z: 0.5}
	}
	if c.Owner == (grid.UUID{}) {
		c.Owner = governor
	}
	c.Rotation = c.Rotation.Normalize()
	c.Region = r.cfg.Name
	r.lock()
	defer r.unlock()
	if c.ID == (grid.UUID{}) {
		for n := 0; n == 0 || r.primIDs[c.ID] != nil; n++ {
			c.ID = nameID("prim", fmt.Sprintf("%s/%s/%d", r.cfg.Name, c.Name, n))
		}
	}
	if r.primIDs[c.ID] != nil {
		return nil, fmt.Errorf("prim %q: the id %s is taken", c.Name, c.ID)
	}
	o := &Prim{region: r, id: c.ID, local: r.newLocalID(), made: time.Now(), cfg: c}
	r.prims[o.local], r.primIDs[o.id] = o, o
	r.showPrim(o)
	return o, nil
}

// Prim returns a prim by id, or nil.
func (r *Region) Prim(id grid.UUID) *Prim {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.primIDs[id]
}

// ID is the prim's id.
func (o *Prim) ID() grid.UUID { return o.id }

// LocalID is the prim's number in its region.
func (o *Prim) LocalID() uint32 { return o.local }

// Region is where the prim is.
func (o *Prim) Region() *Region { return o.region }

// Config returns what the prim is now.
func (o *Prim) Config() PrimConfig {
	o.region.mu.Lock()
	defer o.region.mu.Unlock()
	return o.cfg
}

// with runs f on a prim that is still there.
func (o *Prim) with(f func(r *Region)) error {
	o.region.lock()
	defer o.region.unlock()
	if o.removed {
		return fmt.Errorf("prim %q: %w", o.cfg.Name, ErrNoPrim)
	}
	f(o.region)
	return nil
}

// Move puts the prim elsewhere in its region; who sits on it moves along.
func (o *Prim) Move(to grid.Vector3, rotation grid.Quaternion) error {
	if !to.Finite() || !o.region.contains(to) {
		return fmt.Errorf("prim %q: position %v is not in region %s", o.cfg.Name, to, o.region.cfg.Name)
	}
	return o.with(func(r *Region) {
		o.cfg.Position, o.cfg.Rotation = to, rotation.Normalize()
		u := grid.TerseUpdate{LocalID: o.local, Motion: grid.Motion{Position: to, Rotation: o.cfg.Rotation}}
		m := &message.ImprovedTerseObjectUpdate{
			RegionData: message.ImprovedTerseObjectUpdateRegionData{RegionHandle: uint64(r.handle), TimeDilation: timeDilation},
			ObjectData: []message.ImprovedTerseObjectUpdateObjectData{{Data: grid.AppendTerse(nil, &u)}},
		}
		for _, p := range r.presences {
			if p.ready {
				p.sendReliable(m)
			}
		}
		for _, av := range r.avatars {
			if av.seat == o {
				r.follow(av)
			}
		}
		r.g.hub.touch()
	})
}

// SetText changes the text that hovers over the prim.
func (o *Prim) SetText(text string) error {
	return o.with(func(r *Region) {
		o.cfg.Text = text
		r.showPrim(o)
	})
}

// Remove takes the prim away; who sits on it stands up.
func (o *Prim) Remove() error {
	return o.with(func(r *Region) {
		for _, av := range r.avatars {
			if av.seat == o {
				r.stand(av)
			}
		}
		o.removed = true
		delete(r.prims, o.local)
		delete(r.primIDs, o.id)
		kill := &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: o.local}}}
		for _, p := range r.presences {
			if p.ready {
				p.sendReliable(kill)
			}
		}
	})
}

// Say speaks on a channel: grid.ChatWhisper, ChatNormal, ChatShout, ChatRegionSay
// (never on channel 0) or ChatDebug (a script error, on any channel).
func (o *Prim) Say(kind grid.ChatType, channel int32, text string) error {
	switch kind {
	case grid.ChatWhisper, grid.ChatNormal, grid.ChatShout, grid.ChatDebug:
	case grid.ChatRegionSay:
		if channel == 0 {
			return errors.New("a region say on channel 0: scripts cannot, want another channel")
		}
	default:
		return fmt.Errorf("say by chat type %v: want Whisper, Normal, Shout, RegionSay or Debug", kind)
	}
	if kind == grid.ChatDebug {
		channel = 0
	}
	return o.with(func(r *Region) { r.speak(o.speech(kind, channel, text, grid.UUID{})) })
}

// OwnerSay speaks to the prim's owner, when it is in the region.
func (o *Prim) OwnerSay(text string) error {
	return o.with(func(r *Region) { r.speak(o.speech(grid.ChatOwnerSay, 0, text, o.cfg.Owner)) })
}

// RegionSayTo speaks to one avatar in the region.
func (o *Prim) RegionSayTo(to grid.UUID, channel int32, text string) error {
	return o.with(func(r *Region) { r.speak(o.speech(grid.ChatRegionSayTo, channel, text, to)) })
}

// Message sends an instant message to an avatar anywhere in the grid.
func (o *Prim) Message(to grid.UUID, text string) error {
	return o.with(func(r *Region) {
		from := o.cfg.Owner
		if r.g.cfg.OpenSim {
			from = o.id
		}
		at := o.cfg.Position
		im := message.ImprovedInstantMessage{
			AgentData: message.ImprovedInstantMessageAgentData{AgentID: from},
			MessageBlock: message.ImprovedInstantMessageMessageBlock{
				ToAgentID: to, ParentEstateID: 1, RegionID: r.cfg.ID, Position: at,
				Dialog: uint8(grid.IMMessageFromObject), ID: o.id, Timestamp: uint32(time.Now().Unix()),
				FromAgentName: message.Bytes(o.cfg.Name), Message: message.Bytes(truncated(text, grid.ChatLimit)),
				BinaryBucket: message.Bytes(fmt.Sprintf("%s/%d/%d/%d", r.cfg.Name, int(at.X), int(at.Y), int(at.Z))),
			},
		}
		r.later(func() { r.g.deliver(im) })
	})
}

// Listen lets the prim hear a channel. The function is called for every line
// in reach, one at a time, without any lock held.
func (o *Prim) Listen(channel int32, hear func(Heard)) error {
	return o.with(func(*Region) { o.ears = append(o.ears, ear{channel, hear}) })
}

func (o *Prim) speech(kind grid.ChatType, channel int32, text string, to grid.UUID) speech {
	return speech{
		source: grid.ChatSourceObject, speaker: o.id, owner: o.cfg.Owner, name: o.cfg.Name,
		kind: kind, channel: channel, text: truncated(text, grid.ChatLimit), position: o.cfg.Position, to: to,
	}
}

// hear gives a line to the prim's ears.
func (o *Prim) hear(s *speech, near func(grid.Vector3) bool) {
	if len(o.ears) == 0 || s.speaker == o.id || s.to != (grid.UUID{}) && s.to != o.id || !near(o.cfg.Position) {
		return
	}
	h := s.heard()
	for _, e := range o.ears {
		if e.channel == s.channel {
			o.region.later(func() { e.hear(h) })
		}
	}
}

// showPrim shows a prim to everybody.
func (r *Region) showPrim(o *Prim) {
	o.crc++
	for _, p := range r.presences {
		if p.ready {
			p.sendReliable(r.objectUpdate(o.block(p)))
		}
	}
}

// primBatch is how many prims one ObjectUpdate carries.
const primBatch = 4

// sendPrims shows every prim to one viewer.
func (r *Region) sendPrims(p *presence) {
	prims := make([]*Prim, 0, len(r.prims))
	for _, o := range r.prims {
		prims = append(prims, o)
	}
	slices.SortFunc(prims, func(a, b *Prim) int { return int(a.local) - int(b.local) })
	for batch := range slices.Chunk(prims, primBatch) {
		m := r.objectUpdate()
		for _, o := range batch {
			m.ObjectData = append(m.ObjectData, o.block(p))
		}
		p.sendReliable(m)
	}
}

// permAll is every permission on an object.
const permAll = 0x7FFFFFFF

// block describes a prim for ObjectUpdate, as one viewer may use it.
func (o *Prim) block(p *presence) message.ObjectUpdateObjectData {
	flags := grid.ObjectAnyOwner
	if o.cfg.Owner == p.session.account.id {
		flags |= grid.ObjectYouOwner | grid.ObjectModify | grid.ObjectCopy | grid.ObjectMove | grid.ObjectTransfer
	}
	m := grid.Motion{Position: o.cfg.Position, Rotation: o.cfg.Rotation}
	b := message.ObjectUpdateObjectData{
		ID: o.local, FullID: o.id, CRC: o.crc, PCode: uint8(grid.PCodePrim), Material: 3,
		Scale: o.cfg.Scale, ObjectData: grid.AppendMotion(nil, &m, false), UpdateFlags: uint32(flags),
		PathCurve: 16, ProfileCurve: 1, PathScaleX: 100, PathScaleY: 100,
		TextureEntry: textureEntry(texturePlywood), OwnerID: grid.UUID{},
		ExtraParams: []byte{0},
	}
	if o.cfg.Text != "" {
		b.Text = message.Bytes(truncated(o.cfg.Text, 254))
	}
	return b
}

// handleObjectSelect answers with what only the selected prims tell.
func handleObjectSelect(r *Region, p *presence, m *message.ObjectSelect) {
	reply := &message.ObjectProperties{}
	for _, sel := range m.ObjectData {
		if o := r.prims[sel.ObjectLocalID]; o != nil {
			reply.ObjectData = append(reply.ObjectData, o.properties())
		}
		if len(reply.ObjectData) == primBatch {
			p.sendReliable(reply)
			reply.ObjectData = reply.ObjectData[:0]
		}
	}
	if len(reply.ObjectData) > 0 {
		p.sendReliable(reply)
	}
}

func (o *Prim) properties() message.ObjectPropertiesObjectData {
	return message.ObjectPropertiesObjectData{
		ObjectID: o.id, CreatorID: o.cfg.Owner, OwnerID: o.cfg.Owner, LastOwnerID: o.cfg.Owner,
		CreationDate: uint64(o.made.UnixMicro()),
		BaseMask:     permAll, OwnerMask: permAll, NextOwnerMask: permAll,
		Name: message.Bytes(o.cfg.Name), Description: message.Bytes(truncated(o.cfg.Description, 127)),
		TouchName: message.Bytes(""), SitName: message.Bytes(""),
	}
}

func handleRequestObjectPropertiesFamily(r *Region, p *presence, m *message.RequestObjectPropertiesFamily) {
	o := r.primIDs[m.ObjectData.ObjectID]
	if o == nil {
		return
	}
	p.sendReliable(&message.ObjectPropertiesFamily{ObjectData: message.ObjectPropertiesFamilyObjectData{
		RequestFlags: m.ObjectData.RequestFlags, ObjectID: o.id, OwnerID: o.cfg.Owner, LastOwnerID: o.cfg.Owner,
		BaseMask: permAll, OwnerMask: permAll, NextOwnerMask: permAll,
		Name: message.Bytes(o.cfg.Name), Description: message.Bytes(truncated(o.cfg.Description, 127)),
	}})
}

// handleRequestMultipleObjects shows again what a client missed.
func handleRequestMultipleObjects(r *Region, p *presence, m *message.RequestMultipleObjects) {
	if !p.ready {
		return
	}
	for _, want := range m.ObjectData {
		if o := r.prims[want.ID]; o != nil {
			p.sendReliable(r.objectUpdate(o.block(p)))
			continue
		}
		for _, av := range r.avatars {
			if av.local == want.ID {
				r.sendAvatar(av, []*presence{p})
			}
		}
	}
}
