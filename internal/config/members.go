package config

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"rookery/internal/query"
)

// member is a setting under the name that Corrade gave it.
type member struct {
	name string
	// key is the setting here; of those that agents have, the first agent's.
	key string
	// get tells the value where it is not the setting's as it stands; secret
	// values are never told.
	get    func(*Config) any
	secret bool
	// set makes the settings of a text, and changes c, which is a copy, alike;
	// nil takes the text as it stands.
	set func(c *Config, text string) ([][2]string, error)
	// fixed members can be read only.
	fixed bool
}

// corrade lists the members that have a counterpart here.
var corrade = []member{
	{name: "FirstName", key: "agents[0].first", set: func(c *Config, s string) ([][2]string, error) { return c.avatar(s, c.Agents[0].Last) }},
	{name: "LastName", key: "agents[0].last", set: func(c *Config, s string) ([][2]string, error) { return c.avatar(c.Agents[0].First, s) }},
	{name: "Password", key: "agents[0].password", secret: true},
	{name: "LoginURL", key: "agents[0].grid", get: func(c *Config) any { return c.Agents[0].LoginURI() }},
	{name: "StartLocations", key: "agents[0].start"},
	{name: "TOSAccepted", key: "agents[0].agree_to_tos"},
	{name: "Range", key: "range"},
	{name: "Masters", key: "masters"},
	{name: "Groups", key: "groups", fixed: true, get: func(c *Config) any {
		var groups query.Dictionary
		for _, g := range c.Groups {
			groups = append(groups, query.Entry{Key: g.Name, Value: g.UUID})
		}
		return groups
	}},
	{name: "EnableMasterPasswordOverride", key: "master_password", fixed: true, get: func(c *Config) any { return c.MasterPassword != "" }},
	{name: "MasterPasswordOverride", key: "master_password", secret: true},
	{name: "InputFilters", key: "filters.input"},
	{name: "OutputFilters", key: "filters.output"},
	{name: "AESKey", key: "filters.aes_key", secret: true},
	{name: "VIGENERESecret", key: "filters.vigenere_key", secret: true},
	{name: "EnableTCPNotificationsServer", key: "tcp.enabled"},
	{name: "TCPNotificationsServerAddress", key: "tcp.address", get: func(c *Config) any { return c.tcpAddress(0) }, set: func(c *Config, s string) ([][2]string, error) {
		c.TCP.Address = net.JoinHostPort(s, c.tcpAddress(1))
		return [][2]string{{"tcp.address", c.TCP.Address}}, nil
	}},
	{name: "TCPNotificationsServerPort", key: "tcp.address", get: func(c *Config) any { return c.tcpAddress(1) }, set: func(c *Config, s string) ([][2]string, error) {
		c.TCP.Address = net.JoinHostPort(c.tcpAddress(0), s)
		return [][2]string{{"tcp.address", c.TCP.Address}}, nil
	}},
	{name: "EnableHTTPServer", key: "http.enabled"},
	{name: "HTTPServerPrefix", key: "http.address", get: func(c *Config) any {
		scheme := "http"
		if c.HTTP.TLS.Mode != TLSOff {
			scheme = "https"
		}
		return scheme + "://" + c.HTTP.Address + "/"
	}, set: func(_ *Config, s string) ([][2]string, error) {
		address := strings.NewReplacer("//+", "//0.0.0.0", "//*", "//0.0.0.0").Replace(s)
		address = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(address, "http://"), "https://"), "/")
		if _, _, err := net.SplitHostPort(address); err != nil {
			return nil, fmt.Errorf("HTTPServerPrefix: %q is not a URL with a host and a port, such as http://127.0.0.1:8080/", s)
		}
		return [][2]string{{"http.address", address}}, nil
	}},
	{name: "HTTPServerUsername", key: "http.user"},
	{name: "HTTPServerPassword", key: "http.password", secret: true},
	milliseconds("ServicesTimeout", "timeouts.services", func(c *Config) Duration { return c.Timeouts.Services }),
	milliseconds("DataTimeout", "timeouts.data", func(c *Config) Duration { return c.Timeouts.Data }),
	milliseconds("CallbackTimeout", "outgoing.callbacks.timeout", func(c *Config) Duration { return c.Outgoing.Callbacks.Timeout }),
	{name: "CallbackQueueLength", key: "outgoing.callbacks.queue"},
	milliseconds("NotificationTimeout", "outgoing.notifications.posts.timeout", func(c *Config) Duration { return c.Outgoing.Notifications.Posts.Timeout }),
	{name: "NotificationQueueLength", key: "outgoing.notifications.posts.queue"},
}

// milliseconds is a time span that scripts know as a number.
func milliseconds(name, key string, of func(*Config) Duration) member {
	return member{
		name: name, key: key,
		get: func(c *Config) any { return of(c).D().Milliseconds() },
		set: func(_ *Config, s string) ([][2]string, error) {
			n, err := strconv.ParseUint(s, 10, 31)
			if err != nil {
				return nil, fmt.Errorf("%s: %q is not a number of milliseconds", name, s)
			}
			return [][2]string{{key, (time.Duration(n) * time.Millisecond).String()}}, nil
		},
	}
}

// tcpAddress is the host (0) or the port (1) of the TCP door.
func (c *Config) tcpAddress(part int) string {
	host, port, _ := net.SplitHostPort(c.TCP.Address)
	return [...]string{host, port}[part]
}

// avatar names the first agent, in the way in which the file names it.
func (c *Config) avatar(first, last string) ([][2]string, error) {
	c.Agents[0].First, c.Agents[0].Last = first, last
	document, err := os.ReadFile(c.path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	if _, whole := index(document)["agents[0].avatar"]; whole {
		return [][2]string{{"agents[0].avatar", first + " " + last}}, nil
	}
	return [][2]string{{"agents[0].first", first}, {"agents[0].last", last}}, nil
}

var memberTable = func() *query.Table[*Config] {
	var rows []query.Member[*Config]
	for _, m := range corrade {
		if m.secret {
			continue
		}
		rows = append(rows, query.Member[*Config]{Name: m.name, Of: func(c *Config) any {
			if strings.HasPrefix(m.key, "agents[0]") && len(c.Agents) == 0 {
				return nil
			}
			if m.get != nil {
				return m.get(c)
			}
			v, err := c.field(m.key)
			if err != nil {
				return nil
			}
			return v.Interface()
		}})
	}
	return query.NewTable(rows...)
}()

// MemberNames lists the settings that can be asked for by Corrade's names.
// Secrets are not among them.
func MemberNames() []string { return memberTable.Names() }

// Members returns the settings under Corrade's names, those of agents of the
// first one.
func (c *Config) Members() query.Object { return memberTable.Of(c) }

// SettableNames lists the settings that can be set by Corrade's names.
func SettableNames() []string {
	var names []string
	for _, m := range corrade {
		if !m.fixed {
			names = append(names, m.name)
		}
	}
	return names
}

// SetMembers changes settings by Corrade's names, name and value in turn: all
// or none.
func (s *Store) SetMembers(cells []string) error {
	if len(cells)%2 != 0 {
		return fmt.Errorf("%q has no value: want name, value and so on", cells[len(cells)-1])
	}
	var settings [][2]string
	seen := make(map[string]bool)
	// What is set before counts for what stands for another part of it.
	c := *s.Current()
	c.Agents = slices.Clone(c.Agents)
	for i := 0; i < len(cells); i += 2 {
		if seen[cells[i]] {
			continue // of a repeated name the first counts, as everywhere
		}
		seen[cells[i]] = true
		m, ok := memberNamed(cells[i])
		switch {
		case !ok:
			return fmt.Errorf("%q: %w%s; settable are %s", cells[i], ErrKey, didYouMean(cells[i], SettableNames()), strings.Join(SettableNames(), ", "))
		case m.fixed:
			return fmt.Errorf("%q cannot be set; settable are %s", cells[i], strings.Join(SettableNames(), ", "))
		case m.set == nil:
			settings = append(settings, [2]string{m.key, cells[i+1]})
			continue
		}
		made, err := m.set(&c, cells[i+1])
		if err != nil {
			return err
		}
		settings = append(settings, made...)
	}
	return s.SetAll(settings)
}

func memberNamed(name string) (member, bool) {
	for _, m := range corrade {
		if m.name == name {
			return m, true
		}
	}
	return member{}, false
}
