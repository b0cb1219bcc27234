package agent

import (
	"cmp"
	"context"
	"errors"
	"time"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
)

// Several avatars talk in a session: the chat of a group, whose session has
// the group's id, or a conference, whose id is made up. The grid invites to it
// by the event queue, with the first line; further lines come as instant
// messages.

// maxIMSessions is how many sessions the agent remembers the names of.
const maxIMSessions = 1000

// invited takes in an invitation to a session. The agent accepts it, since
// Second Life tells only those who did what is said there. Called with a.mu
// held.
func (s *session) invited(e *caps.ChatterBoxInvitation) {
	if e.Voice || e.SessionID == (grid.UUID{}) {
		return
	}
	if s.imSessions == nil || len(s.imSessions) >= maxIMSessions {
		s.imSessions = make(map[grid.UUID]imSession)
	}
	s.imSessions[e.SessionID] = imSession{
		name: cmp.Or(e.SessionName, message.String(e.Bucket)), group: e.FromGroup || s.a.memberOf(e.SessionID),
	}
	if s.accepting < maxAccepting {
		s.accepting++
		s.start(func() { s.acceptInvitation(e.SessionID) })
	}
	if e.Message == "" {
		return
	}
	im := InstantMessage{
		From: e.FromID, FromName: e.FromName, To: cmp.Or(e.ToID, s.id), Dialog: grid.IMSessionSend, Group: e.FromGroup,
		Session: e.SessionID, ParentEstate: uint32(e.EstateID), Region: e.RegionID, Position: e.Position,
		Offline: e.Offline, Time: e.Timestamp, Message: e.Message, Bucket: e.Bucket,
	}
	if im.Time.IsZero() {
		im.Time = time.Now().UTC()
	}
	s.received(im)
}

// imSession is what is known of a session.
type imSession struct {
	name  string
	group bool
}

// maxAccepting bounds how many invitations are being accepted at a time. Who
// is invited to more will be again, with the next line.
const maxAccepting = 16

func (s *session) acceptInvitation(id grid.UUID) {
	defer func() {
		s.a.mu.Lock()
		defer s.a.mu.Unlock()
		s.accepting--
	}()
	ctx, cancel := context.WithTimeout(s.ctx, s.a.timeouts.Load().service)
	defer cancel()
	_, url, err := s.a.capability(ctx, "ChatSessionRequest")
	if err == nil {
		_, err = s.client().Post(ctx, url, map[string]any{"method": "accept invitation", "session-id": id})
	}
	// OpenSimulator has no such capability, and wants nothing accepted.
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrNoCapability) && !errors.Is(err, ErrOffline) {
		s.log.Warn("invitation to a session not accepted", "session", id, "error", err)
	}
}

// knownGroup is the name of a group that the agent is in. Called with a.mu held.
func (a *Agent) knownGroup(id grid.UUID) string {
	for _, g := range a.groups {
		if g.ID == id {
			return g.Name
		}
	}
	return ""
}

// words tells of what people say in instant messages: to the agent, to a group
// or conference that it is in, to everybody in a region. Called with a.mu held.
func (s *session) words(im InstantMessage) {
	known := s.imSessions[im.Session]
	switch {
	case s.a.memberOf(im.Session) || im.Dialog == grid.IMSessionSend && (im.Group || known.group):
		s.a.emit(GroupMessage{im, cmp.Or(s.a.knownGroup(im.Session), known.name, message.String(im.Bucket))})
	case im.Dialog == grid.IMSessionSend, len(im.Bucket) > 1 && im.Session != (grid.UUID{}):
		s.a.emit(ConferenceMessage{im, cmp.Or(known.name, message.String(im.Bucket))})
	case im.To != s.id && im.Session == (grid.UUID{}):
		s.a.emit(RegionMessage{im})
	case im.To != s.id || im.Group || len(im.Bucket) > 1:
		s.a.emit(DialogReceived{im})
	default:
		if im.FromName != "" && im.From != (grid.UUID{}) {
			s.a.names.put(im.From, ParseName(im.FromName))
		}
		s.a.emit(MessageReceived{im})
		s.answerBusy(im)
	}
}

// fromManager tells whether a message box comes from an avatar: that is how
// OpenSimulator tells what the estate's managers have to say.
func (m InstantMessage) fromManager() bool {
	return m.Dialog == grid.IMMessageBox && m.From != (grid.UUID{}) && m.From != m.To
}
