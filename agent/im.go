package agent

import (
	"context"
	"fmt"
	"time"

	"rookery/grid"
	"rookery/grid/message"
)

// OutgoingMessage is an instant message to send.
type OutgoingMessage struct {
	To      grid.UUID
	Dialog  grid.IMDialog
	Session grid.UUID     // null means the conversation of the two avatars
	Online  grid.IMOnline // whether the grid drops or keeps it when the receiver is away
	Message string
	Bucket  []byte
}

// InstantMessage writes to an avatar. The grid keeps the message when the
// avatar is away, if it keeps messages. Nothing tells whether it arrived.
func (a *Agent) InstantMessage(ctx context.Context, to grid.UUID, text string) error {
	return a.SendInstantMessage(ctx, OutgoingMessage{To: to, Online: grid.IMOffline, Message: text})
}

// SendInstantMessage sends an instant message of any dialog. The error is
// ErrTooLong when the text has more than grid.ChatLimit bytes.
func (a *Agent) SendInstantMessage(ctx context.Context, m OutgoingMessage) error {
	if err := checkText(m.Message); err != nil {
		return fmt.Errorf("instant message: %w", err)
	}
	a.mu.Lock()
	s := a.session
	if s == nil || a.state != Online {
		a.mu.Unlock()
		return ErrOffline
	}
	im := s.im(m)
	a.mu.Unlock()
	if err := a.tell(ctx, im); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.emit(sent(im))
	return nil
}

// sent is the event of a message on its way.
func sent(m *message.ImprovedInstantMessage) MessageSent {
	b := &m.MessageBlock
	return MessageSent{InstantMessage{
		From: m.AgentData.AgentID, FromName: message.String(b.FromAgentName), To: b.ToAgentID,
		Dialog: grid.IMDialog(b.Dialog), Session: b.ID, Region: b.RegionID, Position: b.Position,
		Time: time.Now().UTC(), Message: message.String(b.Message), Bucket: b.BinaryBucket,
	}}
}

// confirmMessage is SendInstantMessage that returns when the region has heard of
// it.
func (a *Agent) confirmMessage(ctx context.Context, m OutgoingMessage) error {
	a.mu.Lock()
	s := a.session
	if s == nil || a.state != Online {
		a.mu.Unlock()
		return ErrOffline
	}
	im := s.im(m)
	a.mu.Unlock()
	return a.confirm(ctx, im)
}

// MessageTyping tells an avatar that the agent began or stopped writing to it.
func (a *Agent) MessageTyping(ctx context.Context, to grid.UUID, start bool) error {
	m := OutgoingMessage{To: to, Dialog: grid.IMStopTyping, Message: "typing"}
	if start {
		m.Dialog = grid.IMStartTyping
	}
	return a.SendInstantMessage(ctx, m)
}

// im builds an instant message. Called with a.mu held.
func (s *session) im(m OutgoingMessage) *message.ImprovedInstantMessage {
	if m.Session == (grid.UUID{}) {
		m.Session = grid.IMSession(s.id, m.To)
	}
	if len(m.Bucket) == 0 {
		m.Bucket = []byte{0} // viewers always send one byte
	}
	position, _ := s.place()
	return &message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: s.id, SessionID: s.secret},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			ToAgentID: m.To, RegionID: s.root.info.ID, Position: position,
			Offline: uint8(m.Online), Dialog: uint8(m.Dialog), ID: m.Session,
			FromAgentName: message.Bytes(s.self.name.String()), Message: message.Bytes(m.Message), BinaryBucket: m.Bucket,
		},
	}
}

// instantMessage takes in a message that came over UDP.
func (s *session) instantMessage(m *message.ImprovedInstantMessage) {
	b := &m.MessageBlock
	im := InstantMessage{
		From: m.AgentData.AgentID, FromName: message.String(b.FromAgentName), To: b.ToAgentID,
		Dialog: grid.IMDialog(b.Dialog), Group: b.FromGroup, Session: b.ID, ParentEstate: b.ParentEstateID,
		Region: b.RegionID, Position: b.Position, Offline: b.Offline == uint8(grid.IMOffline),
		Time: time.Now().UTC(), Message: message.String(b.Message), Bucket: b.BinaryBucket,
	}
	if b.Timestamp != 0 {
		im.Time = time.Unix(int64(b.Timestamp), 0).UTC()
	}
	s.received(im)
}

// received tells of an instant message, however it came, unless its sender is
// muted. Called with a.mu held.
func (s *session) received(im InstantMessage) {
	if s.mutedMessage(im) {
		s.turnAway(im)
		return
	}
	switch im.Dialog {
	case grid.IMStartTyping, grid.IMStopTyping:
		s.a.emit(TypingChanged{Agent: im.From, FromName: im.FromName, Start: im.Dialog == grid.IMStartTyping, IM: true})
	case grid.IMMessageFromObject:
		s.a.emit(s.objectMessage(im))
	case grid.IMMessageFromAgent, grid.IMSessionSend:
		s.words(im)
	default:
		if im.fromManager() {
			s.a.emit(RegionMessage{im})
			return
		}
		if !s.offered(im) {
			s.a.emit(DialogReceived{im})
		}
	}
}

// objectMessage finds out which id is which: Second Life sends the owner's as
// the sender and the object's as the session, OpenSimulator the object's as
// the sender and a mixture of both ids as the session.
func (s *session) objectMessage(im InstantMessage) ObjectMessage {
	m := ObjectMessage{InstantMessage: im, Object: im.Session, Owner: im.From}
	if im.Session == (grid.UUID{}) || im.Session == im.From || im.Session == grid.IMSession(im.From, im.To) {
		m.Object, m.Owner = im.From, grid.UUID{}
		for _, r := range s.regions {
			if e := r.ids[m.Object]; e != nil && e.extra != nil {
				m.Owner = e.extra.owner
			}
		}
	}
	return m
}

// busyReplyEvery is how long one avatar waits for the next automatic answer.
const busyReplyEvery = time.Minute

// answerBusy tells the writer that the agent is busy, if it is and has words
// for it. Messages from before the login are not answered.
func (s *session) answerBusy(im InstantMessage) {
	text := s.a.cfg.BusyReply
	if text == "" || im.Offline || !s.a.movement.busy || im.From == s.id {
		return
	}
	now := time.Now()
	if s.answered == nil {
		s.answered = make(map[grid.UUID]time.Time)
	}
	if now.Sub(s.answered[im.From]) < busyReplyEvery {
		return
	}
	for id, t := range s.answered {
		if now.Sub(t) >= busyReplyEvery {
			delete(s.answered, id)
		}
	}
	s.answered[im.From] = now
	answer := s.im(OutgoingMessage{To: im.From, Dialog: grid.IMBusyAutoResponse, Session: im.Session, Message: text})
	s.reply(s.root, answer)
	s.a.emit(sent(answer))
}

// retrieveInstantMessages asks for stored messages in the way of old, which
// OpenSimulator has; they come as ImprovedInstantMessage.
func (s *session) retrieveInstantMessages(c context.Context) error {
	return s.a.tell(c, &message.RetrieveInstantMessages{
		AgentData: message.RetrieveInstantMessagesAgentData{AgentID: s.id, SessionID: s.secret},
	})
}
