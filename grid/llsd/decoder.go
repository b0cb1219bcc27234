package llsd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of a Decoder when no option says otherwise.
const (
	DefaultMaxDepth = 128
	DefaultMaxSize  = 256 << 20
)

// An Option adjusts a Decoder.
type Option func(*options)

type options struct {
	depth  int
	size   int64
	strict bool
}

// MaxDepth sets how deep arrays and maps may nest; a scalar has depth 0.
func MaxDepth(n int) Option { return func(o *options) { o.depth = n } }

// MaxSize sets how many bytes of input may be read.
func MaxSize(n int64) Option { return func(o *options) { o.size = n } }

// Strict makes unreadable scalars, unknown elements and wrong counts errors.
func Strict() Option { return func(o *options) { o.strict = true } }

// A Kind is a kind of Token.
type Kind uint8

// The kinds of tokens.
const (
	Scalar     Kind = iota + 1 // Value holds it; undefined is a scalar too
	BeginMap                   // followed by Key and value in turn, then EndMap
	Key                        // Key holds it
	EndMap                     //
	BeginArray                 // followed by the elements, then EndArray
	EndArray                   //
)

// A Token is a piece of a value as it streams in.
type Token struct {
	Kind  Kind
	Key   string
	Value any
}

// source is what each form provides: well-nested tokens, io.EOF when the
// input ends where a value could begin, io.ErrUnexpectedEOF anywhere else.
type source interface {
	next() (Token, error)
	offset() int64
}

// A Decoder reads values or tokens from a stream.
type Decoder struct {
	src   source
	opts  options
	depth int
	err   error
	form  Format
}

// NewDecoder returns a Decoder that reads the given form. The header of the
// binary and notation forms may be present or not.
func NewDecoder(r io.Reader, f Format, opts ...Option) *Decoder {
	d := &Decoder{opts: options{depth: DefaultMaxDepth, size: DefaultMaxSize}, form: f}
	for _, o := range opts {
		o(&d.opts)
	}
	br := bufio.NewReader(&limitReader{r: r, left: d.opts.size})
	d.attach(br)
	return d
}

func (d *Decoder) attach(br *bufio.Reader) {
	switch d.form {
	case XML:
		d.src = newXMLSource(br, d.opts.strict)
	case Binary:
		d.src = newBinarySource(br, d.opts.strict)
	case Notation:
		d.src = newNotationSource(br, d.opts.strict)
	default:
		d.err = fmt.Errorf("llsd: unknown form %d", d.form)
	}
}

// NewSniffingDecoder returns a Decoder that finds out the form by itself. It
// reads the head of r to do so.
func NewSniffingDecoder(r io.Reader, opts ...Option) (*Decoder, error) {
	d := &Decoder{opts: options{depth: DefaultMaxDepth, size: DefaultMaxSize}}
	for _, o := range opts {
		o(&d.opts)
	}
	br := bufio.NewReader(&limitReader{r: r, left: d.opts.size})
	head, err := br.Peek(sniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	d.form, err = Sniff(head)
	if err != nil {
		return nil, err
	}
	d.attach(br)
	return d, nil
}

// Format tells which form is being read.
func (d *Decoder) Format() Format { return d.form }

// Offset tells how many bytes have been consumed.
func (d *Decoder) Offset() int64 {
	if d.src == nil {
		return 0
	}
	return d.src.offset()
}

// Token returns the next token; io.EOF after the last value.
func (d *Decoder) Token() (Token, error) {
	if d.err != nil {
		return Token{}, d.err
	}
	t, err := d.src.next()
	if err != nil {
		if d.depth > 0 && errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		d.err = err
		return Token{}, err
	}
	switch t.Kind {
	case BeginMap, BeginArray:
		if d.depth++; d.depth > d.opts.depth {
			d.err = fmt.Errorf("%w: more than %d levels", ErrTooDeep, d.opts.depth)
			return Token{}, d.err
		}
	case EndMap, EndArray:
		d.depth--
	}
	return t, nil
}

// Decode returns the next value; io.EOF after the last one.
func (d *Decoder) Decode() (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	return d.value(t)
}

// Skip passes over the next value.
func (d *Decoder) Skip() error {
	start := d.depth
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		if d.depth == start && t.Kind != Key {
			return nil
		}
	}
}

// value builds what begins with t. Recursion is bounded by MaxDepth.
func (d *Decoder) value(t Token) (any, error) {
	switch t.Kind {
	case Scalar:
		return t.Value, nil
	case BeginArray:
		a := []any{}
		for {
			t, err := d.Token()
			if err != nil {
				return nil, err
			}
			if t.Kind == EndArray {
				return a, nil
			}
			v, err := d.value(t)
			if err != nil {
				return nil, err
			}
			a = append(a, v)
		}
	case BeginMap:
		m := map[string]any{}
		for {
			t, err := d.Token()
			if err != nil {
				return nil, err
			}
			if t.Kind == EndMap {
				return m, nil
			}
			key := t.Key
			if t, err = d.Token(); err != nil {
				return nil, err
			}
			if m[key], err = d.value(t); err != nil {
				return nil, err
			}
		}
	}
	return nil, fmt.Errorf("llsd: unexpected token %d where a value should be", t.Kind)
}

// ParseXML reads one value in XML form.
func ParseXML(r io.Reader, opts ...Option) (any, error) { return parse(r, XML, opts) }

// ParseBinary reads one value in binary form, with or without the header.
func ParseBinary(r io.Reader, opts ...Option) (any, error) { return parse(r, Binary, opts) }

// ParseNotation reads one value in notation form, with or without the header.
func ParseNotation(r io.Reader, opts ...Option) (any, error) { return parse(r, Notation, opts) }

// Parse reads one value in whichever form it is.
func Parse(r io.Reader, opts ...Option) (any, error) {
	d, err := NewSniffingDecoder(r, opts...)
	if err != nil {
		return nil, err
	}
	return d.only()
}

// ParseBytes is Parse for a body already in memory.
func ParseBytes(b []byte, opts ...Option) (any, error) { return Parse(bytes.NewReader(b), opts...) }

// ParseString is Parse for text already in memory.
func ParseString(s string, opts ...Option) (any, error) { return Parse(strings.NewReader(s), opts...) }

func parse(r io.Reader, f Format, opts []Option) (any, error) {
	return NewDecoder(r, f, opts...).only()
}

// only reads a single value. What follows it is not looked at: some writers
// pad bodies with NULs or line ends.
func (d *Decoder) only() (any, error) {
	v, err := d.Decode()
	if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, ErrEmpty
	}
	return v, err
}

// limitReader is io.LimitReader with an error of its own at the end.
type limitReader struct {
	r    io.Reader
	left int64
	// over holds the error once the limit is reached.
	over error
}

func (l *limitReader) Read(p []byte) (int, error) {
	if l.over != nil {
		return 0, l.over
	}
	if l.left <= 0 {
		var one [1]byte
		n, err := l.r.Read(one[:])
		if n > 0 {
			l.over = ErrTooLarge
			return 0, l.over
		}
		return 0, err
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}
