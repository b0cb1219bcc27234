package certstore

import (
	"fmt"
	"slices"
	"strings"
)

// pick returns the entry that the source selects.
func pick(entries []*Certificate, s Source) (*Certificate, error) {
	if len(s.Encoded) > 0 {
		return pickEncoded(entries, s.Encoded)
	}
	subject := strings.TrimSpace(s.Subject)
	if subject == "" || subject == "*" {
		return prefer(entries), nil
	}
	if len(subject) > len("thumbprint=") && strings.EqualFold(subject[:len("thumbprint=")], "thumbprint=") {
		return pickThumbprint(entries, subject[len("thumbprint="):])
	}
	return pickSubject(entries, subject)
}

// prefer returns the first entry with a private key, or else the first.
func prefer(entries []*Certificate) *Certificate {
	for _, e := range entries {
		if e.key != nil {
			return e
		}
	}
	return entries[0]
}

func pickEncoded(entries []*Certificate, encoded []byte) (*Certificate, error) {
	cert, err := parseX509(encoded)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.key == nil || !publicEqual(e.key.Public(), cert.PublicKey) {
			continue
		}
		found := *e
		if e.cert == nil || !e.cert.Equal(cert) {
			found.chain = nil
		}
		found.cert, found.pub = cert, cert.PublicKey
		*e = found
		return e, nil
	}
	return nil, fmt.Errorf("%w: the store has no private key for %q", ErrNotFound, formatName(cert.RawSubject))
}

func pickThumbprint(entries []*Certificate, value string) (*Certificate, error) {
	clean := strings.Map(func(r rune) rune {
		if r == ':' || r == ' ' || r == '-' {
			return -1
		}
		return r
	}, strings.ToUpper(value))
	for _, e := range entries {
		switch clean {
		case e.ThumbprintMD5(), e.ThumbprintSHA1(), e.ThumbprintSHA256():
			return e, nil
		}
	}
	return nil, fmt.Errorf("%w: no certificate has the thumbprint %s", ErrNotFound, value)
}

// pickSubject looks for an equal subject, then for one that contains the text.
// Among equals one with a private key goes first. Bare keys, which have no
// subject, are found by their name in the store.
func pickSubject(entries []*Certificate, subject string) (*Certificate, error) {
	label := func(e *Certificate) string {
		if e.cert == nil {
			return e.name
		}
		return e.Subject()
	}
	wanted := sortedName(subject)
	matches := func(equal func(e *Certificate) bool) []*Certificate {
		var found []*Certificate
		for _, e := range entries {
			if equal(e) {
				found = append(found, e)
			}
		}
		return found
	}
	found := matches(func(e *Certificate) bool { return slices.Equal(sortedName(label(e)), wanted) })
	if len(found) == 0 {
		lower := strings.ToLower(subject)
		found = matches(func(e *Certificate) bool { return strings.Contains(strings.ToLower(label(e)), lower) })
	}
	if len(found) == 0 {
		have := make([]string, 0, len(entries))
		for _, e := range entries {
			have = append(have, fmt.Sprintf("%q", label(e)))
		}
		return nil, fmt.Errorf("%w: no subject is or contains %q; the store holds %s", ErrNotFound, subject, strings.Join(have, ", "))
	}
	return prefer(found), nil
}

func sortedName(s string) []string {
	parts := splitName(strings.ToLower(s))
	slices.Sort(parts)
	return parts
}
