package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// natsServer is the core of nats-server, without JetStream.
type natsServer struct {
	s    *server.Server
	addr string
	cfg  *tls.Config
}

func (n *natsServer) start(cfg *tls.Config) (string, error) {
	o := &server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, MaxConn: 100_000, MaxPending: 64 << 20}
	if cfg != nil {
		o.TLSConfig, o.TLS, o.TLSTimeout = cfg, true, 60
		o.TLSHandshakeFirst = true
	}
	var err error
	if n.s, err = server.NewServer(o); err != nil {
		return "", err
	}
	n.s.Start()
	if !n.s.ReadyForConnections(10 * time.Second) {
		return "", fmt.Errorf("nats-server does not start")
	}
	n.addr, n.cfg = n.s.Addr().String(), cfg
	return n.addr, nil
}

// publish is a client that publishes in batches, as fast as the server takes them.
func (n *natsServer) publish(size, count int, stop *atomic.Bool) error {
	nc, err := net.Dial("tcp", n.addr)
	if err != nil {
		return err
	}
	defer nc.Close()
	if n.cfg != nil {
		nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	}
	r := bufio.NewReader(nc)
	if _, err := r.ReadString('\n'); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(nc, "CONNECT {\"verbose\":false}\r\nPING\r\n"); err != nil {
		return err
	}
	if _, err := r.ReadString('\n'); err != nil {
		return err
	}
	var batch bytes.Buffer
	payload := bytes.Repeat([]byte("x"), size)
	for range count {
		fmt.Fprintf(&batch, "PUB b %d\r\n%s\r\n", size, payload)
	}
	batch.WriteString("PING\r\n")
	// Two batches are under way at a time, so that the server never waits for
	// its publisher.
	slots := make(chan struct{}, 2)
	done := make(chan error, 1)
	go func() {
		for {
			if _, err := r.ReadString('\n'); err != nil {
				done <- err
				return
			}
			<-slots
		}
	}()
	for !stop.Load() {
		select {
		case slots <- struct{}{}:
		case err := <-done:
			return err
		}
		if _, err := nc.Write(batch.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (n *natsServer) conns() int { return n.s.NumClients() }
