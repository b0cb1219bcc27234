package access

import (
	"net"
	"sync"
	"time"
)

// A remote may fail burst times at once and then once per pause.
const (
	burst = 10
	pause = 3 * time.Second
	// maxRemotes bounds the table; beyond it some are forgotten.
	maxRemotes = 4096
)

// attempts slows down who guesses passwords: each failure takes one from a
// bucket that fills up again with time.
type attempts struct {
	now func() time.Time

	mu sync.Mutex
	// full is when the bucket of each remote will be full again. It never lies
	// more than burst pauses ahead.
	full map[string]time.Time
}

func newAttempts(now func() time.Time) *attempts {
	return &attempts{now: now, full: make(map[string]time.Time)}
}

// remoteKey is what attempts are counted by: the host of an address.
func remoteKey(remote string) string {
	if host, _, err := net.SplitHostPort(remote); err == nil {
		return host
	}
	return remote
}

func (a *attempts) allowed(remote string) bool {
	if remote == "" {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.full[remoteKey(remote)].Sub(a.now()) <= (burst-1)*pause
}

func (a *attempts) failed(remote string) {
	if remote == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	key := remoteKey(remote)
	full := a.full[key]
	if full.Before(now) {
		full = now
	}
	if _, known := a.full[key]; !known && len(a.full) >= maxRemotes {
		a.forget(now)
	}
	a.full[key] = full.Add(pause)
}

// forget drops the buckets that are full, and if that is not enough some of
// the others: many at once, so that a flood from ever new addresses does not
// pay for it each time.
func (a *attempts) forget(now time.Time) {
	for key, full := range a.full {
		if !full.After(now) {
			delete(a.full, key)
		}
	}
	for key := range a.full {
		if len(a.full) <= maxRemotes*7/8 {
			return
		}
		delete(a.full, key)
	}
}
