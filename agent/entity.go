package agent

import (
	"rookery/grid"
	"rookery/grid/message"
)

// entity is an avatar or an object as the simulator keeps it: both share
// local ids, parents and updates. There may be tens of thousands in a session,
// so what few have stands behind pointers.
type entity struct {
	id       grid.UUID
	local    uint32
	parent   uint32
	crc      uint32
	flags    grid.ObjectFlags
	motion   grid.Motion
	scale    grid.Vector3
	pcode    grid.PCode
	state    uint8
	material uint8
	click    uint8
	avatar   *avatarPart // avatars only
	extra    *extraPart  // objects that have any of it
}

type avatarPart struct {
	name       Name
	title      string
	animations []Animation
}

type extraPart struct {
	text       string
	textColor  [4]uint8
	mediaURL   string
	sound      grid.UUID
	owner      grid.UUID
	item       grid.UUID // attachments: the inventory item
	properties *ObjectProperties
}

func (e *entity) extras() *extraPart {
	if e.extra == nil {
		e.extra = new(extraPart)
	}
	return e.extra
}

// wearer returns the avatar that wears e, directly or as part of a linkset.
func (r *region) wearer(e *entity) *entity {
	for range maxDepth {
		parent := r.entities[e.parent]
		if e.parent == 0 || parent == nil {
			return nil
		}
		if parent.pcode == grid.PCodeAvatar {
			return parent
		}
		e = parent
	}
	return nil
}

// maxDepth is how far parents nest: a prim in an attachment of an avatar on a
// seat in a linkset. Updates that claim a circle end here.
const maxDepth = 5

// place returns where e is in region space. Of an entity whose parent is not
// known, what is known is the place relative to it.
func (r *region) place(e *entity) (grid.Vector3, grid.Quaternion) {
	position, rotation := e.motion.Position, e.motion.Rotation
	for range maxDepth {
		parent := r.entities[e.parent]
		if e.parent == 0 || parent == nil {
			break
		}
		position = parent.motion.Position.Add(parent.motion.Rotation.Rotate(position))
		rotation = parent.motion.Rotation.Mul(rotation)
		e = parent
	}
	return position, rotation
}

func (r *region) idOf(local uint32) grid.UUID {
	if e := r.entities[local]; e != nil && local != 0 {
		return e.id
	}
	return grid.UUID{}
}

func (r *region) avatar(e *entity) Avatar {
	position, rotation := r.place(e)
	m := &e.motion
	return Avatar{
		ID: e.id, LocalID: e.local, Region: r.info.Handle, Name: e.avatar.name, Title: e.avatar.title,
		Position: position, Rotation: rotation, RelativePosition: m.Position, RelativeRotation: m.Rotation,
		Velocity: m.Velocity, Acceleration: m.Acceleration, AngularVelocity: m.AngularVelocity,
		CollisionPlane: m.CollisionPlane, Scale: e.scale,
		ParentID: e.parent, Seat: r.idOf(e.parent), State: e.state, Flags: e.flags,
		Animations: e.avatar.animations,
	}
}

func (r *region) object(e *entity) Object {
	position, rotation := r.place(e)
	m := &e.motion
	o := Object{
		ID: e.id, LocalID: e.local, Region: r.info.Handle, PCode: e.pcode,
		ParentID: e.parent, Parent: r.idOf(e.parent),
		Position: position, Rotation: rotation, RelativePosition: m.Position, RelativeRotation: m.Rotation,
		Velocity: m.Velocity, Acceleration: m.Acceleration, AngularVelocity: m.AngularVelocity, Scale: e.scale,
		CRC: e.crc, State: e.state, Material: e.material, ClickAction: e.click, Flags: e.flags,
	}
	if x := e.extra; x != nil {
		o.Text, o.TextColor, o.MediaURL, o.Sound = x.text, x.textColor, x.mediaURL, x.sound
		o.AttachItem, o.Owner, o.Properties = x.item, x.owner, x.properties
	}
	if wearer := r.wearer(e); wearer != nil {
		o.Attachment, o.Wearer, o.AttachPoint = true, wearer.id, grid.AttachPointFromState(e.state)
	} else if o.AttachItem != (grid.UUID{}) {
		o.Attachment, o.AttachPoint = true, grid.AttachPointFromState(e.state)
	}
	return o
}

// upsert returns the entity of a local id, and whether it is new. When the
// simulator has given the local id to another thing meanwhile, the old one is
// told as gone first.
func (s *session) upsert(r *region, local uint32, id grid.UUID, pcode grid.PCode) (e *entity, isNew bool) {
	delete(r.asked, local)
	e = r.entities[local]
	if e != nil && (e.id != id || e.pcode != pcode) {
		s.remove(r, e)
		e = nil
	}
	if e == nil {
		if old := r.ids[id]; old != nil { // the same thing under a new local id
			delete(r.entities, old.local)
			old.local = local
			r.entities[local] = old
			return old, false
		}
		e = &entity{id: id, local: local, pcode: pcode}
		if pcode == grid.PCodeAvatar {
			e.avatar = new(avatarPart)
		}
		r.entities[local], r.ids[id] = e, e
		return e, true
	}
	return e, false
}

// updated tells of a change in an entity after a full update.
func (s *session) updated(r *region, e *entity, isNew bool, oldParent uint32) {
	a := s.a
	own := e.id == s.id && r == s.root
	if own {
		s.moved(r, e)
	}
	if !a.heard() {
		return
	}
	switch {
	case e.pcode == grid.PCodeAvatar && isNew:
		a.emit(AvatarAppeared{r.avatar(e)})
	case e.pcode == grid.PCodeAvatar:
		a.emit(AvatarUpdated{r.avatar(e)})
		s.seatChanged(r, e, oldParent)
	case isNew:
		a.emit(ObjectAppeared{r.object(e)})
	default:
		a.emit(ObjectUpdated{r.object(e)})
	}
}

func (s *session) seatChanged(r *region, e *entity, oldParent uint32) {
	if e.parent == oldParent {
		return
	}
	s.a.emit(SitChanged{
		Region: r.info.Handle, Avatar: r.avatar(e),
		Old: r.idOf(oldParent), New: r.idOf(e.parent), Seated: e.parent != 0,
	})
}

// moved takes note of a change of the own avatar.
func (s *session) moved(r *region, e *entity) {
	if e.parent != 0 {
		s.self.onGround = false
	}
	if !s.a.heard() {
		return
	}
	position, rotation := r.place(e)
	s.a.emit(Moved{Region: r.info.Handle, Position: position, Velocity: e.motion.Velocity, Rotation: rotation})
}

// remove forgets an entity, and the prims linked or attached to it, which the
// simulator does not name one by one. Avatars that sat on it stay.
func (s *session) remove(r *region, e *entity) {
	parent := r.entities[e.parent]
	s.removeTree(r, e, e.parent != 0 && parent != nil && parent.pcode != grid.PCodeAvatar)
}

// removeTree removes e; a leaf is a prim that is linked to another, and has no
// children to look for.
func (s *session) removeTree(r *region, e *entity, leaf bool) {
	if s.a.heard() {
		if e.pcode == grid.PCodeAvatar {
			s.a.emit(AvatarGone{r.avatar(e)})
		} else {
			s.a.emit(ObjectGone{r.object(e)})
		}
	}
	delete(r.entities, e.local)
	if r.ids[e.id] == e {
		delete(r.ids, e.id)
	}
	if leaf {
		return
	}
	for _, child := range r.entities {
		if child.parent == e.local && child.pcode != grid.PCodeAvatar {
			s.removeTree(r, child, e.pcode != grid.PCodeAvatar)
		}
	}
}

func (s *session) killed(r *region, m *message.KillObject) {
	for _, k := range m.ObjectData {
		if e := r.entities[k.ID]; e != nil && !(e.id == s.id && r == s.root) {
			s.remove(r, e)
		}
	}
}

// avatarAnimated takes in which animations play on an avatar.
func (s *session) avatarAnimated(r *region, m *message.AvatarAnimation) {
	id := m.Sender.ID
	list := make([]Animation, len(m.AnimationList))
	for i, anim := range m.AnimationList {
		list[i] = Animation{ID: anim.AnimID, Sequence: anim.AnimSequenceID}
		if i < len(m.AnimationSourceList) {
			list[i].Source = m.AnimationSourceList[i].ObjectID
		}
	}
	if e := r.ids[id]; e != nil && e.avatar != nil {
		e.avatar.animations = list
	}
	if id == s.id {
		if r != s.root {
			return
		}
		s.self.animations = list
		s.self.onGround = playing(list, grid.AnimSitGround) || playing(list, animSitGroundLoose)
	}
	s.a.emit(AnimationsChanged{Agent: id, Animations: list})
}

func playing(list []Animation, id grid.UUID) bool {
	for _, a := range list {
		if a.ID == id {
			return true
		}
	}
	return false
}
