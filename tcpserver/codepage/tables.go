package codepage

import (
	"archive/zip"
	"bytes"
	_ "embed" // for tables.zip
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// tablesZip holds one file a table. A file is the count of its entries and
// then, for each entry, two varints: how far the key is from the one before
// (the key is its bytes after a leading one, as a big-endian number), and how
// far the rune is (the lowest bit says that the pair is for reading only, the
// next one is the sign). maketables.py writes it.
//
//go:embed tables.zip
var tablesZip []byte

// table maps the byte sequences of a page to characters and back.
type table struct {
	runes    map[uint64]rune
	prefixes map[uint64]bool
	keys     map[rune]uint64
}

func newTable() *table {
	return &table{runes: map[uint64]rune{}, prefixes: map[uint64]bool{}, keys: map[rune]uint64{}}
}

// add enters a pair for reading, and for writing if write is set.
func (t *table) add(key uint64, r rune, write bool) {
	t.runes[key] = r
	if write {
		t.keys[r] = key
	}
	for key >>= 8; key > 1; key >>= 8 {
		t.prefixes[key] = true
	}
}

// find returns the character of the longest key that src begins with, and its
// length. more says that src may be the beginning of a longer key.
func (t *table) find(src []byte) (r rune, size int, more bool) {
	key := uint64(1)
	for i := range src {
		key = key<<8 | uint64(src[i])
		if found, ok := t.runes[key]; ok {
			r, size = found, i+1
		}
		if !t.prefixes[key] {
			return r, size, false
		}
	}
	return r, size, true
}

func readTable(name string) (*table, error) {
	archive, err := zip.NewReader(bytes.NewReader(tablesZip), int64(len(tablesZip)))
	if err != nil {
		return nil, err
	}
	file, err := archive.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	r := bytes.NewReader(data)
	count, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	t := newTable()
	var key uint64
	var at rune
	for range count {
		step, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, err
		}
		key += step
		move, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, err
		}
		if move&2 != 0 {
			at -= rune(move >> 2)
		} else {
			at += rune(move >> 2)
		}
		t.add(key, at, move&1 == 0)
	}
	if r.Len() != 0 {
		return nil, errors.New("data after the end")
	}
	return t, nil
}

// mustTable reads a table of this package, which its tests have read before.
func mustTable(name string) *table {
	t, err := readTable(name)
	if err != nil {
		panic(fmt.Sprintf("codepage: table %s: %v", name, err))
	}
	return t
}

// tableEncoding is a page without shift states, as a table.
type tableEncoding struct{ load func() *table }

func tables(name string) tableEncoding {
	return tableEncoding{sync.OnceValue(func() *table { return mustTable(name) })}
}

// ascii is US-ASCII, which in x/text every page contains and none is.
var ascii = tableEncoding{sync.OnceValue(func() *table {
	t := newTable()
	for r := range rune(utf8.RuneSelf) {
		t.add(uint64(r)|1<<8, r, true)
	}
	return t
})}

func (e tableEncoding) NewDecoder() *encoding.Decoder {
	return &encoding.Decoder{Transformer: tableDecoder{table: e.load()}}
}

func (e tableEncoding) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: tableEncoder{table: e.load()}}
}

type tableDecoder struct {
	transform.NopResetter
	table *table
}

func (d tableDecoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size, more := d.table.find(src[nSrc:])
		if more && !atEOF {
			return nDst, nSrc, transform.ErrShortSrc
		}
		if size == 0 {
			r, size = utf8.RuneError, 1
		}
		if len(dst)-nDst < utf8.RuneLen(r) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += utf8.EncodeRune(dst[nDst:], r)
		nSrc += size
	}
	return nDst, nSrc, nil
}

type tableEncoder struct {
	transform.NopResetter
	table *table
}

func (e tableEncoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		r, size, err := nextRune(src[nSrc:], atEOF)
		if err != nil {
			return nDst, nSrc, err
		}
		key, ok := e.table.keys[r]
		if !ok {
			return nDst, nSrc, unmappable{r, e.table.substitute()}
		}
		raw := keyBytes(key)
		if len(dst)-nDst < len(raw) {
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], raw)
		nSrc += size
	}
	return nDst, nSrc, nil
}

// substitute is what stands for a character that the page does not have: a
// question mark if there is one, or else ASCII's SUB.
func (t *table) substitute() byte {
	if key, ok := t.keys['?']; ok && key>>8 == 1 {
		return byte(key)
	}
	return 0x1a
}

func keyBytes(key uint64) []byte {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], key)
	for i := range b {
		if b[i] != 0 {
			return b[i+1:] // after the leading one
		}
	}
	return nil
}

// nextRune reads a character of UTF-8. Bytes that are none are an error, as
// they are for the encoders of x/text.
func nextRune(src []byte, atEOF bool) (rune, int, error) {
	r, size := utf8.DecodeRune(src)
	if r == utf8.RuneError && size == 1 {
		if !atEOF && !utf8.FullRune(src) {
			return 0, 0, transform.ErrShortSrc
		}
		return 0, 0, encoding.ErrInvalidUTF8
	}
	return r, size, nil
}

// unmappable is the error for a character that a page does not have. Its
// method is what [encoding.ReplaceUnsupported] asks for.
type unmappable struct {
	r          rune
	substitute byte
}

func (u unmappable) Error() string     { return fmt.Sprintf("%q (U+%04X)", u.r, u.r) }
func (u unmappable) Replacement() byte { return u.substitute }
