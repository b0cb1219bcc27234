package agent

import (
	"context"
	"errors"
	"time"

	"rookery/grid"
	"rookery/grid/llsd"
)

// fetchOffline asks for the messages that the grid kept while the agent was
// away: by capability where there is one (Second Life), else over UDP.
func (s *session) fetchOffline() {
	ctx, cancel := context.WithTimeout(s.ctx, s.a.timeouts.Load().service)
	defer cancel()
	_, url, err := s.a.capability(ctx, "ReadOfflineMsgs")
	if err == nil {
		var v any
		if v, err = s.client().Get(ctx, url); err == nil {
			s.readOffline(v)
			return
		}
	}
	if errors.Is(err, ErrOffline) || ctx.Err() != nil {
		return
	}
	if !errors.Is(err, ErrNoCapability) {
		s.log.Warn("offline messages", "error", err)
	}
	if err := s.retrieveInstantMessages(ctx); err != nil {
		s.log.Debug("offline messages", "error", err)
	}
}

// readOffline takes in the answer of ReadOfflineMsgs: an array of messages, or
// an array that holds it.
func (s *session) readOffline(v any) {
	list := llsd.Array(v)
	if len(list) == 1 && llsd.Array(list[0]) != nil {
		list = llsd.Array(list[0])
	}
	s.a.mu.Lock()
	defer func() {
		out := s.flush()
		s.a.mu.Unlock()
		s.post(out)
	}()
	for _, el := range list {
		m := llsd.Map(el)
		if m == nil {
			continue
		}
		number := func(key string) float32 { return float32(llsd.Real(m[key])) }
		im := InstantMessage{
			From: llsd.UUID(m["from_agent_id"]), FromName: llsd.String(m["from_agent_name"]),
			To: llsd.UUID(m["to_agent_id"]), Dialog: grid.IMDialog(llsd.Int(m["dialog"])),
			Group:   llsd.String(m["from_group"]) == "Y" || llsd.Bool(m["from_group"]) && llsd.String(m["from_group"]) != "N",
			Session: llsd.UUID(m["transaction-id"]), ParentEstate: uint32(llsd.Int(m["parent_estate_id"])),
			Region:   llsd.UUID(m["region_id"]),
			Position: grid.Vector3{X: number("local_x"), Y: number("local_y"), Z: number("local_z")},
			Offline:  true, Time: time.Now().UTC(), Message: llsd.String(m["message"]),
			Bucket: llsd.Bytes(m["binary_bucket"]),
		}
		if t := llsd.Int(m["timestamp"]); t != 0 {
			im.Time = time.Unix(int64(t), 0).UTC()
		}
		if im.Dialog == grid.IMGroupInvitation && !im.Group {
			if group := llsd.UUID(m["asset_id"]); group != (grid.UUID{}) {
				im.From = group // who invited is the sender then, and known by name
			}
		}
		if im.Session == (grid.UUID{}) {
			im.Session = grid.IMSession(im.From, s.id)
		}
		s.received(im)
	}
}
