// Package daemon builds the house from a configuration: it starts and stops
// the rooms in order.
package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"rookery/internal/access"
	"rookery/internal/audit"
	"rookery/internal/bus"
	"rookery/internal/config"
	"rookery/internal/metrics"
	"rookery/internal/vitals"
	"rookery/script"
	"rookery/simgrid"
)

// closeTimeout bounds the time that clients may take to be drained.
const closeTimeout = 5 * time.Second

// Options are what a daemon needs beside its configuration.
type Options struct {
	// Version is the program's version.
	Version string
	// Log receives everything; nil discards it.
	Log *slog.Logger
	// FreePort tells whether a door ("http" …) may open at a free port when its
	// own is taken; nil: none may.
	FreePort func(door string) bool
	// Level is the level of Log, for changing it while the daemon runs; nil: it
	// stays.
	Level *slog.LevelVar
	// Reload asks to read the configuration again, as a change of its file does.
	// May be nil.
	Reload <-chan os.Signal
	// Visitors may log into the embedded grid, beside the agents.
	Visitors []simgrid.AccountConfig
}

// Daemon is a running house.
type Daemon struct {
	// cfg is the configuration of the start; current the one that holds now,
	// see settings. reloading is held while it changes.
	cfg       *config.Config
	current   atomic.Pointer[config.Config]
	reloading sync.Mutex
	store     *config.Store
	groups    *access.Access

	options Options
	log     *slog.Logger

	metrics *metrics.Metrics
	audit   *audit.Trail

	// input and output are the filters of everything that scripts write and
	// read.
	input, output *script.Live

	vitals *vitals.Meter

	bus    *bus.Bus
	grid   *simgrid.Grid
	agents []*resident
	doors  []door
	out    outgoing
	rooms  rooms

	addresses Addresses
	// failed receives why an agent gave up for good.
	failed chan error
	// running are the agents' lives.
	running sync.WaitGroup
	leave   context.CancelFunc
}

// Addresses is where a running daemon can be reached, as the ready file has it.
type Addresses struct {
	PID int `json:"pid"`
	// TCP is the address of the first agent's TCP door, HOST:PORT; Doors has
	// those of all agents by the agents' names.
	TCP   string            `json:"tcp,omitempty"`
	Doors map[string]string `json:"doors,omitempty"`
	// HTTP, WebSocket, MQTT and UDP are the addresses of the first agent's other
	// doors, HOST:PORT; empty for those that are not open.
	HTTP      string `json:"http,omitempty"`
	WebSocket string `json:"websocket,omitempty"`
	MQTT      string `json:"mqtt,omitempty"`
	UDP       string `json:"udp,omitempty"`
	// GridLogin is the login URI of the embedded grid.
	GridLogin string `json:"grid_login,omitempty"`
	// Certificate is the PEM file of the TCP door's certificate, which clients
	// may trust; Fingerprint is its SHA-256.
	Certificate string `json:"certificate,omitempty"`
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Start builds everything and returns when all doors are open. Agents log in
// meanwhile and afterwards; a door answers from the first moment.
func Start(cfg *config.Config, options Options) (*Daemon, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	d := &Daemon{cfg: cfg, options: options, log: options.Log, metrics: metrics.New(options.Version), vitals: vitals.New(), failed: make(chan error, len(cfg.Agents)+1)}
	d.current.Store(cfg)
	d.store = &config.Store{Current: d.settings, Apply: d.adopt}
	if err := d.start(); err != nil {
		d.Stop()
		return nil, err
	}
	return d, nil
}

func (d *Daemon) start() error {
	if len(d.cfg.Agents) == 0 {
		return errors.New("the configuration has no [[agents]]: nobody to log in")
	}
	input, output, err := d.cfg.Filters.Chains()
	if err != nil {
		return fmt.Errorf("filters: %w", err)
	}
	d.input, d.output = script.NewLive(input), script.NewLive(output)
	if d.groups, err = access.New(d.cfg.Access()); err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	// The certificate first: a wrong one should stop the start before anything
	// has happened on the grid.
	encryption, err := d.encryption("tcp.tls", d.cfg.TCP.TLS, d.cfg.TCP.Enabled)
	if err != nil {
		return err
	}
	if d.audit, err = audit.Open(d.cfg.Log.Audit, d.log); err != nil {
		return fmt.Errorf("log.audit: %w", err)
	}
	if err := d.openOutgoing(); err != nil {
		return err
	}
	if err := d.openRooms(); err != nil {
		return err
	}
	if d.bus, err = d.openBus(); err != nil {
		return err
	}
	if err := d.startGrid(); err != nil {
		return err
	}
	for _, cfg := range d.cfg.Agents {
		r, err := d.settle(cfg)
		if err != nil {
			return fmt.Errorf("agent %s: %w", cfg.Name, err)
		}
		d.agents = append(d.agents, r)
	}
	// What was kept for groups that are no more is forgotten before anybody can
	// ask for it.
	d.revise()
	if err := d.openDoors(encryption); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.leave = cancel
	d.running.Go(func() { d.watch(ctx) })
	d.running.Go(func() { d.vitals.Run(ctx) })
	d.running.Go(func() { d.heartbeat(ctx, d.cfg.Log.Heartbeat.D()) })
	for _, r := range d.agents {
		d.running.Go(func() {
			if err := r.live(ctx); err != nil {
				d.failed <- fmt.Errorf("agent %s: %w", r.name, err)
			}
		})
	}
	return nil
}

// openBus opens the bus, with its store where it is embedded.
func (d *Daemon) openBus() (*bus.Bus, error) {
	kept := d.cfg.Subscriptions
	c := bus.Config{
		URLs: d.cfg.Bus.Servers(), Credentials: d.cfg.Bus.Credentials, Log: d.log,
		Durable: bus.Limits{Age: kept.MaxAge.D(), Messages: int64(kept.MaxMessages), Bytes: int64(kept.MaxBytes), Most: kept.Most},
	}
	if len(c.URLs) == 0 {
		c.Store = filepath.Join(d.cfg.StateDir, d.cfg.Bus.Store)
	}
	return bus.Open(c)
}

// Addresses tells where everything is.
func (d *Daemon) Addresses() Addresses { return d.addresses }

// Online returns when every agent that logs in by itself stands in a region,
// with the error of one that cannot.
func (d *Daemon) Online(ctx context.Context) error {
	for _, r := range d.agents {
		if !r.cfg.AutoLogin {
			continue
		}
		select {
		case <-r.online:
		case err := <-d.failed:
			d.failed <- err
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Wait returns nil when ctx ends, or the error when an agent gives up for
// good: its login was refused for a reason that trying again cannot mend.
func (d *Daemon) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-d.failed:
		return err
	}
}

// Stop closes the doors, so that clients get what waits for them, logs the
// agents out of the grid, and takes the rest of the house down.
func (d *Daemon) Stop() {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	var doors sync.WaitGroup
	for _, door := range d.doors {
		doors.Go(func() {
			if err := door.Close(ctx); err != nil {
				d.log.Warn("not every client took what waited for it", "error", err)
			}
		})
	}
	if d.leave != nil {
		d.leave()
	}
	d.running.Wait()
	doors.Wait()
	for _, r := range d.agents {
		r.stop()
	}
	posting, cancelPosting := context.WithTimeout(context.Background(), closeTimeout)
	defer cancelPosting()
	d.out.close(posting, d.log)
	d.closeRooms()
	if d.audit != nil {
		if err := d.audit.Close(); err != nil {
			d.log.Warn("close the audit trail", "error", err)
		}
	}
	if d.grid != nil {
		if err := d.grid.Close(); err != nil {
			d.log.Warn("close the embedded grid", "error", err)
		}
	}
	if d.bus != nil {
		d.bus.Close()
	}
}
