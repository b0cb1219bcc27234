package agent

import "rookery/grid"

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
