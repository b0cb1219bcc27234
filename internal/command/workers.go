package command

import (
	"sync"

	"rookery/grid"
)

// workers counts the running commands of each group.
type workers struct {
	mu      sync.Mutex
	running map[grid.UUID]int
}

// acquire takes one of the group's places, unless all of them are taken.
func (w *workers) acquire(group grid.UUID, places int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[group] >= places {
		return false
	}
	if w.running == nil {
		w.running = make(map[grid.UUID]int)
	}
	w.running[group]++
	return true
}

// release gives a place back.
func (w *workers) release(group grid.UUID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[group]--; w.running[group] <= 0 {
		delete(w.running, group)
	}
}
