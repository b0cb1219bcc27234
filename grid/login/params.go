package login

import (
	"crypto/md5"
	"encoding/hex"
	"log/slog"
	"net"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"strings"
	"unicode/utf8"

	"rookery/grid"
)

// Params is what an avatar logs in with. First and Password are needed, the
// rest has defaults.
type Params struct {
	First string
	Last  string // "" means Resident, the last name of all newer accounts
	// Password is the plain password, or its hash as the protocol sends it:
	// $1$ and 32 hex digits of MD5.
	Password string
	// PasswordLimit is how many characters of the password count. 0 means 16
	// on Linden Lab's own grids, whose viewers cut passwords there, and no
	// limit elsewhere. Negative is no limit anywhere.
	PasswordLimit int
	// Starts are the places to appear in, tried in turn. None means last.
	Starts []Start

	Channel string // the client's name as the grid sees it; "" means Rookery
	Version string // four numbers; "" means 1.0.0.0
	// Platform is win, mac or lnx; "" is that of the machine.
	Platform        string
	PlatformVersion string
	// MAC and ID0 identify the machine by 32 hex digits each; "" means
	// those of MachineIDs.
	MAC, ID0     string
	HostID       string
	ViewerDigest string

	AgreeToTOS   bool // agrees to the terms of service, after a failure ErrTOS
	ReadCritical bool // has read the grid's message, after a failure ErrCritical
	// SkipOptional declines an optional update of the viewer.
	SkipOptional bool

	Token   string // code of the second factor, after a failure ErrMFA
	MFAHash string // kept from the Response to an earlier login with Token

	ScopeID grid.UUID
	// Options are the parts of the answer asked for. Nil means DefaultOptions.
	Options []string
	// Extra are further members of the request, as some grids want them.
	Extra map[string]string
}

// LogValue implements slog.LogValuer: a log says who logs in, not with what.
func (p Params) LogValue() slog.Value {
	return slog.GroupValue(slog.String("first", p.First), slog.String("last", p.Last), slog.Any("starts", p.Starts))
}

// DefaultOptions are the parts of the answer that an agent has a use for.
var DefaultOptions = []string{
	"inventory-root", "inventory-skeleton",
	"inventory-lib-root", "inventory-lib-owner", "inventory-skel-lib",
	"initial-outfit", "gestures", "display_names",
	"event_categories", "event_notifications", "classified_categories",
	"adult_compliant", "buddy-list", "newuser-config", "ui-config",
	"advanced-mode", "max-agent-groups", "max_groups", "map-server-url",
	"voice-config", "tutorial_setting", "login-flags", "global-textures",
	"destination_guide_url", "avatar_picker_url", "currency", "search", "profile-server-url",
}

var hashed = regexp.MustCompile(`^\$1\$[0-9a-fA-F]{32}$`)

// HashPassword returns the form in which the protocol sends a password: $1$
// and the MD5 of its first limit characters, or of all of it for a limit of 0
// or less. A password that has this form already is returned as it is.
func HashPassword(password string, limit int) string {
	if hashed.MatchString(password) {
		return strings.ToLower(password)
	}
	if limit > 0 && utf8.RuneCountInString(password) > limit {
		password = string([]rune(password)[:limit])
	}
	sum := md5.Sum([]byte(password))
	return "$1$" + hex.EncodeToString(sum[:])
}

// lindenPasswordLimit is where Second Life's viewers cut passwords off, and
// so what its servers keep the hash of.
const lindenPasswordLimit = 16

func (p *Params) hashFor(uri *url.URL) string {
	limit := p.PasswordLimit
	if limit == 0 {
		host := strings.ToLower(uri.Hostname())
		if strings.HasSuffix(host, ".lindenlab.com") || strings.HasSuffix(host, ".secondlife.com") ||
			strings.HasSuffix(host, ".secondlife.io") {
			limit = lindenPasswordLimit
		}
	}
	return HashPassword(p.Password, limit)
}

// MachineIDs returns two stable identifiers of this machine in the form that
// MAC and ID0 have.
func MachineIDs() (mac, id0 string) {
	host, _ := os.Hostname()
	seed := host
	ifs, err := net.Interfaces()
	if err == nil {
		for _, i := range ifs {
			if i.Flags&net.FlagLoopback == 0 && len(i.HardwareAddr) > 0 {
				seed = i.HardwareAddr.String()
				break
			}
		}
	}
	m := md5.Sum([]byte(seed))
	d := md5.Sum([]byte("id0 " + host))
	return hex.EncodeToString(m[:]), hex.EncodeToString(d[:])
}

// members returns the request as the protocol names its members.
func (p *Params) members(hash string, start Start) map[string]any {
	mac, id0 := p.MAC, p.ID0
	if mac == "" || id0 == "" {
		m, i := MachineIDs()
		mac, id0 = or(mac, m), or(id0, i)
	}
	platform := or(p.Platform, platforms[runtime.GOOS])
	m := map[string]any{
		"first": p.First, "last": or(p.Last, "Resident"), "passwd": hash,
		"start":   start.String(),
		"channel": or(p.Channel, "Rookery"), "version": or(p.Version, "1.0.0.0"),
		"platform": or(platform, "lnx"), "platform_version": or(p.PlatformVersion, "1.0.0"),
		"platform_string": or(p.PlatformVersion, "1.0.0"),
		"mac":             mac, "id0": id0, "host_id": p.HostID, "viewer_digest": p.ViewerDigest,
		"agree_to_tos": p.AgreeToTOS, "read_critical": p.ReadCritical,
		"address_size": int32(64), "extended_errors": true,
		"last_exec_event": int32(0), "last_exec_duration": int32(0), "last_exec_session_id": grid.UUID{}.String(),
		"token": p.Token, "mfa_hash": p.MFAHash,
	}
	if p.SkipOptional {
		m["skipoptional"] = true
	}
	if p.ScopeID != (grid.UUID{}) {
		m["scope_id"] = p.ScopeID.String()
	}
	for k, v := range p.Extra {
		m[k] = v
	}
	options := p.Options
	if options == nil {
		options = DefaultOptions
	}
	list := make([]any, len(options))
	for i, o := range options {
		list[i] = o
	}
	m["options"] = list
	return m
}

var platforms = map[string]string{"windows": "win", "darwin": "mac", "linux": "lnx"}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
