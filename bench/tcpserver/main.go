package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	var (
		serveKind = flag.String("serve", "", "run this server and take commands (used by the measuring process)")
		secure    = flag.Bool("tls", false, "with -serve: TLS")
		what      = flag.String("run", "broadcast,echo,idle,accept", "what to measure")
		servers   = flag.String("servers", "tcpserver,nats,net", "which servers")
		modes     = flag.String("modes", "plain,tls", "plain, tls")
		conns     = flag.String("conns", "100,1000", "connections for broadcast")
		sizes     = flag.String("sizes", "64,300,4096", "message sizes in bytes for broadcast")
		idle      = flag.Int("idle", 4000, "connections for idle")
		pause     = flag.Duration("pause", 15*time.Second, "silence before the memory of idle connections is taken")
		length    = flag.Duration("time", 3*time.Second, "length of each measurement")
	)
	flag.Parse()
	if *serveKind != "" {
		if err := serve(*serveKind, *secure); err != nil {
			log.Fatal(err)
		}
		return
	}
	b := &bench{time: *length, pause: *pause, servers: strings.Split(*servers, ",")}
	for mode := range strings.SplitSeq(*modes, ",") {
		for w := range strings.SplitSeq(*what, ",") {
			var err error
			switch w {
			case "broadcast":
				err = b.broadcasts(mode, ints(*conns), ints(*sizes))
			case "echo":
				err = b.echoes(mode)
			case "idle":
				err = b.idles(mode, *idle)
			case "accept":
				err = b.accepts(mode)
			default:
				err = fmt.Errorf("unknown measurement %q", w)
			}
			if err != nil {
				log.Fatal(err)
			}
		}
	}
}

func ints(list string) (out []int) {
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(s)
		if err != nil {
			log.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

type bench struct {
	time    time.Duration
	pause   time.Duration
	servers []string
}

// child is a server in its own process.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	kind string
	addr string
	tls  bool
}

func launch(kind, mode string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := &child{kind: kind, tls: mode == "tls", cmd: exec.Command(self, "-serve", kind, "-tls="+strconv.FormatBool(mode == "tls"))}
	c.cmd.Stderr = os.Stderr
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if !c.out.Scan() {
		return nil, errors.New(kind + " does not start")
	}
	c.addr = strings.TrimPrefix(c.out.Text(), "addr ")
	return c, nil
}

func (c *child) ask(command string) (string, error) {
	if _, err := fmt.Fprintln(c.in, command); err != nil {
		return "", err
	}
	if !c.out.Scan() {
		return "", errors.New(c.kind + " died")
	}
	return c.out.Text(), nil
}

func (c *child) end() {
	_ = c.in.Close()
	_ = c.cmd.Process.Kill()
	_ = c.cmd.Wait()
}

// clientTLS accepts any certificate; sessions resumes when cache is not nil.
func clientTLS(cache tls.ClientSessionCache) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, ClientSessionCache: cache, ServerName: "localhost"}
}

func (c *child) dial(cfg *tls.Config) (net.Conn, error) {
	nc, err := net.Dial("tcp", c.addr)
	if err != nil {
		return nil, err
	}
	if !c.tls {
		return nc, nil
	}
	if cfg == nil {
		cfg = clientTLS(nil)
	}
	t := tls.Client(nc, cfg)
	if err := t.Handshake(); err != nil {
		return nil, err
	}
	return t, nil
}

// subscribe connects a client that gets broadcasts.
func (c *child) subscribe() (net.Conn, error) {
	nc, err := c.dial(nil)
	if err != nil || c.kind != "nats" {
		return nc, err
	}
	r := bufio.NewReader(nc)
	if _, err := r.ReadString('\n'); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(nc, "CONNECT {\"verbose\":false}\r\nSUB b 1\r\nPING\r\n"); err != nil {
		return nil, err
	}
	_, err = r.ReadString('\n')
	return nc, err
}

// subscribers connects n clients, some at a time.
func (c *child) subscribers(n int) ([]net.Conn, error) {
	all := make([]net.Conn, n)
	var (
		wg    sync.WaitGroup
		fault atomic.Pointer[error]
	)
	slots := make(chan struct{}, 32)
	for i := range all {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			nc, err := c.subscribe()
			if err != nil {
				fault.Store(&err)
				return
			}
			all[i] = nc
		})
	}
	wg.Wait()
	if err := fault.Load(); err != nil {
		return nil, *err
	}
	return all, nil
}

// wireSize is what a message of that size is on the wire.
func (c *child) wireSize(size int) int {
	if c.kind == "nats" {
		return len(fmt.Sprintf("MSG b 1 %d\r\n", size)) + size + 2
	}
	return size
}

func (b *bench) broadcasts(mode string, conns, sizes []int) error {
	for _, n := range conns {
		for _, size := range sizes {
			results := make([]float64, len(b.servers))
			for i, kind := range b.servers {
				r, err := b.broadcast(kind, mode, n, size)
				if err != nil {
					return fmt.Errorf("broadcast %s: %w", kind, err)
				}
				results[i] = r
			}
			b.row(fmt.Sprintf("broadcast %s %d conns %d B, deliveries/s", mode, n, size), results, true)
		}
	}
	return nil
}

func (b *bench) broadcast(kind, mode string, n, size int) (float64, error) {
	c, err := launch(kind, mode)
	if err != nil {
		return 0, err
	}
	defer c.end()
	conns, err := c.subscribers(n)
	if err != nil {
		return 0, err
	}
	var bytes atomic.Int64
	for _, nc := range conns {
		defer nc.Close()
		go func() {
			buf := make([]byte, 64<<10)
			for {
				n, err := nc.Read(buf)
				bytes.Add(int64(n))
				if err != nil {
					return
				}
			}
		}()
	}
	if _, err := c.ask("publish " + strconv.Itoa(size)); err != nil {
		return 0, err
	}
	time.Sleep(b.time / 4)
	before, begun := bytes.Load(), time.Now()
	time.Sleep(b.time)
	got, took := bytes.Load()-before, time.Since(begun)
	if _, err := c.ask("stop"); err != nil {
		return 0, err
	}
	return float64(got) / float64(c.wireSize(size)) / took.Seconds(), nil
}

func (b *bench) echoes(mode string) error {
	for _, load := range []int{1, 50} {
		var p50, p99, rate []float64
		kinds := slices.DeleteFunc(slices.Clone(b.servers), func(k string) bool { return k == "nats" })
		for _, kind := range kinds {
			times, took, err := b.echo(kind, mode, load)
			if err != nil {
				return err
			}
			slices.Sort(times)
			p50 = append(p50, float64(times[len(times)/2].Nanoseconds())/1000)
			p99 = append(p99, float64(times[len(times)*99/100].Nanoseconds())/1000)
			rate = append(rate, float64(len(times))/took.Seconds())
		}
		kept := b.servers
		b.servers = kinds
		b.row(fmt.Sprintf("echo %s %d clients 64 B, p50 µs", mode, load), p50, false)
		b.row(fmt.Sprintf("echo %s %d clients 64 B, p99 µs", mode, load), p99, false)
		b.row(fmt.Sprintf("echo %s %d clients 64 B, round trips/s", mode, load), rate, true)
		b.servers = kept
	}
	return nil
}

func (b *bench) echo(kind, mode string, clients int) ([]time.Duration, time.Duration, error) {
	c, err := launch(kind, mode)
	if err != nil {
		return nil, 0, err
	}
	defer c.end()
	conns, err := c.subscribers(clients)
	if err != nil {
		return nil, 0, err
	}
	message := []byte(strings.Repeat("x", 63) + "\n")
	var (
		mu  sync.Mutex
		all []time.Duration
		wg  sync.WaitGroup
	)
	begun := time.Now()
	for _, nc := range conns {
		defer nc.Close()
		wg.Go(func() {
			var own []time.Duration
			buf := make([]byte, len(message))
			for time.Since(begun) < b.time {
				at := time.Now()
				if _, err := nc.Write(message); err != nil {
					log.Println(err)
					return
				}
				if _, err := io.ReadFull(nc, buf); err != nil {
					log.Println(err)
					return
				}
				own = append(own, time.Since(at))
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	wg.Wait()
	return all, time.Since(begun), nil
}

func (b *bench) idles(mode string, n int) error {
	var rss, used []float64
	for _, kind := range b.servers {
		r, u, err := b.idle(kind, mode, n)
		if err != nil {
			return err
		}
		rss, used = append(rss, r), append(used, u)
	}
	b.row(fmt.Sprintf("idle %s %d conns, resident bytes each", mode, n), rss, false)
	b.row(fmt.Sprintf("idle %s %d conns, heap and stack bytes each", mode, n), used, false)
	return nil
}

func (b *bench) idle(kind, mode string, n int) (rss, used float64, err error) {
	c, err := launch(kind, mode)
	if err != nil {
		return 0, 0, err
	}
	defer c.end()
	before, err := c.memory()
	if err != nil {
		return 0, 0, err
	}
	conns, err := c.subscribers(n)
	if err != nil {
		return 0, 0, err
	}
	if kind != "nats" { // every connection has seen traffic before it falls idle
		buf := make([]byte, 300)
		for _, nc := range conns {
			if _, err := nc.Write([]byte(strings.Repeat("x", 299) + "\n")); err != nil {
				return 0, 0, err
			}
			if _, err := io.ReadFull(nc, buf); err != nil {
				return 0, 0, err
			}
		}
	}
	time.Sleep(b.pause) // connections that fall silent shrink
	after, err := c.memory()
	if err != nil {
		return 0, 0, err
	}
	for _, nc := range conns {
		nc.Close()
	}
	return (after[0] - before[0]) / float64(n), (after[2] - before[2]) / float64(n), nil
}

func (c *child) memory() (m [3]float64, err error) {
	answer, err := c.ask("memory")
	if err != nil {
		return m, err
	}
	_, err = fmt.Sscanf(answer, "memory %g %g %g", &m[0], &m[1], &m[2])
	return m, err
}

func (b *bench) accepts(mode string) error {
	kinds := []string{"full"}
	if mode == "tls" {
		kinds = append(kinds, "resumed")
	}
	for _, what := range kinds {
		var rates []float64
		for _, kind := range b.servers {
			r, err := b.accept(kind, mode, what == "resumed")
			if err != nil {
				return err
			}
			rates = append(rates, r)
		}
		b.row(fmt.Sprintf("accept %s %s, connections/s", mode, what), rates, true)
	}
	return nil
}

func (b *bench) accept(kind, mode string, resumed bool) (float64, error) {
	c, err := launch(kind, mode)
	if err != nil {
		return 0, err
	}
	defer c.end()
	var (
		count atomic.Int64
		wg    sync.WaitGroup
	)
	begun := time.Now()
	for range 8 {
		wg.Go(func() {
			cfg := clientTLS(nil)
			if resumed {
				cfg = clientTLS(tls.NewLRUClientSessionCache(4))
			}
			buf := make([]byte, 1)
			for time.Since(begun) < b.time {
				nc, err := c.dial(cfg)
				if err != nil {
					log.Println(kind, err)
					return
				}
				if kind != "nats" {
					_, _ = nc.Write([]byte("\n"))
				}
				if _, err := nc.Read(buf); err != nil {
					log.Println(kind, err)
					return
				}
				if t, ok := nc.(*tls.Conn); ok {
					nc = t.NetConn()
				}
				_ = nc.(*net.TCPConn).SetLinger(0) // no port stays behind
				nc.Close()
				count.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(count.Load()) / time.Since(begun).Seconds(), nil
}

// row prints a measurement for each server and how the first compares.
func (b *bench) row(what string, values []float64, more bool) {
	var line strings.Builder
	fmt.Fprintf(&line, "%-55s", what)
	for i, v := range values {
		fmt.Fprintf(&line, "  %s %.0f", b.servers[i], v)
		if i > 0 && v != 0 {
			fmt.Fprintf(&line, " (%.2fx)", values[0]/v)
		}
	}
	fmt.Println(line.String())
	_ = more
}

func serverTLS() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}
