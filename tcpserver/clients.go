package tcpserver

import (
	"context"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"time"
)

// admission is the lists of AllowedClients and BlockedClients.
type admission struct {
	allowed, blocked clientList
}

// clientList is one of them.
type clientList struct {
	all      bool
	prefixes []netip.Prefix
	patterns []*regexp.Regexp // of addresses
	names    []string         // host names
	domains  []*regexp.Regexp // patterns of host names
}

func newAdmission(allowed, blocked string) (a admission, err error) {
	if strings.TrimSpace(allowed) == "" {
		allowed = "*"
	}
	if a.allowed, err = parseClients("AllowedClients", allowed); err != nil {
		return a, err
	}
	a.blocked, err = parseClients("BlockedClients", blocked)
	return a, err
}

func parseClients(setting, text string) (l clientList, err error) {
	for entry := range strings.SplitSeq(text, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		if err := l.add(entry); err != nil {
			return l, ErrInvalidArgument.because(
				"%s: %q is not a host name, an IPv4 or IPv6 address, a CIDR block such as 10.0.0.0/8, or a pattern with *", setting, entry)
		}
	}
	return l, nil
}

var (
	hostName       = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$`)
	addressPattern = regexp.MustCompile(`^[0-9.*]+$|^[0-9a-fA-F:.*]*:[0-9a-fA-F:.*]*$`)
	namePattern    = regexp.MustCompile(`^[A-Za-z0-9_.*-]+$`)
	looksNumeric   = regexp.MustCompile(`^[0-9.]+$`)
)

func (l *clientList) add(entry string) error {
	if entry == "*" {
		l.all = true
		return nil
	}
	if strings.Contains(entry, "/") {
		p, err := netip.ParsePrefix(entry)
		if err != nil {
			return err
		}
		l.prefixes = append(l.prefixes, p.Masked())
		return nil
	}
	if a, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		a = a.Unmap()
		l.prefixes = append(l.prefixes, netip.PrefixFrom(a.WithZone(""), a.BitLen()))
		return nil
	}
	switch {
	case strings.Contains(entry, "*") && addressPattern.MatchString(entry):
		l.patterns = append(l.patterns, wildcard(entry))
	case strings.Contains(entry, "*") && namePattern.MatchString(entry):
		l.domains = append(l.domains, wildcard(strings.TrimSuffix(entry, ".")))
	case hostName.MatchString(entry) && !looksNumeric.MatchString(entry):
		l.names = append(l.names, entry)
	default:
		return ErrInvalidArgument
	}
	return nil
}

func wildcard(pattern string) *regexp.Regexp {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, `.*`)
	return regexp.MustCompile(`(?i)^` + quoted + `$`)
}

// lookupTimeout bounds the name lookups for one client.
const lookupTimeout = 5 * time.Second

func (a *admission) allows(addr netip.Addr) bool {
	addr = addr.WithZone("")
	return a.allowed.has(addr) && !a.blocked.has(addr)
}

func (l *clientList) has(addr netip.Addr) bool {
	if l.all {
		return true
	}
	for _, p := range l.prefixes {
		if p.Contains(addr) {
			return true
		}
	}
	text := addr.String()
	for _, p := range l.patterns {
		if p.MatchString(text) {
			return true
		}
	}
	if len(l.names) == 0 && len(l.domains) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookupTimeout)
	defer cancel()
	for _, name := range l.names {
		if resolvesTo(ctx, name, addr) {
			return true
		}
	}
	return l.inDomain(ctx, addr)
}

// inDomain looks up the client's names. A name counts only when it leads back
// to the address: anybody can claim any name for an own address.
func (l *clientList) inDomain(ctx context.Context, addr netip.Addr) bool {
	if len(l.domains) == 0 {
		return false
	}
	names, err := net.DefaultResolver.LookupAddr(ctx, addr.String())
	if err != nil {
		return false
	}
	for _, name := range names {
		name = strings.TrimSuffix(name, ".")
		for _, p := range l.domains {
			if p.MatchString(name) && resolvesTo(ctx, name, addr) {
				return true
			}
		}
	}
	return false
}

func resolvesTo(ctx context.Context, name string, addr netip.Addr) bool {
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return false
	}
	for _, a := range found {
		if a.Unmap().WithZone("") == addr {
			return true
		}
	}
	return false
}
