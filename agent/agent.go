package agent

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"rookery/grid/circuit"
	"rookery/grid/login"
)

// Config is what an agent needs to know. Only the login address and the login
// parameters have no default.
type Config struct {
	// LoginURI is the address of the grid's login server, in the form LoginForm;
	// XML-RPC, which every grid speaks, by default.
	LoginURI  string
	LoginForm login.Form

	// Login says who logs in and where to.
	Login login.Params

	// KeepMFAHash is told the hash that a login with a code of the second factor
	// (Login.Token) was answered with. Given as Login.MFAHash it stands in for
	// codes in later runs; within this one the agent sees to that itself.
	KeepMFAHash func(hash string)

	// Range is how far the agent asks to see, in metres; 64 by default.
	Range float32

	// ServiceTimeout bounds the wait for one answer of the grid when the caller
	// sets no deadline; 60 s by default. DataTimeout is the silence after which
	// an answer of several messages counts as complete; 2.5 s by default.
	ServiceTimeout, DataTimeout time.Duration

	// LoginTimeout bounds one request to the login server; 90 s by default.
	LoginTimeout time.Duration

	// LogoutTimeout bounds the wait for the grid's goodbye, which OpenSimulator
	// often loses; 2 s by default.
	LogoutTimeout time.Duration

	// CircuitTimeout is the silence of a region after which the agent gives it
	// up; 60 s by default.
	CircuitTimeout time.Duration

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

	// Throttle is what the agent asks a region to send at most, in bits per
	// second; DefaultThrottle when zero.
	Throttle circuit.Throttle

	// Language is what the agent speaks, "en" for example, as regions are told;
	// they are told none when it is empty. LanguagePublic lets scripts know it.
	Language       string
	LanguagePublic bool

	// NoNeighbours keeps the agent from opening circuits to the regions around
	// its own. It then sees less, and cannot walk over a border.
	NoNeighbours bool

	// HTTP is used for the login server and capabilities; a client without a
	// timeout of its own, since the event queue is a long poll. Nil means
	// http.DefaultClient.
	HTTP *http.Client

	// UserAgent names the program to the capabilities; "Rookery" by default.
	UserAgent string

	// ListenPacket opens the UDP socket of one login; a random port on every
	// address by default. Tests put bad networks under the agent with it.
	ListenPacket func() (net.PacketConn, error)

	// Log receives what the operator should know; nil discards it.
	Log *slog.Logger
}

// DefaultThrottle asks for little of what only eyes have a use for.
var DefaultThrottle = circuit.Throttle{
	Resend: 100_000, Land: 50_000, Wind: 10_000, Cloud: 10_000, Task: 500_000, Texture: 50_000, Asset: 200_000,
}

func (c Config) withDefaults() (Config, error) {
	switch {
	case c.LoginURI == "":
		return c, errors.New("agent: no login URI")
	case c.Login.First == "":
		return c, errors.New("agent: no first name to log in with")
	case c.Login.Password == "":
		return c, errors.New("agent: no password to log in with")
	}
	def(&c.Range, 64)
	def(&c.ServiceTimeout, 60*time.Second)
	def(&c.DataTimeout, 2500*time.Millisecond)
	def(&c.LoginTimeout, login.DefaultTimeout)
	def(&c.LogoutTimeout, 2*time.Second)
	def(&c.CircuitTimeout, time.Minute)
	def(&c.BackoffMin, 5*time.Second)
	def(&c.BackoffMax, 5*time.Minute)
	def(&c.UpdateInterval, 100*time.Millisecond)
	def(&c.IdleInterval, 2500*time.Millisecond)
	def(&c.EventQueue, 4096)
	def(&c.UserAgent, "Rookery")
	def(&c.TeleportLimit, 10)
	def(&c.TeleportWindow, 15*time.Second)
	def(&c.Throttle, DefaultThrottle)
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
		{"CircuitTimeout", c.CircuitTimeout < 0},
		{"BackoffMin", c.BackoffMin < 0},
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

	// turn is held by whoever logs in or out; wake tells Run that something
	// changed.
	turn chan struct{}
	wake chan struct{}

	// muteTurn is held by who fetches or changes the mute list.
	muteTurn chan struct{}

	timeouts atomic.Pointer[timeouts]

	// mu guards everything below. It is never held while waiting or while a
	// message is sent.
	mu       sync.Mutex
	state    State
	running  bool     // Run runs
	away     bool     // Logout was called: Run stays away until Login
	mfaHash  string   // stands in for the second factor's code
	session  *session // nil while offline
	subs     []*subscriber
	movement movement
	names    nameCache
	mutes    muteList
	offers   offers
	groups   []Group

	parcelSerial int32
}

// New returns an agent that is not logged in yet.
func New(cfg Config) (*Agent, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	a := &Agent{cfg: cfg, log: cfg.Log, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1), muteTurn: make(chan struct{}, 1)}
	a.timeouts.Store(&timeouts{cfg.ServiceTimeout, cfg.DataTimeout})
	a.movement.init(cfg)
	return a, nil
}

// Config returns the configuration with its defaults filled in.
func (a *Agent) Config() Config { return a.cfg }
