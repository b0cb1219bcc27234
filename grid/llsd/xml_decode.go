package llsd

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"rookery/grid/internal/xmlscan"
)

// xmlSource reads the XML form (wiki LLSD, XML Serialization).
type xmlSource struct {
	sc     *xmlscan.Scanner
	strict bool
	stack  []xmlFrame
	queued []Token // tokens that follow the one just returned
	inRoot bool    // within <llsd>
	text   []byte
}

type xmlFrame struct {
	array bool
	// keyed means that a key has been read and its value is due.
	keyed bool
}

func newXMLSource(r *bufio.Reader, strict bool) *xmlSource {
	return &xmlSource{sc: xmlscan.New(r), strict: strict}
}

func (s *xmlSource) offset() int64 { return s.sc.Offset() }

func (s *xmlSource) errorf(msg string) error {
	return &SyntaxError{Format: XML, Offset: s.sc.Offset(), Msg: msg}
}

func (s *xmlSource) next() (Token, error) {
	if len(s.queued) > 0 {
		t := s.queued[0]
		s.queued = s.queued[1:]
		return t, nil
	}
	for {
		kind, err := s.sc.Next()
		if err != nil {
			if errors.Is(err, io.EOF) && (s.inRoot || len(s.stack) > 0) {
				err = io.ErrUnexpectedEOF
			}
			return Token{}, s.scanError(err)
		}
		switch kind {
		case xmlscan.Text:
			if s.strict && len(bytes.TrimFunc(s.sc.Text(), isSpace)) > 0 {
				return Token{}, s.errorf("text between elements")
			}
		case xmlscan.End:
			t, ok, err := s.end()
			if err != nil || ok {
				return t, err
			}
		case xmlscan.Start:
			t, ok, err := s.start()
			if err != nil || ok {
				return t, err
			}
		}
	}
}

func (s *xmlSource) scanError(err error) error {
	if se := (*xmlscan.SyntaxError)(nil); errors.As(err, &se) {
		return &SyntaxError{Format: XML, Offset: se.Offset, Msg: se.Msg}
	}
	return err
}

// end handles an end tag outside of scalars.
func (s *xmlSource) end() (t Token, ok bool, err error) {
	name := string(s.sc.Name())
	if len(s.stack) == 0 {
		if name == "llsd" && s.inRoot {
			s.inRoot = false
			return Token{}, false, nil
		}
		return Token{}, false, s.errorf("</" + name + "> without its beginning")
	}
	top := s.stack[len(s.stack)-1]
	want, kind := "map", EndMap
	if top.array {
		want, kind = "array", EndArray
	}
	if name != want {
		return Token{}, false, s.errorf("</" + name + "> inside <" + want + ">")
	}
	s.stack = s.stack[:len(s.stack)-1]
	if top.keyed {
		if s.strict {
			return Token{}, false, s.errorf("a key without a value")
		}
		s.queued = append(s.queued[:0], Token{Kind: kind})
		return Token{Kind: Scalar}, true, nil
	}
	return Token{Kind: kind}, true, nil
}

// start handles a start tag; ok is false when it yields no token.
func (s *xmlSource) start() (t Token, ok bool, err error) {
	name := string(s.sc.Name())
	switch {
	case name == "llsd" && len(s.stack) == 0:
		if s.inRoot {
			return Token{}, false, s.errorf("<llsd> inside <llsd>")
		}
		s.inRoot = true
		return s.emptyRoot()
	case name == "key" && len(s.stack) > 0 && !s.stack[len(s.stack)-1].array:
		return s.key()
	}
	if len(s.stack) > 0 {
		top := &s.stack[len(s.stack)-1]
		if !top.array && !top.keyed {
			if s.strict {
				return Token{}, false, s.errorf("<" + name + "> in a map without a key")
			}
			return Token{}, false, s.skipElement()
		}
		top.keyed = false
	}
	switch name {
	case "map":
		s.stack = append(s.stack, xmlFrame{})
		return Token{Kind: BeginMap}, true, nil
	case "array":
		s.stack = append(s.stack, xmlFrame{array: true})
		return Token{Kind: BeginArray}, true, nil
	}
	v, err := s.scalar(name)
	return Token{Kind: Scalar, Value: v}, err == nil, err
}

// emptyRoot makes <llsd/> and <llsd></llsd> an undefined value.
func (s *xmlSource) emptyRoot() (Token, bool, error) {
	for {
		kind, err := s.sc.Next()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return Token{}, false, s.scanError(err)
		}
		switch kind {
		case xmlscan.End:
			s.inRoot = false
			return Token{Kind: Scalar}, true, nil
		case xmlscan.Start:
			return s.start()
		}
	}
}

func (s *xmlSource) key() (Token, bool, error) {
	text, err := s.content()
	if err != nil {
		return Token{}, false, err
	}
	k := Token{Kind: Key, Key: string(text)}
	top := &s.stack[len(s.stack)-1]
	if top.keyed {
		if s.strict {
			return Token{}, false, s.errorf("a key without a value")
		}
		s.queued = append(s.queued[:0], k)
		return Token{Kind: Scalar}, true, nil
	}
	top.keyed = true
	return k, true, nil
}

func (s *xmlSource) scalar(name string) (any, error) {
	encoding := ""
	if name == "binary" {
		encoding, _ = s.sc.Attr("encoding")
	}
	if _, known := scalars[name]; !known {
		if len(s.stack) == 0 {
			return nil, s.errorf("<" + name + "> is not an llsd element")
		}
		if s.strict {
			return nil, s.errorf("unknown element <" + name + ">")
		}
		return nil, s.skipElement()
	}
	text, err := s.content()
	if err != nil {
		return nil, err
	}
	v, ok := scalars[name](text, encoding)
	if !ok && s.strict {
		return nil, s.errorf("unreadable " + name + " " + quote(text))
	}
	return v, nil
}

var scalars = map[string]func(text []byte, encoding string) (any, bool){
	"undef":   func([]byte, string) (any, bool) { return nil, true },
	"boolean": func(t []byte, _ string) (any, bool) { return wide(parseBool(string(t))) },
	"integer": func(t []byte, _ string) (any, bool) { return wide(parseInt(string(t))) },
	"real":    func(t []byte, _ string) (any, bool) { return wide(parseReal(string(t))) },
	"uuid":    func(t []byte, _ string) (any, bool) { return wide(parseUUID(string(t))) },
	"date":    func(t []byte, _ string) (any, bool) { return wide(parseDate(string(t))) },
	"string":  func(t []byte, _ string) (any, bool) { return string(t), true },
	"uri":     func(t []byte, _ string) (any, bool) { return URI(bytes.TrimFunc(t, isSpace)), true },
	"binary": func(t []byte, encoding string) (any, bool) {
		switch encoding {
		case "", "base64":
			return wide(decodeBase64(string(t)))
		case "base16":
			return wide(decodeBase16(string(t)))
		}
		// base85 was taken out of the standard; nobody writes it.
		return []byte{}, false
	},
}

func wide[T any](v T, ok bool) (any, bool) { return v, ok }

// content returns the text up to the end of the current element, without
// what stands in elements inside it.
func (s *xmlSource) content() ([]byte, error) {
	s.text = s.text[:0]
	for depth := 0; ; {
		kind, err := s.sc.Next()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, s.scanError(err)
		}
		switch kind {
		case xmlscan.Text:
			if depth == 0 {
				s.text = append(s.text, s.sc.Text()...)
			}
		case xmlscan.Start:
			if s.strict {
				return nil, s.errorf("an element inside a scalar")
			}
			depth++
		case xmlscan.End:
			if depth == 0 {
				return s.text, nil
			}
			depth--
		}
	}
}

func (s *xmlSource) skipElement() error {
	_, err := s.content()
	return err
}

func quote(b []byte) string {
	const show = 40
	if len(b) > show {
		return `"` + string(b[:show]) + `…"`
	}
	return `"` + string(b) + `"`
}
