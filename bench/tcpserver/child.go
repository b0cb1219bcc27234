package main

import (
	"bufio"
	"crypto/tls"
	_ "embed" // for node.js
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// child is a server in its own process.
type child struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Scanner
	kind string
	addr string
	tls  bool
}

//go:embed node.js
var nodeServer string

// available leaves out servers whose program is missing, and says so.
func available(servers []string) []string {
	return slices.DeleteFunc(servers, func(kind string) bool {
		if kind != "node" {
			return false
		}
		_, err := exec.LookPath("node")
		if err != nil {
			log.Println("node is left out: it is not installed (Debian: apt-get install nodejs)")
		}
		return err != nil
	})
}

func launch(kind, mode string) (*child, error) {
	c := &child{kind: kind, tls: mode == "tls"}
	if kind == "node" {
		c.cmd = exec.Command("node", "--expose-gc", "-e", nodeServer)
		if c.tls {
			cert, key := serverPEM()
			c.cmd.Env = append(os.Environ(), "BENCH_CERT="+cert, "BENCH_KEY="+key)
		}
	} else {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		c.cmd = exec.Command(self, "-serve", kind, "-tls="+strconv.FormatBool(c.tls))
	}
	c.cmd.Stderr = os.Stderr
	var err error
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
		c.end()
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

// memory asks for the resident memory, and what the runtime has in use, in
// bytes.
func (c *child) memory() (resident, used float64, err error) {
	answer, err := c.ask("memory")
	if err != nil {
		return 0, 0, err
	}
	var conns int
	_, err = fmt.Sscanf(answer, "memory %g %d %g", &resident, &conns, &used)
	return resident, used, err
}

// clientTLS accepts any certificate, and resumes sessions with a cache.
func clientTLS(cache tls.ClientSessionCache) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, ClientSessionCache: cache, ServerName: "localhost"}
}

func (c *child) dial(cfg *tls.Config) (net.Conn, error) {
	nc, err := net.Dial("tcp", c.addr)
	if err != nil || !c.tls {
		return nc, err
	}
	if cfg == nil {
		cfg = clientTLS(nil)
	}
	t := tls.Client(nc, cfg)
	if err := t.Handshake(); err != nil {
		_ = nc.Close()
		return nil, err
	}
	return t, nil
}

// subscribe connects a client that gets broadcasts. For nats it is a socket
// that speaks the NATS protocol, and so as cheap as the others.
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
		closeAll(all)
		return nil, *err
	}
	return all, nil
}

func closeAll(conns []net.Conn) {
	for _, nc := range conns {
		if nc != nil {
			hangUp(nc)
		}
	}
}

// hangUp closes with a reset, so that no port stays behind.
func hangUp(nc net.Conn) {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	_ = nc.(*net.TCPConn).SetLinger(0)
	_ = nc.Close()
}
