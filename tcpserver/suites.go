package tcpserver

import (
	"crypto/tls"
	"slices"
	"strings"
)

// suite is a cipher suite of crypto/tls and what it is made of.
type suite struct {
	id       uint16
	name     string
	tls13    bool
	insecure bool   // crypto/tls offers it only when it is named
	exchange string // RSA, ECDHE; "" at TLS 1.3
	sign     string // RSA, ECDSA; "" at TLS 1.3
	cipher   string // AES_128_GCM …
	hash     string // SHA, SHA256, SHA384, or "" for ChaCha20 at TLS 1.2 notation
	bits     int    // strength of the cipher
	aead     bool
}

var suites = sortOutSuites()

func sortOutSuites() (all []suite) {
	for i, list := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, c := range list {
			all = append(all, takeApart(c, i == 1))
		}
	}
	return all
}

// takeApart reads a suite's properties from its name, RFC 5246 appendix C.
func takeApart(c *tls.CipherSuite, insecure bool) suite {
	s := suite{id: c.ID, name: c.Name, insecure: insecure}
	rest := strings.TrimPrefix(c.Name, "TLS_")
	if exchange, cipher, ok := strings.Cut(rest, "_WITH_"); ok {
		rest = cipher
		s.exchange, s.sign = "RSA", "RSA"
		if sign, ok := strings.CutPrefix(exchange, "ECDHE_"); ok {
			s.exchange, s.sign = "ECDHE", sign
		}
	} else {
		s.tls13 = true
	}
	i := strings.LastIndexByte(rest, '_')
	s.cipher, s.hash = rest[:i], rest[i+1:]
	switch {
	case strings.HasPrefix(s.cipher, "AES_128"), strings.HasPrefix(s.cipher, "RC4"):
		s.bits = 128
	case strings.HasPrefix(s.cipher, "3DES"):
		s.bits = 168
	default:
		s.bits = 256
	}
	s.aead = strings.HasSuffix(s.cipher, "GCM") || strings.HasPrefix(s.cipher, "CHACHA20")
	return s
}

func suiteByID(id uint16) (suite, bool) {
	i := slices.IndexFunc(suites, func(s suite) bool { return s.id == id })
	if i < 0 {
		return suite{}, false
	}
	return suites[i], true
}

// algorithm names of Windows, each a condition on one property of a suite.
var algorithms = map[string]struct {
	property string
	holds    func(suite) bool
}{
	"CALG_AES":        {"cipher", func(s suite) bool { return strings.HasPrefix(s.cipher, "AES") }},
	"CALG_AES_128":    {"cipher", func(s suite) bool { return strings.HasPrefix(s.cipher, "AES_128") }},
	"CALG_AES_256":    {"cipher", func(s suite) bool { return strings.HasPrefix(s.cipher, "AES_256") }},
	"CALG_3DES":       {"cipher", func(s suite) bool { return strings.HasPrefix(s.cipher, "3DES") }},
	"CALG_RC4":        {"cipher", func(s suite) bool { return strings.HasPrefix(s.cipher, "RC4") }},
	"CALG_SHA":        {"hash", func(s suite) bool { return s.hash == "SHA" }},
	"CALG_SHA1":       {"hash", func(s suite) bool { return s.hash == "SHA" }},
	"CALG_SHA_256":    {"hash", func(s suite) bool { return s.hash == "SHA256" }},
	"CALG_SHA_384":    {"hash", func(s suite) bool { return s.hash == "SHA384" }},
	"CALG_ECDH_EPHEM": {"exchange", func(s suite) bool { return s.exchange == "ECDHE" || s.tls13 }},
	"CALG_RSA_KEYX":   {"exchange", func(s suite) bool { return s.exchange == "RSA" }},
	"CALG_RSA_SIGN":   {"sign", func(s suite) bool { return s.sign == "RSA" || s.tls13 }},
	"CALG_ECDSA":      {"sign", func(s suite) bool { return s.sign == "ECDSA" || s.tls13 }},
}

// chooseSuites returns the suites that SSLEnabledCipherSuites,
// OpenSSLCipherList and SSLCipherStrength leave, nil when they say nothing.
func chooseSuites(set *Settings) ([]suite, error) {
	list := strings.TrimSpace(set.SSLEnabledCipherSuites)
	every := list == "" || list == "*"
	if every && set.OpenSSLCipherList == "" && set.SSLCipherStrength == 0 {
		return nil, nil
	}
	chosen := safeSuites()
	if !every {
		var err error
		if chosen, err = namedSuites(list); err != nil {
			return nil, err
		}
	}
	if set.OpenSSLCipherList != "" {
		allowed, err := parseCipherList(set.OpenSSLCipherList)
		if err != nil {
			return nil, err
		}
		if every { // the list may name suites that are not safe
			chosen = slices.Concat(allowed, tls13Suites())
		}
		chosen = slices.DeleteFunc(chosen, func(s suite) bool {
			return !s.tls13 && !slices.ContainsFunc(allowed, func(a suite) bool { return a.id == s.id })
		})
	}
	if n := set.SSLCipherStrength; n != 0 {
		if n < 0 || n > 256 {
			return nil, ErrInvalidArgument.because("SSLCipherStrength is %d, allowed is 0 to 256 bits", n)
		}
		chosen = slices.DeleteFunc(chosen, func(s suite) bool { return s.bits < n })
	}
	if len(chosen) == 0 {
		return nil, ErrInvalidArgument.because("SSLEnabledCipherSuites, OpenSSLCipherList and SSLCipherStrength together leave no cipher suite")
	}
	return chosen, nil
}

func safeSuites() []suite {
	return slices.DeleteFunc(slices.Clone(suites), func(s suite) bool { return s.insecure })
}

func tls13Suites() []suite {
	return slices.DeleteFunc(slices.Clone(suites), func(s suite) bool { return !s.tls13 })
}

// namedSuites reads names that are separated by semicolons: those of suites, or
// of Windows algorithms, where a suite must match one name of each property
// that is named.
func namedSuites(list string) (chosen []suite, err error) {
	conditions := map[string][]func(suite) bool{}
	for name := range strings.SplitSeq(list, ";") {
		name = strings.ToUpper(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		if a, ok := algorithms[name]; ok {
			conditions[a.property] = append(conditions[a.property], a.holds)
			continue
		}
		i := slices.IndexFunc(suites, func(s suite) bool { return s.name == name || s.name == name+"_SHA256" })
		if i < 0 {
			return nil, unknownSuite(name)
		}
		chosen = append(chosen, suites[i])
	}
	if len(conditions) == 0 {
		return chosen, nil
	}
	for _, s := range suites {
		if matchesAll(s, conditions) && !slices.ContainsFunc(chosen, func(c suite) bool { return c.id == s.id }) {
			chosen = append(chosen, s)
		}
	}
	return chosen, nil
}

func matchesAll(s suite, conditions map[string][]func(suite) bool) bool {
	for _, alternatives := range conditions {
		if !slices.ContainsFunc(alternatives, func(holds func(suite) bool) bool { return holds(s) }) {
			return false
		}
	}
	// A suite that nobody should use is enabled only by the name of what makes
	// it so: a broken cipher or a key exchange without forward secrecy.
	switch {
	case !s.insecure:
		return true
	case s.exchange == "RSA":
		return len(conditions["exchange"]) > 0
	case strings.HasPrefix(s.cipher, "AES"):
		return len(conditions["hash"]) > 0
	}
	return len(conditions["cipher"]) > 0
}

func unknownSuite(name string) error {
	why := "is not known"
	if strings.HasPrefix(name, "TLS_") || strings.HasPrefix(name, "CALG_") {
		why = "is not available in crypto/tls"
	}
	names := make([]string, 0, len(suites)+len(algorithms)+1)
	for _, s := range suites {
		names = append(names, s.name)
	}
	for a := range algorithms {
		names = append(names, a)
	}
	slices.Sort(names)
	return ErrInvalidArgument.because("SSLEnabledCipherSuites: %q %s; allowed are *, %s", name, why, strings.Join(names, ", "))
}

// limitVersions narrows the protocol range to what the suites allow and returns
// the ids for crypto/tls. TLS 1.3 has three suites that crypto/tls offers
// together or not at all.
func limitVersions(chosen []suite, oldest, newest uint16) (ids []uint16, from, to uint16, err error) {
	modern := 0
	for _, s := range chosen {
		if s.tls13 {
			modern++
			continue
		}
		ids = append(ids, s.id)
	}
	if newest >= tls.VersionTLS13 {
		switch modern {
		case 0:
			newest = tls.VersionTLS12
		case len(tls13Suites()):
		default:
			return nil, 0, 0, ErrInvalidArgument.because(
				"crypto/tls offers the TLS 1.3 cipher suites TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384 and TLS_CHACHA20_POLY1305_SHA256 together or not at all: " +
					"allow all three or none in SSLEnabledCipherSuites and SSLCipherStrength, or leave TLS 1.3 out of SSLEnabledProtocols")
		}
	}
	if len(ids) == 0 {
		oldest = max(oldest, tls.VersionTLS13)
	}
	if oldest > newest {
		return nil, 0, 0, ErrInvalidArgument.because("the cipher suites that are enabled do not exist in the protocols that are enabled")
	}
	return ids, oldest, newest, nil
}
