package main

import (
	"fmt"
	"io"
	"log"
	"strings"
)

// row is one measurement of several servers.
type row struct {
	what, mode, unit string
	more             bool // more is better
	values           map[string]float64
	bar              *bar
}

// bar is what the first server has to reach: a ratio to a peer, or a limit.
type bar struct {
	peer  string
	ratio float64
	limit float64
}

type table struct{ rows []row }

// add keeps a row and shows that it is done.
func (t *table) add(r row) {
	t.rows = append(t.rows, r)
	log.Printf("%-5s %s: %s %s", r.mode, r.what, number(r.values["tcpserver"]), r.unit)
}

// better says how many times better a is than b.
func (r row) better(a, b float64) float64 {
	if a == 0 || b == 0 {
		return 0
	}
	if r.more {
		return a / b
	}
	return b / a
}

// print writes Markdown: values, and in brackets how many times better
// tcpserver is than that peer.
func (t *table) print(w io.Writer, servers []string) {
	fmt.Fprintln(w, "In brackets: how many times better tcpserver is; below 1 it is worse.")
	fmt.Fprintf(w, "\n| measurement | | unit | %s | bar |\n|---|---|---|%s---|\n", strings.Join(servers, " | "), strings.Repeat("---:|", len(servers)))
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s | %s | %s |", r.what, r.mode, r.unit)
		ours := r.values["tcpserver"]
		for _, s := range servers {
			v, ok := r.values[s]
			switch {
			case !ok:
				fmt.Fprint(w, " – |")
			case s == "tcpserver":
				fmt.Fprintf(w, " %s |", number(v))
			default:
				fmt.Fprintf(w, " %s (%.2f) |", number(v), r.better(ours, v))
			}
		}
		fmt.Fprintf(w, " %s |\n", r.verdict())
	}
}

// verdict tells whether the bar is reached.
func (r row) verdict() string {
	ours, ok := r.values["tcpserver"]
	if r.bar == nil || !ok {
		return ""
	}
	held := ours <= r.bar.limit
	text := "≤ " + number(r.bar.limit)
	if r.bar.peer != "" {
		theirs, ok := r.values[r.bar.peer]
		if !ok {
			return ""
		}
		held = r.better(ours, theirs) >= r.bar.ratio
		text = fmt.Sprintf("≥ %.2g × %s", r.bar.ratio, r.bar.peer)
	}
	if held {
		return text + ": held"
	}
	return text + ": MISSED"
}

// number groups thousands.
func number(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
