package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"rookery/grid"
	"rookery/grid/circuit"
	"rookery/grid/login"
	"rookery/grid/message"
)

// session is one stay in a grid, from the login server's yes to the end.
type session struct {
	a   *Agent
	log *slog.Logger

	// ctx ends with the session; work counts the goroutines that live with it.
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	done   chan struct{} // closed when the session has ended
	closed chan struct{} // closed when all that was its own is gone
	poke   chan struct{} // one token: send an agent update now

	id, secret, secure grid.UUID // agent, session, secure session
	code               uint32    // circuit code
	endpoint           *circuit.Endpoint
	folders            folders

	// Guarded by a.mu.
	root       *region
	regions    []*region
	self       self
	waiters    []*waiter
	outbox     []outgoing
	teleport   *teleport
	teleports  []time.Time                      // when the last ones were asked for
	answered   map[grid.UUID]time.Time          // who was told that the agent is busy, and when
	parcels    map[int32]*Parcel                // answers to requests, by serial
	moves      int                              // arrivals being waited for
	closing    map[netip.AddrPort]chan struct{} // circuits being closed, until the channel is
	following  netip.AddrPort                   // the region being moved to
	imSessions map[grid.UUID]imSession
	accepting  int // invitations to sessions
	ended      bool
	err        error // why it ended; nil when the agent left
}

// self is what is known of the own avatar beside its entity in the region.
type self struct {
	name       Name
	position   grid.Vector3 // from AgentMovementComplete, until updates come
	lookAt     grid.Vector3
	onGround   bool
	animations []Animation
	health     float32
	balance    int32

	group                 grid.UUID
	groupName, groupTitle string
	groupPowers           uint64

	start, access, accessMax string
	teleportMessage          string
	homeRegion               grid.RegionHandle
	homePosition, homeLookAt grid.Vector3
}

// ackInterval is how long a grid may gather acknowledgements: OpenSimulator
// sends them every half second. Resending sooner would only double traffic.
const ackInterval = 700 * time.Millisecond

// connect opens the circuit to the first region and waits until the avatar
// stands in it.
func (a *Agent) connect(ctx context.Context, resp *login.Response) (*session, error) {
	pc, err := a.cfg.ListenPacket()
	if err != nil {
		return nil, fmt.Errorf("open udp socket: %w", err)
	}
	s := &session{
		a: a, log: a.log.With("agent", resp.AgentID),
		done: make(chan struct{}), closed: make(chan struct{}), poke: make(chan struct{}, 1),
		id: resp.AgentID, secret: resp.SessionID, secure: resp.SecureSessionID, code: resp.CircuitCode,
		endpoint: circuit.NewEndpoint(pc, circuit.Options{Log: a.log, Timeout: a.cfg.CircuitTimeout, MinRTO: ackInterval}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.self, s.folders = newSelf(resp), newFolders(resp)

	a.mu.Lock()
	a.session = s
	a.movement.reset()
	a.mutes.known, a.groups = false, nil
	a.names.put(s.id, s.self.name)
	a.mu.Unlock()

	r, err := s.open(ctx, arrival{
		handle: resp.Handle(), addr: resp.Simulator, sizeX: resp.RegionSizeX, sizeY: resp.RegionSizeY,
	})
	if err == nil {
		err = s.arrive(ctx, r, resp.SeedCapability)
	}
	if err != nil {
		return nil, fmt.Errorf("enter region at %v: %w", resp.Simulator, s.abandon(r, err))
	}
	go s.pump()
	return s, nil
}

// start runs f in a goroutine that the session's end waits for.
func (s *session) start(f func()) {
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		f()
	}()
}

// abandon ends a session that never came to be, with a goodbye so that the
// grid does not keep a ghost of the agent. It returns err, or what the grid
// gave as the reason.
func (s *session) abandon(r *region, err error) error {
	if r != nil {
		ctx, cancel := context.WithTimeout(context.Background(), s.a.cfg.LogoutTimeout)
		defer cancel()
		_ = r.circuit.SendWait(ctx, s.logoutRequest())
	}
	s.end(err)
	s.close()
	return s.err
}

// end marks the session as over, for the reason err; nil means that the agent
// left. It returns whether it was this call that ended it. What the session
// owns is freed by the pump.
func (s *session) end(err error) bool {
	a := s.a
	a.mu.Lock()
	defer a.mu.Unlock()
	return s.endLocked(err)
}

func (s *session) endLocked(err error) bool {
	if s.ended {
		return false
	}
	a := s.a
	s.ended, s.err = true, err
	a.state = Offline
	close(s.done)
	if err != nil && s.root != nil {
		reason := err.Error()
		var kicked *KickedError
		if errors.As(err, &kicked) {
			reason = kicked.Reason
		}
		a.log.Warn("disconnected", "agent", s.id, "reason", reason)
		a.emit(Disconnected{Err: err, Reason: reason})
	}
	return true
}

// close frees what the session owns. The session has ended before.
func (s *session) close() {
	s.cancel()
	_ = s.endpoint.Close()
	s.work.Wait()
	a := s.a
	a.mu.Lock()
	if a.session == s {
		a.session = nil
	}
	a.mu.Unlock()
	close(s.closed)
}

// pump sends agent updates, often while the agent moves and seldom otherwise,
// and notices when circuits end. It is the session's one goroutine of its own,
// and frees the session when that has ended.
func (s *session) pump() {
	defer s.close()
	a := s.a
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		a.mu.Lock()
		root := s.root.circuit
		ended := root.Done()
		if s.moves > 0 {
			ended = nil // the region left behind may close its circuit first
		}
		a.mu.Unlock()
		select {
		case <-s.done:
			return
		case <-ended:
			s.rootEnded(root)
		case <-s.poke:
		case <-timer.C:
		}
		timer.Reset(s.beat())
	}
}

// beat sends one agent update and returns when the next is due.
func (s *session) beat() time.Duration {
	a := s.a
	a.mu.Lock()
	if s.ended {
		a.mu.Unlock()
		return a.cfg.IdleInterval
	}
	s.sweep()
	update, to := s.update(), s.root.circuit
	moving := a.movement.moving()
	interval := a.cfg.IdleInterval
	if moving {
		interval = a.movement.UpdateInterval
	}
	a.mu.Unlock()
	_ = to.Send(update) // the next one is due soon; a dead circuit is seen by the pump
	return interval
}

// sweep forgets the neighbours whose circuits have ended. Called with a.mu held.
func (s *session) sweep() {
	for i := len(s.regions) - 1; i >= 0; i-- {
		if r := s.regions[i]; r != s.root && r.circuit != nil && r.circuit.Err() != nil {
			s.drop(r)
		}
	}
}

// rootEnded decides what the end of the current region's circuit means: the
// end of the session, unless the agent is on its way to another region.
func (s *session) rootEnded(c *circuit.Circuit) {
	a := s.a
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.ended || s.moves > 0 || s.root.circuit != c {
		return
	}
	err := c.Err()
	if err == nil {
		err = circuit.ErrClosed
	}
	s.endLocked(fmt.Errorf("lost region %s: %w", s.root.label(), err))
}

// kick makes the pump send an agent update at once.
func (s *session) kick() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

func (s *session) logoutRequest() *message.LogoutRequest {
	return &message.LogoutRequest{AgentData: message.LogoutRequestAgentData{AgentID: s.id, SessionID: s.secret}}
}

// newSelf takes over what the login server tells of the avatar.
func newSelf(resp *login.Response) self {
	s := self{
		name: Name{resp.First, resp.Last}, lookAt: resp.LookAt, health: 100,
		start: resp.StartLocation, access: resp.AgentAccess, accessMax: resp.AgentAccessMax,
	}
	if h := resp.Home; h != nil {
		s.homeRegion, s.homePosition, s.homeLookAt = h.Region, h.Position, h.LookAt
	}
	return s
}
