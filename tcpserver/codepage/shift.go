package codepage

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/transform"
)

// Shift out begins double bytes, shift in ends them.
const (
	so  = 0x0e
	si  = 0x0f
	esc = 0x1b
)

// shiftedEncoding is an EBCDIC page that shifts between a table of single and
// one of double bytes.
type shiftedEncoding struct{ single, double tableEncoding }

func shifted(single, double string) shiftedEncoding {
	return shiftedEncoding{tables(single), tables(double)}
}

func (e shiftedEncoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: &shiftDecoder{single: e.single.load(), double: e.double.load()}}
}

func (e shiftedEncoding) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: &shiftEncoder{single: e.single.load(), double: e.double.load()}}
}

// iso2022 is a page of seven bits in which an escape sequence names the set of
// double bytes: ISO-2022-KR (RFC 1557) and one of the sets of ISO-2022-CN
// (RFC 1922). The double bytes are those of an EUC table without high bits.
type iso2022 struct {
	designator string
	double     tableEncoding
}

// koreanSet is KS X 1001 as the table that iso2022 wants.
var koreanSet = tableEncoding{sync.OnceValue(func() *table {
	t := newTable()
	decoder := korean.EUCKR.NewDecoder()
	for a := 0xa1; a <= 0xfe; a++ {
		for b := 0xa1; b <= 0xfe; b++ {
			out, err := decoder.Bytes([]byte{byte(a), byte(b)})
			if r, size := utf8.DecodeRune(out); err == nil && size == len(out) && r != utf8.RuneError {
				t.add(1<<16|uint64(a)<<8|uint64(b), r, true)
			}
		}
	}
	return t
})}

func (e iso2022) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: &shiftDecoder{single: ascii.load(), double: e.double.load(), high: 0x80, escapes: true}}
}

func (e iso2022) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: &shiftEncoder{single: ascii.load(), double: e.double.load(), high: 0x80, designator: e.designator}}
}

type shiftDecoder struct {
	single, double *table
	high           byte // what the double bytes lack
	escapes        bool // escape sequences are skipped
	shifted        bool
}

func (d *shiftDecoder) Reset() { d.shifted = false }

func (d *shiftDecoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		switch c := src[nSrc]; {
		case c == so:
			d.shifted = true
			nSrc++
			continue
		case c == si:
			d.shifted = false
			nSrc++
			continue
		case c == esc && d.escapes:
			if len(src)-nSrc < 4 && !atEOF {
				return nDst, nSrc, transform.ErrShortSrc
			}
			if len(src)-nSrc >= 4 && src[nSrc+1] == '$' {
				nSrc += 4
				continue
			}
		}
		r, size := rune(utf8.RuneError), 1
		switch {
		case d.shifted && src[nSrc] > ' ':
			if len(src)-nSrc < 2 {
				if !atEOF {
					return nDst, nSrc, transform.ErrShortSrc
				}
				break
			}
			if found, n, _ := d.double.find([]byte{src[nSrc] | d.high, src[nSrc+1] | d.high}); n == 2 {
				r = found
			}
			size = 2
		default:
			if found, n, _ := d.single.find(src[nSrc : nSrc+1]); n == 1 {
				r = found
			}
			if d.escapes && (r == '\n' || r == '\r') {
				d.shifted = false // RFC 1922 §2: a line begins unshifted
			}
		}
		if len(dst)-nDst < utf8.RuneLen(r) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

type shiftEncoder struct {
	single, double *table
	high           byte
	designator     string // announces the double bytes, once a line
	announced      bool
	shifted        bool
}

func (e *shiftEncoder) Reset() { e.shifted, e.announced = false, false }

func (e *shiftEncoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size, err := nextRune(src[nSrc:], atEOF)
		if err != nil {
			return nDst, nSrc, err
		}
		out, double, ok := e.write(r)
		if !ok {
			return nDst, nSrc, unmappable{r, e.single.substitute()}
		}
		if len(dst)-nDst < len(out) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], out)
		nSrc += size
		e.shifted = double
		e.announced = (e.announced || e.shifted) && r != '\n'
	}
	if atEOF && e.shifted {
		if nDst == len(dst) {
			return nDst, nSrc, transform.ErrShortDst
		}
		dst[nDst] = si
		nDst++
		e.shifted = false
	}
	return nDst, nSrc, nil
}

// write returns the bytes of a character with the shifts before it.
func (e *shiftEncoder) write(r rune) (out []byte, double, ok bool) {
	reserved := r == so || r == si || r == esc && e.designator != ""
	if key, ok := e.single.keys[r]; ok && !reserved {
		if e.shifted {
			out = append(out, si)
		}
		return append(out, keyBytes(key)...), false, true
	}
	key := e.double.keys[r]
	if key>>16 != 1 {
		return nil, false, false
	}
	if e.designator != "" && !e.announced {
		out = append(out, e.designator...)
	}
	if !e.shifted {
		out = append(out, so)
	}
	raw := keyBytes(key)
	return append(out, raw[0]&^e.high, raw[1]&^e.high), true, true
}
