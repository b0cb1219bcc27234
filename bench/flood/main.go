// Command flood measures what a flood of notifications costs when one subscriber
// does not read: the daemon's memory, and the time in which another subscriber of
// the same door hears them. An inhabitant of an embedded grid talks at a constant
// rate; the daemon is a process of its own.
//
// A notification's time begins when the words were due to be said. It holds the
// way through the grid, the agent and the door.
package main

import (
	"flag"
	"fmt"
	"os"
	"text/tabwriter"
	"time"
)

func main() {
	program := flag.String("program", "", "the rookery binary")
	rate := flag.Int("rate", 1000, "notifications a second; an agent asks its region for 1,400 at most")
	count := flag.Int("count", 100_000, "notifications in a flood; the first fifth of them warms up")
	rounds := flag.Int("rounds", 1, "floods of each kind")
	flag.Parse()
	if err := run(*program, flood{rate: *rate, count: *count}, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "flood:", err)
		os.Exit(1)
	}
}

// A kind of flood is with or without a subscriber that does not read, and what the
// settings say to do with it.
type kind struct {
	name     string
	overflow string
	deaf     bool
}

var kinds = []kind{
	{"everybody reads", "disconnect", false},
	{"one does not: disconnect", "disconnect", true},
	{"one does not: drop-newest", "drop-newest", true},
	{"one does not: drop-oldest", "drop-oldest", true},
}

func run(program string, f flood, rounds int) error {
	if program == "" {
		return fmt.Errorf("give -program FILE, or use the script run")
	}
	results := make([]result, len(kinds))
	for range rounds {
		for i, k := range kinds {
			r, err := f.measure(program, k)
			if err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			results[i].add(r)
		}
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%d notifications of %d B, %d/s\tp50\tp99\tmax\theard\tmemory before\tmost\t\n", f.count, results[0].size, f.rate)
	for i, r := range results {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%.1f MB\t%.1f MB\t\n", kinds[i].name, show(r.at(500)), show(r.at(990)), show(r.at(1000)),
			r.heard, float64(r.before)/1e6, float64(r.most)/1e6)
		if i > 0 {
			all := results[0]
			ratio := func(permille int) float64 { return float64(r.at(permille)) / float64(all.at(permille)) }
			fmt.Fprintf(w, "times the first\t%.2f\t%.2f\t%.2f\t\t%.2f\t%.2f\t\n", ratio(500), ratio(990), ratio(1000),
				float64(r.before)/float64(all.before), float64(r.most)/float64(all.most))
		}
	}
	return w.Flush()
}

func show(d time.Duration) string { return d.Round(time.Microsecond).String() }
