package caps

import (
	"time"

	"rookery/grid"
	"rookery/grid/llsd"
)

// AgentGroupDataUpdate lists the groups that an avatar is a member of.
type AgentGroupDataUpdate struct {
	AgentID grid.UUID
	Groups  []GroupMembership
}

// GroupMembership is one avatar's part in a group.
type GroupMembership struct {
	GroupID       grid.UUID
	Name          string
	Title         string
	Powers        uint64
	Insignia      grid.UUID
	Contribution  int32
	AcceptNotices bool
	ListInProfile bool
}

type groupUpdateWire struct {
	AgentData    []agentWire
	GroupData    []groupWire
	NewGroupData []groupListedWire
}

type agentWire struct{ AgentID grid.UUID }

type groupWire struct {
	GroupID         grid.UUID
	GroupPowers     uint64
	AcceptNotices   bool
	GroupInsigniaID grid.UUID
	Contribution    int32
	GroupName       string
	GroupTitle      string `llsd:"GroupTitle,omitempty"`
}

type groupListedWire struct{ ListInProfile bool }

// EventName implements Body.
func (*AgentGroupDataUpdate) EventName() string { return "AgentGroupDataUpdate" }

func (e *AgentGroupDataUpdate) encode() map[string]any {
	w := groupUpdateWire{
		AgentData: []agentWire{{e.AgentID}}, GroupData: []groupWire{}, NewGroupData: []groupListedWire{},
	}
	for _, g := range e.Groups {
		w.GroupData = append(w.GroupData, groupWire{
			g.GroupID, g.Powers, g.AcceptNotices, g.Insignia, g.Contribution, g.Name, g.Title,
		})
		w.NewGroupData = append(w.NewGroupData, groupListedWire{g.ListInProfile})
	}
	return encodeWire(w)
}

func (e *AgentGroupDataUpdate) decode(m map[string]any) error {
	var w groupUpdateWire
	if err := llsd.Unmarshal(m, &w); err != nil {
		return err
	}
	if len(w.AgentData) > 0 {
		e.AgentID = w.AgentData[0].AgentID
	}
	for i, g := range w.GroupData {
		// Unknown visibility counts as listed, which is the grids' default.
		listed := i >= len(w.NewGroupData) || w.NewGroupData[i].ListInProfile
		e.Groups = append(e.Groups, GroupMembership{
			g.GroupID, g.GroupName, g.GroupTitle, g.GroupPowers, g.GroupInsigniaID, g.Contribution, g.AcceptNotices, listed,
		})
	}
	return nil
}

// AgentDropGroup tells that an avatar is no longer a member of a group.
type AgentDropGroup struct{ AgentID, GroupID grid.UUID }

// EventName implements Body.
func (*AgentDropGroup) EventName() string { return "AgentDropGroup" }

func (e *AgentDropGroup) encode() map[string]any {
	return encodeWire(struct{ AgentData []AgentDropGroup }{[]AgentDropGroup{*e}})
}

func (e *AgentDropGroup) decode(m map[string]any) error {
	var w struct{ AgentData []AgentDropGroup }
	if err := llsd.Unmarshal(m, &w); err != nil {
		return err
	}
	a, err := first(w.AgentData, "AgentData")
	if err != nil {
		return err
	}
	*e = *a
	return nil
}

// ChatterBoxInvitation opens a group or conference session and carries its
// first message, or invites to a voice call.
type ChatterBoxInvitation struct {
	SessionID   grid.UUID
	SessionName string
	FromID      grid.UUID
	FromName    string
	ToID        grid.UUID
	Message     string
	Dialog      uint8 // as in ImprovedInstantMessage
	FromGroup   bool
	Bucket      []byte
	Timestamp   time.Time // zero when the grid does not say
	Position    grid.Vector3
	RegionID    grid.UUID
	EstateID    int32 // parent estate
	Offline     bool
	Voice       bool // a call, without a message
}

type invitationWire struct {
	SessionID   grid.UUID       `llsd:"session_id"`
	SessionName string          `llsd:"session_name"`
	FromID      grid.UUID       `llsd:"from_id"`
	FromName    string          `llsd:"from_name"`
	IM          *instantMessage `llsd:"instantmessage,omitempty"`
	Voice       any             `llsd:"voice,omitempty"`
}

type instantMessage struct {
	Params messageParams `llsd:"message_params"`
}

type messageParams struct {
	Type      int32        `llsd:"type"`
	Position  grid.Vector3 `llsd:"position"`
	RegionID  grid.UUID    `llsd:"region_id"`
	ToID      grid.UUID    `llsd:"to_id"`
	FromID    grid.UUID    `llsd:"from_id"`
	FromName  string       `llsd:"from_name"`
	FromGroup bool         `llsd:"from_group"`
	Message   string       `llsd:"message"`
	ID        grid.UUID    `llsd:"id"`
	Timestamp any          `llsd:"timestamp"`
	Offline   int32        `llsd:"offline"`
	EstateID  int32        `llsd:"parent_estate_id"`
	Data      messageData  `llsd:"data"`
}

type messageData struct {
	Bucket    []byte `llsd:"binary_bucket"`
	Type      any    `llsd:"type,omitempty"`
	Timestamp any    `llsd:"timestamp,omitempty"`
}

// EventName implements Body.
func (*ChatterBoxInvitation) EventName() string { return "ChatterBoxInvitation" }

func (e *ChatterBoxInvitation) encode() map[string]any {
	w := invitationWire{SessionID: e.SessionID, SessionName: e.SessionName, FromID: e.FromID, FromName: e.FromName}
	if e.Voice {
		w.Voice = map[string]any{}
		return encodeWire(w)
	}
	var stamp uint32
	if !e.Timestamp.IsZero() {
		stamp = uint32(e.Timestamp.Unix())
	}
	offline := int32(0)
	if e.Offline {
		offline = 1
	}
	w.IM = &instantMessage{messageParams{
		Type: int32(e.Dialog), Position: e.Position, RegionID: e.RegionID, ToID: e.ToID, FromID: e.FromID, FromName: e.FromName,
		FromGroup: e.FromGroup, Message: e.Message, ID: e.SessionID, Timestamp: stamp, Offline: offline, EstateID: e.EstateID,
		// The dialog and time stand in both places: Second Life reads data, OpenSimulator's side writes above.
		Data: messageData{Bucket: e.Bucket, Type: int32(e.Dialog), Timestamp: stamp},
	}}
	return encodeWire(w)
}

func (e *ChatterBoxInvitation) decode(m map[string]any) error {
	var w invitationWire
	if err := llsd.Unmarshal(m, &w); err != nil {
		return err
	}
	*e = ChatterBoxInvitation{
		SessionID: w.SessionID, SessionName: w.SessionName, FromID: w.FromID, FromName: w.FromName, Voice: w.Voice != nil,
	}
	if w.IM == nil {
		return nil
	}
	p := w.IM.Params
	e.ToID, e.Message, e.FromGroup, e.Bucket = p.ToID, p.Message, p.FromGroup, p.Data.Bucket
	e.Position, e.RegionID, e.EstateID, e.Offline = p.Position, p.RegionID, p.EstateID, p.Offline != 0
	e.Dialog = uint8(p.Type)
	if p.Data.Type != nil {
		e.Dialog = uint8(llsd.Int(p.Data.Type))
	}
	e.Timestamp = stamp(p.Data.Timestamp)
	if e.Timestamp.IsZero() {
		e.Timestamp = stamp(p.Timestamp)
	}
	if e.FromID == (grid.UUID{}) {
		e.FromID = p.FromID
	}
	if e.FromName == "" {
		e.FromName = p.FromName
	}
	if e.SessionID == (grid.UUID{}) {
		e.SessionID = p.ID
	}
	return nil
}

// stamp reads a date, a number of seconds or the binary of one; 0 is no time.
func stamp(v any) time.Time {
	if t, ok := v.(time.Time); ok {
		if t.Unix() == 0 {
			return time.Time{}
		}
		return t
	}
	n := llsd.Uint(v)
	if n == 0 || n > 1<<33 {
		return time.Time{}
	}
	return time.Unix(int64(n), 0).UTC()
}

// ChatterBoxSessionStartReply answers the start of a group or conference session.
type ChatterBoxSessionStartReply struct {
	SessionID     grid.UUID `llsd:"session_id"`
	TempSessionID grid.UUID `llsd:"temp_session_id"`
	Success       bool      `llsd:"success"`
	Error         string    `llsd:"error,omitempty"`
	// Info describes the session, as it came.
	Info map[string]any `llsd:"session_info,omitempty"`
}

// EventName implements Body.
func (*ChatterBoxSessionStartReply) EventName() string { return "ChatterBoxSessionStartReply" }

func (e *ChatterBoxSessionStartReply) encode() map[string]any { return encodeWire(*e) }

func (e *ChatterBoxSessionStartReply) decode(m map[string]any) error { return llsd.Unmarshal(m, e) }

// ForceCloseChatterBoxSession ends a group or conference session.
type ForceCloseChatterBoxSession struct {
	SessionID grid.UUID `llsd:"session_id"`
	Reason    string    `llsd:"reason"`
}

// EventName implements Body.
func (*ForceCloseChatterBoxSession) EventName() string { return "ForceCloseChatterBoxSession" }

func (e *ForceCloseChatterBoxSession) encode() map[string]any { return encodeWire(*e) }

func (e *ForceCloseChatterBoxSession) decode(m map[string]any) error { return llsd.Unmarshal(m, e) }
