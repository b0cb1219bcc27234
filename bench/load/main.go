// Command load measures commands that come at a constant rate, whatever the
// answers do, over the daemon's HTTP and TCP doors, beside a bare net/http server
// and a bare echo server. Servers and the generator of the load are processes of
// their own; rounds alternate.
//
// A command's time begins when it was due, not when it was sent: what stands in
// line behind a slow one counts as slow.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	program := flag.String("program", "", "the rookery binary")
	rate := flag.Int("rate", 5000, "commands a second")
	length := flag.Duration("time", 5*time.Second, "how long a round is; the first fifth of it warms up")
	rounds := flag.Int("rounds", 5, "rounds of each")
	connections := flag.Int("connections", 32, "connections that are kept")
	be := flag.String("be", "", "be a peer: http or echo")
	generate := flag.String("generate", "", "be the generator, over http or tcp")
	addr := flag.String("addr", "", "where the generator sends to")
	flag.Parse()
	l := load{rate: *rate, length: *length, connections: *connections}
	var err error
	switch {
	case *be != "":
		err = serve(*be)
	case *generate != "":
		err = l.generate(*generate, *addr)
	case *program == "":
		err = fmt.Errorf("give -program FILE, or use the script run")
	default:
		err = l.measure(*program, *rounds)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// load is what is asked of a server.
type load struct {
	rate        int // commands a second
	length      time.Duration
	connections int
}

// commands is how many there are in a round.
func (l load) commands() int { return int(l.length.Seconds() * float64(l.rate)) }

// due is when a command of a round is to be sent.
func (l load) due(begun time.Time, n int) time.Time {
	return begun.Add(time.Duration(n) * time.Second / time.Duration(l.rate))
}

// warm is how many commands of a round do not count.
func (l load) warm() int { return l.commands() / 5 }

const command = "command=version&group=Load&password=p&_n="
