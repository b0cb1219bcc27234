package config

import (
	"fmt"
	"regexp"
	"strings"
)

// HTTP is the HTTP door: commands as POST requests.
type HTTP struct {
	Enabled bool `toml:"enabled"`
	// Address is HOST:PORT; port 0 picks one.
	Address string `toml:"address"`
	TLS     TLS    `toml:"tls"`
	// Language is how bodies are read and answered when neither Content-Type
	// nor Accept tells.
	Language Language `toml:"language"`
	// User and Password, when set, are asked for by basic authentication,
	// beside the group's password.
	User         string `toml:"user"`
	Password     Secret `toml:"password"`
	PasswordFile string `toml:"password_file"`
	// MaxBody is the largest request body.
	MaxBody        Size     `toml:"max_body"`
	IdleTimeout    Duration `toml:"idle_timeout"`
	MaxConnections int      `toml:"max_connections"`
	// Origins are the hosts whose browser pages may read answers, as those of
	// the WebSocket door.
	Origins []string `toml:"origins"`
}

// WebSocket is the WebSocket door: the words of the TCP door as text messages.
type WebSocket struct {
	Enabled bool   `toml:"enabled"`
	Address string `toml:"address"`
	TLS     TLS    `toml:"tls"`
	// Language is what clients hear that ask by their path and name none.
	Language Language `toml:"language"`
	// Origins are the hosts that browser pages may come from, beside the
	// door's own, with the port where the page's address has one; "*" is all of
	// them.
	Origins        []string `toml:"origins"`
	MaxConnections int      `toml:"max_connections"`
	QueueBytes     Size     `toml:"queue_bytes"`
	Overflow       Overflow `toml:"overflow"`
	// PingInterval is the time between two pings; a client that does not
	// answer one until the next is gone.
	PingInterval Duration `toml:"ping_interval"`
}

// MQTT is the MQTT door, a broker.
type MQTT struct {
	Enabled        bool   `toml:"enabled"`
	Address        string `toml:"address"`
	TLS            TLS    `toml:"tls"`
	MaxConnections int    `toml:"max_connections"`
}

// UDP is the UDP door: the words of the TCP door, one datagram each.
type UDP struct {
	Enabled bool   `toml:"enabled"`
	Address string `toml:"address"`
	// SessionTimeout is how long a client may be silent before it hears no
	// more notifications.
	SessionTimeout Duration `toml:"session_timeout"`
	MaxSessions    int      `toml:"max_sessions"`
}

// InWorld is the door for scripts in the world: instant messages of objects,
// llOwnerSay and llRegionSayTo.
type InWorld struct {
	Enabled bool `toml:"enabled"`
}

// plainTLS is the encryption of doors that open without it.
var plainTLS = TLS{Mode: TLSOff, MinVersion: TLS12, MaxVersion: TLS13}

// Language is the form that words are written in.
type Language string

// The languages.
const (
	LanguageWAS  Language = "was"  // key-value text
	LanguageJSON Language = "json" // one object of strings
)

// UnmarshalText reads a language.
func (l *Language) UnmarshalText(text []byte) error { return word(l, text, LanguageWAS, LanguageJSON) }

func (c *Config) checkDoors(d *decoder) {
	h := &c.HTTP
	c.secret(d, &h.Password, &h.PasswordFile, "http.password")
	if (h.User == "") != (h.Password == "") {
		d.problem("http.user", "want both user and password, or neither")
	}
	between(d, "http.max_body", h.MaxBody, 1<<10, 64<<20)
	checkSpan(d, "http.idle_timeout", h.IdleTimeout)
	between(d, "http.max_connections", h.MaxConnections, 1, 100000)
	checkOrigins(d, "http.origins", h.Origins)
	c.checkDoor(d, "http", h.Enabled, h.Address, &h.TLS)

	w := &c.WebSocket
	between(d, "websocket.max_connections", w.MaxConnections, 1, 100000)
	between(d, "websocket.queue_bytes", w.QueueBytes, 16<<10, 1<<30)
	checkSpan(d, "websocket.ping_interval", w.PingInterval)
	checkOrigins(d, "websocket.origins", w.Origins)
	c.checkDoor(d, "websocket", w.Enabled, w.Address, &w.TLS)

	m := &c.MQTT
	between(d, "mqtt.max_connections", m.MaxConnections, 1, 100000)
	c.checkDoor(d, "mqtt", m.Enabled, m.Address, &m.TLS)

	u := &c.UDP
	between(d, "udp.max_sessions", u.MaxSessions, 1, 100000)
	checkSpan(d, "udp.session_timeout", u.SessionTimeout)
	if loopback := checkAddress(d, "udp.address", u.Address); u.Enabled && !loopback {
		d.warning("udp.address", "passwords will cross the network unencrypted")
	}
}

func (c *Config) checkDoor(d *decoder, key string, enabled bool, address string, t *TLS) {
	loopback := checkAddress(d, key+".address", address)
	c.checkTLS(d, t, key+".tls")
	if enabled && t.Mode == TLSOff && !loopback {
		d.warning(key+".tls.mode", "passwords will cross the network unencrypted")
	}
}

// checkOrigins refuses what no page can come from: an origin has no path (RFC 6454
// §6.1).
func checkOrigins(d *decoder, key string, origins []string) {
	for i, origin := range origins {
		host := strings.TrimPrefix(strings.TrimPrefix(origin, "https://"), "http://")
		if name := bracketed.ReplaceAllString(host, "x"); name == "" || strings.ContainsAny(name, "/@ \t[]\\") {
			d.problem(fmt.Sprintf("%s[%d]", key, i), `%q is no host of pages: allowed are "example.com", "*.example.com", "localhost:3000", "[::1]:3000", any of them behind https:// or http://, and "*"`, origin)
		}
	}
}

// bracketed is an IPv6 address as hosts of URLs have it.
var bracketed = regexp.MustCompile(`^\[[0-9A-Fa-f:.]+\]`)
