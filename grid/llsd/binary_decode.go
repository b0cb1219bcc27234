package llsd

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"rookery/grid"
)

// binarySource reads the binary form (wiki LLSD, Binary Serialization).
type binarySource struct {
	byteReader
	strict  bool
	started bool
	stack   []binaryFrame
}

type binaryFrame struct {
	array bool
	keyed bool // a key has been read and its value is due
	left  int64
}

// byteReader counts and knows the errors of both byte-wise forms.
type byteReader struct {
	r    *bufio.Reader
	off  int64
	form Format
}

func newBinarySource(r *bufio.Reader, strict bool) *binarySource {
	return &binarySource{byteReader: byteReader{r: r, form: Binary}, strict: strict}
}

func (b *byteReader) offset() int64 { return b.off }

func (b *byteReader) errorf(format string, args ...any) error {
	return &SyntaxError{Format: b.form, Offset: b.off, Msg: fmt.Sprintf(format, args...)}
}

func (b *byteReader) readByte() (byte, error) {
	c, err := b.r.ReadByte()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return 0, err
	}
	b.off++
	return c, nil
}

func (b *byteReader) unreadByte() {
	_ = b.r.UnreadByte() // only called after a read
	b.off--
}

// readN reads n bytes. It allocates as they arrive: a length that lies costs
// no memory.
func (b *byteReader) readN(n int64) ([]byte, error) {
	const step = 64 << 10
	if n <= step {
		buf := make([]byte, n)
		m, err := io.ReadFull(b.r, buf)
		b.off += int64(m)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return buf, err
	}
	var buf bytes.Buffer
	m, err := io.CopyN(&buf, b.r, n)
	b.off += m
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return buf.Bytes(), err
}

// skipHeader passes over leading white space and "<? LLSD/… ?>". At the end of
// the input it returns io.EOF.
func (b *byteReader) skipHeader() error {
	for {
		head, err := b.r.Peek(1)
		if err != nil {
			return err
		}
		if !isSpace(rune(head[0])) {
			break
		}
		b.discard(1)
	}
	head, err := b.r.Peek(sniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	f, n, ok := header(head)
	if !ok {
		if head[0] == '<' {
			return notLLSD(head)
		}
		return nil
	}
	if f != b.form {
		return b.errorf("the header says %s", f)
	}
	b.discard(n)
	return b.skipSpace()
}

func (b *byteReader) skipSpace() error {
	for {
		c, err := b.readByte()
		if err != nil {
			return err
		}
		if !isSpace(rune(c)) {
			b.unreadByte()
			return nil
		}
	}
}

func (b *byteReader) discard(n int) {
	m, _ := b.r.Discard(n) // peeked before
	b.off += int64(m)
}

func (s *binarySource) next() (Token, error) {
	if !s.started {
		s.started = true
		if err := s.skipHeader(); err != nil {
			return Token{}, err
		}
	}
	if len(s.stack) == 0 {
		if _, err := s.r.Peek(1); err != nil {
			return Token{}, err
		}
	}
	c, err := s.readByte()
	if err != nil {
		return Token{}, err
	}
	if len(s.stack) == 0 {
		return s.value(c)
	}
	top := &s.stack[len(s.stack)-1]
	switch {
	case top.array && c == ']':
		return s.end(EndArray)
	case top.array:
		top.left--
		return s.value(c)
	case top.keyed:
		top.keyed = false
		return s.value(c)
	case c == '}':
		return s.end(EndMap)
	}
	top.left--
	top.keyed = true
	key, err := s.key(c)
	return Token{Kind: Key, Key: key}, err
}

func (s *binarySource) end(k Kind) (Token, error) {
	if left := s.stack[len(s.stack)-1].left; s.strict && left != 0 {
		return Token{}, s.errorf("the announced count is wrong by %d", left)
	}
	s.stack = s.stack[:len(s.stack)-1]
	return Token{Kind: k}, nil
}

func (s *binarySource) key(c byte) (string, error) {
	switch c {
	case 'k', 's':
		return s.text()
	case '"', '\'':
		b, err := s.delimited(c)
		return toText(b), err
	}
	return "", s.errorf("%q where a map key should be", c)
}

func (s *binarySource) value(c byte) (Token, error) {
	switch c {
	case '{', '[':
		n, err := s.uint32()
		if err != nil {
			return Token{}, err
		}
		s.stack = append(s.stack, binaryFrame{array: c == '[', left: int64(n)})
		if c == '[' {
			return Token{Kind: BeginArray}, nil
		}
		return Token{Kind: BeginMap}, nil
	}
	v, err := s.scalar(c)
	return Token{Kind: Scalar, Value: v}, err
}

func (s *binarySource) scalar(c byte) (any, error) {
	switch c {
	case '!':
		return nil, nil
	case '1':
		return true, nil
	case '0':
		return false, nil
	case 'i':
		n, err := s.uint32()
		return int32(n), err
	case 'r':
		b, err := s.readN(8)
		if err != nil {
			return nil, err
		}
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case 'u':
		b, err := s.readN(16)
		if err != nil {
			return nil, err
		}
		return grid.UUID(b), nil
	case 'b':
		return s.sized()
	case 's':
		return s.text()
	case '"', '\'':
		b, err := s.delimited(c)
		return toText(b), err
	case 'l':
		t, err := s.text()
		return URI(t), err
	case 'd':
		return s.date()
	}
	return nil, s.errorf("%q is not the marker of a value", c)
}

// date reads seconds since 1970. The standard's own writer puts them in the
// byte order of the machine, little endian, others in network order; only one
// of the two is ever a plausible time.
func (s *binarySource) date() (any, error) {
	b, err := s.readN(8)
	if err != nil {
		return nil, err
	}
	little := math.Float64frombits(binary.LittleEndian.Uint64(b))
	big := math.Float64frombits(binary.BigEndian.Uint64(b))
	for _, f := range []float64{little, big} {
		if t, ok := fromSeconds(f); ok && (math.Abs(f) > 1e-9 || f == 0) {
			return t, nil
		}
	}
	if s.strict {
		return nil, s.errorf("unreadable date")
	}
	return time.Unix(0, 0).UTC(), nil
}

func (s *binarySource) uint32() (uint32, error) {
	b, err := s.readN(4)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b), nil
}

func (s *binarySource) sized() ([]byte, error) {
	n, err := s.uint32()
	if err != nil {
		return nil, err
	}
	return s.readN(int64(n))
}

func (s *binarySource) text() (string, error) {
	b, err := s.sized()
	return toText(b), err
}
