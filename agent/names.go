package agent

import (
	"maps"

	"rookery/grid"
)

// nameCache remembers who is who. Names hardly ever change, so nothing is
// forgotten until there are too many. Guarded by a.mu.
type nameCache struct {
	byID   map[grid.UUID]Name
	byName map[string]grid.UUID // by Name.key
}

// maxNames is how many names are remembered: about 2 MiB at most.
const maxNames = 10000

func (c *nameCache) put(id grid.UUID, n Name) {
	if n.First == "" || id == (grid.UUID{}) || c.byID[id] == n {
		return
	}
	if c.byID == nil || len(c.byID) >= maxNames {
		c.byID, c.byName = make(map[grid.UUID]Name), make(map[string]grid.UUID)
	}
	c.byID[id] = n
	c.byName[n.key()] = id
}

// KnownNames returns the names of avatars that the agent remembers.
func (a *Agent) KnownNames() map[grid.UUID]Name {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.names.byID)
}

// RememberNames makes the agent remember names of avatars, as KnownNames gave
// them earlier.
func (a *Agent) RememberNames(names map[grid.UUID]Name) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, n := range names {
		a.names.put(id, n)
	}
}

// ForgetNames makes the agent ask the grid again who is who.
func (a *Agent) ForgetNames() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.names = nameCache{}
}
