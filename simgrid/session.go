package simgrid

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
)

// session is one login: an agent with one root presence (where its avatar is)
// and child presences in the regions around it. Its fields below the line are
// guarded by Grid.mu.
type session struct {
	g       *Grid
	account *Account
	id      grid.UUID
	secure  grid.UUID
	code    uint32
	since   time.Time
	where   atomic.Uint64 // global X and Y of the avatar, two float32

	// ----
	ended     bool
	root      *presence
	arrival   *arrival
	presences map[*Region]*presence
}

// arrival says where an agent is expected as root, and how it will stand there.
type arrival struct {
	to       *Region
	via      Via
	position grid.Vector3
	lookAt   grid.Vector3
	velocity grid.Vector3
	flying   bool
	running  bool
	controls grid.Control
	played   []grid.UUID
	camera   Camera
	flags    grid.TeleportFlags
	deadline time.Time
	from     *presence // nil at login
}

// newSession makes the session of a login. It belongs to the grid from now on.
func (g *Grid) newSession(a *Account, to *Region, where Place) *session {
	s := &session{
		g: g, account: a,
		id: uuid.New(), secure: uuid.New(), code: g.code.Add(1), since: time.Now(),
		presences: make(map[*Region]*presence),
		arrival: &arrival{
			to: to, via: ViaLogin, position: where.Position, lookAt: where.LookAt,
			flags: grid.TeleportViaLogin, deadline: time.Now().Add(g.cfg.CircuitTimeout),
		},
	}
	g.mu.Lock()
	g.sessions[a.id] = s
	g.mu.Unlock()
	return s
}

// session returns the running session of an agent, or nil.
func (g *Grid) session(agent grid.UUID) *session {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.sessions[agent]
}

func (g *Grid) allSessions() []*session {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := make([]*session, 0, len(g.sessions))
	for _, s := range g.sessions {
		all = append(all, s)
	}
	return all
}

// overdue tells whether the agent logged in but never came.
func (s *session) overdue(now time.Time) bool {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	return s.root == nil && s.arrival != nil && now.After(s.arrival.deadline)
}

// rootPresence returns where the agent's avatar is, or nil.
func (s *session) rootPresence() *presence {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	return s.root
}

// presence returns the agent's presence in r, or nil.
func (s *session) presence(r *Region) *presence {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	return s.presences[r]
}

// expect records where the agent will be root next. It errs silently by
// returning false when the session has ended or already is under way.
func (s *session) expect(a *arrival) bool {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	if s.ended || s.arrival != nil {
		return false
	}
	s.arrival = a
	return true
}

// cancel forgets an arrival that did not happen; false when it has happened.
func (s *session) cancel(a *arrival) bool {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	if s.arrival != a {
		return false
	}
	s.arrival = nil
	return true
}

// arrive makes p the root presence when the agent is expected there, and
// returns how it comes; nil when it is not expected.
func (s *session) arrive(p *presence) *arrival {
	s.g.mu.Lock()
	defer s.g.mu.Unlock()
	a := s.arrival
	if s.ended || a == nil || a.to != p.region {
		return nil
	}
	s.root, s.arrival = p, nil
	return a
}

// setWhere remembers where the avatar is, for the regions around it.
func (s *session) setWhere(h grid.RegionHandle, p grid.Vector3) {
	at := h.Global(p)
	s.where.Store(uint64(math.Float32bits(float32(at.X)))<<32 | uint64(math.Float32bits(float32(at.Y))))
}

// whereIn returns where the avatar is in the space of the region h, without
// height; false when it is nowhere yet.
func (s *session) whereIn(h grid.RegionHandle) (grid.Vector3, bool) {
	w := s.where.Load()
	x, y := math.Float32frombits(uint32(w>>32)), math.Float32frombits(uint32(w))
	p := h.Local(grid.Vector3d{X: float64(x), Y: float64(y)})
	return p, w != 0
}

// end ends a session: the avatar disappears, the circuits and event queues
// close. No region's lock may be held.
func (g *Grid) end(s *session, cause Cause) {
	g.mu.Lock()
	if s.ended {
		g.mu.Unlock()
		return
	}
	s.ended = true
	if g.sessions[s.account.id] == s {
		delete(g.sessions, s.account.id)
	}
	presences := make([]*presence, 0, len(s.presences))
	for _, p := range s.presences {
		presences = append(presences, p)
	}
	s.root, s.arrival = nil, nil
	g.mu.Unlock()

	for _, p := range presences {
		p.region.lock()
		p.region.drop(p)
		p.region.unlock()
	}
	g.log.Info("agent logged out", "agent", s.account.Name(), "cause", cause)
	g.hub.emit(LoggedOut{Agent: s.account.id, Name: s.account.Name(), Cause: cause})
}
