package simgrid

import (
	"fmt"
	"hash/crc32"
	"slices"

	"rookery/grid"
	"rookery/grid/message"
)

var muteRoutes = []route{
	onRoot(handleMuteListRequest),
	onRoot(handleUpdateMuteListEntry),
	onRoot(handleRemoveMuteListEntry),
}

// muteLimit is how many entries the mute list of an account may have.
const muteLimit = 1000

// Mutes returns the mute list that the grid keeps for an account, in the order
// in which the entries were made. It is kept across logins.
func (g *Grid) Mutes(agent grid.UUID) []grid.Mute {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a := g.accounts[agent]; a != nil {
		return slices.Clone(a.mutes)
	}
	return nil
}

// SetMutes replaces the mute list that the grid keeps for an account. Its
// agent learns of it at the next login, or when it asks.
func (g *Grid) SetMutes(agent grid.UUID, mutes []grid.Mute) error {
	if len(mutes) > muteLimit {
		return fmt.Errorf("mute list of %d entries: want at most %d", len(mutes), muteLimit)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.accounts[agent]
	if a == nil {
		return fmt.Errorf("mute list of %s: there is no such account", agent)
	}
	a.mutes = slices.Clone(mutes)
	return nil
}

// IgnoreMuteListRequests makes the grid leave requests for mute lists without an
// answer, as grids do that have none.
func (g *Grid) IgnoreMuteListRequests(ignore bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.noMutes = ignore
}

// handleMuteListRequest answers with the name of a file to fetch, or that the
// client's own copy is right. That nobody is muted, Second Life says by letting
// the client use the list it has, OpenSimulator by a message of its own.
func handleMuteListRequest(r *Region, p *presence, m *message.MuteListRequest) {
	r.g.mu.Lock()
	ignored := r.g.noMutes
	r.g.mu.Unlock()
	if ignored {
		return
	}
	file := grid.AppendMutes(nil, r.g.Mutes(p.avatar.id))
	switch {
	case len(file) == 0 && r.g.cfg.OpenSim:
		p.sendReliable(&message.GenericMessage{
			AgentData:  message.GenericMessageAgentData{AgentID: p.avatar.id, SessionID: p.session.id},
			MethodData: message.GenericMessageMethodData{Method: message.Bytes("emptymutelist")},
		})
	case len(file) == 0 || crc32.ChecksumIEEE(file) == m.MuteData.MuteCRC:
		p.sendReliable(&message.UseCachedMuteList{AgentData: message.UseCachedMuteListAgentData{AgentID: p.avatar.id}})
	default:
		name := "mutes" + p.avatar.id.String()
		p.offerFile(name, file)
		p.sendReliable(&message.MuteListUpdate{MuteData: message.MuteListUpdateMuteData{
			AgentID: p.avatar.id, Filename: message.Bytes(name),
		}})
	}
}

func handleUpdateMuteListEntry(r *Region, p *presence, m *message.UpdateMuteListEntry) {
	d := &m.MuteData
	if d.MuteType < 0 || d.MuteType > 255 {
		return
	}
	mute := grid.Mute{
		Type: grid.MuteType(d.MuteType), ID: d.MuteID, Flags: grid.MuteFlags(d.MuteFlags),
		Name: truncated(message.String(d.MuteName), grid.MuteNameLimit),
	}
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	a := p.session.account
	if i := slices.IndexFunc(a.mutes, mute.Is); i >= 0 {
		a.mutes[i] = mute
	} else if len(a.mutes) < muteLimit {
		a.mutes = append(a.mutes, mute)
	} else {
		return
	}
	r.g.hub.emit(MuteChanged{Agent: a.id, Mute: mute, Muted: true})
}

func handleRemoveMuteListEntry(r *Region, p *presence, m *message.RemoveMuteListEntry) {
	mute := grid.Mute{ID: m.MuteData.MuteID, Name: message.String(m.MuteData.MuteName)}
	r.g.mu.Lock()
	defer r.g.mu.Unlock()
	a := p.session.account
	i := slices.IndexFunc(a.mutes, mute.Is)
	if i < 0 {
		return
	}
	mute = a.mutes[i]
	a.mutes = slices.Delete(a.mutes, i, i+1)
	r.g.hub.emit(MuteChanged{Agent: a.id, Mute: mute})
}
