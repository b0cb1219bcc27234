// Package codepage converts between UTF-8 and the numbered code pages of
// Windows, IBM and Mac OS.
//
//	page, err := codepage.Lookup(1252)
//	raw, err := page.Encode("10 €")   // "10 \x80"
//	text, err := page.Decode(raw)     // "10 €"
//
// Most pages are those of golang.org/x/text. The others come from tables that
// are read when a page is first used. A few pages that nobody has a mapping
// for are known by name and answer with [ErrUnavailable].
package codepage

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/encoding"
)

// UTF8 is the number of the default page.
const UTF8 = 65001

var (
	// ErrUnknown is a number that names no code page.
	ErrUnknown = errors.New("unknown code page")
	// ErrUnavailable is a page that exists but has no mapping here.
	ErrUnavailable = errors.New("not available")
	// ErrUnmappable is text with a character that the page does not have.
	ErrUnmappable = errors.New("character is not in the code page")
)

// Page is one code page. It is an [encoding.Encoding]: its streaming encoder
// and decoder come from NewEncoder and NewDecoder. A Page does not change and
// may be used by several goroutines at once.
type Page struct {
	encoding.Encoding
	number uint32
	name   string
}

// byNumber holds every known page; one without a mapping has no Encoding.
var byNumber = func() map[uint32]*Page {
	m := make(map[uint32]*Page, len(windowsPages)+len(macPages))
	for _, list := range [][]page{windowsPages, macPages} {
		for _, p := range list {
			m[p.number] = &Page{Encoding: p.encoding, number: p.number, name: p.name}
		}
	}
	return m
}()

// Lookup returns the page with that number. The error matches [ErrUnknown] for
// a number that names no page, and [ErrUnavailable] for one without a mapping.
func Lookup(number uint32) (*Page, error) {
	p, ok := byNumber[number]
	switch {
	case !ok:
		return nil, fmt.Errorf("code page %d: %w", number, ErrUnknown)
	case p.Encoding == nil:
		return nil, fmt.Errorf("code page %d (%s) is %w", number, p.name, ErrUnavailable)
	}
	return p, nil
}

// Parse returns the page that a setting names: a number in decimal or, after
// 0x, in hex.
func Parse(s string) (*Page, error) {
	text := strings.TrimSpace(s)
	base := 10
	if len(text) > 2 && strings.EqualFold(text[:2], "0x") {
		text, base = text[2:], 16
	}
	n, err := strconv.ParseUint(text, base, 32)
	if err != nil {
		return nil, fmt.Errorf("code page %q: a number such as 65001 (UTF-8) or 1252 is expected: %w", s, ErrUnknown)
	}
	return Lookup(uint32(n))
}

// Number returns the number of the page, such as 1252.
func (p *Page) Number() uint32 { return p.number }

// Name returns the documented name of the page, such as "ANSI - Latin I".
func (p *Page) Name() string { return p.name }

// IsUTF8 tells whether the page is UTF-8, so that nothing needs converting.
func (p *Page) IsUTF8() bool { return p.number == UTF8 || p.number == 4 }

// Encode converts text to the page. Text with a character that the page does
// not have is an error that matches [ErrUnmappable].
func (p *Page) Encode(text string) ([]byte, error) {
	out, err := p.NewEncoder().Bytes([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("encode to code page %d: %w: %w", p.number, ErrUnmappable, err)
	}
	return out, nil
}

// Decode converts bytes of the page to text. Bytes that mean nothing in the
// page become U+FFFD.
func (p *Page) Decode(raw []byte) (string, error) {
	out, err := p.NewDecoder().Bytes(raw)
	if err != nil {
		return "", fmt.Errorf("decode from code page %d: %w", p.number, err)
	}
	return string(out), nil
}
