package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"rookery/grid"
	"rookery/grid/message"
)

// muteList is the mute list that the grid keeps for the agent. That of the last
// session holds until the one of this is there. Guarded by a.mu.
type muteList struct {
	known   bool // fetched in this session
	entries []grid.Mute
}

// Mutes returns the mute list that the grid keeps for the agent. It is fetched
// at login; when that has not happened yet, or failed, Mutes fetches it. The
// error is ErrTimeout when the grid does not answer: some have no mute lists.
// With an error Mutes returns what the agent obeys meanwhile.
func (a *Agent) Mutes(ctx context.Context) ([]grid.Mute, error) {
	err := a.loadMutes(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.mutes.entries), err
}

// Mute adds an entry to the mute list, or changes type and flags of the entry
// with that id and name. It returns when the region has heard of it: nothing
// tells whether the grid keeps it. From then on the agent is deaf to whom the
// entry names; see [grid.MuteFlags] for what it hears all the same.
func (a *Agent) Mute(ctx context.Context, m grid.Mute) error {
	if m.ID == (grid.UUID{}) && m.Name == "" {
		return errors.New("mute: an entry without id and name names nobody")
	}
	if len(m.Name) > grid.MuteNameLimit || strings.ContainsAny(m.Name, "\x00\r\n") {
		return fmt.Errorf("mute: %w: the name of an entry has at most %d bytes on one line", ErrTooLong, grid.MuteNameLimit)
	}
	return a.changeMutes(ctx, func(s *session) message.Message {
		return &message.UpdateMuteListEntry{
			AgentData: message.UpdateMuteListEntryAgentData{AgentID: s.id, SessionID: s.secret},
			MuteData: message.UpdateMuteListEntryMuteData{
				MuteID: m.ID, MuteName: message.Bytes(m.Name), MuteType: int32(m.Type), MuteFlags: uint32(m.Flags),
			},
		}
	}, func(list []grid.Mute) []grid.Mute {
		if i := slices.IndexFunc(list, m.Is); i >= 0 {
			list[i] = m
			return list
		}
		return append(list, m)
	})
}

// Unmute removes the entry with that id and name from the mute list; see Mute.
func (a *Agent) Unmute(ctx context.Context, m grid.Mute) error {
	return a.changeMutes(ctx, func(s *session) message.Message {
		return &message.RemoveMuteListEntry{
			AgentData: message.RemoveMuteListEntryAgentData{AgentID: s.id, SessionID: s.secret},
			MuteData:  message.RemoveMuteListEntryMuteData{MuteID: m.ID, MuteName: message.Bytes(m.Name)},
		}
	}, func(list []grid.Mute) []grid.Mute { return slices.DeleteFunc(list, m.Is) })
}

// changeMutes sends a change and makes it here too, once the region has it.
func (a *Agent) changeMutes(ctx context.Context, request func(*session) message.Message, change func([]grid.Mute) []grid.Mute) error {
	// A list that is being fetched may be older than the change.
	done, err := a.takeMuteTurn(ctx)
	if err != nil {
		return err
	}
	defer done()
	s, err := a.online()
	if err != nil {
		return err
	}
	if err := a.confirm(ctx, request(s)); err != nil {
		return fmt.Errorf("change the mute list: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.setMutes(change(slices.Clone(a.mutes.entries)))
	return nil
}

// setMutes puts a list in place of the one there is. Called with a.mu held; the
// list is not changed afterwards.
func (a *Agent) setMutes(list []grid.Mute) {
	a.mutes.entries = list
	a.emit(MuteListChanged{Mutes: list})
}

// takeMuteTurn waits until nobody else fetches or changes the mute list.
func (a *Agent) takeMuteTurn(ctx context.Context) (done func(), err error) {
	select {
	case a.muteTurn <- struct{}{}:
		return func() { <-a.muteTurn }, nil
	case <-ctx.Done():
		return nil, waitError(ctx)
	}
}

// loadMutes fetches the mute list unless it is there.
func (a *Agent) loadMutes(ctx context.Context) error {
	done, err := a.takeMuteTurn(ctx)
	if err != nil {
		return err
	}
	defer done()
	a.mu.Lock()
	known := a.mutes.known
	a.mu.Unlock()
	if known {
		return nil
	}
	list, err := a.fetchMutes(ctx)
	if err != nil {
		return fmt.Errorf("mute list: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.mutes.known = true
	a.setMutes(list)
	return nil
}

// emptyMuteList is the method of the GenericMessage by which OpenSimulator says
// that a mute list is empty. Second Life lets the agent use the list that it
// has: none, as it says by a checksum of 0.
const emptyMuteList = "emptymutelist"

func (a *Agent) fetchMutes(ctx context.Context) ([]grid.Mute, error) {
	s, err := a.online()
	if err != nil {
		return nil, err
	}
	var (
		file string
		at   *region
	)
	limited, cancel := a.answerTime(ctx)
	defer cancel()
	err = a.ask(limited, 0, func(from *region, m message.Message) progress {
		switch m := m.(type) {
		case *message.MuteListUpdate:
			if m.MuteData.AgentID == s.id {
				file, at = message.String(m.MuteData.Filename), from
				return complete
			}
		case *message.UseCachedMuteList:
			return complete
		case *message.GenericMessage:
			if message.String(m.MethodData.Method) == emptyMuteList {
				return complete
			}
		}
		return waiting
	}, &message.MuteListRequest{AgentData: message.MuteListRequestAgentData{AgentID: s.id, SessionID: s.secret}})
	if err != nil || file == "" {
		return nil, err
	}
	content, err := s.fetchFile(ctx, at, file)
	if err != nil {
		return nil, err
	}
	list, err := grid.ParseMutes(content)
	if err != nil {
		s.log.Warn("some of the mute list cannot be read", "error", err)
	}
	return list, nil
}

// muted tells whether the mute list silences the words of something with this
// name, or with one of these ids: its own, its owner's. Called with a.mu held.
func (s *session) muted(name string, ids ...grid.UUID) bool {
	for _, m := range s.a.mutes.entries {
		if m.Flags&grid.MuteExceptTextChat != 0 {
			continue
		}
		if m.ID != (grid.UUID{}) && slices.Contains(ids, m.ID) || byName(m) && sameName(m.Name, name) {
			return true
		}
	}
	return false
}

// byName tells whether an entry mutes a name.
func byName(m grid.Mute) bool {
	return m.Name != "" && (m.Type == grid.MuteByName || m.ID == grid.UUID{})
}

// mutedInviter is muted for who is known by name only.
func (s *session) mutedInviter(name string) bool {
	name = ParseName(name).String()
	return slices.ContainsFunc(s.a.mutes.entries, func(m grid.Mute) bool {
		return m.Flags&grid.MuteExceptTextChat == 0 && (m.Type == grid.MuteResident || byName(m)) && sameName(m.Name, name)
	})
}

// sameName compares names without case. Avatars with a single name may bear the
// last name Resident or not.
func sameName(a, b string) bool {
	bare := func(s string) string { return strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), " resident") }
	return bare(a) == bare(b)
}

// mutedMessage tells whether the sender of an instant message is muted: an
// avatar, an object, its owner, or the group that a notice or a session is of.
// Called with a.mu held.
func (s *session) mutedMessage(im InstantMessage) bool {
	if len(s.a.mutes.entries) == 0 {
		return false
	}
	ids := []grid.UUID{im.From, im.Session}
	if im.Dialog == grid.IMMessageFromObject {
		m := s.objectMessage(im)
		ids = append(ids, m.Owner)
		for _, r := range s.regions {
			ids = r.withParents(ids, m.Object)
		}
	}
	return s.muted(im.FromName, ids...) || im.Dialog == grid.IMGroupInvitation && s.mutedInviter(im.FromName)
}

// withParents adds to ids those of an object and of what it is a part of: a
// muted object is muted in all its prims.
func (r *region) withParents(ids []grid.UUID, object grid.UUID) []grid.UUID {
	ids = append(ids, object)
	e := r.ids[object]
	for depth := 0; e != nil && e.parent != 0 && depth < 4; depth++ {
		if e = r.entities[e.parent]; e != nil {
			ids = append(ids, e.id)
		}
	}
	return ids
}
