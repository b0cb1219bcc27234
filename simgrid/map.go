package simgrid

import (
	"strings"

	"rookery/grid"
	"rookery/grid/message"
)

var mapRoutes = []route{
	onAny(handleMapNameRequest),
	onAny(handleMapBlockRequest),
	onAny(handleMapItemRequest),
	onAny(handleRegionHandleRequest),
}

// accessNone marks a place on the map where no region is.
const accessNone = 255

func handleMapNameRequest(r *Region, p *presence, m *message.MapNameRequest) {
	query := strings.TrimSpace(message.String(m.NameData.Name))
	reply := &message.MapBlockReply{AgentData: message.MapBlockReplyAgentData{AgentID: p.session.account.id, Flags: m.AgentData.Flags}}
	var found []*Region
	for _, o := range r.g.regions {
		if query != "" && len(query) <= len(o.cfg.Name) && strings.EqualFold(o.cfg.Name[:len(query)], query) {
			found = append(found, o)
		}
	}
	// The last block says that nothing more is found.
	r.mapBlocks(p, reply, found, message.MapBlockReplyData{Name: message.Bytes(truncated(query, 254)), Access: accessNone})
}

func handleMapBlockRequest(r *Region, p *presence, m *message.MapBlockRequest) {
	b := m.PositionData
	reply := &message.MapBlockReply{AgentData: message.MapBlockReplyAgentData{AgentID: p.session.account.id, Flags: m.AgentData.Flags}}
	var found []*Region
	for _, o := range r.g.regions {
		cells := o.cfg.Size / grid.RegionSize
		if o.cfg.X <= uint32(b.MaxX) && o.cfg.X+cells > uint32(b.MinX) && o.cfg.Y <= uint32(b.MaxY) && o.cfg.Y+cells > uint32(b.MinY) {
			found = append(found, o)
		}
	}
	r.mapBlocks(p, reply, found)
}

// mapBlocks sends a map reply about regions. It needs their locks, so it works
// after this region's is given back.
func (r *Region) mapBlocks(p *presence, reply *message.MapBlockReply, found []*Region, more ...message.MapBlockReplyData) {
	r.later(func() {
		for _, o := range found {
			o.mu.Lock()
			b := message.MapBlockReplyData{
				X: uint16(o.cfg.X), Y: uint16(o.cfg.Y), Name: message.Bytes(o.cfg.Name), Access: uint8(o.cfg.Access),
				RegionFlags: regionFlags, WaterHeight: uint8(o.cfg.Water), Agents: uint8(min(len(o.avatars), 255)), MapImageID: nameID("map", o.cfg.Name),
			}
			if o.endpoint == nil {
				b.Access = accessNone - 1 // down
			}
			o.mu.Unlock()
			reply.Data = append(reply.Data, b)
			reply.Size = append(reply.Size, message.MapBlockReplySize{SizeX: uint16(o.cfg.Size), SizeY: uint16(o.cfg.Size)})
		}
		for _, b := range more {
			reply.Data = append(reply.Data, b)
			reply.Size = append(reply.Size, message.MapBlockReplySize{})
		}
		r.lock()
		defer r.unlock()
		if len(reply.Data) > 0 {
			p.sendReliable(reply)
		}
	})
}

// mapItemAgents is the kind of map items that avatars are.
const mapItemAgents = 6

func handleMapItemRequest(r *Region, p *presence, m *message.MapItemRequest) {
	if m.RequestData.ItemType != mapItemAgents {
		r.g.served.add("MapItemRequest other than avatars")
		return
	}
	of := r
	if m.RequestData.RegionHandle != 0 {
		of = r.g.byHandle(grid.RegionHandle(m.RequestData.RegionHandle))
	}
	reply := &message.MapItemReply{
		AgentData:   message.MapItemReplyAgentData{AgentID: p.session.account.id, Flags: m.AgentData.Flags},
		RequestData: message.MapItemReplyRequestData{ItemType: mapItemAgents},
	}
	r.later(func() {
		if of != nil {
			reply.Data = of.mapItems()
		}
		r.lock()
		defer r.unlock()
		p.sendReliable(reply)
	})
}

// mapItemLimit is how many items one reply carries.
const mapItemLimit = 50

// mapItems lists where avatars are, without their names.
func (r *Region) mapItems() []message.MapItemReplyData {
	r.mu.Lock()
	defer r.mu.Unlock()
	x0, y0 := r.handle.Metres()
	type spot struct{ x, y uint32 }
	index := make(map[spot]int)
	var items []message.MapItemReplyData
	for _, av := range r.avatars {
		at := spot{x0 + uint32(av.motion.Position.X), y0 + uint32(av.motion.Position.Y)}
		i, ok := index[at]
		if !ok {
			if len(items) == mapItemLimit {
				continue
			}
			i = len(items)
			index[at] = i
			items = append(items, message.MapItemReplyData{X: at.x, Y: at.y, Name: message.Bytes("")})
		}
		items[i].Extra++
	}
	if len(items) == 0 {
		// Viewers take a reply without items for none at all.
		items = append(items, message.MapItemReplyData{X: x0 + 1, Y: y0 + 1, Name: message.Bytes("")})
	}
	return items
}

// handleRegionHandleRequest tells where the region with an id lies. As on real
// grids there is no answer when there is none.
func handleRegionHandleRequest(r *Region, p *presence, m *message.RegionHandleRequest) {
	for _, o := range r.g.regions {
		if o.cfg.ID == m.RequestBlock.RegionID {
			p.sendReliable(&message.RegionIDAndHandleReply{ReplyBlock: message.RegionIDAndHandleReplyReplyBlock{
				RegionID: o.cfg.ID, RegionHandle: uint64(o.handle),
			}})
		}
	}
}
