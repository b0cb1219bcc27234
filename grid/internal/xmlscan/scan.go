// Package xmlscan splits the XML that grids send into tags and text.
//
// It is lenient where grids are sloppy and encoding/xml is not: bytes that are
// not UTF-8, control characters, stray ampersands and unknown entities in names
// that residents typed. It expands no entities but the predefined five and
// character references, reads no external resources, and holds no more than one
// tag or one piece of text in memory.
package xmlscan

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// Kind tells what Scanner.Next found.
type Kind uint8

// The kinds of tokens.
const (
	Start Kind = iota + 1 // <name …> or the first half of <name/>
	End                   // </name> or the second half of <name/>
	Text                  // characters, entities resolved; a text may come in several pieces
)

// maxTag bounds a tag, comment line piece or entity: what is longer is not
// markup that any grid writes.
const maxTag = 64 << 10

// A SyntaxError tells where the text stops being XML.
type SyntaxError struct {
	Offset int64 // bytes read when the error was noticed
	Msg    string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("xml at byte %d: %s", e.Offset, e.Msg) }

// A Scanner reads tokens from XML text. Use New.
type Scanner struct {
	r       *bufio.Reader
	off     int64
	name    []byte
	attrs   []byte
	text    []byte
	selfEnd bool // the End of <name/> is due
	inTag   bool // the '<' of the next tag has been read
	tag     []byte
}

// New returns a Scanner that reads from r.
func New(r io.Reader) *Scanner {
	br, ok := r.(*bufio.Reader)
	if !ok {
		br = bufio.NewReader(r)
	}
	return &Scanner{r: br}
}

// Name is the tag's name without a namespace prefix, valid until the next call of Next.
func (s *Scanner) Name() []byte { return s.name }

// Text is the text found, as valid UTF-8, valid until the next call of Next.
func (s *Scanner) Text() []byte { return s.text }

// Offset is the number of bytes consumed.
func (s *Scanner) Offset() int64 { return s.off }

// Next advances to the next token. At the end of the input it returns io.EOF;
// whether that end comes too early is for the caller to judge, except inside
// markup, where it is io.ErrUnexpectedEOF.
func (s *Scanner) Next() (Kind, error) {
	if s.selfEnd {
		s.selfEnd = false
		return End, nil
	}
	for {
		if !s.inTag {
			raw, err := s.readText()
			if err != nil {
				return 0, err
			}
			if len(raw) > 0 {
				s.text = clean(raw)
				return Text, nil
			}
			if !s.inTag {
				return 0, io.EOF
			}
		}
		s.inTag = false
		kind, skip, err := s.readMarkup()
		if err != nil {
			return 0, err
		}
		if !skip {
			return kind, nil
		}
	}
}

// readText reads up to the next '<', which it consumes and notes in s.inTag.
func (s *Scanner) readText() ([]byte, error) {
	s.text = s.text[:0]
	for {
		part, err := s.r.ReadSlice('<')
		s.off += int64(len(part))
		if err == nil {
			s.inTag = true
			part = part[:len(part)-1]
			if len(s.text) == 0 {
				// Copied all the same: clean works in place.
				s.text = append(s.text, part...)
				return s.text, nil
			}
			return append(s.text, part...), nil
		}
		s.text = append(s.text, part...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) {
			return s.text, nil
		}
		return nil, err
	}
}

// readMarkup reads what follows a '<'. skip says that it was a comment,
// processing instruction or declaration.
func (s *Scanner) readMarkup() (kind Kind, skip bool, err error) {
	tag, err := s.readTag()
	if err != nil {
		return 0, false, err
	}
	switch {
	case len(tag) == 0:
		return 0, false, s.errorf("empty tag")
	case tag[0] == '?':
		return 0, true, s.skipPast(tag, "?")
	case bytes.HasPrefix(tag, []byte("!--")):
		return 0, true, s.skipPast(tag[3:], "--")
	case bytes.HasPrefix(tag, []byte("![CDATA[")):
		return Text, false, s.readCDATA(tag[len("![CDATA["):])
	case tag[0] == '!':
		return 0, true, s.skipDeclaration(tag)
	case tag[0] == '/':
		s.name = local(bytes.TrimSpace(tag[1:]))
		s.attrs = nil
		return End, false, nil
	}
	if tag[len(tag)-1] == '/' {
		s.selfEnd = true
		tag = tag[:len(tag)-1]
	}
	i := bytes.IndexAny(tag, " \t\r\n")
	if i < 0 {
		s.name, s.attrs = local(tag), nil
	} else {
		s.name, s.attrs = local(tag[:i]), tag[i:]
	}
	if len(s.name) == 0 {
		return 0, false, s.errorf("tag without a name")
	}
	return Start, false, nil
}

// readTag reads up to a '>' outside of quotes. The '>' is consumed, not returned.
func (s *Scanner) readTag() ([]byte, error) {
	s.tag = s.tag[:0]
	for {
		if err := s.more(); err != nil {
			return nil, err
		}
		t := s.tag[:len(s.tag)-1]
		if len(t) > 0 && (t[0] == '!' || t[0] == '?' || t[0] == '/' || !openQuote(t)) {
			return t, nil
		}
		if len(t) == 0 {
			return t, nil
		}
	}
}

// more appends to s.tag up to and including the next '>'.
func (s *Scanner) more() error {
	for {
		part, err := s.r.ReadSlice('>')
		s.off += int64(len(part))
		s.tag = append(s.tag, part...)
		if len(s.tag) > maxTag {
			return s.errorf("a tag longer than %d bytes", maxTag)
		}
		switch {
		case err == nil:
			return nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return io.ErrUnexpectedEOF
		default:
			return err
		}
	}
}

// skipPast reads on until a '>' is preceded by end; have is what stands
// before the '>' already read. Only the tail is kept, so a comment may be long.
func (s *Scanner) skipPast(have []byte, end string) error {
	for !bytes.HasSuffix(have, []byte(end)) {
		s.tag = s.tag[:0]
		if err := s.more(); err != nil {
			return err
		}
		have = s.tag[:len(s.tag)-1]
	}
	return nil
}

// skipDeclaration skips <!DOCTYPE …>, with its internal subset [ … ] if there is one.
func (s *Scanner) skipDeclaration(have []byte) error {
	if bytes.IndexByte(have, '[') < 0 {
		return nil
	}
	for !bytes.HasSuffix(bytes.TrimSpace(have), []byte("]")) {
		s.tag = s.tag[:0]
		if err := s.more(); err != nil {
			return err
		}
		have = s.tag[:len(s.tag)-1]
	}
	return nil
}

func (s *Scanner) readCDATA(have []byte) error {
	s.text = append(s.text[:0], have...)
	for !bytes.HasSuffix(s.text, []byte("]]")) {
		s.text = append(s.text, '>')
		for {
			part, err := s.r.ReadSlice('>')
			s.off += int64(len(part))
			s.text = append(s.text, part...)
			if err == nil {
				break
			}
			if errors.Is(err, io.EOF) {
				return io.ErrUnexpectedEOF
			}
			if !errors.Is(err, bufio.ErrBufferFull) {
				return err
			}
		}
		s.text = s.text[:len(s.text)-1]
	}
	s.text = valid(s.text[:len(s.text)-2])
	return nil
}

func (s *Scanner) errorf(format string, args ...any) error {
	return &SyntaxError{Offset: s.off, Msg: fmt.Sprintf(format, args...)}
}

// Attr returns the value of the named attribute of the tag that Next found last.
func (s *Scanner) Attr(name string) (string, bool) {
	rest := s.attrs
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return "", false
		}
		key := string(local(bytes.TrimSpace(rest[:eq])))
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || (rest[0] != '"' && rest[0] != '\'') {
			return "", false
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return "", false
		}
		if key == name {
			return string(clean(bytes.Clone(rest[1 : 1+end]))), true
		}
		rest = rest[end+2:]
	}
}

func openQuote(b []byte) bool {
	var q byte
	for _, c := range b {
		switch {
		case q == 0 && (c == '"' || c == '\''):
			q = c
		case c == q:
			q = 0
		}
	}
	return q != 0
}

func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// clean resolves references, normalises line ends (XML 1.0 §2.11) and
// replaces what is not UTF-8, in place where it can.
func clean(b []byte) []byte {
	i := bytes.IndexAny(b, "&\r")
	if i < 0 {
		return valid(b)
	}
	out := b[:i]
	for i < len(b) {
		switch c := b[i]; c {
		case '\r':
			out = append(out, '\n')
			i++
			if i < len(b) && b[i] == '\n' {
				i++
			}
		case '&':
			r, n := reference(b[i:])
			if n == 0 {
				out = append(out, '&')
				i++
				continue
			}
			// A reference is never shorter than the character it stands for.
			out = utf8.AppendRune(out, r)
			i += n
		default:
			out = append(out, c)
			i++
		}
	}
	return valid(out)
}

var named = map[string]rune{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}

// reference reads the entity or character reference at the head of b; n is 0
// when there is none, and the ampersand then stands for itself.
func reference(b []byte) (r rune, n int) {
	end := bytes.IndexByte(b[:min(len(b), 12)], ';')
	if end < 2 {
		return 0, 0
	}
	body := string(b[1:end])
	if body[0] != '#' {
		r, ok := named[body]
		if !ok {
			return 0, 0
		}
		return r, end + 1
	}
	base, digits := 10, body[1:]
	if len(digits) > 0 && (digits[0] == 'x' || digits[0] == 'X') {
		base, digits = 16, digits[1:]
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil || v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
		return 0, 0
	}
	return rune(v), end + 1
}

func valid(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	return bytes.ToValidUTF8(b, []byte("\uFFFD"))
}

// AppendText appends s to dst as XML character data. What XML 1.0 cannot carry
// (§2.2: control characters other than tab, line feed and carriage return) is
// left out, as the grids' own writers do; invalid UTF-8 becomes U+FFFD.
func AppendText(dst []byte, s string) []byte {
	last := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			var esc string
			switch {
			case c == '<':
				esc = "&lt;"
			case c == '>':
				esc = "&gt;"
			case c == '&':
				esc = "&amp;"
			case c == '\r':
				esc = "&#xD;"
			case c < ' ' && c != '\t' && c != '\n':
			default:
				i++
				continue
			}
			dst = append(dst, s[last:i]...)
			dst = append(dst, esc...)
			i++
			last = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && n == 1) || r == 0xFFFE || r == 0xFFFF {
			dst = append(dst, s[last:i]...)
			if n == 1 {
				dst = append(dst, "\uFFFD"...)
			}
			i += n
			last = i
			continue
		}
		i += n
	}
	return append(dst, s[last:]...)
}
