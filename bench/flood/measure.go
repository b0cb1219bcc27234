package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"rookery/bench/daemon"
	"rookery/grid"
	"rookery/simgrid"
)

// flood is how many notifications come, and how fast.
type flood struct {
	rate, count int
}

// result is what floods of one kind cost.
type result struct {
	took         []time.Duration
	heard        int
	size         int   // bytes of one notification
	before, most int64 // bytes resident
}

func (r *result) add(o result) {
	r.took = append(r.took, o.took...)
	slices.Sort(r.took)
	r.heard += o.heard
	r.size = o.size
	r.before, r.most = max(r.before, o.before), max(r.most, o.most)
}

func (r result) at(permille int) time.Duration {
	return r.took[min(len(r.took)-1, len(r.took)*permille/1000)]
}

func (f flood) due(begun time.Time, n int) time.Time {
	return begun.Add(time.Duration(n) * time.Second / time.Duration(f.rate))
}

// patience bounds the wait for what should come at once.
const patience = 30 * time.Second

const settings = `
[[agents]]
grid = %q
avatar = "Robin Rook"
password = "secret"

[[groups]]
name = "Flood"
uuid = "11111111-1111-4111-8111-111111111111"
password = "p"
notifications = ["local"]

[tcp]
address = "127.0.0.1:0"
overflow = %q

[tcp.tls]
mode = "off"
`

func (f flood) measure(program string, k kind) (result, error) {
	g, err := simgrid.Start(simgrid.Config{
		Accounts:    []simgrid.AccountConfig{{First: "Robin", Last: "Rook", Password: "secret"}},
		Inhabitants: []simgrid.InhabitantConfig{{First: "Wren", Last: "Hollow", Region: "Rookery", Answers: simgrid.AnswerNone}},
	})
	if err != nil {
		return result{}, err
	}
	defer g.Close()
	d, err := daemon.Start(program, fmt.Sprintf(settings, g.LoginURI(), k.overflow))
	if err != nil {
		return result{}, err
	}
	defer d.End()
	good, err := subscribe(d.Ready.TCP)
	if err != nil {
		return result{}, err
	}
	defer good.Close()
	if k.deaf {
		deaf, err := subscribe(d.Ready.TCP)
		if err != nil {
			return result{}, err
		}
		defer deaf.Close()
	}

	r := result{before: d.Resident()}
	stop, sampled := make(chan struct{}), make(chan int64)
	go func() { sampled <- most(d, stop) }()
	begun := time.Now().Add(time.Second / 10)
	said := make(chan error, 1)
	go func() { said <- f.talk(g.Inhabitant("Wren", "Hollow"), begun) }()
	err = f.hear(good, begun, &r)
	close(stop)
	r.most = <-sampled
	if err != nil {
		return r, err
	}
	return r, <-said
}

// talk says everything when it is due.
func (f flood) talk(wren *simgrid.Inhabitant, begun time.Time) error {
	for n := range f.count {
		for left := time.Until(f.due(begun, n)); left > 0; left = time.Until(f.due(begun, n)) {
			pause := syscall.NsecToTimespec(int64(left))
			_ = syscall.Nanosleep(&pause, nil) // interrupted: again
		}
		if err := wren.Say(grid.ChatNormal, 0, fmt.Sprintf("%d: a fine day", n)); err != nil {
			return err
		}
	}
	return nil
}

// hear reads until the last words came.
func (f flood) hear(conn net.Conn, begun time.Time, r *result) error {
	in := bufio.NewReader(conn)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(patience))
		line, err := in.ReadSlice('\n')
		if err != nil {
			return fmt.Errorf("after %d notifications: %w", r.heard, err)
		}
		_, rest, _ := bytes.Cut(line, []byte("message="))
		number, _, ok := bytes.Cut(rest, []byte("%3A"))
		n, err := strconv.Atoi(string(number))
		if !ok || err != nil {
			return fmt.Errorf("heard %q", line)
		}
		r.heard++
		r.size = len(line)
		if n >= f.count/5 {
			r.took = append(r.took, time.Since(f.due(begun, n)))
		}
		if n == f.count-1 {
			return nil
		}
	}
}

// subscribe is a client that has asked for local chat and was let in.
func subscribe(addr string) (net.Conn, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	const yes = "success=True\r\n"
	got := make([]byte, len(yes))
	_, err = io.WriteString(conn, "group=Flood&password=p&type=local\n")
	if err == nil {
		_, err = io.ReadFull(conn, got)
	}
	if err != nil || string(got) != yes {
		conn.Close()
		return nil, fmt.Errorf("the door said %q: %v", strings.TrimSpace(string(got)), err)
	}
	return conn, nil
}

// most is the largest memory until stop is closed.
func most(d *daemon.Daemon, stop <-chan struct{}) int64 {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	most := int64(0)
	for {
		most = max(most, d.Resident())
		select {
		case <-tick.C:
		case <-stop:
			return most
		}
	}
}
