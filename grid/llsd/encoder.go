package llsd

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"rookery/grid"
)

// flushAt is how much the Encoder gathers before it writes.
const flushAt = 32 << 10

// form is what the three encodings differ in. All append to the buffer.
type form interface {
	head(b []byte) []byte
	tail(b []byte) []byte
	beginMap(b []byte, n int) []byte
	key(b []byte, k string, first bool) []byte
	endMap(b []byte) []byte
	beginArray(b []byte, n int) []byte
	element(b []byte, first bool) []byte // before each element of an array
	endArray(b []byte) []byte
	scalar(b []byte, v any) []byte
}

// An Encoder writes one value to a stream, whole or piece by piece. Errors
// stick: the first one is returned by every later call.
type Encoder struct {
	w     io.Writer
	f     form
	buf   []byte
	stack []encoderFrame
	begun bool
	done  bool
	err   error
	bin   bool
	bare  bool // leave out the header
}

type encoderFrame struct {
	array bool
	keyed bool
	count int
	want  int
}

// NewEncoder returns an Encoder that writes the given form to w, beginning
// with the form's header. Close must be called.
func NewEncoder(w io.Writer, f Format) *Encoder {
	e := &Encoder{w: w}
	switch f {
	case XML:
		e.f = xmlForm{}
	case Binary:
		e.f, e.bin = binaryForm{}, true
	case Notation:
		e.f = notationForm{}
	default:
		e.err = fmt.Errorf("llsd: unknown form %d", f)
	}
	return e
}

// Encode writes a value: the whole value, the next element of an array or
// the value of a key. Maps are written in the order of their keys.
func (e *Encoder) Encode(v any) error {
	switch v := v.(type) {
	case []any:
		e.BeginArray(len(v))
		for _, el := range v {
			if e.Encode(el) != nil {
				break
			}
		}
		return e.EndArray()
	case map[string]any:
		e.BeginMap(len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			e.Key(k)
			if e.Encode(v[k]) != nil {
				break
			}
		}
		return e.EndMap()
	case nil, bool, int32, float64, string, grid.UUID, time.Time, URI, []byte:
		if e.before() {
			e.buf = e.f.scalar(e.buf, v)
			e.flush(flushAt)
		}
		return e.err
	}
	plain, err := ToValue(v)
	if err != nil {
		return e.fail(err)
	}
	return e.Encode(plain)
}

// BeginMap opens a map of n entries. Only the binary form needs the number.
func (e *Encoder) BeginMap(n int) error { return e.begin(n, false) }

// BeginArray opens an array of n elements. Only the binary form needs the number.
func (e *Encoder) BeginArray(n int) error { return e.begin(n, true) }

func (e *Encoder) begin(n int, array bool) error {
	if !e.before() {
		return e.err
	}
	if e.bin && n < 0 {
		return e.fail(errors.New("llsd binary: the number of entries must be known beforehand"))
	}
	e.stack = append(e.stack, encoderFrame{array: array, want: n})
	if array {
		e.buf = e.f.beginArray(e.buf, n)
	} else {
		e.buf = e.f.beginMap(e.buf, n)
	}
	return e.err
}

// Key writes the key of a map's next entry.
func (e *Encoder) Key(k string) error {
	if e.err != nil {
		return e.err
	}
	top := e.top()
	if top == nil || top.array || top.keyed {
		return e.fail(fmt.Errorf("llsd: key %q out of place", k))
	}
	e.buf = e.f.key(e.buf, k, top.count == 0)
	top.keyed = true
	top.count++
	return nil
}

// EndMap closes the map opened last.
func (e *Encoder) EndMap() error { return e.end(false) }

// EndArray closes the array opened last.
func (e *Encoder) EndArray() error { return e.end(true) }

func (e *Encoder) end(array bool) error {
	if e.err != nil {
		return e.err
	}
	top := e.top()
	if top == nil || top.array != array || top.keyed {
		return e.fail(errors.New("llsd: the end of a map or array out of place"))
	}
	if e.bin && top.count != top.want {
		return e.fail(fmt.Errorf("llsd binary: %d entries were announced, %d written", top.want, top.count))
	}
	e.stack = e.stack[:len(e.stack)-1]
	if array {
		e.buf = e.f.endArray(e.buf)
	} else {
		e.buf = e.f.endMap(e.buf)
	}
	e.flush(flushAt)
	return e.err
}

// Close ends the text and writes what is left. It does not close the writer.
func (e *Encoder) Close() error {
	if e.err != nil || e.done {
		return e.err
	}
	if !e.begun || len(e.stack) > 0 {
		return e.fail(errors.New("llsd: closed before the value was complete"))
	}
	if !e.bare {
		e.buf = e.f.tail(e.buf)
	}
	e.done = true
	e.flush(0)
	return e.err
}

func (e *Encoder) top() *encoderFrame {
	if len(e.stack) == 0 {
		return nil
	}
	return &e.stack[len(e.stack)-1]
}

// before writes what stands in front of a value and tells whether one may be
// written here.
func (e *Encoder) before() bool {
	if e.err != nil {
		return false
	}
	top := e.top()
	switch {
	case top == nil:
		if e.begun {
			e.err = errors.New("llsd: a second value in one text")
			return false
		}
		e.begun = true
		if !e.bare {
			e.buf = e.f.head(e.buf)
		}
	case top.array:
		e.buf = e.f.element(e.buf, top.count == 0)
		top.count++
	case !top.keyed:
		e.err = errors.New("llsd: a value in a map without a key")
		return false
	default:
		top.keyed = false
	}
	return true
}

func (e *Encoder) fail(err error) error {
	if e.err == nil {
		e.err = err
	}
	return e.err
}

func (e *Encoder) flush(from int) {
	if e.err != nil || e.w == nil || len(e.buf) < from || len(e.buf) == 0 {
		return
	}
	_, e.err = e.w.Write(e.buf)
	e.buf = e.buf[:0]
}

// MarshalXML returns v as an XML document.
func MarshalXML(v any) ([]byte, error) { return marshal(v, XML, nil, false) }

// MarshalBinary returns v in binary form with its header.
func MarshalBinary(v any) ([]byte, error) { return marshal(v, Binary, nil, false) }

// MarshalNotation returns v in notation form with its header.
func MarshalNotation(v any) ([]byte, error) { return marshal(v, Notation, nil, false) }

// AppendXML appends v to b as an XML element, without declaration and root,
// to stand inside other XML.
func AppendXML(b []byte, v any) ([]byte, error) { return marshal(v, XML, b, true) }

// AppendBinary appends v to b in binary form without a header, as it stands
// inside messages and assets.
func AppendBinary(b []byte, v any) ([]byte, error) { return marshal(v, Binary, b, true) }

// AppendNotation appends v to b in notation form without a header.
func AppendNotation(b []byte, v any) ([]byte, error) { return marshal(v, Notation, b, true) }

func marshal(v any, f Format, b []byte, bare bool) ([]byte, error) {
	e := NewEncoder(nil, f)
	e.buf, e.bare = b, bare
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	if err := e.Close(); err != nil {
		return nil, err
	}
	return e.buf, nil
}
