package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"rookery/grid/login"
	"rookery/internal/access"
	"rookery/script"
)

// maxRange is the farthest that grids let anybody see, in metres.
const maxRange = 4096

// check fills in what follows from other settings and notes what is wrong.
func (c *Config) check(d *decoder) {
	c.checkGeneral(d)
	c.checkAgents(d)
	c.checkGroups(d)
	c.checkFilters(d)
	c.checkTCP(d)
	c.checkDoors(d)
	c.checkThrottle(d)
	c.checkOutgoing(d)
	c.checkBridge(d)
	c.checkRooms(d)
	c.checkChatLog(d)
	c.checkFeeds(d)
	c.checkTimeouts(d)
	c.checkBus(d)
}

// last is the last part of a key.
func last(key string) string {
	return key[strings.LastIndexByte(key, '.')+1:]
}

// between notes a number out of its range.
func between[T int | Size | Duration](d *decoder, key string, n, least, most T) {
	if n < least || n > most {
		d.problem(key, "%v is out of range: allowed are %v to %v", n, least, most)
	}
}

func checkRange(d *decoder, key string, metres float32) {
	if metres < 1 || metres > maxRange {
		d.problem(key, "%v m is out of range: allowed are 1 to %d", metres, maxRange)
	}
}

// exists notes a file that cannot be opened.
func exists(d *decoder, key, path string) {
	f, err := os.Open(path)
	if err != nil {
		d.problem(key, "%v", err)
		return
	}
	f.Close()
}

func (c *Config) checkGeneral(d *decoder) {
	if c.StateDir == "" {
		d.problem("state_dir", "want the path of a directory")
	}
	c.StateDir = c.resolve(c.StateDir)
	c.Log.Audit = c.resolve(c.Log.Audit)
	if c.Log.Heartbeat != 0 && c.Log.Heartbeat.D() < time.Second {
		d.problem("log.heartbeat", "%s is too often: want 1s or more, or 0s for none", c.Log.Heartbeat)
	}
	checkRange(d, "range", c.Range)
	for i, name := range c.Masters {
		first, last := script.SplitName(name)
		if first == "" {
			d.problem(fmt.Sprintf("masters[%d]", i), "want the name of an avatar, \"First Last\"")
		}
		c.Masters[i] = first + " " + last
	}
	c.secret(d, &c.MasterPassword, &c.MasterPasswordFile, "master_password")
	if c.MasterPassword != "" {
		checkPassword(d, "master_password", c.MasterPassword)
	}
}

// checkPassword looks at a password that scripts will give.
func checkPassword(d *decoder, key string, stored Secret) {
	form, err := access.StoredForm(string(stored))
	switch {
	case err != nil:
		d.problem(key, "%v", err)
	case form == access.Plain:
		d.warning(key, "the password is not hashed: rookery config hash-password gives a hash to put here")
	}
}

var hex32 = regexp.MustCompile(`^[0-9A-Fa-f]{32}$`)

func (c *Config) checkAgents(d *decoder) {
	if len(c.Agents) == 0 {
		d.problem("agents", "there is no agent: add [[agents]] with grid, avatar and password")
	}
	names := map[string]bool{}
	for i := range c.Agents {
		a := &c.Agents[i]
		key := fmt.Sprintf("agents[%d]", i)
		a.checkName(d, key)
		switch lower := strings.ToLower(a.Name); {
		case a.Name == "":
		case names[lower]:
			d.problem(key+".name", "two agents are called %q: give one of them another name", a.Name)
		default:
			names[lower] = true
		}
		a.checkGrid(d, key+".grid")

		c.secret(d, &a.Password, &a.PasswordFile, key+".password")
		c.secret(d, &a.MFAToken, &a.MFATokenFile, key+".mfa_token")
		switch hash, hashed := strings.CutPrefix(string(a.Password), "$1$"); {
		case a.Password == "" && !a.Embedded() && a.PasswordFile == "":
			d.problem(key+".password", "want the password of the avatar, or password_file")
		case hashed && !hex32.MatchString(hash):
			d.problem(key+".password", "behind $1$ want 32 hex digits, the MD5 of the password")
		}
		for j, start := range a.Start {
			if _, err := login.ParseStart(start); err != nil {
				d.problem(fmt.Sprintf("%s.start[%d]", key, j), "%v", err)
			}
		}
		if a.TCPAddress != "" {
			checkAddress(d, key+".tcp_address", a.TCPAddress)
		} else if i > 0 && c.TCP.Enabled {
			d.warning(key+".tcp_address", "this agent has no TCP door: every agent but the first wants an address of its own")
		}
		if a.Range == 0 {
			a.Range = c.Range
		} else {
			checkRange(d, key+".range", a.Range)
		}
		checkMachine(d, key+".mac", a.MAC)
		checkMachine(d, key+".id0", a.ID0)
		checkLanguage(d, key+".language", a.Language)
		checkBind(d, key+".bind", a.Bind)
	}
}

// checkMachine looks at what identifies the machine.
func checkMachine(d *decoder, key, text string) {
	if text != "" && !hex32.MatchString(text) {
		d.problem(key, "%q: want 32 hex digits, or nothing for those of this machine", text)
	}
}

// checkName settles what the avatar and the agent are called.
func (a *Agent) checkName(d *decoder, key string) {
	switch {
	case a.Avatar != "" && (a.First != "" || a.Last != ""):
		d.problem(key+".avatar", "both avatar and first or last are set: want avatar = \"First Last\" or first and last")
	case a.Avatar != "":
		a.First, a.Last = script.SplitName(a.Avatar)
	case a.First == "" && a.Last == "":
		d.problem(key, "want the avatar's name, avatar = \"First Last\"")
		return
	case a.First == "":
		d.problem(key+".last", "a last name without first")
	case a.Last == "":
		a.Last = "Resident"
	}
	a.Avatar = a.First + " " + a.Last
	if a.Name == "" {
		a.Name = a.Avatar
	}
}

func (a *Agent) checkGrid(d *decoder, key string) {
	nicknames := []string{SecondLife, SecondLifeBeta, Embedded}
	for _, nickname := range nicknames {
		if strings.EqualFold(a.Grid, nickname) {
			a.Grid = nickname
			return
		}
	}
	u, err := url.Parse(a.Grid)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		d.problem(key, "%q is not a grid: allowed are %s and login URIs such as http://grid.example:8002/%s",
			a.Grid, strings.Join(nicknames, ", "), didYouMean(a.Grid, nicknames))
	}
}

func (c *Config) checkGroups(d *decoder) {
	if len(c.Groups) == 0 {
		d.warning("groups", "there is no group: nobody can command the agent or hear from it")
	}
	names, ids := map[string]bool{}, map[uuid.UUID]bool{}
	for i := range c.Groups {
		g := &c.Groups[i]
		key := fmt.Sprintf("groups[%d]", i)
		switch name := strings.ToLower(g.Name); {
		case g.Name == "":
			d.problem(key+".name", "want the name of the group, as scripts will give it")
		case names[name]:
			d.problem(key+".name", "two groups are called %q, which is compared without case", g.Name)
		default:
			names[name] = true
		}
		switch {
		case g.UUID == uuid.Nil:
			d.problem(key+".uuid", "want the UUID of the group on the grid, or any other if it is not there")
		case ids[g.UUID]:
			d.problem(key+".uuid", "two groups have the UUID %s", g.UUID)
		default:
			ids[g.UUID] = true
		}
		c.secret(d, &g.Password, &g.PasswordFile, key+".password")
		switch {
		case g.Password != "":
			checkPassword(d, key+".password", g.Password)
		case g.PasswordFile == "":
			d.problem(key+".password", "want the password of the group, or password_file")
		}
		between(d, key+".workers", g.Workers, 1, 1000)
		between(d, key+".schedules", g.Schedules, 0, 100000)
	}
}

// plainFilters leave & and = as they are; escapingFilters write neither.
var (
	plainFilters    = []string{"none", "ATBASH", "VIGENERE", "ENIGMA"}
	escapingFilters = []string{"RFC1738", "RFC3986", "AES-256-GCM"}
)

func (c *Config) checkFilters(d *decoder) {
	f := &c.Filters
	c.secret(d, &f.AESKey, &f.AESKeyFile, "filters.aes_key")
	f.checkNames(d, "filters.input", f.Input)
	f.checkNames(d, "filters.output", f.Output)
	for _, name := range slices.Backward(f.Output) {
		switch {
		case slices.Contains(plainFilters, name):
			continue
		case slices.Contains(escapingFilters, name):
			return
		}
		break
	}
	d.warning("filters.output", "values with & or = in them break the lines: let the list end in RFC1738 or RFC3986")
}

func (f *Filters) checkNames(d *decoder, key string, names []string) {
	for i, name := range names {
		filter, err := script.NewFilter(name, f.settings())
		if err != nil {
			d.problem(fmt.Sprintf("%s[%d]", key, i), "%v%s", err, didYouMean(name, script.FilterNames()))
			continue
		}
		names[i] = filter.Name()
	}
}

func (c *Config) checkTCP(d *decoder) {
	t := &c.TCP
	between(d, "tcp.max_line", t.MaxLine, 1<<10, 16<<20)
	between(d, "tcp.max_connections", t.MaxConnections, 1, 100000)
	between(d, "tcp.queue_bytes", t.QueueBytes, 16<<10, 1<<30)
	between(d, "tcp.commands_in_flight", t.CommandsInFlight, 1, 1000)
	checkSpan(d, "tcp.handshake_timeout", t.HandshakeTimeout)
	c.checkDoor(d, "tcp", t.Enabled, t.Address, &t.TLS)
}

// checkAddress looks at HOST:PORT and tells whether it is this machine's own.
func checkAddress(d *decoder, key, address string) (loopback bool) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		d.problem(key, "%q: want HOST:PORT, such as 127.0.0.1:8095 or [::1]:8095", address)
		return true
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		d.problem(key, "port %q: want a number from 0 to 65535", port)
	}
	if host == "localhost" {
		return true
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return false
}

func (c *Config) checkTLS(d *decoder, t *TLS, key string) {
	c.secret(d, &t.Password, &t.PasswordFile, key+".password")
	t.Certificate, t.Key, t.ClientCA = c.resolve(t.Certificate), c.resolve(t.Key), c.resolve(t.ClientCA)
	switch t.Mode {
	case TLSPFX, TLSPEM:
		if t.Certificate == "" {
			d.problem(key+".certificate", "want the path of the %s file (rookery cert create makes one)", t.Mode)
			break
		}
		exists(d, key+".certificate", t.Certificate)
		if t.Key != "" {
			exists(d, key+".key", t.Key)
		}
		if t.Key != "" && t.Mode == TLSPFX {
			d.problem(key+".key", "a PFX file has the key in it: leave this out, or use mode pem")
		}
	default:
		if t.Certificate != "" {
			d.problem(key+".certificate", "is not used with mode %s: want mode pfx or pem", t.Mode)
		}
	}
	if t.MinVersion > t.MaxVersion {
		d.problem(key+".min_version", "%s is above max_version %s", t.MinVersion, t.MaxVersion)
	}
	if t.ClientCA != "" {
		exists(d, key+".client_ca", t.ClientCA)
	} else if t.RequireClientCertificate {
		d.problem(key+".require_client_certificate", "needs client_ca, the authorities that certificates must come from")
	}
	for i, host := range t.Hosts {
		if host == "" || strings.ContainsAny(host, " /:") && net.ParseIP(host) == nil || !utf8.ValidString(host) {
			d.problem(fmt.Sprintf("%s.hosts[%d]", key, i), "%q: want a host name or an address without port", host)
		}
	}
}

func (c *Config) checkTimeouts(d *decoder) {
	checkSpan(d, "timeouts.services", c.Timeouts.Services)
	checkSpan(d, "timeouts.data", c.Timeouts.Data)
	checkSpan(d, "timeouts.command", c.Timeouts.Command)
}

func checkSpan(d *decoder, key string, span Duration) {
	if span <= 0 {
		d.problem(key, "want a time span above 0")
	}
}

func (c *Config) checkBus(d *decoder) {
	s := c.Subscriptions
	between(d, "subscriptions.max_age", s.MaxAge, Duration(time.Minute), Duration(10*365*24*time.Hour))
	between(d, "subscriptions.max_messages", s.MaxMessages, 1, 100_000_000)
	between(d, "subscriptions.max_bytes", s.MaxBytes, 64<<10, 1<<40)
	between(d, "subscriptions.most", s.Most, 1, 10000)
	schemes := []string{"nats", "tls", "ws", "wss"}
	for i, text := range c.Bus.URLs {
		if u, err := url.Parse(string(text)); err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
			// The URL itself may carry a password.
			d.problem(fmt.Sprintf("bus.urls[%d]", i), "want a URL such as nats://bus.example:4222; schemes are %s",
				strings.Join(schemes, ", "))
		}
	}
	if c.Bus.Credentials != "" {
		c.Bus.Credentials = c.resolve(c.Bus.Credentials)
		exists(d, "bus.credentials", c.Bus.Credentials)
		if len(c.Bus.URLs) == 0 {
			d.problem("bus.credentials", "is for a cluster: set urls, or leave it out")
		}
	}
	if c.Bus.Store == "" {
		d.problem("bus.store", "want the path of a directory, relative to state_dir")
	}
}
