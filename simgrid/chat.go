package simgrid

import (
	"slices"

	"rookery/grid"
	"rookery/grid/message"
)

var chatRoutes = []route{
	onRoot(handleChatFromViewer),
	onRoot(handleScriptDialogReply),
}

// speech is one line of local chat on its way to those who hear it.
type speech struct {
	source   grid.ChatSource
	speaker  grid.UUID
	owner    grid.UUID // of a prim; the speaker itself otherwise
	name     string
	kind     grid.ChatType
	channel  int32
	text     string
	position grid.Vector3 // in the space of the region that hears it
	to       grid.UUID    // owner or receiver of what is spoken to one; else null
}

// Heard is what a listener heard.
type Heard struct {
	Source   grid.ChatSource
	Speaker  grid.UUID
	Name     string
	Type     grid.ChatType
	Channel  int32
	Text     string
	Position grid.Vector3 // of the speaker, in the listener's region space
}

func (s *speech) heard() Heard {
	return Heard{s.source, s.speaker, s.name, s.kind, s.channel, s.text, s.position}
}

func handleChatFromViewer(r *Region, p *presence, m *message.ChatFromViewer) {
	kind := grid.ChatType(m.ChatData.Type)
	if kind == 3 { // an old spelling of normal
		kind = grid.ChatNormal
	}
	r.agentSays(p.avatar, kind, m.ChatData.Channel, message.String(m.ChatData.Message))
}

// handleScriptDialogReply is how viewers speak on negative channels.
func handleScriptDialogReply(r *Region, p *presence, m *message.ScriptDialogReply) {
	r.agentSays(p.avatar, grid.ChatNormal, m.Data.ChatChannel, message.String(m.Data.ButtonLabel))
}

// agentSays makes an avatar speak; what avatars cannot speak is dropped.
func (r *Region) agentSays(av *avatar, kind grid.ChatType, channel int32, text string) {
	switch kind {
	case grid.ChatWhisper, grid.ChatNormal, grid.ChatShout:
		if text == "" {
			return
		}
		if av.typing {
			av.typing = false
			r.animate(av)
		}
	case grid.ChatStartTyping, grid.ChatStopTyping:
		av.typing = kind == grid.ChatStartTyping
		text, channel = "", 0
		r.animate(av)
	default:
		return
	}
	r.speak(speech{
		source: grid.ChatSourceAgent, speaker: av.id, owner: av.id, name: av.account.Name(),
		kind: kind, channel: channel, text: truncated(text, grid.ChatLimit), position: av.motion.Position,
	})
}

// speak lets a line be heard here and, when it carries over the border, there.
func (r *Region) speak(s speech) {
	r.hear(&s)
	e := ChatSpoken{
		Region: r.cfg.Name, Speaker: s.speaker, Name: s.name, Source: s.source,
		Type: s.kind, Channel: s.channel, Text: s.text, Position: s.position,
	}
	r.g.record(e)
	r.g.hub.emit(e)
	reach, ranged := grid.ChatRange(s.kind)
	if !ranged {
		return
	}
	for _, n := range r.neighbours {
		there := s
		there.position = n.handle.Local(r.handle.Global(s.position))
		if n.distance(there.position) > reach {
			continue
		}
		r.later(func() {
			n.lock()
			defer n.unlock()
			n.hear(&there)
		})
	}
}

// distance returns how far a point outside the region is from its border; 0
// for a point inside.
func (r *Region) distance(p grid.Vector3) float32 {
	size := float32(r.cfg.Size)
	q := grid.Vector3{X: min(max(p.X, 0), size), Y: min(max(p.Y, 0), size), Z: p.Z}
	return q.Distance(p)
}

// hear lets everybody in the region who is near enough hear a line.
func (r *Region) hear(s *speech) {
	reach, ranged := grid.ChatRange(s.kind)
	if s.kind == grid.ChatDebug {
		reach, ranged = grid.ChatRange(grid.ChatNormal)
	}
	near := func(at grid.Vector3) bool { return !ranged || at.Distance(s.position) <= reach }
	for _, prim := range r.prims {
		prim.hear(s, near)
	}
	if s.channel != 0 {
		return
	}
	var m *message.ChatFromSimulator
	for _, av := range r.avatars {
		if s.to != (grid.UUID{}) && av.id != s.to || !near(av.motion.Position) || av.transit != nil {
			continue
		}
		typing := s.kind == grid.ChatStartTyping || s.kind == grid.ChatStopTyping
		if typing && av.id == s.speaker {
			continue
		}
		if av.brain != nil {
			av.brain.hear(r, av, s)
			continue
		}
		if m == nil {
			m = s.message()
		}
		av.p.sendReliable(m)
	}
}

func (s *speech) message() *message.ChatFromSimulator {
	return &message.ChatFromSimulator{ChatData: message.ChatFromSimulatorChatData{
		FromName: message.Bytes(s.name), SourceID: s.speaker, OwnerID: s.owner,
		SourceType: uint8(s.source), ChatType: uint8(s.kind), Audible: uint8(grid.ChatAudibleFully),
		Position: s.position, Message: message.Bytes(s.text),
	}}
}

// chatLimit is how many lines the grid remembers.
const chatLimit = 1000

func (g *Grid) record(e ChatSpoken) {
	if e.Type == grid.ChatStartTyping || e.Type == grid.ChatStopTyping {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.said) >= chatLimit {
		g.said = slices.Delete(g.said, 0, chatLimit/10)
	}
	g.said = append(g.said, e)
}

// Said returns what was spoken by one speaker, or by anybody when the id is
// null: the last lines, oldest first, on every channel, without typing.
func (g *Grid) Said(speaker grid.UUID) []ChatSpoken {
	g.mu.Lock()
	defer g.mu.Unlock()
	var said []ChatSpoken
	for _, e := range g.said {
		if speaker == (grid.UUID{}) || e.Speaker == speaker {
			said = append(said, e)
		}
	}
	return said
}
