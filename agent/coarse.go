package agent

import (
	"slices"

	"rookery/grid"
	"rookery/grid/message"
)

// coarseLocations takes in the map of a region. Simulators scale positions in
// regions that are not 256 m wide down to a byte.
func (s *session) coarseLocations(r *region, m *message.CoarseLocationUpdate) {
	sx := float32(r.info.SizeX) / grid.RegionSize
	sy := float32(r.info.SizeY) / grid.RegionSize
	now := make([]CoarseLocation, 0, len(m.AgentData))
	for i, agent := range m.AgentData {
		if i >= len(m.Location) {
			break
		}
		l := m.Location[i]
		now = append(now, CoarseLocation{
			ID:       agent.AgentID,
			Position: grid.Vector3{X: float32(l.X) * sx, Y: float32(l.Y) * sy, Z: float32(l.Z) * 4},
		})
	}
	before := r.coarse
	r.coarse = now
	if !s.a.heard() {
		return
	}
	e := CoarseLocations{Region: r.info.Handle, Old: without(before, now), New: without(now, before), All: now}
	if len(e.Old) > 0 || len(e.New) > 0 {
		s.a.emit(e)
	}
}

// without returns what of list has no namesake in other.
func without(list, other []CoarseLocation) []CoarseLocation {
	var rest []CoarseLocation
	for _, l := range list {
		if !slices.ContainsFunc(other, func(o CoarseLocation) bool { return o.ID == l.ID }) {
			rest = append(rest, l)
		}
	}
	return rest
}

// CoarseLocations returns the avatars that the map of a connected region
// shows, the own one included. It is nil for a region that is not connected.
func (a *Agent) CoarseLocations(region grid.RegionHandle) []CoarseLocation {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil {
		return nil
	}
	if r := a.session.regionOf(region); r != nil {
		return slices.Clone(r.coarse)
	}
	return nil
}
