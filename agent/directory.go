package agent

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/llsd"
	"rookery/grid/message"
)

// AvatarNames finds the names of avatars: from memory, then by the capability
// GetDisplayNames where the region has it, then over UDP. Those that the grid
// does not know are missing, without an error; an answer counts as complete
// when nothing more came for Config.DataTimeout.
func (a *Agent) AvatarNames(ctx context.Context, ids ...grid.UUID) (map[grid.UUID]Name, error) {
	found, missing := a.knownNames(ids)
	if len(missing) == 0 {
		return found, nil
	}
	if err := a.namesByCapability(ctx, missing); err != nil && !errors.Is(err, ErrNoCapability) {
		if ctx.Err() != nil || errors.Is(err, ErrOffline) {
			return found, fmt.Errorf("avatar names: %w", err)
		}
		a.log.Debug("avatar names by capability", "error", err)
	}
	_, missing = a.knownNames(missing)
	err := a.namesOverUDP(ctx, missing)
	found, _ = a.knownNames(ids)
	if err != nil && !errors.Is(err, ErrTimeout) {
		return found, fmt.Errorf("avatar names: %w", err)
	}
	return found, nil
}

// AvatarName finds the name of an avatar; the error is ErrNotFound when the
// grid does not know it. See AvatarNames.
func (a *Agent) AvatarName(ctx context.Context, id grid.UUID) (Name, error) {
	found, err := a.AvatarNames(ctx, id)
	if err != nil {
		return Name{}, err
	}
	if n, ok := found[id]; ok {
		return n, nil
	}
	return Name{}, fmt.Errorf("avatar %v: %w", id, ErrNotFound)
}

func (a *Agent) knownNames(ids []grid.UUID) (found map[grid.UUID]Name, missing []grid.UUID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found = make(map[grid.UUID]Name, len(ids))
	seen := make(map[grid.UUID]bool)
	for _, id := range ids {
		if n, ok := a.names.byID[id]; ok {
			found[id] = n
		} else if id != (grid.UUID{}) && !seen[id] {
			seen[id] = true
			missing = append(missing, id)
		}
	}
	return found, missing
}

func (a *Agent) namesByCapability(ctx context.Context, ids []grid.UUID) error {
	const most = 90 // ids a request; more make the address too long for some grids
	for len(ids) > 0 {
		s, addr, err := a.capability(ctx, "GetDisplayNames")
		if err != nil {
			return err
		}
		n := min(most, len(ids))
		query := make([]string, n)
		for i, id := range ids[:n] {
			query[i] = "ids=" + id.String()
		}
		ids = ids[n:]
		v, err := s.client().Get(ctx, withQuery(addr, strings.Join(query, "&")))
		if err != nil {
			return err
		}
		a.learnAgents(v)
	}
	return nil
}

// withQuery appends a query to a capability's address, which may end in a
// slash and may have a query already.
func withQuery(addr, query string) string {
	if strings.Contains(addr, "?") {
		return addr + "&" + query
	}
	return strings.TrimRight(addr, "/") + "/?" + query
}

// learnAgents takes in the list that GetDisplayNames and AvatarPickerSearch
// answer with.
func (a *Agent) learnAgents(v any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, el := range llsd.Array(llsd.Get(v, "agents")) {
		m := llsd.Map(el)
		n := Name{llsd.String(m["legacy_first_name"]), llsd.String(m["legacy_last_name"])}
		if n.First == "" {
			n = ParseName(llsd.String(m["username"]))
		}
		a.names.put(llsd.UUID(m["id"]), n)
	}
}

func (a *Agent) namesOverUDP(ctx context.Context, ids []grid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	wanted := make(map[grid.UUID]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	const most = 60 // sixteen bytes each, within a packet
	var requests []message.Message
	for len(ids) > 0 {
		n := min(most, len(ids))
		m := &message.UUIDNameRequest{}
		for _, id := range ids[:n] {
			m.UUIDNameBlock = append(m.UUIDNameBlock, message.UUIDNameRequestUUIDNameBlock{ID: id})
		}
		requests, ids = append(requests, m), ids[n:]
	}
	limited, cancel := a.answerTime(ctx) // names that do not exist are never answered
	defer cancel()
	err := a.ask(limited, a.timeouts.Load().data, func(_ *region, m message.Message) progress {
		reply, ok := m.(*message.UUIDNameReply)
		if !ok {
			return waiting
		}
		for _, b := range reply.UUIDNameBlock { // the agent has noted the names already
			delete(wanted, b.ID)
		}
		if len(wanted) == 0 {
			return complete
		}
		return advanced
	}, requests...)
	return err
}

// AvatarIDs finds avatars by their names, in any case: from memory, then by
// the capability AvatarPickerSearch where the region has it, then over UDP by
// the avatar picker and by people search. The keys are the names as asked;
// those that the grid does not know are missing, without an error.
func (a *Agent) AvatarIDs(ctx context.Context, names ...Name) (map[Name]grid.UUID, error) {
	const atOnce = 8
	type answer struct {
		name Name
		id   grid.UUID
		err  error
	}
	answers := make(chan answer, len(names))
	slots := make(chan struct{}, atOnce)
	for _, n := range names {
		go func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			id, err := a.avatarID(ctx, n)
			answers <- answer{n, id, err}
		}()
	}
	found := make(map[Name]grid.UUID, len(names))
	var failed error
	for range names {
		switch r := <-answers; {
		case r.err == nil:
			found[r.name] = r.id
		case errors.Is(r.err, ErrOffline) || ctx.Err() != nil:
			failed = fmt.Errorf("avatar %s: %w", r.name, r.err)
		case !errors.Is(r.err, ErrNotFound):
			a.log.Debug("avatar by name", "name", r.name.String(), "error", r.err)
		}
	}
	return found, failed
}

// AvatarID finds an avatar by its name; the error is ErrNotFound when the grid
// does not know it. See AvatarIDs.
func (a *Agent) AvatarID(ctx context.Context, name Name) (grid.UUID, error) {
	id, err := a.avatarID(ctx, name)
	if err != nil {
		return grid.UUID{}, fmt.Errorf("avatar %s: %w", name, err)
	}
	return id, nil
}

func (a *Agent) knownID(n Name) (grid.UUID, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id, ok := a.names.byName[n.key()]
	return id, ok
}

func (a *Agent) avatarID(ctx context.Context, n Name) (grid.UUID, error) {
	if n.First == "" {
		return grid.UUID{}, fmt.Errorf("%w: the name is empty", ErrNotFound)
	}
	if n.Last == "" {
		n.Last = "Resident"
	}
	ways := []func(context.Context, Name) error{a.pickByCapability, a.pickOverUDP, a.searchPeople}
	for _, way := range ways {
		if id, ok := a.knownID(n); ok {
			return id, nil
		}
		err := way(ctx, n)
		if err != nil && (ctx.Err() != nil || errors.Is(err, ErrOffline)) {
			return grid.UUID{}, err
		}
		if err != nil && !errors.Is(err, ErrNoCapability) && !errors.Is(err, ErrTimeout) {
			a.log.Debug("avatar search", "name", n.String(), "error", err)
		}
	}
	if id, ok := a.knownID(n); ok {
		return id, nil
	}
	return grid.UUID{}, ErrNotFound
}

func (a *Agent) pickByCapability(ctx context.Context, n Name) error {
	s, addr, err := a.capability(ctx, "AvatarPickerSearch")
	if err != nil {
		return err
	}
	text := n.String()
	if strings.EqualFold(n.Last, "Resident") {
		text = n.First // accounts with one name are listed without the last one
	}
	v, err := s.client().Get(ctx, withQuery(addr, "page_size="+strconv.Itoa(100)+"&names="+url.QueryEscape(text)))
	if err != nil {
		return err
	}
	a.learnAgents(v)
	return nil
}

// answerTime bounds the wait for searches that some grids never answer.
func (a *Agent) answerTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, min(a.timeouts.Load().service, 4*a.timeouts.Load().data))
}

func (a *Agent) pickOverUDP(ctx context.Context, n Name) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	limited, cancel := a.answerTime(ctx)
	defer cancel()
	query := uuid.New()
	return a.ask(limited, a.timeouts.Load().data, func(_ *region, m message.Message) progress {
		reply, ok := m.(*message.AvatarPickerReply)
		if !ok || reply.AgentData.QueryID != query {
			return waiting
		}
		hit := false
		for _, d := range reply.Data {
			name := Name{message.String(d.FirstName), message.String(d.LastName)}
			a.names.put(d.AvatarID, name)
			hit = hit || name.Equal(n)
		}
		if hit || len(reply.Data) == 0 || len(reply.Data) == 1 && reply.Data[0].AvatarID == (grid.UUID{}) {
			return complete
		}
		return advanced
	}, &message.AvatarPickerRequest{
		AgentData: message.AvatarPickerRequestAgentData{AgentID: s.id, SessionID: s.secret, QueryID: query},
		Data:      message.AvatarPickerRequestData{Name: message.Bytes(n.String())},
	})
}

func (a *Agent) searchPeople(ctx context.Context, n Name) error {
	s, err := a.online()
	if err != nil {
		return err
	}
	limited, cancel := a.answerTime(ctx)
	defer cancel()
	query := uuid.New()
	const people = 1
	return a.ask(limited, a.timeouts.Load().data, func(_ *region, m message.Message) progress {
		reply, ok := m.(*message.DirPeopleReply)
		if !ok || reply.QueryData.QueryID != query {
			return waiting
		}
		hit := false
		for _, d := range reply.QueryReplies {
			name := Name{message.String(d.FirstName), message.String(d.LastName)}
			a.names.put(d.AgentID, name)
			hit = hit || name.Equal(n)
		}
		if hit || len(reply.QueryReplies) == 0 {
			return complete
		}
		return advanced
	}, &message.DirFindQuery{
		AgentData: message.DirFindQueryAgentData{AgentID: s.id, SessionID: s.secret},
		QueryData: message.DirFindQueryQueryData{QueryID: query, QueryText: message.Bytes(n.String()), QueryFlags: people},
	})
}
