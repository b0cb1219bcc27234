package simgrid

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/message"
)

var directoryRoutes = []route{
	onAny(handleUUIDNameRequest),
	onRoot(handleAvatarPickerRequest),
	onRoot(handleDirFindQuery),
}

// nameBatch is how many names one reply carries.
const nameBatch = 15

func handleUUIDNameRequest(r *Region, p *presence, m *message.UUIDNameRequest) {
	var found []message.UUIDNameReplyUUIDNameBlock
	for _, b := range m.UUIDNameBlock {
		first, last, ok := r.g.nameOf(b.ID)
		if ok {
			found = append(found, message.UUIDNameReplyUUIDNameBlock{ID: b.ID, FirstName: message.Bytes(first), LastName: message.Bytes(last)})
		}
	}
	for batch := range slices.Chunk(found, nameBatch) {
		p.sendReliable(&message.UUIDNameReply{UUIDNameBlock: batch})
	}
}

// nameOf returns the names of an avatar; the governor has one too.
func (g *Grid) nameOf(id grid.UUID) (first, last string, ok bool) {
	if a := g.AccountByID(id); a != nil {
		return a.first, a.last, true
	}
	if id == governor {
		return "Governor", g.cfg.Name, true
	}
	return "", "", false
}

// searchLimit is how many avatars a search finds.
const searchLimit = 100

// search finds avatars whose name has a word starting with each word of the
// query, in the order of their names.
func (g *Grid) search(query string) []*Account {
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(query, ".", " ")))
	if len(words) == 0 {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []*Account
	for _, a := range g.accounts {
		name := []string{strings.ToLower(a.first), strings.ToLower(a.last)}
		matches := !slices.ContainsFunc(words, func(w string) bool {
			return !strings.HasPrefix(name[0], w) && !strings.HasPrefix(name[1], w)
		})
		if matches {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b *Account) int { return cmp.Compare(a.Name(), b.Name()) })
	return found[:min(len(found), searchLimit)]
}

func handleAvatarPickerRequest(r *Region, p *presence, m *message.AvatarPickerRequest) {
	reply := &message.AvatarPickerReply{AgentData: message.AvatarPickerReplyAgentData{
		AgentID: p.avatar.id, QueryID: m.AgentData.QueryID,
	}}
	found := r.g.search(message.String(m.Data.Name))
	if len(found) == 0 {
		reply.Data = []message.AvatarPickerReplyData{{FirstName: message.Bytes(""), LastName: message.Bytes("")}}
	}
	for _, a := range found {
		reply.Data = append(reply.Data, message.AvatarPickerReplyData{
			AvatarID: a.id, FirstName: message.Bytes(a.first), LastName: message.Bytes(a.last),
		})
	}
	p.sendReliable(reply)
}

// Flags of DirFindQuery.
const dirFindPeople = 1 << 0

// dirPage is how many people one page of a search has.
const dirPage = 100

func handleDirFindQuery(r *Region, p *presence, m *message.DirFindQuery) {
	if m.QueryData.QueryFlags&dirFindPeople == 0 {
		r.g.served.add("DirFindQuery other than people")
		return
	}
	reply := &message.DirPeopleReply{
		AgentData: message.DirPeopleReplyAgentData{AgentID: p.avatar.id},
		QueryData: message.DirPeopleReplyQueryData{QueryID: m.QueryData.QueryID},
	}
	found := r.g.search(message.String(m.QueryData.QueryText))
	start := min(max(int(m.QueryData.QueryStart), 0), len(found))
	for _, a := range found[start:min(start+dirPage, len(found))] {
		reply.QueryReplies = append(reply.QueryReplies, message.DirPeopleReplyQueryReplies{
			AgentID: a.id, FirstName: message.Bytes(a.first), LastName: message.Bytes(a.last),
			Group: message.Bytes(""), Online: a.inhabitant || r.g.session(a.id) != nil,
		})
	}
	p.sendReliable(reply)
}

// person describes an avatar as the name capabilities do.
func (a *Account) person() map[string]any {
	username := strings.ToLower(a.first)
	display := a.first
	if a.last != "Resident" {
		username += "." + strings.ToLower(a.last)
		display += " " + a.last
	}
	return map[string]any{
		"id": a.id, "username": username, "display_name": display, "is_display_name_default": true,
		"legacy_first_name": a.first, "legacy_last_name": a.last,
		"display_name_next_update": a.born.UTC(), "display_name_expires": time.Now().Add(24 * time.Hour).UTC(),
	}
}

// namesLimit is how many ids one request for names may have.
const namesLimit = 90

func serveDisplayNames(p *presence, w http.ResponseWriter, r *http.Request) {
	ids := r.URL.Query()["ids"]
	agents, bad := []any{}, []any{}
	for _, text := range ids[:min(len(ids), namesLimit)] {
		id, err := grid.ParseUUID(text)
		if a := p.region.g.AccountByID(id); err == nil && a != nil {
			agents = append(agents, a.person())
		} else {
			bad = append(bad, text)
		}
	}
	caps.WriteLLSD(w, http.StatusOK, map[string]any{"agents": agents, "bad_ids": bad, "bad_usernames": []any{}})
}

func serveAvatarPickerSearch(p *presence, w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size, err := strconv.Atoi(q.Get("page_size"))
	if err != nil || size < 1 || size > searchLimit {
		size = searchLimit
	}
	page, err := strconv.Atoi(q.Get("page"))
	if err != nil || page < 1 || page > searchLimit {
		page = 1
	}
	found := p.region.g.search(q.Get("names"))
	start := min((page-1)*size, len(found))
	agents := []any{}
	for _, a := range found[start:min(start+size, len(found))] {
		agents = append(agents, a.person())
	}
	caps.WriteLLSD(w, http.StatusOK, map[string]any{"agents": agents})
}
