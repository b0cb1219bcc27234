package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
)

// capabilities is what a region grants over HTTP. They are fetched when the
// agent is on its way there and kept, event queue included, until the circuit
// closes: a region that the agent left may have news yet, and takes an event
// queue up again that was closed only with a new seed. The set is guarded by
// a.mu until ready is closed, and never changes after.
type capabilities struct {
	seed     string
	cancel   context.CancelFunc
	arrived  chan struct{} // closed when the agent stands there: polling starts
	polling  bool          // arrived is closed; guarded by a.mu
	ready    chan struct{} // closed when the set is there, or will not come
	set      caps.Set
	err      error
	features any // of SimulatorFeatures, once asked for; guarded by a.mu
}

func (s *session) client() *caps.Client {
	return &caps.Client{HTTP: s.a.cfg.HTTP, Timeout: s.a.timeouts.Load().service, UserAgent: s.a.cfg.UserAgent, Log: s.log}
}

// startCaps asks the seed of r for capabilities, in the background. It does
// nothing for a region without a seed, or whose seed was asked already.
func (r *region) startCaps() {
	s, a := r.s, r.s.a
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.ended || r.gone || r.seed == "" || r.caps != nil && r.caps.seed == r.seed {
		return
	}
	if r.caps != nil {
		r.caps.cancel()
	}
	ctx, cancel := context.WithCancel(s.ctx)
	c := &capabilities{seed: r.seed, cancel: cancel, ready: make(chan struct{}), arrived: make(chan struct{})}
	r.caps = c
	s.start(func() {
		defer cancel()
		set, err := s.fetchSeed(ctx, c.seed)
		a.mu.Lock()
		c.set, c.err = set, err
		a.mu.Unlock()
		close(c.ready)
		if err != nil {
			if ctx.Err() == nil {
				s.log.Warn("no capabilities", "region", r.info.Addr, "error", err)
			}
			return
		}
		select {
		case <-c.arrived:
			s.start(func() { s.tellLanguage(ctx, set) })
			s.pollEvents(ctx, r, set)
		case <-ctx.Done():
		}
	})
}

// startEvents begins to poll the event queue of r. Called with a.mu held.
func (r *region) startEvents() {
	if r.caps != nil && !r.caps.polling {
		r.caps.polling = true
		close(r.caps.arrived)
	}
}

// stopCaps ends the polling of r's event queue. Capabilities already fetched
// are forgotten.
func (r *region) stopCaps() {
	r.s.a.mu.Lock()
	defer r.s.a.mu.Unlock()
	if r.caps != nil {
		r.caps.cancel()
		r.caps = nil
	}
}

// fetchSeed asks a seed capability, several times if need be: simulators give
// it out before they can answer it.
func (s *session) fetchSeed(ctx context.Context, seed string) (caps.Set, error) {
	pause := 500 * time.Millisecond
	for try := 1; ; try++ {
		set, err := s.client().Seed(ctx, seed, nil)
		if err == nil || ctx.Err() != nil || try == 5 {
			return set, err
		}
		s.log.Debug("seed capability failed", "try", try, "error", err)
		select {
		case <-time.After(pause):
			pause *= 2
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *session) pollEvents(ctx context.Context, r *region, set caps.Set) {
	url, err := set.URL(caps.NameEventQueue)
	if err != nil {
		s.log.Warn("the region has no event queue", "region", r.info.Addr)
		return
	}
	p := caps.Poller{Client: s.client(), URL: url, Handle: func(e caps.Event) { s.event(r, e) }}
	for ctx.Err() == nil {
		err := p.Run(ctx)
		if errors.Is(err, caps.ErrClosed) || ctx.Err() != nil {
			return
		}
		s.log.Warn("event queue", "error", err)
	}
}

// event takes in one event of a region's queue.
func (s *session) event(r *region, e caps.Event) {
	body, err := e.Decode()
	if err != nil {
		s.log.Debug("event ignored", "event", e.Name, "error", err)
		return
	}
	a := s.a
	a.mu.Lock()
	if s.ended || r.gone {
		a.mu.Unlock()
		return
	}
	switch e := body.(type) {
	case *caps.EnableSimulator:
		for _, i := range e.Simulators {
			s.neighbour(arrival{handle: i.Handle, addr: i.Addr, sizeX: i.RegionSizeX, sizeY: i.RegionSizeY})
		}
	case *caps.EstablishAgentCommunication:
		// Comes after EnableSimulator, which knows the handle.
		if next := s.regionAt(e.Addr); next != nil {
			next.seed = e.SeedCapability
		}
	case *caps.TeleportFinish:
		s.teleportFinish(arrival{
			handle: e.Handle, addr: e.Addr, sizeX: e.RegionSizeX, sizeY: e.RegionSizeY,
			seed: e.SeedCapability, flags: grid.TeleportFlags(e.Flags),
		})
	case *caps.TeleportFailed:
		key := ""
		if len(e.Alerts) > 0 {
			key = e.Alerts[0].Message
		}
		s.teleportFailed(e.Reason, key)
	case *caps.AgentGroupDataUpdate:
		s.groupEvent(e)
	case *caps.AgentDropGroup:
		s.dropGroup(e.AgentID, e.GroupID)
	case *caps.ParcelProperties:
		s.parcelProperties(r, e.Raw)
	case *caps.ChatterBoxInvitation:
		s.invited(e)
	case *caps.CrossedRegion:
		s.crossed(r, arrival{handle: e.Handle, addr: e.Addr, sizeX: e.RegionSizeX, sizeY: e.RegionSizeY, seed: e.SeedCapability})
	}
	s.notify(r, nil)
	out := s.flush()
	a.mu.Unlock()
	s.post(out)
}

// capability returns the address of a capability of the current region, once
// its seed has answered.
func (a *Agent) capability(ctx context.Context, name string) (*session, string, error) {
	s, err := a.online()
	if err != nil {
		return nil, "", err
	}
	a.mu.Lock()
	c := s.root.caps
	a.mu.Unlock()
	if c == nil {
		return nil, "", fmt.Errorf("%w: %s", ErrNoCapability, name)
	}
	select {
	case <-c.ready:
	case <-ctx.Done():
		return nil, "", waitError(ctx)
	case <-s.done:
		return nil, "", ErrOffline
	}
	if url := c.set[name]; url != "" {
		return s, url, nil
	}
	return nil, "", fmt.Errorf("%w: %s", ErrNoCapability, name)
}

// HasCapability tells whether the current region grants a capability; false
// while the list is still under way.
func (a *Agent) HasCapability(name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.session
	return s != nil && s.root != nil && s.root.caps != nil && s.root.caps.set.Has(name)
}

// SimulatorFeatures returns what the simulator of the current region says it
// can do, by the names it gives. It is asked once per visit. The error is
// ErrNoCapability where simulators do not say.
func (a *Agent) SimulatorFeatures(ctx context.Context) (map[string]any, error) {
	s, url, err := a.capability(ctx, caps.NameSimulatorFeatures)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	c := s.root.caps
	if c != nil && c.features != nil {
		defer a.mu.Unlock()
		return llsd.Map(c.features), nil
	}
	a.mu.Unlock()
	v, err := s.client().Get(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("simulator features: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c != nil {
		c.features = v
	}
	return llsd.Map(v), nil
}
