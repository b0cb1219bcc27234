package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"rookery/grid"
)

// Config is what an agent needs to know. Only the login address and the login
// parameters have no default.
type Config struct {
	// LoginURI is the address of the grid's login server.
	LoginURI string

	// Range is how far the agent asks to see, in metres; 64 by default.
	Range float32

	// ServiceTimeout bounds the wait for one answer of the grid; 60 s by
	// default. DataTimeout is the silence after which an answer of several
	// messages counts as complete; 2.5 s by default.
	ServiceTimeout, DataTimeout time.Duration

	// LogoutTimeout bounds the wait for the grid's goodbye, which OpenSimulator
	// often loses; 2 s by default.
	LogoutTimeout time.Duration

	// BackoffMin and BackoffMax are the shortest and longest pause between two
	// attempts of Run to log in; 5 s and 5 min by default. The pause doubles
	// with every failure and is spread by a quarter either way.
	BackoffMin, BackoffMax time.Duration

	// UpdateInterval is the time between two agent updates while the agent
	// moves; 100 ms by default. IdleInterval is the time between two while it
	// does not; 2.5 s by default.
	UpdateInterval, IdleInterval time.Duration

	// EventQueue is how many events may wait for one subscriber; 4096 by default.
	EventQueue int

	// BusyReply is sent, as a BusyAutoResponse, to who writes to the agent while
	// it is busy; at most once a minute to each. Nothing is sent when empty.
	BusyReply string

	// TeleportLimit is how many teleports the agent may ask for within
	// TeleportWindow before it gets ErrThrottled, as Second Life's own limit
	// would do with less kindness; 10 within 15 s by default. Negative means no
	// limit.
	TeleportLimit  int
	TeleportWindow time.Duration

	// NoNeighbours keeps the agent from opening circuits to the regions around
	// its own. It then sees less, and cannot walk over a border.
	NoNeighbours bool

	// HTTP is used for the login server and capabilities; a client without a
	// timeout of its own, since the event queue is a long poll. Nil means
	// http.DefaultClient.
	HTTP *http.Client

	// ListenPacket opens the UDP socket of one login; a random port on every
	// address by default. Tests put bad networks under the agent with it.
	ListenPacket func() (net.PacketConn, error)

	// Log receives what the operator should know; nil discards it.
	Log *slog.Logger
}

func (c Config) withDefaults() (Config, error) {
	if c.LoginURI == "" {
		return c, errors.New("agent: no login URI")
	}
	def(&c.Range, 64)
	def(&c.ServiceTimeout, 60*time.Second)
	def(&c.DataTimeout, 2500*time.Millisecond)
	def(&c.LogoutTimeout, 2*time.Second)
	def(&c.BackoffMin, 5*time.Second)
	def(&c.BackoffMax, 5*time.Minute)
	def(&c.UpdateInterval, 100*time.Millisecond)
	def(&c.IdleInterval, 2500*time.Millisecond)
	def(&c.EventQueue, 4096)
	def(&c.TeleportLimit, 10)
	def(&c.TeleportWindow, 15*time.Second)
	if c.BackoffMax < c.BackoffMin {
		return c, fmt.Errorf("agent: longest back-off %v is shorter than the shortest, %v", c.BackoffMax, c.BackoffMin)
	}
	for _, v := range []struct {
		name string
		bad  bool
	}{
		{"Range", c.Range < 0 || c.Range > 10000},
		{"ServiceTimeout", c.ServiceTimeout < 0},
		{"DataTimeout", c.DataTimeout < 0},
		{"LogoutTimeout", c.LogoutTimeout < 0},
		{"UpdateInterval", c.UpdateInterval < 10*time.Millisecond},
		{"IdleInterval", c.IdleInterval < c.UpdateInterval},
		{"EventQueue", c.EventQueue < 0},
		{"TeleportWindow", c.TeleportWindow < 0},
	} {
		if v.bad {
			return c, fmt.Errorf("agent: %s out of range", v.name)
		}
	}
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	if c.ListenPacket == nil {
		c.ListenPacket = func() (net.PacketConn, error) { return net.ListenPacket("udp4", ":0") }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

func def[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// Agent is one avatar. Make it with New.
type Agent struct {
	cfg Config
	log *slog.Logger

	// mu guards everything below. It is never held while waiting or while a
	// message is sent.
	mu       sync.Mutex
	state    State
	session  *session // nil while offline
	subs     []*subscriber
	movement movement
	names    nameCache
}

// New returns an agent that is not logged in yet.
func New(cfg Config) (*Agent, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Agent{cfg: cfg, log: cfg.Log}
	return a, nil
}

// Run logs in and keeps the agent logged in until ctx ends; then it logs out
// and returns nil. When the grid drops the agent, Run logs in again with
// growing pauses. It returns an error at once when the grid refuses the login
// for a reason that trying again cannot mend, a wrong password for example.
//
// While Run runs, Logout makes it stay away until Login is called.
func (a *Agent) Run(ctx context.Context) error { return errors.ErrUnsupported }

// Login logs in once and returns when the agent stands in its first region.
// It returns ErrOnline when it does already, a *login.Failure when the grid
// refuses.
func (a *Agent) Login(ctx context.Context) error { return errors.ErrUnsupported }

// Logout leaves the grid. It waits for the grid's goodbye no longer than
// Config.LogoutTimeout, and is no error when the agent is offline.
func (a *Agent) Logout(ctx context.Context) error { return errors.ErrUnsupported }

// Config returns the configuration with its defaults filled in.
func (a *Agent) Config() Config { return a.cfg }

type session struct{}
type movement struct{}
type nameCache struct{}

var _ grid.UUID
