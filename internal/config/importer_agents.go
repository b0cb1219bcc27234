package config

import (
	"net/netip"
	"strconv"
	"time"
)

// towardsTheGrid carries over how an agent is towards the grid. It stands in the
// table of the agent.
func (m *importer) towardsTheGrid(root *element) {
	if e := root.child("ClientLanguage", "Language"); e.text != "" {
		m.set("language", e.text)
	}
	if e := root.child("AdvertiseClientLanguage", "PublishLanguage"); e.there() {
		m.set("language_public", e.truth())
	}
	if e := root.child("MultipleSimulatorConnections"); e.there() {
		m.set("neighbours", e.truth())
	}
	if e := root.child("BindIPAddress"); e.text != "" {
		if ip, err := netip.ParseAddr(e.text); err != nil || !ip.Is4() {
			m.note(e, e.name, "%q is no IPv4 address: the one that leads to the grid is used", e.text)
		} else {
			m.set("bind", e.text)
		}
	}
}

// throttle carries over what regions are asked to send at most.
func (m *importer) throttle(root *element) {
	began := false
	for _, kind := range []struct {
		setting, key string
		least        int
	}{
		{"ThrottleResend", "resend", leastThrottle},
		{"ThrottleLand", "land", leastThrottle},
		{"ThrottleWind", "wind", leastThrottleSky},
		{"ThrottleCloud", "cloud", leastThrottleSky},
		{"ThrottleTask", "task", leastThrottle},
		{"ThrottleTexture", "texture", leastThrottle},
		{"ThrottleAsset", "asset", leastThrottle},
	} {
		e := root.child(kind.setting)
		if !e.there() {
			continue
		}
		if !began {
			began = true
			m.section("[throttle]")
		}
		m.number(e, kind.key, kind.least, mostThrottle)
	}
}

// log carries over how often the log tells how the program is.
func (m *importer) log(root *element) {
	e := root.child("HeartbeatLogInterval")
	if !e.there() {
		return
	}
	ms, err := strconv.ParseUint(e.text, 10, 31)
	if err != nil || ms > 0 && ms < 1000 {
		m.note(e, e.name, "%q: want a second or more, or 0 for none, the default is used", e.text)
		return
	}
	m.section("[log]")
	m.set("heartbeat", (time.Duration(ms) * time.Millisecond).String())
}
