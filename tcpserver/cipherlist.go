package tcpserver

import (
	"slices"
	"strings"
)

// cipherKeywords are the words of OpenSSL's ciphers(1) that mean something for
// the suites crypto/tls has.
var cipherKeywords = map[string]func(suite) bool{
	"ALL":     func(s suite) bool { return !strings.HasPrefix(s.cipher, "RC4") && !strings.HasPrefix(s.cipher, "3DES") },
	"DEFAULT": func(s suite) bool { return !s.insecure },
	"HIGH": func(s suite) bool {
		return s.bits >= 128 && !strings.HasPrefix(s.cipher, "RC4") && !strings.HasPrefix(s.cipher, "3DES")
	},
	"MEDIUM":      func(s suite) bool { return strings.HasPrefix(s.cipher, "RC4") || strings.HasPrefix(s.cipher, "3DES") },
	"LOW":         func(suite) bool { return false },
	"EXP":         func(suite) bool { return false },
	"EXPORT":      func(suite) bool { return false },
	"NULL":        func(suite) bool { return false },
	"ENULL":       func(suite) bool { return false },
	"ANULL":       func(suite) bool { return false },
	"ADH":         func(suite) bool { return false },
	"AECDH":       func(suite) bool { return false },
	"PSK":         func(suite) bool { return false },
	"SRP":         func(suite) bool { return false },
	"DSS":         func(suite) bool { return false },
	"ADSS":        func(suite) bool { return false },
	"DH":          func(suite) bool { return false },
	"DHE":         func(suite) bool { return false },
	"KDHE":        func(suite) bool { return false },
	"EDH":         func(suite) bool { return false },
	"KEDH":        func(suite) bool { return false },
	"DES":         func(suite) bool { return false },
	"RC2":         func(suite) bool { return false },
	"IDEA":        func(suite) bool { return false },
	"SEED":        func(suite) bool { return false },
	"CAMELLIA":    func(suite) bool { return false },
	"CAMELLIA128": func(suite) bool { return false },
	"CAMELLIA256": func(suite) bool { return false },
	"ARIA":        func(suite) bool { return false },
	"AESCCM":      func(suite) bool { return false },
	"MD5":         func(suite) bool { return false },
	"SSLV2":       func(suite) bool { return false },
	"RSA":         func(s suite) bool { return s.exchange == "RSA" },
	"KRSA":        func(s suite) bool { return s.exchange == "RSA" },
	"ARSA":        func(s suite) bool { return s.sign == "RSA" },
	"ECDHE":       func(s suite) bool { return s.exchange == "ECDHE" },
	"EECDH":       func(s suite) bool { return s.exchange == "ECDHE" },
	"KECDHE":      func(s suite) bool { return s.exchange == "ECDHE" },
	"KEECDH":      func(s suite) bool { return s.exchange == "ECDHE" },
	"ECDH":        func(s suite) bool { return s.exchange == "ECDHE" },
	"AECDSA":      func(s suite) bool { return s.sign == "ECDSA" },
	"ECDSA":       func(s suite) bool { return s.sign == "ECDSA" },
	"AES":         func(s suite) bool { return strings.HasPrefix(s.cipher, "AES") },
	"AES128":      func(s suite) bool { return strings.HasPrefix(s.cipher, "AES_128") },
	"AES256":      func(s suite) bool { return strings.HasPrefix(s.cipher, "AES_256") },
	"AESGCM":      func(s suite) bool { return strings.HasPrefix(s.cipher, "AES") && s.aead },
	"CHACHA20":    func(s suite) bool { return strings.HasPrefix(s.cipher, "CHACHA20") },
	"3DES":        func(s suite) bool { return strings.HasPrefix(s.cipher, "3DES") },
	"RC4":         func(s suite) bool { return strings.HasPrefix(s.cipher, "RC4") },
	"SHA":         func(s suite) bool { return s.hash == "SHA" },
	"SHA1":        func(s suite) bool { return s.hash == "SHA" },
	"SHA256":      func(s suite) bool { return s.hash == "SHA256" && !s.aead },
	"SHA384":      func(s suite) bool { return s.hash == "SHA384" && !s.aead },
	"TLSV1.2":     func(s suite) bool { return s.hash != "SHA" },
	"TLSV1":       func(s suite) bool { return s.hash == "SHA" },
	"TLSV1.0":     func(s suite) bool { return s.hash == "SHA" },
	"SSLV3":       func(s suite) bool { return s.hash == "SHA" },
}

// opensslName is what OpenSSL calls a suite of TLS 1.2 and earlier.
func opensslName(s suite) string {
	name := strings.TrimPrefix(s.name, "TLS_")
	name = strings.ReplaceAll(name, "_WITH_", "_")
	name = strings.TrimPrefix(name, "RSA_")
	name = strings.ReplaceAll(name, "AES_128_CBC", "AES128")
	name = strings.ReplaceAll(name, "AES_256_CBC", "AES256")
	name = strings.ReplaceAll(name, "AES_128", "AES128")
	name = strings.ReplaceAll(name, "AES_256", "AES256")
	name = strings.ReplaceAll(name, "3DES_EDE_CBC", "DES_CBC3")
	name = strings.ReplaceAll(name, "RC4_128", "RC4")
	name = strings.ReplaceAll(name, "POLY1305_SHA256", "POLY1305")
	return strings.ReplaceAll(name, "_", "-")
}

// parseCipherList reads OpenSSL's notation, ciphers(1): words that are joined
// by "+" and separated by ":", "," or spaces, with "!" (never), "-" (take
// away) or "+" (move to the end) before them. The order of suites is
// crypto/tls's own affair, so moving and @STRENGTH change nothing.
func parseCipherList(list string) (chosen []suite, err error) {
	var never []suite
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(":, ;", r) }) {
		if strings.HasPrefix(word, "@STRENGTH") || strings.HasPrefix(word, "@SECLEVEL=") {
			continue
		}
		sign := byte(0)
		if strings.ContainsRune("!-+", rune(word[0])) {
			sign, word = word[0], word[1:]
		}
		matches, err := matchCipherWord(word)
		if err != nil {
			return nil, err
		}
		switch sign {
		case '!':
			never = append(never, matches...)
			chosen = withoutSuites(chosen, matches)
		case '-':
			chosen = withoutSuites(chosen, matches)
		case '+':
		default:
			chosen = append(withoutSuites(chosen, matches), withoutSuites(matches, never)...)
		}
	}
	if len(chosen) == 0 {
		return nil, ErrInvalidArgument.because("OpenSSLCipherList: %q leaves no cipher suite of crypto/tls", list)
	}
	return chosen, nil
}

func matchCipherWord(word string) (found []suite, err error) {
	var conditions []func(suite) bool
	for part := range strings.SplitSeq(word, "+") {
		if holds, ok := cipherKeywords[strings.ToUpper(part)]; ok {
			conditions = append(conditions, holds)
			continue
		}
		name := strings.ToUpper(part)
		if !slices.ContainsFunc(suites, func(s suite) bool { return !s.tls13 && opensslName(s) == name }) {
			return nil, ErrInvalidArgument.because(
				"OpenSSLCipherList: %q is not a word of ciphers(1) or a cipher suite that crypto/tls has", part)
		}
		conditions = append(conditions, func(s suite) bool { return opensslName(s) == name })
	}
	for _, s := range suites {
		if s.tls13 {
			continue // a cipher list says nothing about TLS 1.3
		}
		if !slices.ContainsFunc(conditions, func(holds func(suite) bool) bool { return !holds(s) }) {
			found = append(found, s)
		}
	}
	return found, nil
}

func withoutSuites(from, drop []suite) []suite {
	return slices.DeleteFunc(slices.Clone(from), func(s suite) bool {
		return slices.ContainsFunc(drop, func(d suite) bool { return d.id == s.id })
	})
}
