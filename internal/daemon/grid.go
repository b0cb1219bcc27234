package daemon

import (
	"crypto/rand"
	"fmt"
	"slices"

	"rookery/internal/config"
	"rookery/simgrid"
)

// startGrid starts the embedded grid, with its inhabitants, when an agent lives
// in it. An agent that
// has no password gets one that nobody knows.
func (d *Daemon) startGrid() error {
	accounts := slices.Clone(d.options.Visitors)
	embedded := false
	for i := range d.cfg.Agents {
		a := &d.cfg.Agents[i]
		if a.Embedded() {
			embedded = true
			if a.Password == "" {
				a.Password = config.Secret(rand.Text())
			}
			accounts = append(accounts, simgrid.AccountConfig{First: a.First, Last: a.Last, Password: string(a.Password)})
		}
	}
	if !embedded {
		return nil
	}
	cfg := simgrid.Demo()
	cfg.Name, cfg.Accounts, cfg.Log = "Rookery", accounts, d.log.With("room", "grid")
	g, err := simgrid.Start(cfg)
	if err != nil {
		return fmt.Errorf("start the embedded grid: %w", err)
	}
	d.grid = g
	d.addresses.GridLogin = g.LoginURI()
	return nil
}
