package daemon

import (
	"crypto/rand"
	"fmt"

	"rookery/internal/config"
	"rookery/simgrid"
)

// startGrid starts the embedded grid when an agent lives in it. An agent that
// has no password gets one that nobody knows.
func (d *Daemon) startGrid() error {
	var accounts []simgrid.AccountConfig
	for i := range d.cfg.Agents {
		a := &d.cfg.Agents[i]
		if a.Embedded() {
			if a.Password == "" {
				a.Password = config.Secret(rand.Text())
			}
			accounts = append(accounts, simgrid.AccountConfig{First: a.First, Last: a.Last, Password: string(a.Password)})
		}
	}
	if len(accounts) == 0 {
		return nil
	}
	cfg := simgrid.Config{Name: "Rookery", Accounts: accounts, Log: d.log.With("room", "grid")}
	if d.options.Scene != nil {
		d.options.Scene(&cfg)
	}
	g, err := simgrid.Start(cfg)
	if err != nil {
		return fmt.Errorf("start the embedded grid: %w", err)
	}
	d.grid = g
	d.addresses.GridLogin = g.LoginURI()
	return nil
}
