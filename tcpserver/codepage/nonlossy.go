package codepage

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// nonLossy is NSNonLossyASCIIStringEncoding of Mac OS: ASCII in which \ooo is a
// character of Latin-1, \uxxxx a UTF-16 unit and \\ a backslash.
type nonLossy struct{}

func (nonLossy) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: nonLossyDecoder{}}
}

func (nonLossy) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: nonLossyEncoder{}}
}

type nonLossyEncoder struct{ transform.NopResetter }

func (nonLossyEncoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	var scratch [16]byte
	for nSrc < len(src) {
		r, size, err := nextRune(src[nSrc:], atEOF)
		if err != nil {
			return nDst, nSrc, err
		}
		out := scratch[:0]
		switch {
		case r == '\\':
			out = append(out, `\\`...)
		case r < utf8.RuneSelf:
			out = append(out, byte(r))
		case r < 0x100:
			out = fmt.Appendf(out, `\%03o`, r)
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
		}
		if len(dst)-nDst < len(out) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		nSrc += size
	}
	return nDst, nSrc, nil
}

type nonLossyDecoder struct{ transform.NopResetter }

// longestEscape is a pair of surrogates.
const longestEscape = len(`\uD83D\uDE00`)

func (nonLossyDecoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		rest := src[nSrc:]
		if rest[0] == '\\' && len(rest) < longestEscape && !atEOF {
			return nDst, nSrc, transform.ErrShortSrc
		}
		r, size := unescape(rest)
		if len(dst)-nDst < utf8.RuneLen(r) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// unescape reads one character, never a surrogate.
func unescape(s []byte) (rune, int) {
	switch {
	case s[0] >= utf8.RuneSelf:
		return utf8.RuneError, 1
	case s[0] != '\\' || len(s) < 2:
		return rune(s[0]), 1
	case s[1] == '\\':
		return '\\', 2
	}
	if unit, ok := escapedUnit(s); ok {
		if !utf16.IsSurrogate(unit) {
			return unit, 6
		}
		if low, ok := escapedUnit(s[6:]); ok {
			if r := utf16.DecodeRune(unit, low); r != utf8.RuneError {
				return r, 12
			}
		}
		return utf8.RuneError, 6
	}
	if len(s) >= 4 {
		if n, err := strconv.ParseUint(string(s[1:4]), 8, 8); err == nil {
			return rune(n), 4
		}
	}
	return '\\', 1
}

func escapedUnit(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s[2:6]), 16, 16)
	return rune(n), err == nil
}
