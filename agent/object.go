package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"rookery/grid"
	"rookery/grid/message"
)

// Objects returns the objects in view in every connected region, attachments
// included, in no particular order.
func (a *Agent) Objects() []Object {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil {
		return nil
	}
	var all []Object
	for _, r := range a.session.regions {
		for _, e := range r.entities {
			if e.avatar == nil {
				all = append(all, r.object(e))
			}
		}
	}
	return all
}

// Object returns an object in view.
func (a *Agent) Object(id grid.UUID) (Object, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r, e := a.find(id); e != nil && e.avatar == nil {
		return r.object(e), true
	}
	return Object{}, false
}

// ObjectProperties asks for the names, owners and such of objects by selecting
// and deselecting them. Objects out of view are missing in the answer, without
// an error, and so are those that the simulators did not tell of before they
// went silent for Config.DataTimeout. What came is kept with the objects; see
// Object.Properties.
func (a *Agent) ObjectProperties(ctx context.Context, objects ...grid.UUID) (map[grid.UUID]ObjectProperties, error) {
	s, err := a.online()
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	locals := make(map[*region][]uint32)
	wanted := make(map[grid.UUID]bool)
	for _, id := range objects {
		if r, e := a.find(id); e != nil && e.avatar == nil && !wanted[id] {
			locals[r], wanted[id] = append(locals[r], e.local), true
		}
	}
	found := make(map[grid.UUID]ObjectProperties, len(wanted))
	if len(wanted) == 0 {
		a.mu.Unlock()
		return found, nil
	}
	w := s.expect(func(from *region, m message.Message) progress {
		reply, ok := m.(*message.ObjectProperties)
		if !ok {
			return waiting
		}
		news := waiting
		for i := range reply.ObjectData {
			id := reply.ObjectData[i].ObjectID
			if wanted[id] {
				delete(wanted, id)
				found[id] = propertiesOf(&reply.ObjectData[i])
				news = advanced
			}
		}
		if len(wanted) == 0 {
			return complete
		}
		return news
	})
	a.mu.Unlock()
	for r, ids := range locals {
		if err := s.selectObjects(r, ids); err != nil {
			s.forget(w)
			return nil, err
		}
	}
	limited, cancel := a.answerTime(ctx)
	defer cancel()
	err = s.await(limited, w, a.timeouts.Load().service, a.timeouts.Load().data)
	a.mu.Lock()
	defer a.mu.Unlock()
	found = maps.Clone(found)
	if err != nil && (ctx.Err() != nil || errors.Is(err, ErrOffline)) {
		return found, fmt.Errorf("object properties: %w", err)
	}
	return found, nil
}

// selectObjects makes a simulator tell the properties of objects.
func (s *session) selectObjects(r *region, ids []uint32) error {
	const most = 200 // four bytes each, within a packet
	for len(ids) > 0 {
		n := min(most, len(ids))
		pick := &message.ObjectSelect{AgentData: message.ObjectSelectAgentData{AgentID: s.id, SessionID: s.secret}}
		drop := &message.ObjectDeselect{AgentData: message.ObjectDeselectAgentData{AgentID: s.id, SessionID: s.secret}}
		for _, id := range ids[:n] {
			pick.ObjectData = append(pick.ObjectData, message.ObjectSelectObjectData{ObjectLocalID: id})
			drop.ObjectData = append(drop.ObjectData, message.ObjectDeselectObjectData{ObjectLocalID: id})
		}
		ids = ids[n:]
		for _, m := range []message.Message{pick, drop} {
			if err := r.circuit.SendReliable(m); err != nil {
				return sendError(m, err)
			}
		}
	}
	return nil
}

// FindObject finds an object by its id, or by its exact name the nearest one,
// among those within a distance in metres of the agent; an attachment or child
// prim is where its root or wearer is. Asking for a name selects every object
// in range whose name is not known yet. The error is ErrObjectNotFound.
func (a *Agent) FindObject(ctx context.Context, item string, within float32) (Object, error) {
	if item == "" {
		return Object{}, fmt.Errorf("%w: neither id nor name given", ErrObjectNotFound)
	}
	near := a.objectsWithin(within)
	if id, err := grid.ParseUUID(item); err == nil {
		for _, o := range near {
			if o.ID == id {
				return o, nil
			}
		}
		return Object{}, fmt.Errorf("%w: %s within %v m", ErrObjectNotFound, item, within)
	}
	var nameless []grid.UUID
	for _, o := range near {
		if o.Properties == nil {
			nameless = append(nameless, o.ID)
		}
	}
	if _, err := a.ObjectProperties(ctx, nameless...); err != nil {
		return Object{}, err
	}
	var best Object
	nearest := within + 1
	for _, o := range a.objectsWithin(within) {
		if d := a.Distance(o.Region, a.rootPosition(o)); o.Properties != nil && o.Properties.Name == item && d < nearest {
			best, nearest = o, d
		}
	}
	if best.ID == (grid.UUID{}) {
		return Object{}, fmt.Errorf("%w: %q within %v m", ErrObjectNotFound, item, within)
	}
	return best, nil
}

// ObjectsWithin returns the objects within a distance in metres of the agent.
// An attachment or child prim is where its root or wearer is.
func (a *Agent) ObjectsWithin(metres float32) []Object { return a.objectsWithin(metres) }

func (a *Agent) objectsWithin(metres float32) []Object {
	var near []Object
	for _, o := range a.Objects() {
		if a.Distance(o.Region, a.rootPosition(o)) <= metres {
			near = append(near, o)
		}
	}
	return near
}

// rootPosition returns where the root of o is, or who wears it.
func (a *Agent) rootPosition(o Object) grid.Vector3 {
	if o.ParentID == 0 {
		return o.Position
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r, e := a.find(o.ID)
	if e == nil {
		return o.Position
	}
	for range maxDepth {
		parent := r.entities[e.parent]
		if e.parent == 0 || parent == nil || e.pcode == grid.PCodeAvatar {
			break
		}
		e = parent
	}
	position, _ := r.place(e)
	return position
}

func propertiesOf(d *message.ObjectPropertiesObjectData) ObjectProperties {
	return ObjectProperties{
		Name: message.String(d.Name), Description: message.String(d.Description),
		Creator: d.CreatorID, Owner: d.OwnerID, LastOwner: d.LastOwnerID, Group: d.GroupID, Created: d.CreationDate,
		BaseMask: d.BaseMask, OwnerMask: d.OwnerMask, GroupMask: d.GroupMask, EveryoneMask: d.EveryoneMask, NextOwnerMask: d.NextOwnerMask,
		SaleType: d.SaleType, SalePrice: d.SalePrice, Category: d.Category, InventorySerial: d.InventorySerial,
		Item: d.ItemID, Folder: d.FolderID, FromTask: d.FromTaskID,
		TouchName: message.String(d.TouchName), SitName: message.String(d.SitName), OwnershipCost: d.OwnershipCost,
		AggregatePerms: d.AggregatePerms, AggregateTextures: d.AggregatePermTextures, AggregateTexturesOwns: d.AggregatePermTexturesOwner,
	}
}

// objectProperties takes in what a simulator tells of selected objects.
func (s *session) objectProperties(r *region, m *message.ObjectProperties) {
	for i := range m.ObjectData {
		e := r.ids[m.ObjectData[i].ObjectID]
		if e == nil || e.avatar != nil {
			continue
		}
		p := propertiesOf(&m.ObjectData[i])
		x := e.extras()
		x.properties, x.owner = &p, p.Owner
		if s.a.heard() {
			s.a.emit(ObjectUpdated{r.object(e)})
		}
	}
}

// objectPropertiesFamily takes in the short form, which leaves the rest as it
// was.
func (s *session) objectPropertiesFamily(r *region, m *message.ObjectPropertiesFamily) {
	d := &m.ObjectData
	e := r.ids[d.ObjectID]
	if e == nil || e.avatar != nil {
		return
	}
	x := e.extras()
	var p ObjectProperties
	if x.properties != nil {
		p = *x.properties // others may hold the old one
	}
	p.Name, p.Description = message.String(d.Name), message.String(d.Description)
	p.Owner, p.LastOwner, p.Group = d.OwnerID, d.LastOwnerID, d.GroupID
	p.BaseMask, p.OwnerMask, p.GroupMask = d.BaseMask, d.OwnerMask, d.GroupMask
	p.EveryoneMask, p.NextOwnerMask = d.EveryoneMask, d.NextOwnerMask
	p.SaleType, p.SalePrice, p.Category, p.OwnershipCost = d.SaleType, d.SalePrice, d.Category, d.OwnershipCost
	x.properties, x.owner = &p, p.Owner
	if s.a.heard() {
		s.a.emit(ObjectUpdated{r.object(e)})
	}
}
