package agent

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// objectUpdate takes in full updates.
func (s *session) objectUpdate(r *region, m *message.ObjectUpdate) {
	r.info.Stats.Dilation = dilation(m.RegionData.TimeDilation)
	for i := range m.ObjectData {
		b := &m.ObjectData[i]
		motion, err := grid.ParseMotion(b.ObjectData)
		if err == nil && !sound(&motion) {
			err = errNotFinite
		}
		if err != nil {
			s.log.Debug("object update ignored", "object", b.FullID, "error", err)
			continue
		}
		e, isNew := s.upsert(r, b.ID, b.FullID, grid.PCode(b.PCode))
		oldParent := e.parent
		e.motion, e.scale, e.parent, e.crc = motion, b.Scale, b.ParentID, b.CRC
		e.state, e.material, e.click, e.flags = b.State, b.Material, b.ClickAction, grid.ObjectFlags(b.UpdateFlags)
		names := parseNameValues(message.String(b.NameValue))
		if e.avatar != nil {
			e.avatar.name = Name{names["FirstName"], names["LastName"]}
			e.avatar.title = names["Title"]
			s.a.names.put(e.id, e.avatar.name)
		} else {
			s.setExtra(e, &extraPart{
				text: message.String(b.Text), textColor: b.TextColor, mediaURL: message.String(b.MediaURL),
				sound: b.Sound, owner: b.OwnerID, item: uuidOf(names["AttachItemID"]),
			})
		}
		s.updated(r, e, isNew, oldParent)
	}
}

// setExtra replaces what updates tell and keeps what only properties tell.
func (s *session) setExtra(e *entity, x *extraPart) {
	if old := e.extra; old != nil {
		x.properties = old.properties
		if x.owner == (grid.UUID{}) { // only sent with sounds and particles
			x.owner = old.owner
		}
	}
	if *x == (extraPart{}) {
		x = nil
	}
	e.extra = x
}

// objectCompressed takes in updates in the compressed form, which is for
// objects, never avatars.
func (s *session) objectCompressed(r *region, m *message.ObjectUpdateCompressed) {
	r.info.Stats.Dilation = dilation(m.RegionData.TimeDilation)
	for i := range m.ObjectData {
		c, err := parseCompressed(m.ObjectData[i].Data)
		if err != nil {
			s.log.Debug("compressed object update ignored", "error", err)
			continue
		}
		e, isNew := s.upsert(r, c.local, c.id, c.pcode)
		oldParent := e.parent
		e.motion = grid.Motion{Position: c.position, Rotation: c.rotation, AngularVelocity: c.angular}
		e.scale, e.parent, e.crc, e.state = c.scale, c.parent, c.crc, c.state
		e.material, e.click, e.flags = c.material, c.click, grid.ObjectFlags(m.ObjectData[i].UpdateFlags)
		if e.avatar == nil {
			s.setExtra(e, &c.extra)
		}
		s.updated(r, e, isNew, oldParent)
	}
}

// objectCached takes in updates for agents that keep a cache on disk. This one
// knows what it saw in this session; it asks for the rest.
func (s *session) objectCached(r *region, m *message.ObjectUpdateCached) {
	r.info.Stats.Dilation = dilation(m.RegionData.TimeDilation)
	var missing []message.RequestMultipleObjectsObjectData
	for _, b := range m.ObjectData {
		if e := r.entities[b.ID]; e != nil && e.crc == b.CRC {
			e.flags = grid.ObjectFlags(b.UpdateFlags)
			continue
		}
		missing = append(missing, message.RequestMultipleObjectsObjectData{ID: b.ID})
	}
	s.request(r, missing)
}

// askAgain is how long a simulator may take to answer a request for an object
// before it is asked again: unknown things may move many times a second.
const askAgain = 5 * time.Second

// request asks for full updates, unless that was done just now.
func (s *session) request(r *region, objects []message.RequestMultipleObjectsObjectData) {
	if len(objects) == 0 {
		return
	}
	now := time.Now()
	if r.asked == nil || len(r.asked) > 4096 { // what was never answered is forgotten
		r.asked = make(map[uint32]time.Time)
	}
	objects = slices.DeleteFunc(objects, func(o message.RequestMultipleObjectsObjectData) bool {
		if now.Sub(r.asked[o.ID]) < askAgain {
			return true
		}
		r.asked[o.ID] = now
		return false
	})
	const most = 200 // five bytes each, within a packet
	for len(objects) > 0 {
		n := min(most, len(objects))
		s.reply(r, &message.RequestMultipleObjects{
			AgentData:  message.RequestMultipleObjectsAgentData{AgentID: s.id, SessionID: s.secret},
			ObjectData: objects[:n],
		})
		objects = objects[n:]
	}
}

// objectTerse takes in changes of place.
func (s *session) objectTerse(r *region, m *message.ImprovedTerseObjectUpdate) {
	r.info.Stats.Dilation = dilation(m.RegionData.TimeDilation)
	var unknown []message.RequestMultipleObjectsObjectData
	for i := range m.ObjectData {
		u, err := grid.ParseTerse(m.ObjectData[i].Data)
		if err == nil && !sound(&u.Motion) {
			err = errNotFinite
		}
		if err != nil {
			s.log.Debug("terse update ignored", "error", err)
			continue
		}
		e := r.entities[u.LocalID]
		if e == nil {
			unknown = append(unknown, message.RequestMultipleObjectsObjectData{ID: u.LocalID})
			continue
		}
		e.motion, e.state = u.Motion, u.State
		if e.id == s.id && r == s.root {
			s.moved(r, e)
		}
		if s.a.heard() {
			position, rotation := r.place(e)
			s.a.emit(TerseUpdate{
				Region: r.info.Handle, ID: e.id, LocalID: e.local, PCode: e.pcode, State: e.state,
				Motion: e.motion, Position: position, Rotation: rotation,
			})
		}
	}
	s.request(r, unknown)
}

// dilation is the part of real time that a simulator keeps up with.
func dilation(d uint16) float32 { return float32(d) / math.MaxUint16 }

var errNotFinite = errors.New("motion is not a number")

// sound tells whether a motion is made of numbers: a NaN would spoil all that
// is computed from it.
func sound(m *grid.Motion) bool {
	r := m.Rotation
	return m.Position.Finite() && m.Velocity.Finite() && m.Acceleration.Finite() && m.AngularVelocity.Finite() &&
		grid.Vector3{X: r.X, Y: r.Y, Z: r.Z}.Finite() && grid.Vector3{X: r.W}.Finite()
}

// parseNameValues reads lines such as "FirstName STRING RW SV Ruth": a name,
// a type, two words of handling, and the value.
func parseNameValues(text string) map[string]string {
	if text == "" {
		return nil
	}
	values := make(map[string]string)
	for line := range strings.Lines(text) {
		fields := strings.SplitN(strings.TrimRight(line, "\r\n"), " ", 5)
		if len(fields) == 5 {
			values[fields[0]] = fields[4]
		}
	}
	return values
}

func uuidOf(s string) grid.UUID {
	id, err := grid.ParseUUID(strings.TrimSpace(s))
	if err != nil {
		return grid.UUID{}
	}
	return id
}

// compressed is a block of ObjectUpdateCompressed, as far as it is of use: the
// shape and textures at its end are left unread.
type compressed struct {
	id                       grid.UUID
	local, parent, crc       uint32
	pcode                    grid.PCode
	state, material, click   uint8
	scale, position, angular grid.Vector3
	rotation                 grid.Quaternion
	extra                    extraPart
}

var errCompressed = errors.New("compressed object update ends early")

// parseCompressed reads the Data of a block of ObjectUpdateCompressed. The
// layout is that of the viewers and of OpenSimulator: a fixed head, then the
// fields that the compressed flags announce.
func parseCompressed(data []byte) (compressed, error) {
	d := &cursor{b: data}
	c := compressed{id: d.uuid(), local: d.uint32(), pcode: grid.PCode(d.byte()), state: d.byte()}
	c.crc, c.material, c.click = d.uint32(), d.byte(), d.byte()
	c.scale, c.position = d.vector(), d.vector()
	c.rotation = rotationOf(d.vector())
	flags := grid.CompressedFlags(d.uint32())
	c.extra.owner = d.uuid()
	has := func(f grid.CompressedFlags) bool { return flags&f != 0 }
	if has(grid.CompressedAngularVel) {
		c.angular = d.vector()
	}
	if has(grid.CompressedParent) {
		c.parent = d.uint32()
	}
	switch {
	case has(grid.CompressedTree):
		d.skip(1)
	case has(grid.CompressedScratchPad):
		d.skip(int(d.byte()))
	}
	if has(grid.CompressedText) {
		c.extra.text = d.text()
		copy(c.extra.textColor[:], d.take(4))
	}
	if has(grid.CompressedMediaURL) {
		c.extra.mediaURL = d.text()
	}
	if has(grid.CompressedParticles) {
		d.skip(86)
	}
	for range d.byte() { // extra parameters: type, length, data
		d.skip(2)
		d.skip(int(d.uint32()))
		if d.short {
			break
		}
	}
	if has(grid.CompressedSound) {
		c.extra.sound = d.uuid()
		d.skip(4 + 1 + 4) // gain, flags, radius
	}
	if has(grid.CompressedNameValues) {
		c.extra.item = uuidOf(parseNameValues(d.text())["AttachItemID"])
	}
	if d.short {
		return compressed{}, fmt.Errorf("%w: %d bytes", errCompressed, len(data))
	}
	if !c.position.Finite() || !c.scale.Finite() || !c.angular.Finite() {
		return compressed{}, errNotFinite
	}
	return c, nil
}

func rotationOf(v grid.Vector3) grid.Quaternion {
	if !v.Finite() {
		return grid.Identity
	}
	q := grid.Quaternion{X: v.X, Y: v.Y, Z: v.Z}
	if w := 1 - float64(v.Dot(v)); w > 0 {
		q.W = float32(math.Sqrt(w))
	}
	return q.Normalize()
}

// cursor reads little-endian fields. Past the end it reads zeros and notes it.
type cursor struct {
	b     []byte
	short bool
}

func (d *cursor) take(n int) []byte {
	if n < 0 || n > len(d.b) {
		d.b, d.short = nil, true
		return make([]byte, min(max(n, 0), 16))
	}
	p := d.b[:n]
	d.b = d.b[n:]
	return p
}

func (d *cursor) skip(n int) {
	if n < 0 || n > len(d.b) {
		d.b, d.short = nil, true
		return
	}
	d.b = d.b[n:]
}

func (d *cursor) byte() byte      { return d.take(1)[0] }
func (d *cursor) uint32() uint32  { return binary.LittleEndian.Uint32(d.take(4)) }
func (d *cursor) float() float32  { return math.Float32frombits(d.uint32()) }
func (d *cursor) uuid() grid.UUID { return grid.UUID(d.take(16)) }

func (d *cursor) vector() grid.Vector3 { return grid.Vector3{X: d.float(), Y: d.float(), Z: d.float()} }

// text reads up to a NUL and over it.
func (d *cursor) text() string {
	for i, c := range d.b {
		if c == 0 {
			s := message.String(d.b[:i])
			d.b = d.b[i+1:]
			return s
		}
	}
	d.b, d.short = nil, true
	return ""
}
