package main

import (
	"bytes"
	"crypto/tls"
	"sync/atomic"
	"time"

	"rookery/tcpserver"
)

// component is the package under test.
type component struct {
	s *tcpserver.Server
}

func (c *component) start(cfg *tls.Config) (string, error) {
	c.s = &tcpserver.Server{
		LocalHost: "127.0.0.1", ConnectionBacklog: 4096, DefaultSingleLineMode: true, DefaultMaxLineLength: 65536,
		TLSConfig: cfg, SendQueueSize: 8 << 20,
		Settings: tcpserver.Settings{MaxConnections: 100_000, TCPNoDelay: true, SSLEnabledProtocols: tcpserver.ProtocolsModern},
	}
	if cfg != nil {
		c.s.SSLStartMode = tcpserver.StartImplicit
	}
	c.s.Events.DataIn = func(conn *tcpserver.Conn, line []byte, _ bool) {
		_ = conn.Send(append(line[:len(line):len(line)], '\n'))
	}
	if err := c.s.StartListening(); err != nil {
		return "", err
	}
	return c.s.Addr().String(), nil
}

func (c *component) publish(size, count int, stop *atomic.Bool) error {
	message := append(bytes.Repeat([]byte("x"), size-1), '\n')
	const window = 1 << 20
	for !stop.Load() {
		for range count {
			c.s.Broadcast(message)
		}
		for _, conn := range c.s.Connections() {
			for conn.Queued() > window && !stop.Load() {
				time.Sleep(50 * time.Microsecond)
			}
		}
	}
	return nil
}

func (c *component) conns() int { return c.s.Len() }
