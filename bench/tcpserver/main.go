package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

type bench struct {
	time    time.Duration // of each measurement
	silence time.Duration // after which a connection counts as idle
	servers []string
	table   table
}

func main() {
	log.SetFlags(0)
	var (
		serveKind = flag.String("serve", "", "run this server and take commands (used by the measuring process)")
		secure    = flag.Bool("tls", false, "with -serve: TLS")
		what      = flag.String("run", "broadcast,echo,idle,accept", "what to measure")
		servers   = flag.String("servers", "tcpserver,nats,net,netpoll,node", "which servers")
		modes     = flag.String("modes", "plain,tls", "plain, tls")
		conns     = flag.String("conns", "100,1000,10000", "connections for broadcast")
		sizes     = flag.String("sizes", "64,300,4096", "message sizes in bytes for broadcast")
		idle      = flag.Int("idle", 10_000, "connections for idle")
		silence   = flag.Duration("silence", 12*time.Second, "how long connections are silent until they count as idle")
		length    = flag.Duration("time", 800*time.Millisecond, "length of each measurement")
		quick     = flag.Bool("quick", false, "fewer and shorter measurements")
	)
	flag.Parse()
	if *serveKind != "" {
		if err := serve(*serveKind, *secure); err != nil {
			log.Fatal(err)
		}
		return
	}
	if *quick {
		*conns, *sizes, *idle, *length, *servers = "1000", "300", 5000, 500*time.Millisecond, "tcpserver,nats,net"
	}
	b := &bench{time: *length, silence: *silence, servers: available(strings.Split(*servers, ","))}
	begun := time.Now()
	for mode := range strings.SplitSeq(*modes, ",") {
		for w := range strings.SplitSeq(*what, ",") {
			if err := b.measure(w, mode, ints(*conns), ints(*sizes), *idle); err != nil {
				log.Fatalf("%s %s: %v", w, mode, err)
			}
		}
	}
	b.table.print(os.Stdout, b.servers)
	fmt.Printf("\ntook %s\n", time.Since(begun).Round(time.Second))
}

func (b *bench) measure(what, mode string, conns, sizes []int, idle int) error {
	if mode != "plain" && mode != "tls" {
		return fmt.Errorf("unknown mode; plain and tls are")
	}
	switch what {
	case "broadcast":
		return b.broadcasts(mode, conns, sizes)
	case "echo":
		return b.echoes(mode)
	case "idle":
		return b.idles(mode, idle)
	case "accept":
		return b.accepts(mode)
	}
	return fmt.Errorf("unknown measurement; broadcast, echo, idle and accept are")
}

// able returns the servers that do it: netpoll has no TLS, nats no echo.
func (b *bench) able(what, mode string) []string {
	return slices.DeleteFunc(slices.Clone(b.servers), func(kind string) bool {
		return kind == "netpoll" && mode == "tls" || kind == "nats" && what == "echo"
	})
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
