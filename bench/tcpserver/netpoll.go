package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/cloudwego/netpoll"
)

// netpollServer is an event loop of cloudwego/netpoll. It has no TLS.
type netpollServer struct {
	mu      sync.Mutex
	clients map[netpoll.Connection]struct{}
}

func (n *netpollServer) start(cfg *tls.Config) (string, error) {
	if cfg != nil {
		return "", errors.New("netpoll has no TLS")
	}
	n.clients = map[netpoll.Connection]struct{}{}
	listener, err := netpoll.CreateListener("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	loop, err := netpoll.NewEventLoop(n.request,
		netpoll.WithOnConnect(func(ctx context.Context, c netpoll.Connection) context.Context {
			n.mu.Lock()
			n.clients[c] = struct{}{}
			n.mu.Unlock()
			return ctx
		}),
		netpoll.WithOnDisconnect(func(_ context.Context, c netpoll.Connection) {
			n.mu.Lock()
			delete(n.clients, c)
			n.mu.Unlock()
		}))
	if err != nil {
		return "", err
	}
	go func() { _ = loop.Serve(listener) }()
	return listener.Addr().String(), nil
}

// request echoes the lines that are there.
func (n *netpollServer) request(_ context.Context, c netpoll.Connection) error {
	r, w := c.Reader(), c.Writer()
	for r.Len() > 0 {
		line, err := r.Until('\n')
		if err != nil {
			return err
		}
		if _, err := w.WriteBinary(line); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if err := r.Release(); err != nil {
			return err
		}
	}
	return nil
}

// publish writes a batch to each client and flushes once, on every processor:
// a flush waits until the socket took all.
func (n *netpollServer) publish(size, count int, stop *atomic.Bool) error {
	message := append(bytes.Repeat([]byte("x"), size-1), '\n')
	n.mu.Lock()
	shares := make([][]netpoll.Connection, runtime.GOMAXPROCS(0))
	i := 0
	for c := range n.clients {
		shares[i%len(shares)] = append(shares[i%len(shares)], c)
		i++
	}
	n.mu.Unlock()
	var wg sync.WaitGroup
	for _, share := range shares {
		wg.Go(func() {
			for !stop.Load() {
				for _, c := range share {
					w := c.Writer()
					for range count {
						if _, err := w.WriteBinary(message); err != nil {
							return
						}
					}
					if err := w.Flush(); err != nil {
						return
					}
				}
			}
		})
	}
	wg.Wait()
	return nil
}

func (n *netpollServer) conns() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.clients)
}
