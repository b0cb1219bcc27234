package rights

import (
	"slices"

	"rookery/grid"
)

// Caller is a configured group of scripts as it stands at this moment: who
// commands the agent and hears from it. It need not exist on the grid unless a
// command acts on the group.
type Caller struct {
	// Name is the group's name as configured.
	Name string
	// ID is the group's UUID.
	ID grid.UUID
	// Permissions is what the group may ask for.
	Permissions Permission
	// Notifications are the proper names of what the group may hear.
	Notifications []string
	// Workers is how many commands of the group may run at the same time.
	Workers int
	// Schedules is how many scheduled commands the group may keep.
	Schedules int
}

// Hears tells whether the group may hear the notification of this proper name.
func (c Caller) Hears(notification string) bool {
	return slices.Contains(c.Notifications, notification)
}
