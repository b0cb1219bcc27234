package agent

import (
	"math"
	"testing"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/message"
)

// stage is a session without a network, for what messages do to the world.
type stage struct {
	*session
	r *region
}

func newStage(t *testing.T) *stage {
	t.Helper()
	a := &Agent{cfg: Config{EventQueue: 1000}}
	s := &session{a: a, id: uuid.New(), log: testDiscard}
	a.session, a.state = s, Online
	r := &region{s: s, entities: map[uint32]*entity{}, ids: map[grid.UUID]*entity{}, info: Region{Handle: 1, SizeX: 256, SizeY: 256}}
	s.root, s.regions = r, []*region{r}
	st := &stage{session: s, r: r}
	a.subs = []*subscriber{{limit: 1000, running: true}} // never drained: see told
	return st
}

// told returns the events since the last call.
func (st *stage) told() []Event {
	sub := st.a.subs[0]
	var list []Event
	for i := range sub.n {
		list = append(list, sub.queue[(sub.head+i)%len(sub.queue)])
	}
	sub.head, sub.n = 0, 0
	return list
}

type thing struct {
	id            grid.UUID
	local, parent uint32
	pcode         grid.PCode
	position      grid.Vector3
	rotation      grid.Quaternion
	crc           uint32
	names         string
}

func (st *stage) full(things ...thing) {
	m := &message.ObjectUpdate{}
	for _, o := range things {
		if o.rotation == (grid.Quaternion{}) {
			o.rotation = grid.Identity
		}
		motion := grid.Motion{Position: o.position, Rotation: o.rotation}
		m.ObjectData = append(m.ObjectData, message.ObjectUpdateObjectData{
			ID: o.local, FullID: o.id, ParentID: o.parent, PCode: uint8(o.pcode), CRC: o.crc,
			ObjectData: grid.AppendMotion(nil, &motion, o.pcode == grid.PCodeAvatar), NameValue: message.Bytes(o.names),
		})
	}
	st.take(st.r, m)
}

func count[E Event](events []Event) (n int) {
	for _, e := range events {
		if _, ok := e.(E); ok {
			n++
		}
	}
	return n
}

func TestPlacesFollowParents(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	root, seat, rider, hat, hatPart := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	st.full(
		thing{id: root, local: 1, pcode: grid.PCodePrim, position: grid.Vector3{X: 100, Y: 100, Z: 20}, rotation: grid.RotationZ(math.Pi / 2)},
		thing{id: seat, local: 2, parent: 1, pcode: grid.PCodePrim, position: grid.Vector3{X: 2}},
		thing{id: rider, local: 3, parent: 1, pcode: grid.PCodeAvatar, position: grid.Vector3{X: 1, Z: 1}, names: "FirstName STRING RW SV Ruth\nLastName STRING RW SV Rider\nTitle STRING RW SV Boss"},
		thing{id: hat, local: 4, parent: 3, pcode: grid.PCodePrim, position: grid.Vector3{Z: 1}, names: "AttachItemID STRING RW SV " + seat.String()},
		thing{id: hatPart, local: 5, parent: 4, pcode: grid.PCodePrim, position: grid.Vector3{Z: 0.5}},
	)
	near := func(what string, got, want grid.Vector3) {
		t.Helper()
		if got.Distance(want) > 1e-4 {
			t.Errorf("%s at %v, want %v", what, got, want)
		}
	}
	a := st.a
	o, _ := a.Object(seat)
	near("child", o.Position, grid.Vector3{X: 100, Y: 102, Z: 20})
	if o.Parent != root || o.Attachment {
		t.Errorf("child %+v", o)
	}
	av, _ := a.Avatar(rider)
	near("rider", av.Position, grid.Vector3{X: 100, Y: 101, Z: 21})
	if av.Seat != root || av.Name.String() != "Ruth Rider" || av.Title != "Boss" {
		t.Errorf("rider %+v", av)
	}
	h, _ := a.Object(hat)
	near("hat", h.Position, grid.Vector3{X: 100, Y: 101, Z: 22})
	if !h.Attachment || h.Wearer != rider || h.AttachItem != seat {
		t.Errorf("hat %+v", h)
	}
	p, _ := a.Object(hatPart)
	near("part of the hat", p.Position, grid.Vector3{X: 100, Y: 101, Z: 22.5})
	if !p.Attachment || p.Wearer != rider {
		t.Errorf("part of the hat %+v", p)
	}
	near("where the hat's part counts as", a.rootPosition(p), av.Position)
}

func TestKillingAThingTakesItsParts(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	rider := uuid.New()
	st.full(
		thing{id: uuid.New(), local: 1, pcode: grid.PCodePrim},
		thing{id: uuid.New(), local: 2, parent: 1, pcode: grid.PCodePrim},
		thing{id: rider, local: 3, parent: 1, pcode: grid.PCodeAvatar},
		thing{id: uuid.New(), local: 4, parent: 3, pcode: grid.PCodePrim},
		thing{id: uuid.New(), local: 5, parent: 4, pcode: grid.PCodePrim},
		thing{id: uuid.New(), local: 6, pcode: grid.PCodePrim},
	)
	if n := count[ObjectAppeared](st.told()); n != 5 {
		t.Errorf("%d objects appeared", n)
	}
	kill := func(id uint32) {
		st.take(st.r, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: id}}})
	}
	kill(1)
	if events := st.told(); count[ObjectGone](events) != 2 || count[AvatarGone](events) != 0 {
		t.Errorf("seat gone: %v", events)
	}
	if _, ok := st.a.Avatar(rider); !ok {
		t.Error("the rider went with its seat")
	}
	kill(3)
	if events := st.told(); count[ObjectGone](events) != 2 || count[AvatarGone](events) != 1 {
		t.Errorf("rider gone: %v", events)
	}
	if n := len(st.r.entities); n != 1 || len(st.r.ids) != 1 {
		t.Errorf("%d entities, %d ids left", n, len(st.r.ids))
	}
}

func TestLocalIDGivenToAnotherThing(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	old, fresh := uuid.New(), uuid.New()
	st.full(thing{id: old, local: 1, pcode: grid.PCodePrim})
	st.full(thing{id: fresh, local: 1, pcode: grid.PCodePrim})
	events := st.told()
	if count[ObjectGone](events) != 1 || count[ObjectAppeared](events) != 2 {
		t.Errorf("told %v", events)
	}
	st.full(thing{id: fresh, local: 9, pcode: grid.PCodePrim}) // the same thing under another number
	if events := st.told(); count[ObjectUpdated](events) != 1 || len(events) != 1 {
		t.Errorf("told %v", events)
	}
	if o, ok := st.a.Object(fresh); !ok || o.LocalID != 9 || len(st.r.entities) != 1 {
		t.Errorf("object %+v, %v", o, ok)
	}
}

func TestUnknownThingsAreAskedFor(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	st.full(thing{id: uuid.New(), local: 1, pcode: grid.PCodePrim, crc: 7})
	asked := func() (ids []uint32) {
		for _, o := range st.flush() {
			for _, d := range o.m.(*message.RequestMultipleObjects).ObjectData {
				ids = append(ids, d.ID)
			}
		}
		return ids
	}
	cached := func(id, crc uint32) message.ObjectUpdateCachedObjectData {
		return message.ObjectUpdateCachedObjectData{ID: id, CRC: crc}
	}
	st.take(st.r, &message.ObjectUpdateCached{ObjectData: []message.ObjectUpdateCachedObjectData{cached(1, 7), cached(1, 8), cached(2, 7), cached(2, 7)}})
	if got := asked(); len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("asked for %v, want the changed and the unknown one", got)
	}
	u := grid.TerseUpdate{LocalID: 5, Motion: grid.Motion{Rotation: grid.Identity}}
	terse := &message.ImprovedTerseObjectUpdate{ObjectData: []message.ImprovedTerseObjectUpdateObjectData{{Data: grid.AppendTerse(nil, &u)}}}
	st.take(st.r, terse)
	if got := asked(); len(got) != 1 || got[0] != 5 {
		t.Errorf("asked for %v", got)
	}
	st.take(st.r, terse)
	if got := asked(); len(got) != 0 {
		t.Errorf("asked for %v again at once", got)
	}
	many := &message.ObjectUpdateCached{}
	for i := range uint32(255) {
		many.ObjectData = append(many.ObjectData, cached(1000+i, 1))
	}
	st.take(st.r, many)
	if out := st.flush(); len(out) != 2 {
		t.Errorf("255 objects asked for in %d messages, want 2", len(out))
	}
}

func TestParentsInACircleEnd(t *testing.T) {
	t.Parallel()
	st := newStage(t)
	a, b := uuid.New(), uuid.New()
	st.full(thing{id: a, local: 1, parent: 2, pcode: grid.PCodePrim}, thing{id: b, local: 2, parent: 1, pcode: grid.PCodePrim},
		thing{id: uuid.New(), local: 3, parent: 3, pcode: grid.PCodePrim})
	if len(st.a.Objects()) != 3 {
		t.Error("objects missing")
	}
	st.take(st.r, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: 1}, {ID: 2}, {ID: 3}}})
	if len(st.r.entities) != 0 {
		t.Errorf("%d left", len(st.r.entities))
	}
}

// FuzzTake sends the agent what a simulator could send, well-formed or not.
func FuzzTake(f *testing.F) {
	for _, info := range message.Infos() {
		m, ok := message.New(info.ID)
		if !ok {
			f.Fatalf("no message %s", info.Name)
		}
		b, err := m.AppendTo(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := message.Decode(b)
		if err != nil {
			return
		}
		st := newStage(t)
		st.full(thing{id: st.id, local: 1, pcode: grid.PCodeAvatar}, thing{id: uuid.New(), local: 2, parent: 1, pcode: grid.PCodePrim})
		st.ended = true // no goroutines: there is no network to follow a region to
		st.take(st.r, m)
		st.notify(st.r, m)
		for _, e := range st.told() {
			if e, ok := e.(Moved); ok && !e.Position.Finite() {
				t.Fatalf("moved to %v", e.Position)
			}
		}
		st.a.Self()
		st.a.Avatars()
		st.a.Objects()
		st.a.Regions()
	})
}
