package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
)

// plain is what one writes with package net: a goroutine that reads and, for
// broadcasts, one that writes for each connection.
type plain struct {
	mu    sync.Mutex
	feeds map[chan []byte]struct{}
}

func (p *plain) start(cfg *tls.Config) (string, error) {
	p.feeds = make(map[chan []byte]struct{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			if cfg != nil {
				nc = tls.Server(nc, cfg)
			}
			go p.serve(nc)
		}
	}()
	return l.Addr().String(), nil
}

func (p *plain) serve(nc net.Conn) {
	defer nc.Close()
	if t, ok := nc.(*tls.Conn); ok {
		if err := t.Handshake(); err != nil {
			return
		}
	}
	feed := make(chan []byte, 256)
	p.mu.Lock()
	p.feeds[feed] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.feeds, feed)
		p.mu.Unlock()
		close(feed)
	}()
	go func() {
		w := bufio.NewWriterSize(nc, 16<<10)
		for m := range feed {
			if _, err := w.Write(m); err != nil {
				return
			}
			if len(feed) == 0 {
				if err := w.Flush(); err != nil {
					return
				}
			}
		}
	}()
	r := bufio.NewReader(nc)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		if _, err := nc.Write(line); err != nil {
			return
		}
	}
}

func (p *plain) publish(size, count int, stop *atomic.Bool) error {
	message := append(bytes.Repeat([]byte("x"), size-1), '\n')
	for !stop.Load() {
		p.mu.Lock()
		for range count {
			for feed := range p.feeds {
				feed <- message
			}
		}
		p.mu.Unlock()
	}
	return nil
}

func (p *plain) conns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.feeds)
}
