package llsd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// notationSource reads the notation form (wiki LLSD, Notation Serialization).
type notationSource struct {
	byteReader
	strict  bool
	started bool
	stack   []notationFrame
}

type notationFrame struct {
	array bool
	keyed bool // a key has been read and its value is due
	some  bool // an element has been read: a comma or the end is due
}

// maxWord bounds numbers and the words of booleans.
const maxWord = 512

func newNotationSource(r *bufio.Reader, strict bool) *notationSource {
	return &notationSource{byteReader: byteReader{r: r, form: Notation}, strict: strict}
}

func (s *notationSource) next() (Token, error) {
	if !s.started {
		s.started = true
		if err := s.skipHeader(); err != nil {
			return Token{}, err
		}
	}
	if err := s.skipSpace(); err != nil {
		if len(s.stack) == 0 && errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF
		}
		return Token{}, err
	}
	c, err := s.readByte()
	if err != nil {
		return Token{}, err
	}
	if len(s.stack) == 0 {
		return s.value(c)
	}
	top := &s.stack[len(s.stack)-1]
	if top.keyed {
		top.keyed = false
		return s.value(c)
	}
	if c == ',' && top.some {
		if err := s.skipSpace(); err != nil {
			return Token{}, err
		}
		if c, err = s.readByte(); err != nil {
			return Token{}, err
		}
	} else if s.strict && top.some && c != ']' && c != '}' {
		return Token{}, s.errorf("%q where a comma should be", c)
	}
	switch {
	case top.array && c == ']':
		s.stack = s.stack[:len(s.stack)-1]
		return Token{Kind: EndArray}, nil
	case !top.array && c == '}':
		s.stack = s.stack[:len(s.stack)-1]
		return Token{Kind: EndMap}, nil
	}
	top.some = true
	if top.array {
		return s.value(c)
	}
	return s.key(c)
}

func (s *notationSource) key(c byte) (Token, error) {
	var raw []byte
	var err error
	switch c {
	case '"', '\'':
		raw, err = s.delimited(c)
	case 's':
		raw, err = s.sized()
	default:
		return Token{}, s.errorf("%q where a map key should be", c)
	}
	if err != nil {
		return Token{}, err
	}
	if err := s.skipSpace(); err != nil {
		return Token{}, err
	}
	if c, err = s.readByte(); err != nil {
		return Token{}, err
	}
	if c != ':' {
		return Token{}, s.errorf("%q where the colon after a map key should be", c)
	}
	s.stack[len(s.stack)-1].keyed = true
	return Token{Kind: Key, Key: toText(raw)}, nil
}

func (s *notationSource) value(c byte) (Token, error) {
	switch c {
	case '{':
		s.stack = append(s.stack, notationFrame{})
		return Token{Kind: BeginMap}, nil
	case '[':
		s.stack = append(s.stack, notationFrame{array: true})
		return Token{Kind: BeginArray}, nil
	}
	v, err := s.scalar(c)
	return Token{Kind: Scalar, Value: v}, err
}

func (s *notationSource) scalar(c byte) (any, error) {
	switch c {
	case '!':
		return nil, nil
	case '1':
		return true, nil
	case '0':
		return false, nil
	case 't', 'T', 'f', 'F':
		return s.boolean(c)
	case 'i':
		return number(s, "integer", parseInt)
	case 'r':
		return number(s, "real", parseReal)
	case 'u':
		return number(s, "uuid", parseUUID)
	case '"', '\'':
		b, err := s.delimited(c)
		return toText(b), err
	case 's':
		b, err := s.sized()
		return toText(b), err
	case 'b':
		return s.binary()
	case 'l':
		b, err := s.quoted()
		return URI(toText(b)), err
	case 'd':
		b, err := s.quoted()
		if err != nil {
			return nil, err
		}
		t, ok := parseDate(string(b))
		if !ok && s.strict {
			return nil, s.errorf("unreadable date %s", quote(b))
		}
		return t, nil
	}
	return nil, s.errorf("%q is not the beginning of a value", c)
}

func (s *notationSource) boolean(c byte) (any, error) {
	word, err := s.word()
	if err != nil {
		return nil, err
	}
	switch full := string(c) + string(bytes.ToLower(word)); full {
	case "t", "T", "true", "True":
		return true, nil
	case "f", "F", "false", "False":
		return false, nil
	default:
		return nil, s.errorf("%q is not a boolean", full)
	}
}

func number[T any](s *notationSource, name string, parse func(string) (T, bool)) (any, error) {
	word, err := s.word()
	if err != nil {
		return nil, err
	}
	v, ok := parse(string(word))
	if s.strict && (!ok || len(word) == 0) {
		return nil, s.errorf("unreadable %s %s", name, quote(word))
	}
	return v, nil
}

// word reads up to what can only stand between values.
func (s *notationSource) word() ([]byte, error) {
	var word []byte
	for len(word) < maxWord {
		c, err := s.r.ReadByte()
		if errors.Is(err, io.EOF) {
			return word, nil
		}
		if err != nil {
			return nil, err
		}
		s.off++
		if isSpace(rune(c)) || c == ',' || c == ']' || c == '}' {
			s.unreadByte()
			return word, nil
		}
		word = append(word, c)
	}
	return nil, s.errorf("a number or word longer than %d bytes", maxWord)
}

// quoted reads a delimited string with its opening quote.
func (s *notationSource) quoted() ([]byte, error) {
	c, err := s.readByte()
	if err != nil {
		return nil, err
	}
	if c != '"' && c != '\'' {
		return nil, s.errorf("%q where a quote should be", c)
	}
	return s.delimited(c)
}

// sized reads (length)"bytes".
func (s *notationSource) sized() ([]byte, error) {
	if c, err := s.readByte(); err != nil || c != '(' {
		return nil, s.orError(err, c, "(")
	}
	var digits []byte
	for {
		c, err := s.readByte()
		if err != nil {
			return nil, err
		}
		if c == ')' {
			break
		}
		if len(digits) > 10 {
			return nil, s.errorf("a length of more than ten digits")
		}
		digits = append(digits, c)
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 10, 31)
	if err != nil {
		return nil, s.errorf("unreadable length %s", quote(digits))
	}
	open, err := s.readByte()
	if err != nil || (open != '"' && open != '\'') {
		return nil, s.orError(err, open, "a quote")
	}
	b, err := s.readN(int64(n))
	if err != nil {
		return nil, err
	}
	if c, err := s.readByte(); err != nil || c != open {
		return nil, s.orError(err, c, "the closing quote")
	}
	return b, nil
}

func (s *notationSource) orError(err error, c byte, want string) error {
	if err != nil {
		return err
	}
	return s.errorf("%q where %s should be", c, want)
}

// binary reads b64"…", b16"…" and b(length)"…".
func (s *notationSource) binary() (any, error) {
	head, err := s.r.Peek(1)
	if err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	if head[0] == '(' {
		return s.sized()
	}
	var base [2]byte
	for i := range base {
		if base[i], err = s.readByte(); err != nil {
			return nil, err
		}
	}
	decode := decodeBase64
	switch string(base[:]) {
	case "64":
	case "16":
		decode = decodeBase16
	default:
		return nil, s.errorf("binary of base %q; 16 and 64 are known", base)
	}
	text, err := s.quoted()
	if err != nil {
		return nil, err
	}
	b, ok := decode(string(text))
	if !ok && s.strict {
		return nil, s.errorf("unreadable binary %s", quote(text))
	}
	return b, nil
}

// delimited reads up to the closing quote, resolving the escapes that
// notation shares with C. Binary strings may be written so, too.
func (b *byteReader) delimited(quote byte) ([]byte, error) {
	out := []byte{}
	for {
		c, err := b.readByte()
		if err != nil {
			return nil, err
		}
		switch c {
		case quote:
			return out, nil
		case '\\':
			if out, err = b.escape(out); err != nil {
				return nil, err
			}
		default:
			out = append(out, c)
		}
	}
}

var escapes = map[byte]byte{'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11}

func (b *byteReader) escape(out []byte) ([]byte, error) {
	c, err := b.readByte()
	if err != nil {
		return nil, err
	}
	if c == 'x' {
		var hex [2]byte
		for i := range hex {
			if hex[i], err = b.readByte(); err != nil {
				return nil, err
			}
		}
		v, err := strconv.ParseUint(string(hex[:]), 16, 8)
		if err != nil {
			return nil, b.errorf("%q is not two hex digits after \\x", hex)
		}
		return append(out, byte(v)), nil
	}
	if v, ok := escapes[c]; ok {
		c = v
	}
	return append(out, c), nil
}

func toText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
}
