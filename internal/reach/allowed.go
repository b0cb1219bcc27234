package reach

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// ErrPrivate reports an address that is not on the public Internet and that
// nothing allows.
var ErrPrivate = errors.New("private address")

// Allowed is a part of the private networks that may be reached: addresses, or
// one host by its name. The zero value is nothing.
type Allowed struct {
	prefix netip.Prefix
	host   string // lower case
}

var hostName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$`)

// ParseAllowed reads an address ("127.0.0.1", "::1"), a network in CIDR form
// ("10.0.0.0/8", "fd00::/8") or the name of a host ("hooks.internal"). A name
// stands for whatever address it has.
func ParseAllowed(text string) (Allowed, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap().WithZone("")
		return Allowed{prefix: netip.PrefixFrom(addr, addr.BitLen())}, nil
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return Allowed{prefix: prefix.Masked()}, nil
	}
	// What looks like a wrong address would be taken for a name otherwise.
	if last := text[strings.LastIndexByte(text, '.')+1:]; !hostName.MatchString(text) || strings.Trim(last, "0123456789") == "" {
		return Allowed{}, fmt.Errorf("%q: want an address such as 127.0.0.1, a network such as 10.0.0.0/8, or the name of a host, without port", text)
	}
	return Allowed{host: text}, nil
}

// String writes it in the form that [ParseAllowed] reads.
func (a Allowed) String() string {
	if a.host != "" {
		return a.host
	}
	return a.prefix.String()
}

// special are blocks that do not lead to hosts of the public Internet, beside
// those that netip knows (IANA's registries of special-purpose addresses).
var special = prefixes(
	"0.0.0.0/8",       // this network, RFC 791
	"100.64.0.0/10",   // carriers' NAT, RFC 6598
	"192.0.0.0/24",    // protocol assignments, RFC 6890
	"198.18.0.0/15",   // benchmarks, RFC 2544
	"240.0.0.0/4",     // reserved, RFC 1112
	"::/96",           // IPv4-compatible, RFC 4291 §2.5.5.1
	"64:ff9b:1::/48",  // local NAT64, RFC 8215
	"100::/64",        // discarded, RFC 6666
	"2001::/32",       // Teredo, RFC 4380: tunnels to an IPv4 address
	"fec0::/10",       // site-local, RFC 3879
	"::ffff:0:0:0/96", // IPv4-translated, RFC 2765
	"2001:2::/48",     // benchmarks, RFC 5180
	"192.88.99.0/24",  // 6to4 relays, RFC 7526
	"fe80::/10",       // link-local, RFC 4291
	"169.254.0.0/16",  // link-local, RFC 3927; clouds keep credentials there
	"224.0.0.0/4",     // multicast, RFC 5771
	"255.255.255.255/32",
)

// Blocks that carry an IPv4 address within, and where in it.
var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
	sixTo4 = netip.MustParsePrefix("2002::/16")    // RFC 3056
)

// public tells whether an address leads to the public Internet.
func public(addr netip.Addr) bool {
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, p := range special {
		if p.Contains(addr) {
			return false
		}
	}
	b := addr.As16()
	switch {
	case nat64.Contains(addr):
		return public(netip.AddrFrom4([4]byte(b[12:16])))
	case sixTo4.Contains(addr):
		return public(netip.AddrFrom4([4]byte(b[2:6])))
	}
	return true
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}
