package rights

import (
	"fmt"
	"strings"
)

// Notification is one kind of notification that scripts know by name.
type Notification struct {
	// Name is the proper name, as it is sent.
	Name string
	// Mask is the number of Corrade's configuration, 0 for kinds that came
	// later.
	Mask uint64
}

// notifications are the kinds that scripts know. Corrade gave the first ones
// their masks in this order; the others came without.
var notifications = numbered(
	"alert", "region", "group", "balance", "message", "notice", "local", "dialog", "friendship", "inventory",
	"permission", "lure", "effect", "collision", "crossing", "terse", "typing", "invite", "economy", "membership",
	"url", "ownersay", "regionsayto", "objectim", "rlv", "debug", "avatars", "primitives", "control", "sit",
	"animation", "outfit", "feed", "sound", "conference", "preload", "teleport", "heartbeat", "login", "store",
).and(
	"agentdata", "ao", "appearance", "avataraction", "avatargroup", "cache", "camera", "caps", "chatterbox", "coarse",
	"colliders", "command", "directory", "displayname", "groupoperation", "location", "map", "mqtt", "parcelmap",
	"particles", "scripts", "softban", "statistics", "wind",
)

type notificationTable []Notification

func numbered(names ...string) notificationTable {
	t := make(notificationTable, len(names))
	for i, name := range names {
		t[i] = Notification{name, 1 << i}
	}
	return t
}

func (t notificationTable) and(names ...string) notificationTable {
	for _, name := range names {
		t = append(t, Notification{Name: name})
	}
	return t
}

// AllNotifications lists every kind that scripts know, whether or not this
// agent sends it yet.
func AllNotifications() []Notification { return append([]Notification(nil), notifications...) }

// NotificationNames lists the proper names of every kind that scripts know.
func NotificationNames() []string {
	names := make([]string, len(notifications))
	for i, n := range notifications {
		names[i] = n.Name
	}
	return names
}

// ParseNotification finds a kind by its name in any case.
func ParseNotification(name string) (Notification, error) {
	for _, n := range notifications {
		if strings.EqualFold(n.Name, name) {
			return n, nil
		}
	}
	return Notification{}, fmt.Errorf("%q is no notification: allowed are %s", name, strings.Join(NotificationNames(), ", "))
}
