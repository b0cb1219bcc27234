package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof" // the profiles behind the numbers
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"rookery/tcpserver"
)

// A contender is a server under measurement. Commands come on standard input,
// a line each; answers go to standard output.
type contender interface {
	// start listens, with TLS when cfg is not nil, and returns the address.
	start(cfg *tls.Config) (string, error)
	// publish sends a message of that size to everybody, again and again,
	// until stop is set; nil when clients of the protocol do that.
	publish(size int, stop *atomic.Bool) error
	// conns is how many clients there are.
	conns() int
}

func serve(kind string, secure bool) error {
	if addr := os.Getenv("BENCH_PPROF"); addr != "" {
		go func() { _ = http.ListenAndServe(addr, nil) }()
	}
	var c contender
	switch kind {
	case "tcpserver":
		c = &component{}
	case "net":
		c = &plain{}
	case "nats":
		c = &natsServer{}
	default:
		return fmt.Errorf("unknown server %q", kind)
	}
	var cfg *tls.Config
	if secure {
		cfg = serverTLS()
	}
	addr, err := c.start(cfg)
	if err != nil {
		return err
	}
	fmt.Println("addr", addr)
	in := bufio.NewScanner(os.Stdin)
	var stop *atomic.Bool
	var done sync.WaitGroup
	for in.Scan() {
		words := strings.Fields(in.Text())
		switch words[0] {
		case "publish":
			size, err := strconv.Atoi(words[1])
			if err != nil {
				return err
			}
			stop = new(atomic.Bool)
			this := stop
			done.Go(func() {
				if err := c.publish(size, this); err != nil {
					fmt.Fprintln(os.Stderr, kind, "publish:", err)
				}
			})
			fmt.Println("ok")
		case "stop":
			stop.Store(true)
			done.Wait()
			fmt.Println("ok")
		case "memory":
			runtime.GC()
			runtime.GC()
			debug.FreeOSMemory()
			fmt.Println("memory", resident(), c.conns(), inUse())
		default:
			return fmt.Errorf("unknown command %q", words[0])
		}
	}
	return in.Err()
}

// inUse is what the Go runtime has in use, in bytes.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// resident is the process's resident memory in bytes.
func resident() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

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

func (c *component) publish(size int, stop *atomic.Bool) error {
	message := append(bytes.Repeat([]byte("x"), size-1), '\n')
	const window = 1 << 20
	for !stop.Load() {
		for range max(1, 64<<10/size) {
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

func (p *plain) publish(size int, stop *atomic.Bool) error {
	message := append(bytes.Repeat([]byte("x"), size-1), '\n')
	for !stop.Load() {
		p.mu.Lock()
		for feed := range p.feeds {
			feed <- message
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

// natsServer is the core of nats-server, without JetStream.
type natsServer struct {
	s    *server.Server
	addr string
	cfg  *tls.Config
}

func (n *natsServer) start(cfg *tls.Config) (string, error) {
	o := &server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, MaxConn: 100_000, MaxPending: 256 << 20}
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
func (n *natsServer) publish(size int, stop *atomic.Bool) error {
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
	count := max(1, 64<<10/size)
	for range count {
		fmt.Fprintf(&batch, "PUB b %d\r\n%s\r\n", size, payload)
	}
	batch.WriteString("PING\r\n")
	for !stop.Load() {
		if _, err := nc.Write(batch.Bytes()); err != nil {
			return err
		}
		if _, err := r.ReadString('\n'); err != nil {
			return err
		}
	}
	return nil
}

func (n *natsServer) conns() int { return n.s.NumClients() }
