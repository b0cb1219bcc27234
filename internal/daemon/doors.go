package daemon

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"syscall"

	"rookery/internal/command/catalog"
	"rookery/internal/config"
	"rookery/internal/gateway"
	"rookery/internal/gateway/http"
	"rookery/internal/gateway/tcp"
	"rookery/internal/gateway/websocket"
	"rookery/script"
	"rookery/tcpserver"
)

// door is an open door of any kind.
type door interface {
	// Close stops taking clients in, lets those there are have what waits for
	// them and sends them away, by force when ctx ends first.
	Close(ctx context.Context) error
}

// openDoors opens a TCP door for the first agent at the configured address and
// one for every other agent that has an address of its own. The other doors
// lead to the first agent.
func (d *Daemon) openDoors(encryption *tls.Config) error {
	input, output := script.Filters{d.input}, script.Filters{d.output}
	if d.cfg.InWorld.Enabled {
		if err := d.openInWorld(input, output); err != nil {
			return err
		}
	}
	if d.cfg.TCP.Enabled {
		if err := d.openTCP(encryption, input, output); err != nil {
			return err
		}
	}
	if d.cfg.HTTP.Enabled {
		if err := d.openHTTP(input, output); err != nil {
			return err
		}
	}
	if d.cfg.WebSocket.Enabled {
		if err := d.openWebSocket(input, output); err != nil {
			return err
		}
	}
	if d.cfg.MQTT.Enabled {
		if err := d.openMQTT(input, output); err != nil {
			return err
		}
	}
	if d.cfg.UDP.Enabled {
		if err := d.openUDP(input, output); err != nil {
			return err
		}
	}
	return nil
}

// openAt opens a door at its address, or at a free port of the same host where
// the options allow that.
func openAt[D door](d *Daemon, name, address string, open func(address string) (D, error)) (D, error) {
	opened, err := open(address)
	if errors.Is(err, syscall.EADDRINUSE) && d.options.FreePort != nil && d.options.FreePort(name) {
		host, _, _ := net.SplitHostPort(address)
		return open(net.JoinHostPort(host, "0"))
	}
	return opened, err
}

func (d *Daemon) openHTTP(input, output script.Filters) error {
	c := d.cfg.HTTP
	encryption, err := d.encryption("http.tls", c.TLS, true)
	if err != nil {
		return err
	}
	r := d.agents[0]
	door, err := openAt(d, "http", c.Address, func(address string) (*http.Door, error) {
		return http.Open(http.Config{
			Address:        address,
			TLS:            encryption,
			Language:       languages[c.Language],
			User:           c.User,
			Password:       string(c.Password),
			MaxBody:        int64(c.MaxBody),
			IdleTimeout:    c.IdleTimeout.D(),
			MaxConnections: c.MaxConnections,
			Origins:        c.Origins,
			Health:         r.health,
			Metrics:        d.metrics.Handler(),
			OpenAPI:        catalog.New().OpenAPI(d.options.Version),
		}, d.desk("http", r, input, output))
	})
	if err != nil {
		return err
	}
	d.doors = append(d.doors, door)
	d.addresses.HTTP = door.Addr()
	d.metrics.Clients("http "+door.Addr(), door.Connections)
	d.log.Info("HTTP door open", "agent", r.name, "address", door.Addr(), "tls", encryption != nil)
	return nil
}

func (d *Daemon) openWebSocket(input, output script.Filters) error {
	c := d.cfg.WebSocket
	encryption, err := d.encryption("websocket.tls", c.TLS, true)
	if err != nil {
		return err
	}
	r := d.agents[0]
	door, err := openAt(d, "websocket", c.Address, func(address string) (*websocket.Door, error) {
		return websocket.Open(websocket.Config{
			Address:        address,
			TLS:            encryption,
			Language:       languages[c.Language],
			Origins:        c.Origins,
			MaxConnections: c.MaxConnections,
			QueueBytes:     int(c.QueueBytes),
			Overflow:       overflows[c.Overflow],
			PingInterval:   c.PingInterval.D(),
		}, d.desk("websocket", r, input, output))
	})
	if err != nil {
		return err
	}
	d.doors = append(d.doors, door)
	d.addresses.WebSocket = door.Addr()
	d.metrics.Clients("websocket "+door.Addr(), door.Clients)
	d.log.Info("WebSocket door open", "agent", r.name, "address", door.Addr(), "tls", encryption != nil)
	return nil
}

var overflows = map[config.Overflow]gateway.Overflow{
	config.OverflowDisconnect: gateway.Disconnect,
	config.OverflowDropNewest: gateway.DropNewest,
	config.OverflowDropOldest: gateway.DropOldest,
}

var languages = map[config.Language]gateway.Language{
	config.LanguageWAS:  gateway.WAS,
	config.LanguageJSON: gateway.JSON,
}

// desk is where the doors of an agent hand in.
func (d *Daemon) desk(door string, r *resident, input, output script.Filters) *gateway.Desk {
	desk := gateway.NewDesk(d.bus, r.name, input, output, d.log.With("agent", r.name))
	desk.Door, desk.Metrics = door, d.metrics
	return desk
}

func (d *Daemon) openTCP(encryption *tls.Config, input, output script.Filters) error {
	d.addresses.Doors = make(map[string]string)
	for i, r := range d.agents {
		address := r.cfg.TCPAddress
		if address == "" && i == 0 {
			address = d.cfg.TCP.Address
		}
		if address == "" {
			d.log.Warn("an agent without a TCP door: give it a tcp_address of its own", "agent", r.name)
			continue
		}
		door, err := tcp.Open(tcpConfig(d.cfg.TCP, address, encryption), d.desk("tcp", r, input, output))
		if err != nil {
			return err
		}
		d.doors = append(d.doors, door)
		d.addresses.Doors[r.name] = door.Addr()
		d.metrics.Clients("tcp "+door.Addr(), door.Connections)
		if d.addresses.TCP == "" {
			d.addresses.TCP = door.Addr()
		}
		d.log.Info("TCP door open", "agent", r.name, "address", door.Addr(), "tls", encryption != nil)
	}
	return nil
}

func tcpConfig(c config.TCP, address string, encryption *tls.Config) tcp.Config {
	return tcp.Config{
		Address:          address,
		TLS:              encryption,
		EOL:              c.EOL.Bytes(),
		HandshakeTimeout: c.HandshakeTimeout.D(),
		MaxLine:          int(c.MaxLine),
		MaxConnections:   c.MaxConnections,
		QueueBytes:       int(c.QueueBytes),
		Queue:            queuePolicies[c.Overflow],
		CommandsInFlight: c.CommandsInFlight,
		Inherit:          c.InheritCredentials,
	}
}

var queuePolicies = map[config.Overflow]tcpserver.QueuePolicy{
	config.OverflowDisconnect: tcpserver.DisconnectSlow,
	config.OverflowDropNewest: tcpserver.DropNewest,
	config.OverflowDropOldest: tcpserver.DropOldest,
}
