// Package inworld is the door for scripts in the world: what objects say to the
// agent alone (llInstantMessage, llOwnerSay, llRegionSayTo) is obeyed when it is
// a command. Nothing is answered in the world; the answer goes to the URL that
// the command names in the key callback.
//
// The agent's side tells commands from other words, because it must keep both
// from being told as notifications, and hands them over the bus.
package inworld

import (
	"context"
	"fmt"
	"sync"

	"rookery/internal/bus"
	"rookery/internal/gateway"
)

// defaultInFlight is how many commands run at a time unless told otherwise.
const defaultInFlight = 4

// Config says how the door opens. The zero value is ready.
type Config struct {
	// CommandsInFlight is how many commands run at a time; the next one waits
	// until one of them is done. 0 means 4.
	CommandsInFlight int
}

// Door is an open door to one agent.
type Door struct {
	desk   *gateway.Desk
	places chan struct{}
	stop   func()

	ctx    context.Context
	cancel context.CancelFunc

	// mu guards closing, after which no command starts any more.
	mu      sync.Mutex
	closing bool
	running sync.WaitGroup
}

// Open begins to obey.
func Open(cfg Config, desk *gateway.Desk) (*Door, error) {
	if cfg.CommandsInFlight == 0 {
		cfg.CommandsInFlight = defaultInFlight
	}
	d := &Door{desk: desk, places: make(chan struct{}, cfg.CommandsInFlight)}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	stop, err := desk.Bus.Listen(desk.Agent, d.obey)
	if err != nil {
		d.cancel()
		return nil, fmt.Errorf("open the in-world door: %w", err)
	}
	d.stop = stop
	return d, nil
}

// obey runs one command beside others, in the order in which they came.
func (d *Door) obey(r bus.Request) {
	select {
	case d.places <- struct{}{}:
	case <-d.ctx.Done():
		return
	}
	if !d.begin() {
		return
	}
	go func() {
		defer d.running.Done()
		defer func() { <-d.places }()
		r.Door = "inworld"
		// Whoever asked has no ear for the answer; the log has what went wrong.
		d.desk.Execute(d.ctx, r)
	}()
}

func (d *Door) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.running.Add(1)
	return true
}

// Close ends running commands and obeys nobody any more.
func (d *Door) Close(ctx context.Context) error {
	d.stop()
	d.mu.Lock()
	d.closing = true
	d.mu.Unlock()
	d.cancel()
	done := make(chan struct{})
	go func() { d.running.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close the in-world door: %w", ctx.Err())
	}
}
