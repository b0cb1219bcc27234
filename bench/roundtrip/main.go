// Command roundtrip measures one command over the daemon's TCP door beside a
// bare Go echo server, each in a process of its own, in alternating rounds.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	program := flag.String("program", "", "the rookery binary")
	n := flag.Int("n", 5000, "round trips in one round")
	rounds := flag.Int("rounds", 5, "rounds of each")
	echo := flag.Bool("echo", false, "be the echo server")
	flag.Parse()
	var err error
	switch {
	case *echo:
		err = serveEcho()
	case *program == "":
		err = fmt.Errorf("give -program FILE, or use the script run")
	default:
		err = measure(*program, *n, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "roundtrip:", err)
		os.Exit(1)
	}
}

// serveEcho answers each line with itself, as plainly as Go can.
func serveEcho() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer c.Close()
			in := bufio.NewReader(c)
			for {
				line, err := in.ReadSlice('\n')
				if err != nil {
					return
				}
				if _, err := c.Write(line); err != nil {
					return
				}
			}
		}()
	}
}

func measure(program string, n, rounds int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	echo := exec.Command(self, "-echo")
	out, err := echo.StdoutPipe()
	if err != nil {
		return err
	}
	if err := echo.Start(); err != nil {
		return err
	}
	defer echo.Process.Kill()
	echoAddr, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return err
	}

	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	rookery := exec.Command(program, "demo", "--plain", "--tcp", "127.0.0.1:0", "--ready-file", "/dev/fd/3")
	rookery.ExtraFiles = []*os.File{write}
	rookery.Stderr = os.Stderr
	if err := rookery.Start(); err != nil {
		return err
	}
	defer func() {
		_ = rookery.Process.Signal(syscall.SIGTERM)
		_ = rookery.Wait()
	}()
	write.Close()
	var ready struct{ TCP string }
	if err := json.NewDecoder(read).Decode(&ready); err != nil {
		return err
	}

	line := "command=version&group=My Group&password=mypassword\n"
	var bare, command []time.Duration
	for range rounds {
		for _, side := range []struct {
			addr string
			to   *[]time.Duration
			want string
		}{{strings.TrimSpace(echoAddr), &bare, "command=version"}, {ready.TCP, &command, "success=True"}} {
			took, err := trips(side.addr, line, side.want, n)
			if err != nil {
				return err
			}
			*side.to = append(*side.to, took...)
		}
	}
	fmt.Printf("%-28s %10s %10s %10s\n", fmt.Sprintf("%d round trips each", n*rounds), "p50", "p99", "max")
	show := func(name string, d []time.Duration) (p50, p99 time.Duration) {
		slices.Sort(d)
		p50, p99 = d[len(d)/2], d[len(d)*99/100]
		fmt.Printf("%-28s %10s %10s %10s\n", name, p50.Round(100*time.Nanosecond), p99.Round(100*time.Nanosecond), d[len(d)-1].Round(time.Microsecond))
		return p50, p99
	}
	b50, b99 := show("bare Go echo server", bare)
	c50, c99 := show("command=version over TCP", command)
	fmt.Printf("%-28s %10.2f %10.2f\n", "ratio", float64(c50)/float64(b50), float64(c99)/float64(b99))
	return nil
}

func trips(addr, line, want string, n int) ([]time.Duration, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	in := bufio.NewReader(c)
	took := make([]time.Duration, 0, n)
	for i := range n + n/10 {
		start := time.Now()
		if _, err := io.WriteString(c, line); err != nil {
			return nil, err
		}
		answer, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		if !strings.Contains(answer, want) {
			return nil, fmt.Errorf("%s answered %q", addr, answer)
		}
		if i >= n/10 { // the first tenth warms up
			took = append(took, time.Since(start))
		}
	}
	return took, nil
}
