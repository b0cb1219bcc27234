package simgrid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"rookery/grid"
)

// Grid is a running grid. Its methods may be called from any goroutine.
type Grid struct {
	cfg     Config
	log     *slog.Logger
	hub     hub
	regions []*Region // fixed after Start
	http    *http.Server
	base    string // http://host:port
	caps    capRouter
	served  counters
	wg      sync.WaitGroup
	ctx     context.Context // ends with the grid
	stop    context.CancelFunc
	once    sync.Once
	epoch   time.Time
	code    atomic.Uint32 // the last circuit code

	mu         sync.Mutex
	accounts   map[grid.UUID]*Account
	names      map[string]*Account // lower case "first last"
	sessions   map[grid.UUID]*session
	refusal    *Refusal
	teleports  map[grid.UUID]string // refusals by agent; null id for everybody
	queueHold  time.Duration
	relogin    Relogin
	said       []ChatSpoken
	lures      []lure
	groups     []*Group
	imSessions map[grid.UUID]*imSession
	gifts      []gift
	noMutes    bool
}

// Start starts a grid. Close it when done.
func Start(c Config) (*Grid, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("simgrid: %w", err)
	}
	g := &Grid{
		cfg: c, log: c.Log, epoch: time.Now(), relogin: c.Relogin,
		accounts:  make(map[grid.UUID]*Account),
		names:     make(map[string]*Account),
		sessions:  make(map[grid.UUID]*session),
		teleports: make(map[grid.UUID]string),
	}
	g.ctx, g.stop = context.WithCancel(context.Background())
	if err := g.start(); err != nil {
		return nil, fmt.Errorf("simgrid: %w", errors.Join(err, g.Close()))
	}
	return g, nil
}

func (g *Grid) start() error {
	ln, err := net.Listen("tcp", net.JoinHostPort(g.cfg.Host, strconv.Itoa(g.cfg.Port)))
	if err != nil {
		return fmt.Errorf("listen for logins: %w", err)
	}
	g.base = "http://" + ln.Addr().String()
	g.http = &http.Server{
		Handler:           g.routes(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return g.ctx },
		ErrorLog:          slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
	}
	g.wg.Go(func() { _ = g.http.Serve(ln) })

	for _, rc := range g.cfg.Regions {
		g.regions = append(g.regions, newRegion(g, rc))
	}
	for _, r := range g.regions {
		for _, o := range g.regions {
			if r != o && r.cfg.touches(o.cfg) {
				r.neighbours = append(r.neighbours, o)
			}
		}
	}
	for _, r := range g.regions {
		if err := r.open(); err != nil {
			return err
		}
	}
	for _, a := range g.cfg.Accounts {
		if _, err := g.NewAccount(a); err != nil {
			return err
		}
	}
	for _, p := range g.cfg.Prims {
		r := g.Region(p.Region)
		if r == nil {
			return fmt.Errorf("prim %q: %w", p.Name, &RegionError{p.Region})
		}
		if _, err := r.AddPrim(p); err != nil {
			return err
		}
	}
	for _, i := range g.cfg.Inhabitants {
		if _, err := g.AddInhabitant(i); err != nil {
			return err
		}
	}
	g.wg.Go(g.housekeep)
	return nil
}

// Close shuts every region and ends every session. Clients are not told; use
// Kick or Region.Shutdown to tell them.
func (g *Grid) Close() error {
	var err error
	g.once.Do(func() {
		g.stop()
		if g.http != nil {
			err = g.http.Close()
		}
		for _, s := range g.allSessions() {
			g.end(s, CauseShutdown)
		}
		for _, r := range g.regions {
			r.close()
		}
		g.wg.Wait()
		g.hub.close()
	})
	return err
}

// LoginURI is where clients log in, XML-RPC and LLSD alike.
func (g *Grid) LoginURI() string { return g.base + "/" }

// Name is the grid's name.
func (g *Grid) Name() string { return g.cfg.Name }

// Regions returns the regions in the order of the configuration.
func (g *Grid) Regions() []*Region { return slices.Clone(g.regions) }

// Region returns the region of that name, in any case, or nil.
func (g *Grid) Region(name string) *Region {
	for _, r := range g.regions {
		if strings.EqualFold(r.cfg.Name, name) {
			return r
		}
	}
	return nil
}

// A RegionError says that the grid has no such region.
type RegionError struct{ Name string }

func (e *RegionError) Error() string { return fmt.Sprintf("there is no region %q", e.Name) }

// at returns the region that covers a point of the world map, in metres, or nil.
func (g *Grid) at(x, y float64) *Region {
	for _, r := range g.regions {
		rx, ry := r.handle.Metres()
		dx, dy := x-float64(rx), y-float64(ry)
		if dx >= 0 && dy >= 0 && dx < float64(r.cfg.Size) && dy < float64(r.cfg.Size) {
			return r
		}
	}
	return nil
}

// housekeep ends sessions that never arrived.
func (g *Grid) housekeep() {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-g.ctx.Done():
			return
		case now := <-t.C:
			for _, s := range g.allSessions() {
				if s.overdue(now) {
					g.end(s, CauseTimeout)
				}
			}
		}
	}
}

// countedNames bounds the names that clients make up.
const countedNames = 1000

// counters counts by name.
type counters struct {
	mu sync.Mutex
	n  map[string]uint64
}

func (c *counters) add(name string) (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = make(map[string]uint64)
	}
	if len(c.n) >= countedNames && c.n[name] == 0 {
		name = "other"
	}
	c.n[name]++
	return c.n[name] == 1
}

// Unserved returns how often clients sent messages that this grid does not
// serve, by name.
func (g *Grid) Unserved() map[string]uint64 {
	g.served.mu.Lock()
	defer g.served.mu.Unlock()
	return maps.Clone(g.served.n)
}
