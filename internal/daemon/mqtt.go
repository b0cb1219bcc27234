package daemon

import (
	"rookery/internal/gateway/mqtt"
	"rookery/script"
)

func (d *Daemon) openMQTT(input, output script.Filters) error {
	c := d.cfg.MQTT
	encryption, err := d.encryption("mqtt.tls", c.TLS, true)
	if err != nil {
		return err
	}
	r := d.agents[0]
	door, err := openAt(d, "mqtt", c.Address, func(address string) (*mqtt.Door, error) {
		return mqtt.Open(mqtt.Config{
			Address:        address,
			TLS:            encryption,
			MaxConnections: c.MaxConnections,
		}, d.desk("mqtt", r, input, output))
	})
	if err != nil {
		return err
	}
	d.doors = append(d.doors, door)
	d.addresses.MQTT = door.Addr()
	d.metrics.Clients("mqtt "+door.Addr(), door.Connections)
	d.log.Info("MQTT door open", "agent", r.name, "address", door.Addr(), "tls", encryption != nil)
	return nil
}
