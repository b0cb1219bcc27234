package agent

import (
	"context"
	"fmt"
	"strings"

	"rookery/grid"
	"rookery/grid/message"
)

// Chat says something in local chat. On channel 0 everybody in range hears it
// (see grid.ChatRange); the other positive channels are for objects. Types
// other than whisper, normal and shout are for the grid to judge; the typing
// types carry no text.
//
// Grids take no chat on negative channels from avatars: there the text is sent
// as the answer to a script dialog, which a script cannot tell from chat. Type
// is of no meaning then.
//
// The error is ErrTooLong when message has more than grid.ChatLimit bytes.
func (a *Agent) Chat(ctx context.Context, text string, t grid.ChatType, channel int32) error {
	if err := checkText(text); err != nil {
		return fmt.Errorf("chat: %w", err)
	}
	s, err := a.online()
	if err != nil {
		return err
	}
	if channel < 0 {
		return a.tell(ctx, &message.ScriptDialogReply{
			AgentData: message.ScriptDialogReplyAgentData{AgentID: s.id, SessionID: s.secret},
			Data:      message.ScriptDialogReplyData{ObjectID: s.id, ChatChannel: channel, ButtonLabel: message.Bytes(text)},
		})
	}
	return a.tell(ctx, &message.ChatFromViewer{
		AgentData: message.ChatFromViewerAgentData{AgentID: s.id, SessionID: s.secret},
		ChatData:  message.ChatFromViewerChatData{Message: message.Bytes(text), Type: uint8(t), Channel: channel},
	})
}

// Say says something on channel 0 with the normal range.
func (a *Agent) Say(ctx context.Context, text string) error {
	return a.Chat(ctx, text, grid.ChatNormal, 0)
}

// ChatTyping tells those in range that the agent began or stopped typing,
// with the animation that viewers show for it.
func (a *Agent) ChatTyping(ctx context.Context, start bool) error {
	t := grid.ChatStopTyping
	if start {
		t = grid.ChatStartTyping
	}
	if err := a.Chat(ctx, "", t, 0); err != nil {
		return err
	}
	return a.Typing(ctx, start)
}

func checkText(text string) error {
	if len(text) > grid.ChatLimit {
		return fmt.Errorf("%w: %d bytes, %d are allowed", ErrTooLong, len(text), grid.ChatLimit)
	}
	if strings.IndexByte(text, 0) >= 0 {
		return fmt.Errorf("a NUL character ends the text on the wire: remove it")
	}
	return nil
}

// chat takes in what was said nearby, unless the mute list silences it.
func (s *session) chat(r *region, m *message.ChatFromSimulator) {
	d := &m.ChatData
	t, name := grid.ChatType(d.ChatType), message.String(d.FromName)
	if len(s.a.mutes.entries) > 0 && s.muted(name, r.withParents([]grid.UUID{d.OwnerID}, d.SourceID)...) {
		return
	}
	if t == grid.ChatStartTyping || t == grid.ChatStopTyping {
		s.a.emit(TypingChanged{Agent: d.SourceID, FromName: name, Start: t == grid.ChatStartTyping})
		return
	}
	s.a.emit(ChatHeard{
		Region: r.info.Handle, FromName: name, Source: d.SourceID, Owner: d.OwnerID,
		Kind: grid.ChatSource(d.SourceType), Type: t, Audible: grid.ChatAudible(int8(d.Audible)),
		Position: d.Position, Message: message.String(d.Message),
	})
}

// alert takes in a message of the simulator.
func (s *session) alert(m *message.AlertMessage) {
	e := Alert{Message: message.String(m.AlertData.Message)}
	for _, i := range m.AlertInfo {
		e.Info = append(e.Info, AlertInfo{Key: message.String(i.Message), Params: message.String(i.ExtraParams)})
	}
	s.a.emit(e)
}

func (s *session) agentAlert(m *message.AgentAlertMessage) {
	s.a.emit(Alert{Message: message.String(m.AlertData.Message), Modal: m.AlertData.Modal, Agent: true})
}
