package agent

import "rookery/grid"

// Avatars returns the avatars in view in every connected region, the own one
// included, in no particular order.
func (a *Agent) Avatars() []Avatar {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil {
		return nil
	}
	var all []Avatar
	for _, r := range a.session.regions {
		for _, e := range r.entities {
			if e.avatar != nil {
				all = append(all, r.avatar(e))
			}
		}
	}
	return all
}

// Avatar returns an avatar in view.
func (a *Agent) Avatar(id grid.UUID) (Avatar, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r, e := a.find(id); e != nil && e.avatar != nil {
		return r.avatar(e), true
	}
	return Avatar{}, false
}

// find looks for an entity, in the current region first. Called with a.mu held.
func (a *Agent) find(id grid.UUID) (*region, *entity) {
	if a.session == nil {
		return nil, nil
	}
	if r := a.session.root; r != nil && r.ids[id] != nil {
		return r, r.ids[id]
	}
	for _, r := range a.session.regions {
		if e := r.ids[id]; e != nil {
			return r, e
		}
	}
	return nil, nil
}
