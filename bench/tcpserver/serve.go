package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net/http"
	_ "net/http/pprof" // the profiles behind the numbers
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// A contender is a server under measurement. Commands come on standard input,
// a line each; answers go to standard output.
type contender interface {
	// start listens, with TLS when cfg is not nil, and returns the address.
	start(cfg *tls.Config) (string, error)
	// publish sends messages of that size to everybody, count at a time, again
	// and again, until stop is set.
	publish(size, count int, stop *atomic.Bool) error
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
	case "netpoll":
		c = &netpollServer{}
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
			var size, count int
			if _, err := fmt.Sscan(words[1]+" "+words[2], &size, &count); err != nil {
				return err
			}
			stop = new(atomic.Bool)
			this := stop
			done.Go(func() {
				if err := c.publish(size, count, this); err != nil {
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
