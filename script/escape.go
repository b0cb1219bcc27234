package script

import (
	"encoding/base64"
	"errors"
	"strings"
	"unicode/utf8"
)

// RFC1738 is form encoding, the default filter: a space becomes '+', letters,
// digits and - _ . ! * ( ) stay, every other byte of the UTF-8 text becomes
// %XX in upper case. Decoding turns '+' into a space and leaves what is not a
// whole escape as it is.
var RFC1738 Filter = &percent{name: "RFC1738", keep: keepTable("-_.!*()"), plus: true}

// RFC3986 is percent-encoding: the unreserved letters, digits and - . _ ~
// stay, everything else becomes %XX. Decoding leaves '+' and what is not a
// whole escape as they are. Texts of any length are encoded in one go.
var RFC3986 Filter = &percent{name: "RFC3986", keep: keepTable("-._~")}

// Base64 is the standard alphabet with padding. Its output contains '=', and
// a value with '=' in it does not survive the splitting of a line: another
// filter (RFC1738) has to follow on the way out.
var Base64 Filter = base64Filter{}

// keepTable marks the bytes that stay: letters, digits and those of extra.
func keepTable(extra string) (t [256]bool) {
	for c := range 256 {
		b := byte(c)
		t[c] = 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' ||
			strings.IndexByte(extra, b) >= 0
	}
	return t
}

type percent struct {
	name string
	keep [256]bool
	plus bool // '+' stands for a space
}

const upperHex = "0123456789ABCDEF"

func (p *percent) Name() string       { return p.name }
func (p *percent) escapesLines() bool { return true }

func (p *percent) AppendEncode(dst []byte, text string) []byte {
	// Runs of bytes that stay are copied whole: most text is mostly such runs.
	start := 0
	for i := range len(text) {
		c := text[i]
		if p.keep[c] {
			continue
		}
		dst = append(dst, text[start:i]...)
		if c == ' ' && p.plus {
			dst = append(dst, '+')
		} else {
			dst = append(dst, '%', upperHex[c>>4], upperHex[c&15])
		}
		start = i + 1
	}
	return append(dst, text[start:]...)
}

func (p *percent) Decode(text string) (string, error) {
	special := "%"
	if p.plus {
		special = "%+"
	}
	i := strings.IndexAny(text, special)
	if i < 0 {
		return text, nil
	}
	b := make([]byte, 0, len(text))
	b = append(b, text[:i]...)
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '+' && p.plus:
			b = append(b, ' ')
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			b = append(b, unhex(text[i+1])<<4|unhex(text[i+2]))
			i += 2
		default:
			b = append(b, c)
		}
	}
	if !utf8.Valid(b) {
		return strings.ToValidUTF8(string(b), "\uFFFD"), nil
	}
	return string(b), nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}

type base64Filter struct{}

func (base64Filter) Name() string       { return "BASE64" }
func (base64Filter) escapesLines() bool { return true }

func (base64Filter) AppendEncode(dst []byte, text string) []byte {
	return base64.StdEncoding.AppendEncode(dst, []byte(text))
}

func (base64Filter) Decode(text string) (string, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return "", errors.New("not base64 with padding")
	}
	if !utf8.Valid(b) {
		return "", errNotUTF8
	}
	return string(b), nil
}

var errNotUTF8 = errors.New("decoded text is not UTF-8")
