package simgrid

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"rookery/grid"
	"rookery/grid/circuit"
)

// Region is one simulator: a square of land, what stands on it and who is in
// it. Its exported methods may be called from any goroutine.
type Region struct {
	g          *Grid
	cfg        RegionConfig
	handle     grid.RegionHandle
	neighbours []*Region // fixed after Start
	parcelID   grid.UUID
	faults     *faultConn // of the endpoint that is open

	mu        sync.Mutex // see lock
	after     []func()
	endpoint  *circuit.Endpoint // nil while the region is down
	addr      netip.AddrPort
	stopped   chan struct{} // closed to end the clock
	tick      uint64
	clock     clockStats
	local     uint32 // the last local id
	presences map[grid.UUID]*presence
	avatars   map[grid.UUID]*avatar
	prims     map[uint32]*Prim
	primIDs   map[grid.UUID]*Prim
	active    map[*avatar]struct{} // need a step of the clock
	changed   map[*avatar]struct{} // need an update sent
	lagging   bool                 // some viewer is behind
	closed    bool                 // nobody may come in
	goodbyes  []chan struct{}      // circuits that still say their last words
}

func newRegion(g *Grid, c RegionConfig) *Region {
	return &Region{
		g: g, cfg: c, handle: c.handle(), parcelID: nameID("parcel", c.Name),
		presences: make(map[grid.UUID]*presence),
		avatars:   make(map[grid.UUID]*avatar),
		prims:     make(map[uint32]*Prim),
		primIDs:   make(map[grid.UUID]*Prim),
		active:    make(map[*avatar]struct{}),
		changed:   make(map[*avatar]struct{}),
	}
}

// Name is the region's name.
func (r *Region) Name() string { return r.cfg.Name }

// ID is the region's id.
func (r *Region) ID() grid.UUID { return r.cfg.ID }

// Handle is the region's place on the grid.
func (r *Region) Handle() grid.RegionHandle { return r.handle }

// Size is the edge of the region in metres.
func (r *Region) Size() uint32 { return r.cfg.Size }

// Ground is the height of the terrain in metres.
func (r *Region) Ground() float32 { return r.cfg.Ground }

// Addr is the UDP address of the region's circuits.
func (r *Region) Addr() netip.AddrPort {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.addr
}

// lock takes the region. What must happen outside the lock, because it takes
// another region's, is put aside with later and done by unlock.
func (r *Region) lock() { r.mu.Lock() }

func (r *Region) unlock() {
	after := r.after
	r.after = nil
	r.mu.Unlock()
	for _, f := range after {
		f()
	}
}

func (r *Region) later(f func()) { r.after = append(r.after, f) }

// socketBuffer is how many bytes wait in a region's socket.
const socketBuffer = 4 << 20

// open opens the region's socket and starts its clock.
func (r *Region) open() error {
	pc, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(r.g.cfg.Host), 0)))
	if err != nil {
		return fmt.Errorf("region %s: %w", r.cfg.Name, err)
	}
	// Many agents send at once; what the system refuses here is only slower.
	_ = pc.SetReadBuffer(socketBuffer)
	_ = pc.SetWriteBuffer(socketBuffer)
	r.lock()
	defer r.unlock()
	if r.endpoint != nil || r.g.ctx.Err() != nil {
		_ = pc.Close()
		return fmt.Errorf("region %s: is up, or its grid is closed", r.cfg.Name)
	}
	r.faults = &faultConn{UDPConn: pc}
	network := net.PacketConn(r.faults)
	if wrap := r.g.cfg.Network; wrap != nil {
		network = wrap(network)
	}
	r.endpoint = circuit.NewEndpoint(network, circuit.Options{
		Accept:  r.accept,
		Log:     r.g.log.With("region", r.cfg.Name),
		Timeout: r.g.cfg.CircuitTimeout,
	})
	r.addr = r.endpoint.LocalAddr()
	r.closed = false
	r.stopped = make(chan struct{})
	stopped := r.stopped
	r.g.wg.Go(func() { r.run(stopped) })
	return nil
}

// close ends the clock and the circuits. Sessions must have ended before.
func (r *Region) close() {
	r.lock()
	e := r.endpoint
	r.endpoint, r.closed = nil, true
	if e != nil {
		close(r.stopped)
	}
	r.unlock()
	if e != nil {
		_ = e.Close()
	}
}

// run is the region's clock.
func (r *Region) run(stopped <-chan struct{}) {
	t := time.NewTicker(r.g.cfg.Tick)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-stopped:
			return
		case now := <-t.C:
			// A busy machine loses ticks; who walks must not get slower by it.
			passed := min(max(now.Sub(last), 0), maxLag*r.g.cfg.Tick)
			last = now
			r.lock()
			r.step(now, passed)
			r.unlock()
		}
	}
}

// maxLag is how many ticks late a tick may be before time stands still.
const maxLag = 10

// step does what one tick brings.
func (r *Region) step(now time.Time, passed time.Duration) {
	r.tick++
	begun := time.Now()
	r.stepAvatars(now, float32(passed.Seconds()))
	r.sendUpdates()
	r.clock.count(passed, time.Since(begun))
	if r.every(time.Second) {
		r.sendCoarse()
		r.sendStats(now)
	}
}

// every tells whether a thing that is done each d is due in this tick.
func (r *Region) every(d time.Duration) bool {
	n := uint64(max(d/r.g.cfg.Tick, 1))
	return r.tick%n == 0
}

func (r *Region) newLocalID() uint32 {
	r.local++
	return r.local
}

// contains tells whether a point lies in the region.
func (r *Region) contains(p grid.Vector3) bool {
	size := float32(r.cfg.Size)
	return p.X >= 0 && p.Y >= 0 && p.X < size && p.Y < size
}

// inside moves a point into the region and above the ground.
func (r *Region) inside(p grid.Vector3) grid.Vector3 {
	if !p.Finite() {
		p = r.middle()
	}
	limit := float32(r.cfg.Size) - edge
	p.X = min(max(p.X, edge), limit)
	p.Y = min(max(p.Y, edge), limit)
	p.Z = min(max(p.Z, r.cfg.Ground+avatarHeight/2), ceiling)
	return p
}

// middle returns a point on the ground in the middle of the region.
func (r *Region) middle() grid.Vector3 {
	half := float32(r.cfg.Size) / 2
	return grid.Vector3{X: half, Y: half, Z: r.cfg.Ground + avatarHeight/2}
}

// ErrRegionDown says that a region is shut.
var ErrRegionDown = errors.New("region is down")

// Shutdown closes the region as a crash or a restart does: its agents are
// thrown off the grid with a KickUser that gives the reason, its circuits close
// and its event queues answer 404. Neighbours stay.
func (r *Region) Shutdown(reason string) error {
	r.lock()
	if r.endpoint == nil {
		r.unlock()
		return fmt.Errorf("region %s: %w", r.cfg.Name, ErrRegionDown)
	}
	r.closed = true
	var roots []*session
	for _, p := range r.presences {
		if p.avatar != nil {
			p.leaving = kickMessage(p, reason)
			roots = append(roots, p.session)
		} else {
			r.dismiss(p)
		}
	}
	r.unlock()
	for _, s := range roots {
		r.g.end(s, CauseShutdown)
	}
	r.mu.Lock()
	goodbyes := r.goodbyes
	r.goodbyes = nil
	r.mu.Unlock()
	for _, bye := range goodbyes {
		<-bye
	}
	r.close()
	return nil
}

// Restart opens a region that was shut, at a new address.
func (r *Region) Restart() error {
	if err := r.open(); err != nil {
		return err
	}
	for _, n := range r.neighbours {
		n.lock()
		var roots []*presence
		for _, p := range n.presences {
			if p.avatar != nil {
				roots = append(roots, p)
			}
		}
		n.unlock()
		for _, p := range roots {
			r.g.surround(p)
		}
	}
	return nil
}

// admits tells whether the region is up and whether it is full.
func (r *Region) admits() (open, full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.closed && r.endpoint != nil, r.agents() >= r.cfg.MaxAgents
}
