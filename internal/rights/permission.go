// Package rights names what a group of scripts may do and hear.
package rights

import (
	"fmt"
	"strings"
)

// Permission is a set of the rights that commands ask for. The numbers are
// those of Corrade's configuration.
type Permission uint32

// The permissions. A group holds any number of them.
const (
	Movement Permission = 1 << iota
	Economy
	Land
	Grooming
	Inventory
	Interact
	Mute
	Database
	Notifications
	Talk
	Directory
	System
	Friendship
	Execute
	Group
	Filter
	Schedule
	Feed
	Bridge
)

var permissionNames = [...]string{
	"movement", "economy", "land", "grooming", "inventory", "interact", "mute", "database", "notifications", "talk",
	"directory", "system", "friendship", "execute", "group", "filter", "schedule", "feed", "bridge",
}

// All is every permission.
const All Permission = 1<<len(permissionNames) - 1

// PermissionNames lists every permission, lowest number first.
func PermissionNames() []string { return permissionNames[:] }

// ParsePermission finds one permission by its name in any case.
func ParsePermission(name string) (Permission, error) {
	for i, n := range permissionNames {
		if strings.EqualFold(n, name) {
			return 1 << i, nil
		}
	}
	return 0, fmt.Errorf("%q is no permission: allowed are %s", name, strings.Join(permissionNames[:], ", "))
}

// Has tells whether every permission of q is in p; the empty set is in every set.
func (p Permission) Has(q Permission) bool { return p&q == q }

// Names lists the permissions of the set, lowest number first.
func (p Permission) Names() []string {
	var names []string
	for i, n := range permissionNames {
		if p.Has(1 << i) {
			names = append(names, n)
		}
	}
	return names
}

// String joins the names with commas.
func (p Permission) String() string { return strings.Join(p.Names(), ",") }
