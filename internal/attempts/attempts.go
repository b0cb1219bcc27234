// Package attempts slows down who guesses passwords.
package attempts

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// A remote may fail Burst times at once and then once per Pause.
const (
	Burst = 10
	Pause = 3 * time.Second
	// MaxRemotes bounds the table; beyond it some are forgotten.
	MaxRemotes = 4096
)

// Attempts counts failures by remote: an address with or without port, or
// whatever names the asker; empty for none, which is not counted. Each failure
// takes one from a bucket that fills up again with time. Its methods may be
// called from any goroutine.
type Attempts struct {
	now func() time.Time

	mu sync.Mutex
	// full is when the bucket of each remote will be full again. It never lies
	// more than Burst pauses ahead.
	full map[string]time.Time
}

// New returns attempts that nobody has failed yet; now tells the time.
func New(now func() time.Time) *Attempts {
	return &Attempts{now: now, full: make(map[string]time.Time)}
}

// remoteKey is what attempts are counted by: the host of an address, and of an
// IPv6 address the first half, as who has one of these has all of them (RFC 6177).
func remoteKey(remote string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		remote = host
	}
	ip, err := netip.ParseAddr(remote)
	if err != nil {
		return remote
	}
	if ip = ip.Unmap(); ip.Is6() && !ip.IsLinkLocalUnicast() {
		half, _ := ip.WithZone("").Prefix(64)
		return half.String()
	}
	return ip.String()
}

// Allowed tells whether a remote may try, before what it says is checked.
func (a *Attempts) Allowed(remote string) bool {
	if remote == "" {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.allowed(remoteKey(remote))
}

func (a *Attempts) allowed(key string) bool {
	return a.full[key].Sub(a.now()) <= (Burst-1)*Pause
}

// Settle counts what came of an attempt that was allowed. False means that
// others of the remote failed too often while it was checked, and that the remote
// must not be told what came of this one: asking much at once is no way around
// the count.
func (a *Attempts) Settle(remote string, right bool) bool {
	if remote == "" {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := remoteKey(remote)
	if !a.allowed(key) {
		return false
	}
	if !right {
		a.failed(key)
	}
	return true
}

func (a *Attempts) failed(key string) {
	now := a.now()
	full := a.full[key]
	if full.Before(now) {
		full = now
	}
	if _, known := a.full[key]; !known && len(a.full) >= MaxRemotes {
		a.forget(now)
	}
	a.full[key] = full.Add(Pause)
}

// forget drops the buckets that are full, and if that is not enough some of
// the others: many at once, so that a flood from ever new addresses does not
// pay for it each time.
func (a *Attempts) forget(now time.Time) {
	for key, full := range a.full {
		if !full.After(now) {
			delete(a.full, key)
		}
	}
	for key := range a.full {
		if len(a.full) <= MaxRemotes*7/8 {
			return
		}
		delete(a.full, key)
	}
}

// Len is how many remotes are remembered, at most MaxRemotes.
func (a *Attempts) Len() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.full)
}
