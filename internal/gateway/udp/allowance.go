package udp

import (
	"net/netip"
	"sync"
	"time"
)

// How many refusals are sent in a second to one host, and in all. An address may
// be forged; beyond these the door is of no use to flood anybody.
const (
	refusalsPerAddress = 5
	refusalsInAll      = 200
)

// allowance bounds how often something is done for one host and in all, by
// counting within windows of time.
type allowance struct {
	each, all int
	window    time.Duration

	mu    sync.Mutex
	began time.Time
	done  map[netip.Addr]int
	total int
}

func newAllowance(each, all int, window time.Duration) *allowance {
	return &allowance{each: each, all: all, window: window, done: make(map[netip.Addr]int)}
}

// take tells whether it may be done once more now, and counts it.
func (a *allowance) take(host netip.Addr, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now.Sub(a.began) >= a.window {
		a.began, a.total = now, 0
		clear(a.done)
	}
	if a.total >= a.all || a.done[host] >= a.each {
		return false
	}
	a.total++
	a.done[host]++
	return true
}
