package simgrid

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
	"rookery/grid/message"
)

// imSession is the chat of a group, or a conference. An agent is invited with
// the first line that it is to hear, by the event queue; the others it is sent
// as instant messages.
type imSession struct {
	g            *Grid
	id           grid.UUID
	name         string
	group        bool
	participants func() []grid.UUID

	mu      sync.Mutex // held while a line is told, so that all hear the same order
	invited map[*session]bool
}

// Conference is a talk of several avatars. Its methods may be called from any
// goroutine.
type Conference struct{ session *imSession }

// AddConference begins a conference of accounts and inhabitants. Agents are
// invited with its first line.
func (g *Grid) AddConference(name string, participants ...grid.UUID) (*Conference, error) {
	for _, id := range participants {
		if g.AccountByID(id) == nil {
			return nil, fmt.Errorf("conference %s: there is no avatar %s", name, id)
		}
	}
	s := &imSession{g: g, id: uuid.New(), name: name, participants: func() []grid.UUID { return participants }}
	g.openSession(s)
	return &Conference{s}, nil
}

// ID is the session's id.
func (c *Conference) ID() grid.UUID { return c.session.id }

// Say says something on behalf of a participant.
func (c *Conference) Say(participant grid.UUID, text string) error {
	return c.session.say(participant, text)
}

// openSession takes a session in, or returns the one that is there already.
func (g *Grid) openSession(s *imSession) *imSession {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.imSessions == nil {
		g.imSessions = make(map[grid.UUID]*imSession)
	}
	if old := g.imSessions[s.id]; old != nil {
		return old
	}
	g.imSessions[s.id] = s
	return s
}

func (g *Grid) imSession(id grid.UUID) *imSession {
	g.mu.Lock()
	s := g.imSessions[id]
	g.mu.Unlock()
	if s != nil {
		return s
	}
	group := g.groupByID(id)
	if group == nil {
		return nil
	}
	return g.openSession(&imSession{g: g, id: id, name: group.cfg.Name, group: true, participants: group.Members})
}

// Say says something in the group's chat, on behalf of a member.
func (gr *Group) Say(member grid.UUID, text string) error {
	return gr.g.imSession(gr.cfg.ID).say(member, text)
}

// sayInSession takes a line that an agent says in a session.
func (g *Grid) sayInSession(from *Account, im message.ImprovedInstantMessage) {
	b := &im.MessageBlock
	if s := g.imSession(b.ID); s == nil || s.say(from.id, message.String(b.Message)) != nil {
		g.notice(from.id, imUnknown)
	}
}

// say tells everybody in the session a line, its speaker too. No region's lock
// may be held.
func (s *imSession) say(from grid.UUID, text string) error {
	account := s.g.AccountByID(from)
	participants := s.participants()
	if account == nil || !slices.Contains(participants, from) {
		return fmt.Errorf("%s: %s is not in it", s.name, from)
	}
	text = truncated(text, grid.ChatLimit)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, to := range participants {
		s.tell(to, account, text)
	}
	s.g.hub.emit(MessageSent{
		From: from, To: s.id, FromName: account.Name(), Dialog: grid.IMSessionSend, Text: text, Delivered: true,
	})
	return nil
}

func (s *imSession) tell(to grid.UUID, from *Account, text string) {
	agent := s.g.session(to)
	if agent == nil {
		return
	}
	p := agent.rootPresence()
	if p == nil {
		return
	}
	now := time.Now()
	if !s.invited[agent] {
		if s.invited == nil {
			s.invited = make(map[*session]bool)
		}
		maps.DeleteFunc(s.invited, func(a *session, _ bool) bool { return s.g.session(a.account.id) != a })
		s.invited[agent] = true
		p.seed.push(&caps.ChatterBoxInvitation{
			SessionID: s.id, SessionName: s.name, FromID: from.id, FromName: from.Name(), ToID: to, Message: text,
			Dialog: uint8(grid.IMSessionSend), FromGroup: s.group, Bucket: []byte(s.name), Timestamp: now, EstateID: 1,
			RegionID: p.region.cfg.ID,
		})
		return
	}
	s.g.deliverTo(to, &message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: from.id},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			FromGroup: s.group, ToAgentID: to, ParentEstateID: 1, RegionID: p.region.cfg.ID,
			Dialog: uint8(grid.IMSessionSend), ID: s.id, Timestamp: uint32(now.Unix()),
			FromAgentName: message.Bytes(from.Name()), Message: message.Bytes(text), BinaryBucket: message.Bytes(s.name),
		},
	})
}

// SessionAccepted says that an agent accepted the invitation to a session.
type SessionAccepted struct{ Agent, Session grid.UUID }

func (SessionAccepted) event() {}

// serveChatSession is how agents accept invitations.
func serveChatSession(p *presence, w http.ResponseWriter, r *http.Request) {
	v, ok := caps.ReadLLSD(w, r, 1<<16)
	if !ok {
		return
	}
	agent, id := p.session.account.id, llsd.UUID(llsd.Get(v, "session-id"))
	s := p.region.g.imSession(id)
	switch {
	case llsd.String(llsd.Get(v, "method")) != "accept invitation":
		http.Error(w, "no such method", http.StatusBadRequest)
		return
	case s == nil || !slices.Contains(s.participants(), agent):
		http.NotFound(w, r)
		return
	}
	members := map[string]any{}
	for _, id := range s.participants() {
		members[id.String()] = map[string]any{"can_voice_chat": false, "is_moderator": false}
	}
	caps.WriteLLSD(w, http.StatusOK, map[string]any{"agent_info": members})
	p.region.g.hub.emit(SessionAccepted{Agent: agent, Session: id})
}

// RegionMessage tells everybody in the region something on behalf of a manager
// of its estate.
func (r *Region) RegionMessage(from grid.UUID, fromName, text string) {
	r.lock()
	defer r.unlock()
	for _, p := range r.presences {
		if p.avatar == nil {
			continue
		}
		im := &message.ImprovedInstantMessage{
			AgentData: message.ImprovedInstantMessageAgentData{AgentID: from},
			MessageBlock: message.ImprovedInstantMessageMessageBlock{
				ParentEstateID: 1, RegionID: r.cfg.ID, Dialog: uint8(grid.IMMessageFromAgent),
				Timestamp: uint32(time.Now().Unix()), FromAgentName: message.Bytes(fromName),
				Message: message.Bytes(truncated(text, grid.ChatLimit)), BinaryBucket: []byte{0},
			},
		}
		if r.g.cfg.OpenSim { // a message box to each
			im.MessageBlock.ToAgentID, im.MessageBlock.Dialog = p.session.account.id, uint8(grid.IMMessageBox)
		}
		p.sendReliable(im)
	}
}
