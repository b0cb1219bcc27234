package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"rookery/bench/daemon"
)

// side is one server over one transport, and what its commands took.
type side struct {
	name, over, addr string
	pid              int
	took             []time.Duration
	refused          int
	cpu              time.Duration // of the server, in all rounds
	sent             int
}

// measure runs all sides in alternating rounds and prints a table.
func (l load) measure(program string, rounds int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	bareHTTP, httpAddr, err := startPeer(self, "http")
	if err != nil {
		return err
	}
	defer bareHTTP.Kill()
	bareTCP, tcpAddr, err := startPeer(self, "echo")
	if err != nil {
		return err
	}
	defer bareTCP.Kill()
	rookery, err := daemon.Start(program, settings)
	if err != nil {
		return err
	}
	defer rookery.End()
	sides := []*side{
		{name: "bare net/http", over: "http", addr: httpAddr, pid: bareHTTP.Pid},
		{name: "version over HTTP", over: "http", addr: rookery.Ready.HTTP, pid: rookery.PID},
		{name: "bare echo", over: "tcp", addr: tcpAddr, pid: bareTCP.Pid},
		{name: "version over TCP", over: "tcp", addr: rookery.Ready.TCP, pid: rookery.PID},
	}
	for range rounds {
		for _, s := range sides {
			if err := l.round(self, s); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	l.print(sides)
	return nil
}

func (l load) round(self string, s *side) error {
	before := daemon.Processor(s.pid)
	generator := exec.Command(self, "-generate", s.over, "-addr", s.addr, "-rate", strconv.Itoa(l.rate),
		"-time", l.length.String(), "-connections", strconv.Itoa(l.connections))
	generator.Stderr = os.Stderr
	out, err := generator.Output()
	if err != nil {
		return err
	}
	s.cpu += daemon.Processor(s.pid) - before
	s.sent += l.commands()
	took := make([]time.Duration, l.commands())
	if err := binary.Read(bytes.NewReader(out), binary.LittleEndian, took); err != nil {
		return err
	}
	for _, d := range took[l.warm():] {
		if d == refused {
			s.refused++
			continue
		}
		s.took = append(s.took, d)
	}
	return nil
}

func (l load) print(sides []*side) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d commands/s, %d connections\tp50\tp90\tp99\tp99.9\tmax\trefused\tCPU each\t\n", l.rate, l.connections)
	show := func(d time.Duration) string { return d.Round(time.Microsecond).String() }
	at := func(s *side, permille int) time.Duration {
		if len(s.took) == 0 {
			return 0
		}
		return s.took[min(len(s.took)-1, len(s.took)*permille/1000)]
	}
	for i, s := range sides {
		slices.Sort(s.took)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t\n", s.name, show(at(s, 500)), show(at(s, 900)), show(at(s, 990)), show(at(s, 999)), show(at(s, 1000)),
			s.refused, show(s.cpu/time.Duration(s.sent)))
		if i%2 == 1 {
			peer := sides[i-1]
			ratio := func(permille int) string {
				return fmt.Sprintf("%.2f", float64(at(s, permille))/float64(at(peer, permille)))
			}
			fmt.Fprintf(w, "times the peer\t%s\t%s\t%s\t%s\t%s\t\t%.2f\t\n", ratio(500), ratio(900), ratio(990), ratio(999), ratio(1000), float64(s.cpu)/float64(peer.cpu))
		}
	}
	_ = w.Flush()
}

func startPeer(self, kind string) (*os.Process, string, error) {
	peer := exec.Command(self, "-be", kind)
	out, err := peer.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	if err := peer.Start(); err != nil {
		return nil, "", err
	}
	addr, err := bufio.NewReader(out).ReadString('\n')
	return peer.Process, strings.TrimSpace(addr), err
}

// The group has workers for everything that may be under way: a generator that
// does not wait for answers has more of that than the five there usually are.
const settings = `
[[agents]]
grid = "embedded"
avatar = "Robin Rook"

[[groups]]
name = "Load"
uuid = "11111111-1111-4111-8111-111111111111"
password = "p"
workers = 1000

[tcp]
address = "127.0.0.1:0"

[tcp.tls]
mode = "off"

[http]
enabled = true
address = "127.0.0.1:0"
`
