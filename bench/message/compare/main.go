// Command compare measures the message codec and node-metaverse's in one run
// and prints how many times faster it is. It runs in bench/message, where the
// peer is installed.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"text/tabwriter"

	bench "rookery/bench/message"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

type result struct {
	Name   string  `json:"name"`
	Wire   string  `json:"wire"`
	Decode float64 `json:"decode"` // ns
	Encode float64 `json:"encode"` // ns
	allocs int64
}

func run() error {
	packets, err := bench.Packets()
	if err != nil {
		return err
	}
	theirs, err := peer(packets)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "message\tbytes\tdecode ns\tpeer\ttimes\tencode ns\tpeer\ttimes\tboth\tallocs\t")
	for i, p := range packets {
		if theirs[i].Wire != hex.EncodeToString(p.Wire) {
			return fmt.Errorf("the peer writes %s differently:\n  %s\n  %x", p.Name, theirs[i].Wire, p.Wire)
		}
		ours, err := measure(p)
		if err != nil {
			return err
		}
		t := theirs[i]
		fmt.Fprintf(w, "%s\t%d\t%.0f\t%.0f\t%.1f\t%.0f\t%.0f\t%.1f\t%.1f\t%d\t\n", p.Name, p.Size,
			ours.Decode, t.Decode, t.Decode/ours.Decode, ours.Encode, t.Encode, t.Encode/ours.Encode,
			(t.Decode+t.Encode)/(ours.Decode+ours.Encode), ours.allocs)
	}
	return w.Flush()
}

// measure returns the best of five rounds, as the peer does.
func measure(p bench.Packet) (result, error) {
	var c bench.Coder
	if err := c.Decode(p.Wire); err != nil {
		return result{}, err
	}
	if _, err := c.Encode(); err != nil {
		return result{}, err
	}
	best := func(operation func() error) (float64, int64) {
		least, allocs := 0.0, int64(0)
		for range 5 {
			r := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := operation(); err != nil {
						b.Fatal(err)
					}
				}
			})
			if ns := float64(r.T.Nanoseconds()) / float64(r.N); least == 0 || ns < least {
				least = ns
			}
			allocs = max(allocs, r.AllocsPerOp())
		}
		return least, allocs
	}
	var r result
	var decodeAllocs, encodeAllocs int64
	r.Decode, decodeAllocs = best(func() error { return c.Decode(p.Wire) })
	r.Encode, encodeAllocs = best(func() error { _, err := c.Encode(); return err })
	r.allocs = decodeAllocs + encodeAllocs
	return r, nil
}

func peer(packets []bench.Packet) ([]result, error) {
	var in []result
	for _, p := range packets {
		in = append(in, result{Name: p.Name, Wire: hex.EncodeToString(p.Wire)})
	}
	input, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	node := exec.Command("node", "peer.cjs")
	node.Stdin, node.Stderr = bytes.NewReader(input), os.Stderr
	output, err := node.Output()
	if err != nil {
		return nil, fmt.Errorf("node peer.cjs: %w", err)
	}
	var out []result
	if err := json.Unmarshal(output, &out); err != nil {
		return nil, fmt.Errorf("answer of peer.cjs: %w", err)
	}
	if len(out) != len(packets) {
		return nil, fmt.Errorf("peer.cjs answered %d of %d messages", len(out), len(packets))
	}
	return out, nil
}
