package codepage

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// utf7 is UTF-7, RFC 2152.
type utf7 struct{}

func (utf7) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: &utf7Decoder{}}
}

func (utf7) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: &utf7Encoder{}}
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// direct tells whether a character stands for itself: set D of RFC 2152, and
// space, tab and line ends by rule 3.
func direct(r rune) bool {
	return r < utf8.RuneSelf && (strings.ContainsRune("'(),-./:? \t\r\n", r) ||
		r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
}

type utf7Encoder struct {
	open bool   // within Base64
	bits uint32 // that wait for a whole digit
	n    uint   // how many
}

func (e *utf7Encoder) Reset() { *e = utf7Encoder{} }

// end closes Base64.
func (e *utf7Encoder) end(out []byte) []byte {
	if e.n > 0 {
		out = append(out, base64Digits[e.bits<<(6-e.n)&63])
	}
	*e = utf7Encoder{}
	return append(out, '-')
}

func (e *utf7Encoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	var scratch [16]byte
	for nSrc < len(src) {
		r, size, err := nextRune(src[nSrc:], atEOF)
		if err != nil {
			return nDst, nSrc, err
		}
		next, out := *e, scratch[:0]
		switch {
		case direct(r):
			if next.open {
				out = next.end(out)
			}
			out = append(out, byte(r))
		case r == '+' && !next.open:
			out = append(out, "+-"...)
		default:
			if !next.open {
				next.open = true
				out = append(out, '+')
			}
			for _, unit := range utf16.AppendRune(nil, r) {
				next.bits = next.bits<<16 | uint32(unit)
				for next.n += 16; next.n >= 6; {
					next.n -= 6
					out = append(out, base64Digits[next.bits>>next.n&63])
				}
				next.bits &= 63
			}
		}
		if len(dst)-nDst < len(out) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		nSrc += size
		*e = next
	}
	if atEOF && e.open {
		next := *e
		out := next.end(scratch[:0])
		if len(dst)-nDst < len(out) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		*e = next
	}
	return nDst, nSrc, nil
}

type utf7Decoder struct {
	open  bool   // within Base64
	fresh bool   // nothing came after the plus yet
	bits  uint32 // that wait for a whole unit
	n     uint
	high  rune // a surrogate that waits for its other half
}

func (d *utf7Decoder) Reset() { *d = utf7Decoder{} }

func (d *utf7Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	var scratch [3 * utf8.UTFMax]byte
	for nSrc < len(src) {
		next := *d
		out := next.step(scratch[:0], src[nSrc])
		if len(dst)-nDst < len(out) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		nSrc++
		*d = next
	}
	if atEOF && d.high != 0 {
		if len(dst)-nDst < 3 {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], utf8.RuneError)
		d.high = 0
	}
	return nDst, nSrc, nil
}

func (d *utf7Decoder) step(out []byte, c byte) []byte {
	if !d.open {
		switch {
		case c == '+':
			d.open, d.fresh = true, true
			return out
		case c >= utf8.RuneSelf:
			return utf8.AppendRune(out, utf8.RuneError)
		}
		return append(out, c)
	}
	digit := strings.IndexByte(base64Digits, c)
	if digit < 0 {
		return d.leave(out, c)
	}
	d.fresh = false
	d.bits = d.bits<<6 | uint32(digit)
	if d.n += 6; d.n < 16 {
		return out
	}
	d.n -= 16
	unit := rune(d.bits >> d.n & 0xffff)
	d.bits &= 1<<d.n - 1
	switch {
	case d.high != 0:
		r := utf16.DecodeRune(d.high, unit)
		d.high = 0
		if r != utf8.RuneError {
			return utf8.AppendRune(out, r)
		}
		out = utf8.AppendRune(out, r)
		return d.unit(out, unit)
	}
	return d.unit(out, unit)
}

func (d *utf7Decoder) unit(out []byte, unit rune) []byte {
	if unit >= 0xd800 && unit < 0xdc00 {
		d.high = unit
		return out
	}
	return utf8.AppendRune(out, unit) // half a surrogate becomes U+FFFD
}

// leave ends Base64 at a character that is none of its digits.
func (d *utf7Decoder) leave(out []byte, c byte) []byte {
	if d.high != 0 || d.bits != 0 || d.n >= 6 {
		out = utf8.AppendRune(out, utf8.RuneError)
	}
	fresh := d.fresh
	*d = utf7Decoder{}
	switch {
	case c == '-' && fresh:
		return append(out, '+')
	case c == '-':
		return out
	case c >= utf8.RuneSelf:
		return utf8.AppendRune(out, utf8.RuneError)
	}
	return append(out, c)
}
