package daemon

import (
	"rookery/internal/gateway/inworld"
	"rookery/script"
)

// openInWorld opens the door for scripts in the world, for every agent.
func (d *Daemon) openInWorld(input, output script.Filters) error {
	for _, r := range d.agents {
		door, err := inworld.Open(inworld.Config{}, d.desk("inworld", r, input, output))
		if err != nil {
			return err
		}
		d.doors = append(d.doors, door)
		d.log.Info("in-world door open", "agent", r.name)
	}
	return nil
}
