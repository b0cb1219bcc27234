package command

import (
	"context"
	"log/slog"
	"time"

	"rookery/agent"
	"rookery/internal/notify/webhook"
	"rookery/internal/rights"
	"rookery/script"
)

// Settings are what commands need to know of the configuration.
type Settings struct {
	// Version is what the command version answers: four numbers and dots.
	Version string
	// Range is how far commands look around when not told otherwise, in
	// metres. 0 means 64.
	Range float32
	// Timeout bounds each wait for the grid when the command brings no
	// timeout of its own. 0 means 60 s.
	Timeout time.Duration
	// DataTimeout is the quiet gap after which an answer in several packets
	// counts as complete. 0 means 2.5 s.
	DataTimeout time.Duration
}

func (s Settings) withDefaults() Settings {
	if s.Version == "" {
		s.Version = "0.0.0.0"
	}
	if s.Range == 0 {
		s.Range = 64
	}
	if s.Timeout == 0 {
		s.Timeout = 60 * time.Second
	}
	if s.DataTimeout == 0 {
		s.DataTimeout = 2500 * time.Millisecond
	}
	return s
}

// Call is one command being run: who asked, with which parameters, of which
// agent. A Call belongs to the goroutine that runs it.
type Call struct {
	// Agent is what the command acts with.
	Agent *agent.Agent
	// Caller is the group that asked, as configured when it did.
	Caller rights.Caller
	// Registry holds every command there is.
	Registry *Registry
	// Settings hold the defaults.
	Settings Settings
	// Webhooks are the URLs registered for notifications; nil when none can
	// be.
	Webhooks *webhook.Book
	// Rooms are what else commands work with.
	Rooms Rooms
	// Sender is who gave the command, Identifier where it came from.
	Sender, Identifier string
	// Program is for the commands about the program itself.
	Program Program
	// Timeout bounds each wait for the grid.
	Timeout time.Duration
	// Log carries what is known of the call already.
	Log *slog.Logger

	access Access
	pairs  script.Pairs
}

// Value returns what the script sent for a key; empty means nothing. Only
// parameters (package param) call it.
func (c *Call) Value(key string) string { return c.pairs.Get(key) }

// Wait returns a context for one wait for the grid, which ends after the
// call's timeout.
func (c *Call) Wait(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.Timeout)
}

// Group finds a configured group by name, in any case, or UUID.
func (c *Call) Group(nameOrID string) (rights.Caller, bool) { return c.access.Group(nameOrID) }
