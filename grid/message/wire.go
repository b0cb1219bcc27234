package message

import (
	"encoding/binary"
	"math"
	"slices"

	"rookery/grid"
)

var (
	le = binary.LittleEndian
	be = binary.BigEndian
)

// reader walks a body. After the first short read every further one is short.
type reader struct {
	b     []byte
	short bool
	// alias lets byte fields point into b, which then belongs to the message.
	alias bool
}

// take returns the next n bytes, or nil when there are fewer.
func (r *reader) take(n int) []byte {
	if len(r.b) < n {
		r.b, r.short = nil, true
		return nil
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

// count reads the count of a block whose elements take at least minSize bytes.
// A counted block may be missing at the end of a message: viewers take that
// for a count of zero.
func (r *reader) count(minSize int) int {
	if len(r.b) == 0 {
		return 0
	}
	n := int(r.b[0])
	r.b = r.b[1:]
	if n*minSize > len(r.b) {
		r.b, r.short = nil, true
		return 0
	}
	return n
}

func (r *reader) bytes1(dst []byte) []byte {
	if p := r.take(1); p != nil {
		return r.bytes(dst, int(p[0]))
	}
	return dst[:0]
}

func (r *reader) bytes2(dst []byte) []byte {
	if p := r.take(2); p != nil {
		return r.bytes(dst, int(le.Uint16(p)))
	}
	return dst[:0]
}

func (r *reader) bytes(dst []byte, n int) []byte {
	p := r.take(n)
	if r.alias {
		return p[:len(p):len(p)]
	}
	return append(dst[:0], p...)
}

func (r *reader) done(index int) error {
	if r.short {
		return &TruncatedError{Message: infos[index].Name}
	}
	return nil
}

// resize returns s with n elements, keeping what earlier elements have
// allocated.
func resize[S any](s []S, n int) []S {
	if n <= cap(s) {
		return s[:n]
	}
	grown := make([]S, n)
	copy(grown, s[:cap(s)])
	return grown
}

// writer appends a message.
type writer struct {
	b   []byte
	err *RangeError
}

// take extends the output by n bytes, whose content is undefined.
func (w *writer) take(n int) []byte {
	l := len(w.b)
	if cap(w.b)-l < n {
		w.b = slices.Grow(w.b, n)
	}
	w.b = w.b[:l+n]
	return w.b[l:]
}

func (w *writer) count(n int, block string) {
	if n > math.MaxUint8 {
		w.fail(block, n, math.MaxUint8)
	}
	w.b = append(w.b, byte(n))
}

func (w *writer) bytes1(v []byte, field string) {
	if len(v) > math.MaxUint8 {
		w.fail(field, len(v), math.MaxUint8)
		return
	}
	p := w.take(1 + len(v))
	p[0] = byte(len(v))
	copy(p[1:], v)
}

func (w *writer) bytes2(v []byte, field string) {
	if len(v) > math.MaxUint16 {
		w.fail(field, len(v), math.MaxUint16)
		return
	}
	p := w.take(2 + len(v))
	le.PutUint16(p, uint16(len(v)))
	copy(p[2:], v)
}

func (w *writer) fail(field string, n, limit int) {
	if w.err == nil {
		w.err = &RangeError{Field: field, Len: n, Max: limit}
	}
}

// done returns the output, or what was there before when something went wrong.
func (w *writer) done(before []byte, index int) ([]byte, error) {
	if w.err != nil {
		w.err.Message = infos[index].Name
		return before, w.err
	}
	return w.b, nil
}

func bit(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func getF32(p []byte) float32    { return math.Float32frombits(le.Uint32(p)) }
func putF32(p []byte, v float32) { le.PutUint32(p, math.Float32bits(v)) }
func getF64(p []byte) float64    { return math.Float64frombits(le.Uint64(p)) }
func putF64(p []byte, v float64) { le.PutUint64(p, math.Float64bits(v)) }

func getVec3(p []byte) grid.Vector3 {
	_ = p[11]
	return grid.Vector3{X: getF32(p), Y: getF32(p[4:]), Z: getF32(p[8:])}
}

func putVec3(p []byte, v grid.Vector3) {
	_ = p[11]
	putF32(p, v.X)
	putF32(p[4:], v.Y)
	putF32(p[8:], v.Z)
}

func getVec3d(p []byte) grid.Vector3d {
	_ = p[23]
	return grid.Vector3d{X: getF64(p), Y: getF64(p[8:]), Z: getF64(p[16:])}
}

func putVec3d(p []byte, v grid.Vector3d) {
	_ = p[23]
	putF64(p, v.X)
	putF64(p[8:], v.Y)
	putF64(p[16:], v.Z)
}

func getVec4(p []byte) grid.Vector4 {
	_ = p[15]
	return grid.Vector4{X: getF32(p), Y: getF32(p[4:]), Z: getF32(p[8:]), W: getF32(p[12:])}
}

func putVec4(p []byte, v grid.Vector4) {
	_ = p[15]
	putF32(p, v.X)
	putF32(p[4:], v.Y)
	putF32(p[8:], v.Z)
	putF32(p[12:], v.W)
}

// getQuat rebuilds W from the unit length; it is never negative on the wire.
func getQuat(p []byte) grid.Quaternion {
	_ = p[11]
	q := grid.Quaternion{X: getF32(p), Y: getF32(p[4:]), Z: getF32(p[8:])}
	if rest := 1 - q.X*q.X - q.Y*q.Y - q.Z*q.Z; rest > 0 {
		q.W = float32(math.Sqrt(float64(rest)))
	}
	return q
}

// putQuat writes the form with unit length and W not negative. A quaternion
// that has unit length within rounding is written as it is, so that decoded
// ones go out bit for bit; the zero quaternion goes out as the identity.
func putQuat(p []byte, q grid.Quaternion) {
	_ = p[11]
	const rounding = 1e-5
	scale := float32(1)
	norm := float64(q.X)*float64(q.X) + float64(q.Y)*float64(q.Y) + float64(q.Z)*float64(q.Z) + float64(q.W)*float64(q.W)
	if norm > 0 && math.Abs(norm-1) > rounding {
		scale = float32(1 / math.Sqrt(norm))
	}
	if q.W < 0 {
		scale = -scale
	}
	putF32(p, q.X*scale)
	putF32(p[4:], q.Y*scale)
	putF32(p[8:], q.Z*scale)
}
