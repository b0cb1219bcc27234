package daemon

import (
	"rookery/internal/gateway/udp"
	"rookery/script"
)

func (d *Daemon) openUDP(input, output script.Filters) error {
	c := d.cfg.UDP
	r := d.agents[0]
	door, err := openAt(d, "udp", c.Address, func(address string) (*udp.Door, error) {
		return udp.Open(udp.Config{
			Address:        address,
			SessionTimeout: c.SessionTimeout.D(),
			MaxSessions:    c.MaxSessions,
		}, d.desk("udp", r, input, output))
	})
	if err != nil {
		return err
	}
	d.doors = append(d.doors, door)
	d.addresses.UDP = door.Addr()
	d.metrics.Clients("udp "+door.Addr(), door.Sessions)
	d.log.Info("UDP door open", "agent", r.name, "address", door.Addr())
	return nil
}
