package agent

import (
	"context"
	"fmt"
	"strings"

	"rookery/grid"
	"rookery/grid/message"
)

// MapRegion is a region as the world map knows it.
type MapRegion struct {
	Handle       grid.RegionHandle
	Name         string
	SizeX, SizeY uint32 // metres; 256 where the grid does not say
	Access       uint8
	Flags        uint32
	WaterHeight  uint8
	Agents       uint8
	MapImage     grid.UUID
}

// MapAvatar is a dot on the world map: one avatar or several close together.
type MapAvatar struct {
	Global grid.Vector3d
	Count  int
}

// noSuchRegion marks the entries of a map answer that stand for nothing: the
// end of a search, an empty place.
const noSuchRegion = 255

func mapRegions(m *message.MapBlockReply) []MapRegion {
	var all []MapRegion
	for i, b := range m.Data {
		if b.Access == noSuchRegion || b.X == 0 && b.Y == 0 {
			continue
		}
		r := MapRegion{
			Handle: grid.HandleAt(uint32(b.X)*grid.RegionSize, uint32(b.Y)*grid.RegionSize),
			Name:   message.String(b.Name), SizeX: grid.RegionSize, SizeY: grid.RegionSize,
			Access: b.Access, Flags: b.RegionFlags, WaterHeight: b.WaterHeight, Agents: b.Agents, MapImage: b.MapImageID,
		}
		if i < len(m.Size) && m.Size[i].SizeX > 0 && m.Size[i].SizeY > 0 {
			r.SizeX, r.SizeY = uint32(m.Size[i].SizeX), uint32(m.Size[i].SizeY)
		}
		all = append(all, r)
	}
	return all
}

// FindRegion asks the map for a region by its name, in any case. The error is
// ErrRegionNotFound when the map answers without it, or does not answer.
func (a *Agent) FindRegion(ctx context.Context, name string) (MapRegion, error) {
	s, err := a.online()
	if err != nil {
		return MapRegion{}, err
	}
	if strings.TrimSpace(name) == "" {
		return MapRegion{}, fmt.Errorf("%w: the name is empty", ErrRegionNotFound)
	}
	var found *MapRegion
	err = a.ask(ctx, a.timeouts.Load().data, func(_ *region, m message.Message) progress {
		reply, ok := m.(*message.MapBlockReply)
		if !ok {
			return waiting
		}
		for _, r := range mapRegions(reply) {
			if strings.EqualFold(r.Name, name) {
				found = &r
				return complete
			}
		}
		for _, b := range reply.Data { // the end of this very search
			if b.Access == noSuchRegion && strings.EqualFold(message.String(b.Name), name) {
				return complete
			}
		}
		return advanced
	}, &message.MapNameRequest{
		AgentData: message.MapNameRequestAgentData{AgentID: s.id, SessionID: s.secret},
		NameData:  message.MapNameRequestNameData{Name: message.Bytes(name)},
	})
	a.mu.Lock() // a late answer may be writing
	r := found
	a.mu.Unlock()
	switch {
	case err != nil:
		return MapRegion{}, fmt.Errorf("look for region %q: %w", name, err)
	case r == nil:
		return MapRegion{}, fmt.Errorf("%w: %q", ErrRegionNotFound, name)
	}
	return *r, nil
}

// RegionByID asks for the place of a region by its id. The error is
// ErrTimeout when the grid does not know it: grids do not answer then.
func (a *Agent) RegionByID(ctx context.Context, id grid.UUID) (grid.RegionHandle, error) {
	for _, r := range a.Regions() {
		if r.ID == id {
			return r.Handle, nil
		}
	}
	var handle grid.RegionHandle
	err := a.ask(ctx, 0, func(_ *region, m message.Message) progress {
		reply, ok := m.(*message.RegionIDAndHandleReply)
		if !ok || reply.ReplyBlock.RegionID != id {
			return waiting
		}
		handle = grid.RegionHandle(reply.ReplyBlock.RegionHandle)
		return complete
	}, &message.RegionHandleRequest{RequestBlock: message.RegionHandleRequestRequestBlock{RegionID: id}})
	switch {
	case err != nil:
		return 0, fmt.Errorf("look for region %v: %w", id, err)
	case handle == 0:
		return 0, fmt.Errorf("%w: %v", ErrRegionNotFound, id)
	}
	return handle, nil
}

// MapRegions asks the map for the regions between two corners, both included,
// in units of 256 m. It waits until the answers cease for Config.DataTimeout;
// no answer at all means that there are none.
func (a *Agent) MapRegions(ctx context.Context, minX, minY, maxX, maxY uint16) ([]MapRegion, error) {
	s, err := a.online()
	if err != nil {
		return nil, err
	}
	if minX > maxX || minY > maxY {
		return nil, fmt.Errorf("map from %d,%d to %d,%d: want the smaller corner first", minX, minY, maxX, maxY)
	}
	limited, cancel := context.WithTimeout(ctx, 4*a.timeouts.Load().data)
	defer cancel()
	var found []MapRegion
	err = a.ask(limited, a.timeouts.Load().data, func(_ *region, m message.Message) progress {
		reply, ok := m.(*message.MapBlockReply)
		if !ok {
			return waiting
		}
		for _, r := range mapRegions(reply) {
			if x, y := r.Handle.Grid(); x >= uint32(minX) && x <= uint32(maxX) && y >= uint32(minY) && y <= uint32(maxY) {
				found = append(found, r)
			}
		}
		if minX == maxX && minY == maxY && len(found) > 0 {
			return complete
		}
		return advanced
	}, &message.MapBlockRequest{
		AgentData:    message.MapBlockRequestAgentData{AgentID: s.id, SessionID: s.secret},
		PositionData: message.MapBlockRequestPositionData{MinX: minX, MaxX: maxX, MinY: minY, MaxY: maxY},
	})
	if err != nil && (ctx.Err() != nil || limited.Err() == nil) {
		return nil, fmt.Errorf("ask the map: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return found, nil
}

// mapItemAvatars is the kind of map item that stands for avatars.
const mapItemAvatars = 6

// AvatarPositions asks the map where avatars are in any region of the grid,
// with the precision the grid likes to give. Ids are not told.
func (a *Agent) AvatarPositions(ctx context.Context, where grid.RegionHandle) ([]MapAvatar, error) {
	s, err := a.online()
	if err != nil {
		return nil, err
	}
	var found []MapAvatar
	err = a.ask(ctx, a.timeouts.Load().data, func(_ *region, m message.Message) progress {
		reply, ok := m.(*message.MapItemReply)
		if !ok || reply.RequestData.ItemType != mapItemAvatars {
			return waiting
		}
		for _, d := range reply.Data {
			if d.Extra > 0 {
				found = append(found, MapAvatar{Global: grid.Vector3d{X: float64(d.X), Y: float64(d.Y)}, Count: int(d.Extra)})
			}
		}
		return advanced
	}, &message.MapItemRequest{
		AgentData:   message.MapItemRequestAgentData{AgentID: s.id, SessionID: s.secret, Flags: 2},
		RequestData: message.MapItemRequestRequestData{ItemType: mapItemAvatars, RegionHandle: uint64(where)},
	})
	if err != nil {
		return nil, fmt.Errorf("ask the map for avatars: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return found, nil
}
