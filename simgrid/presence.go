package simgrid

import (
	"sync/atomic"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/message"
)

// presence is an agent's connection to one region: capabilities, event queue,
// circuit, and in one of its regions the avatar. Guarded by Region.mu.
type presence struct {
	region  *Region
	session *session
	seed    *seed

	gone    bool              // dropped from the region
	circuit *circuit.Circuit  // nil until UseCircuitCode
	ready   bool              // handshake done: wants to see the region
	linked  atomic.Bool       // ready, for those who do not hold the lock
	avatar  *avatar           // nil for a child agent
	leaving message.Message   // last words of the region, sent by drop
	coarse  uint64            // fingerprint of the coarse locations it has
	terse   [][]byte          // terse updates collected in this tick
	last    bool              // one of them must arrive
	busy    bool              // so much waits to be sent that more would only be late
	behind  map[*avatar]lag   // what was not sent because of that
	files   map[string][]byte // wait to be fetched by Xfer
	xfers   map[uint64]*xfer  // files on their way
}

// presenceOf returns the agent's presence in this region, making one.
func (r *Region) presenceOf(s *session) *presence {
	if p := r.presences[s.account.id]; p != nil {
		if p.session == s {
			return p
		}
		r.drop(p)
	}
	p := &presence{region: r, session: s}
	r.g.mu.Lock()
	if s.ended {
		r.g.mu.Unlock()
		p.gone = true
		return p
	}
	p.seed = r.g.caps.open(p)
	s.presences[r] = p
	r.g.mu.Unlock()
	r.presences[s.account.id] = p
	return p
}

// drop ends a presence: the avatar disappears, the circuit and the event queue
// close.
func (r *Region) drop(p *presence) {
	if p.gone {
		return
	}
	p.gone = true
	if av := p.avatar; av != nil {
		here := Place{Region: r.cfg.Name, Position: av.motion.Position, LookAt: av.motion.Rotation.Rotate(grid.Vector3{X: 1})}
		r.g.mu.Lock()
		p.session.account.lastSeen = here
		r.g.mu.Unlock()
		r.removeAvatar(av)
		p.avatar = nil
	}
	r.hangUp(p, p.leaving)
	r.g.caps.close(p.seed)
	if r.presences[p.session.account.id] == p {
		delete(r.presences, p.session.account.id)
	}
	r.g.mu.Lock()
	if p.session.presences[r] == p {
		delete(p.session.presences, r)
	}
	r.g.mu.Unlock()
}

// viewer returns where the agent is, for deciding what it needs to see, in the
// space of this region; false when it is nowhere yet.
func (p *presence) viewer() (grid.Vector3, bool) {
	if p.avatar != nil {
		return p.avatar.motion.Position, true
	}
	return p.session.whereIn(p.region.handle)
}

func (p *presence) setReady(ready bool) {
	p.ready = ready
	p.linked.Store(ready)
}

// lag is what a busy viewer was not told about an avatar.
type lag struct{ terse, animations bool }

// skip remembers what a busy viewer is not told now; it will be told how things
// stand when it has caught up.
func (p *presence) skip(av *avatar, what lag) {
	if p.behind == nil {
		p.behind = make(map[*avatar]lag)
	}
	old := p.behind[av]
	p.behind[av] = lag{old.terse || what.terse, old.animations || what.animations}
	p.region.lagging = true
}
