package simgrid

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/login"
)

// capability serves one capability of one agent in one region. The rest of
// the path behind its name is in r.URL.Path.
type capability func(p *presence, w http.ResponseWriter, r *http.Request)

// capabilities are all that a region grants. Each topic's functions stand in
// its own file.
var capabilities = map[string]capability{
	caps.NameEventQueue:          serveEventQueue,
	caps.NameSimulatorFeatures:   serveSimulatorFeatures,
	"ChatSessionRequest":         serveChatSession,
	"AgentPreferences":           serveAgentPreferences,
	"UpdateAgentLanguage":        serveAgentLanguage,
	"UpdateAgentInformation":     serveAgentPreferences,
	"AvatarPickerSearch":         serveAvatarPickerSearch,
	"GetDisplayNames":            serveDisplayNames,
	"FetchInventory2":            serveFetchItems,
	"FetchLib2":                  serveFetchItems,
	"FetchInventoryDescendents2": serveDescendents,
	"FetchLibDescendents2":       serveDescendents,
	"GetTexture":                 serveNoAsset,
	"ViewerAsset":                serveNoAsset,
	"UpdateAvatarAppearance":     serveUpdateAvatarAppearance,
	"HomeLocation":               serveHomeLocation,
	"ReadOfflineMsgs":            serveOfflineMessages,
	"AcceptFriendship":           serveFriendship(true),
	"DeclineFriendship":          serveFriendship(false),
	"AcceptGroupInvite":          serveGroupInvite(true),
	"DeclineGroupInvite":         serveGroupInvite(false),
}

// notOpenSim are capabilities that OpenSimulator has not.
var notOpenSim = map[string]bool{
	"ReadOfflineMsgs": true, "UpdateAvatarAppearance": true, "AcceptFriendship": true, "DeclineFriendship": true,
	"AcceptGroupInvite": true, "DeclineGroupInvite": true, "ChatSessionRequest": true,
}

// grants tells whether the grid has a capability.
func (g *Grid) grants(name string) bool {
	return capabilities[name] != nil && !(g.cfg.OpenSim && notOpenSim[name])
}

// capRouter finds the presence that a capability's address belongs to.
type capRouter struct {
	mu    sync.Mutex
	seeds map[string]*seed
}

// seed is the secret under which a presence has its capabilities, and its
// event queue.
type seed struct {
	p     *presence
	token string
	queue *caps.Queue

	mu     sync.Mutex
	muted  chan struct{} // closed when the network is repaired; nil when it works
	status int           // answers polls for a while
	times  int
}

// open grants capabilities to a presence.
func (c *capRouter) open(p *presence) *seed {
	s := &seed{p: p, token: newSecret(), queue: caps.NewQueue()}
	s.queue.Hold = p.region.g.cfg.EventQueuePoll
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seeds == nil {
		c.seeds = make(map[string]*seed)
	}
	c.seeds[s.token] = s
	return s
}

// close takes all capabilities back. The event queue answers 404 from now on.
func (c *capRouter) close(s *seed) {
	if s == nil {
		return
	}
	c.mu.Lock()
	delete(c.seeds, s.token)
	c.mu.Unlock()
	s.queue.Close()
}

func (c *capRouter) find(token string) *seed {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seeds[token]
}

// capPrefix is where capabilities live: /cap/<token>/<name>. The name of the
// seed is empty.
const capPrefix = "/cap/"

func (s *seed) url() string { return s.p.region.g.base + capPrefix + s.token + "/" }

// routes is the grid's HTTP service: logins and capabilities.
func (g *Grid) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", &login.Handler{Login: g.login, Log: g.log})
	mux.HandleFunc(capPrefix, g.serveCap)
	return mux
}

func (g *Grid) serveCap(w http.ResponseWriter, r *http.Request) {
	token, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, capPrefix), "/")
	name, rest, _ := strings.Cut(rest, "/")
	s := g.caps.find(token)
	if s == nil {
		http.NotFound(w, r)
		return
	}
	if name == "" {
		caps.SeedHandler(s.grant).ServeHTTP(w, r)
		return
	}
	if !g.grants(name) {
		http.NotFound(w, r)
		return
	}
	r.URL.Path = "/" + rest
	capabilities[name](s.p, w, r)
}

// grant gives out what is asked for and there.
func (s *seed) grant(_ *http.Request, names []string) map[string]string {
	granted := make(map[string]string)
	for _, n := range names {
		if s.p.region.g.grants(n) {
			granted[n] = s.url() + n
		}
	}
	return granted
}

// push sends events to the agent.
func (s *seed) push(events ...caps.Body) {
	if err := s.queue.Push(events...); err != nil {
		s.p.region.g.log.Debug("event not queued", "agent", s.p.session.account.Name(), "err", err)
	}
}

// serveEventQueue answers polls, as slow and broken as the scene wants it.
func serveEventQueue(p *presence, w http.ResponseWriter, r *http.Request) {
	g, s := p.region.g, p.seed
	s.mu.Lock()
	muted, status := s.muted, 0
	if s.times > 0 {
		s.times--
		status = s.status
	}
	s.mu.Unlock()
	if muted != nil {
		select {
		case <-muted:
		case <-r.Context().Done():
			return
		}
	}
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	g.mu.Lock()
	hold := g.queueHold
	g.mu.Unlock()
	if hold > 0 {
		t := time.NewTimer(hold)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return
		}
	}
	s.queue.ServeHTTP(w, r)
}

// mute holds all polls back until the returned function is called.
func (s *seed) mute() (restore func()) {
	ch := make(chan struct{})
	s.mu.Lock()
	s.muted = ch
	s.mu.Unlock()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		if s.muted == ch {
			s.muted = nil
		}
		s.mu.Unlock()
		close(ch)
	})
}

// fail answers the next polls with a status.
func (s *seed) fail(status, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.times = status, times
}

// enableSimulator invites the agent to open a child circuit.
func (s *seed) enableSimulator(child *presence, addr netip.AddrPort) {
	r := child.region
	s.push(
		&caps.EnableSimulator{Simulators: []caps.SimulatorInfo{{
			Handle: r.handle, Addr: addr, RegionSizeX: r.cfg.Size, RegionSizeY: r.cfg.Size,
		}}},
		&caps.EstablishAgentCommunication{AgentID: child.session.account.id, Addr: addr, SeedCapability: child.seed.url()},
	)
}

// teleportFinish sends the agent to its destination.
func (s *seed) teleportFinish(dest *presence, addr netip.AddrPort, flags grid.TeleportFlags) {
	r := dest.region
	s.push(&caps.TeleportFinish{
		AgentID: dest.session.account.id, LocationID: 4, Addr: addr, Handle: r.handle,
		SeedCapability: dest.seed.url(), SimAccess: uint8(r.cfg.Access), Flags: uint32(flags),
		RegionSizeX: r.cfg.Size, RegionSizeY: r.cfg.Size,
	})
}

// crossedRegion sends the agent over the border.
func (s *seed) crossedRegion(dest *presence, addr netip.AddrPort, at, lookAt grid.Vector3) {
	r := dest.region
	s.push(&caps.CrossedRegion{
		AgentID: dest.session.account.id, SessionID: dest.session.id, Position: at, LookAt: lookAt,
		Handle: r.handle, Addr: addr, SeedCapability: dest.seed.url(),
		RegionSizeX: r.cfg.Size, RegionSizeY: r.cfg.Size,
	})
}

func serveSimulatorFeatures(p *presence, w http.ResponseWriter, _ *http.Request) {
	caps.WriteLLSD(w, http.StatusOK, map[string]any{
		"AvatarHoverHeightEnabled": true, "MaxAgentAttachments": 38, "MaxAgentGroups": 42, "MaxAgentGroupsBasic": 42,
		"MeshRezEnabled": true, "PhysicsMaterialsEnabled": true, "PhysicsShapeTypes": map[string]any{"convex": true, "none": true, "prim": true},
		"OpenSimExtras": map[string]any{"say-range": 20, "whisper-range": 10, "shout-range": 100, "GridName": p.region.g.cfg.Name},
	})
}

func serveAgentPreferences(_ *presence, w http.ResponseWriter, _ *http.Request) {
	caps.WriteLLSD(w, http.StatusOK, map[string]any{
		"access_prefs": map[string]any{"max": "M"}, "default_object_perm_masks": map[string]any{"Everyone": 0, "Group": 0, "NextOwner": 532480},
		"god_level": 0, "hover_height": 0.0, "language": "en", "language_is_public": true,
	})
}

func serveUpdateAvatarAppearance(p *presence, w http.ResponseWriter, _ *http.Request) {
	caps.WriteLLSD(w, http.StatusOK, map[string]any{"success": true, "agent-id": p.session.account.id})
}

// serveNoAsset answers for all assets: there are none.
func serveNoAsset(_ *presence, w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
