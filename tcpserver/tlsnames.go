package tcpserver

import (
	"crypto/tls"
	"maps"
	"slices"
	"strings"
)

// groupNames are the key exchange groups by their documented names, and those
// that crypto/tls has beyond.
var groupNames = map[string]tls.CurveID{
	"ecdhe_x25519":       tls.X25519,
	"ecdhe_secp256r1":    tls.CurveP256,
	"ecdhe_secp384r1":    tls.CurveP384,
	"ecdhe_secp521r1":    tls.CurveP521,
	"x25519mlkem768":     tls.X25519MLKEM768,
	"secp256r1mlkem768":  tls.SecP256r1MLKEM768,
	"secp384r1mlkem1024": tls.SecP384r1MLKEM1024,
}

// missingGroups are documented names that crypto/tls does not have.
var missingGroups = []string{"ecdhe_x448", "ffdhe_2048", "ffdhe_3072", "ffdhe_4096", "ffdhe_6144", "ffdhe_8192"}

// hybridGroups exist at TLS 1.3 only.
var hybridGroups = []string{"x25519mlkem768", "secp256r1mlkem768", "secp384r1mlkem1024"}

func parseGroups(setting, list string, tls13 bool) ([]tls.CurveID, error) {
	known := maps.Clone(groupNames)
	missing := missingGroups
	if !tls13 {
		missing = append(slices.Clone(missing), hybridGroups...)
		for _, name := range hybridGroups {
			delete(known, name)
		}
	}
	return parseNames(setting, list, known, missing)
}

// signatures12 are the signature algorithms of TLS 1.2 by their documented names.
var signatures12 = map[string][]tls.SignatureScheme{
	"sha512-ecdsa":   {tls.ECDSAWithP521AndSHA512},
	"sha384-ecdsa":   {tls.ECDSAWithP384AndSHA384},
	"sha256-ecdsa":   {tls.ECDSAWithP256AndSHA256},
	"sha1-ecdsa":     {tls.ECDSAWithSHA1},
	"sha512-rsa":     {tls.PSSWithSHA512, tls.PKCS1WithSHA512},
	"sha384-rsa":     {tls.PSSWithSHA384, tls.PKCS1WithSHA384},
	"sha256-rsa":     {tls.PSSWithSHA256, tls.PKCS1WithSHA256},
	"sha1-rsa":       {tls.PKCS1WithSHA1},
	"sha512-ed25519": {tls.Ed25519},
}

var missing12 = []string{
	"sha512-dsa", "sha384-dsa", "sha256-dsa", "sha1-dsa",
	"sha224-dsa", "sha224-rsa", "sha224-ecdsa",
}

// signatures13 are the signature algorithms of TLS 1.3 by their documented names.
var signatures13 = map[string][]tls.SignatureScheme{
	"ed25519":                {tls.Ed25519},
	"ecdsa_secp256r1_sha256": {tls.ECDSAWithP256AndSHA256},
	"ecdsa_secp384r1_sha384": {tls.ECDSAWithP384AndSHA384},
	"ecdsa_secp521r1_sha512": {tls.ECDSAWithP521AndSHA512},
	"rsa_pkcs1_sha256":       {tls.PKCS1WithSHA256},
	"rsa_pkcs1_sha384":       {tls.PKCS1WithSHA384},
	"rsa_pkcs1_sha512":       {tls.PKCS1WithSHA512},
	"rsa_pss_sha256":         {tls.PSSWithSHA256},
	"rsa_pss_sha384":         {tls.PSSWithSHA384},
	"rsa_pss_sha512":         {tls.PSSWithSHA512},
}

var missing13 = []string{"ed448"}

func parseSignatures(setting, list string, known map[string][]tls.SignatureScheme, missing []string) ([]tls.SignatureScheme, error) {
	groups, err := parseNames(setting, list, known, missing)
	if err != nil {
		return nil, err
	}
	return slices.Concat(groups...), nil
}

// parseNames looks up a comma-separated list of names.
func parseNames[T any](setting, list string, known map[string]T, missing []string) ([]T, error) {
	var found []T
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		v, ok := known[name]
		if !ok {
			why := "is not known"
			if slices.Contains(missing, name) {
				why = "is not available in crypto/tls"
			}
			return nil, ErrInvalidArgument.because("%s: %q %s; allowed are %s",
				setting, name, why, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		found = append(found, v)
	}
	return found, nil
}

// The names that tls.SignatureScheme and tls.CurveID print, as IANA has them.
func schemeName(s tls.SignatureScheme) string {
	names := map[tls.SignatureScheme]string{
		tls.PKCS1WithSHA1: "rsa_pkcs1_sha1", tls.ECDSAWithSHA1: "ecdsa_sha1",
	}
	for name, schemes := range signatures13 {
		names[schemes[0]] = name
	}
	if name, ok := names[s]; ok {
		return name
	}
	return s.String()
}

// protocols are the bits of SSLEnabledProtocols, oldest first. Either bit of a
// pair enables the protocol.
var protocols = []struct {
	bits    int
	version uint16 // 0 when crypto/tls does not have it
	name    string
}{
	{12, 0, "SSL 2.0"},
	{48, 0, "SSL 3.0"},
	{ProtocolTLS1, tls.VersionTLS10, "TLS 1.0"},
	{ProtocolTLS11, tls.VersionTLS11, "TLS 1.1"},
	{ProtocolTLS12, tls.VersionTLS12, "TLS 1.2"},
	{ProtocolTLS13, tls.VersionTLS13, "TLS 1.3"},
}

// protocolRange returns the oldest and newest protocol of a bit mask.
func protocolRange(mask int) (oldest, newest uint16, err error) {
	const allowed = "allowed is a sum of 12288 (TLS 1.3), 3072 (TLS 1.2), 768 (TLS 1.1) and 192 (TLS 1.0)"
	rest, gap := mask, false
	for _, p := range protocols {
		rest &^= p.bits
		switch {
		case mask&p.bits == 0:
			gap = newest != 0
		case p.version == 0:
			return 0, 0, ErrInvalidArgument.because("SSLEnabledProtocols: %s is not available in crypto/tls; %s", p.name, allowed)
		case gap:
			return 0, 0, ErrInvalidArgument.because("SSLEnabledProtocols: %d leaves out a version below %s; crypto/tls offers a range without gaps", mask, p.name)
		default:
			if oldest == 0 {
				oldest = p.version
			}
			newest = p.version
		}
	}
	if rest != 0 || newest == 0 {
		return 0, 0, ErrInvalidArgument.because("SSLEnabledProtocols: %d has bits that mean nothing; %s", mask, allowed)
	}
	return oldest, newest, nil
}
