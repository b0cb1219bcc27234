package e2e

import (
	"fmt"
	"strings"
	"testing"

	"rookery/grid"
	"rookery/script"
	"rookery/simgrid"
)

// flood is an inhabitant who says many long lines, no faster than somebody
// takes them who reads.
type flood struct {
	t     *testing.T
	wren  *simgrid.Inhabitant
	good  *talker
	said  int
	heard int
}

func newFlood(w *world, good *talker) *flood {
	return &flood{t: w.t, wren: w.Inhabitant("Wren", "Hollow"), good: good}
}

// say says one line and waits until it is heard.
func (f *flood) say(text string) {
	f.t.Helper()
	if err := f.wren.Say(grid.ChatNormal, 0, text); err != nil {
		f.t.Fatal(err)
	}
	f.hears(text)
}

// hears fails the test unless the next line that is heard is this one.
func (f *flood) hears(text string) {
	f.t.Helper()
	line := f.good.next("what is said")
	if pairs, err := script.DecodeLine(line, script.DefaultFilters()); err != nil || pairs.Get("message") != text {
		f.t.Fatalf("who reads heard %.200q, want the message %.40q (%v)", line, text, err)
	}
}

// text is a line that gets three times as long when it is encoded.
func (f *flood) text(n int) string {
	const long = 1000
	head := fmt.Sprintf("%d:", n)
	return head + strings.Repeat("%", long-len(head))
}

// until says lines until something is so; far more of them than all the buffers
// on the way can hold are a failure.
func (f *flood) until(done func() bool) {
	f.t.Helper()
	const most = 100_000
	for !done() {
		if f.said >= most {
			f.t.Fatalf("nothing has come of %d lines", f.said)
		}
		f.lines(100)
	}
}

// lines says so many lines and waits until all of them are heard. What is under
// way at a time fits into the smallest queue that these tests have.
func (f *flood) lines(n int) {
	f.t.Helper()
	const ahead = 16
	for range n {
		if err := f.wren.Say(grid.ChatNormal, 0, f.text(f.said)); err != nil {
			f.t.Fatal(err)
		}
		f.said++
		for f.said-f.heard > ahead {
			f.next()
		}
	}
	for f.heard < f.said {
		f.next()
	}
}

func (f *flood) next() {
	f.t.Helper()
	f.hears(f.text(f.heard))
	f.heard++
}
