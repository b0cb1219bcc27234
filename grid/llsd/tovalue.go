package llsd

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"rookery/grid"
)

// A Marshaler makes its own LLSD value, of the types that the package names
// or of others that ToValue takes.
type Marshaler interface{ MarshalLLSD() (any, error) }

// An Unmarshaler reads itself from an LLSD value.
type Unmarshaler interface{ UnmarshalLLSD(v any) error }

// ToValue turns Go values into LLSD values. All Marshal functions and
// Encoders call it for what is not an LLSD value already.
//
//   - Integers of up to 32 bits become integers; unsigned ones beyond 2^31-1
//     keep their bits. An int or int64 out of range is an error; uint and
//     uint64 become binary of 8 bytes in network order, as grids write them.
//   - Slices and arrays become arrays, those of bytes binary. Maps with keys
//     that are strings become maps. Nil pointers, slices and maps are undefined.
//   - grid.Vector3, Vector3d, Vector4 and Quaternion become arrays of reals,
//     netip.Addr binary of 4 or 16 bytes, as viewers and grids write them.
//   - Structs become maps of their exported fields. The tag `llsd:"name"` names
//     the key, "-" leaves the field out, ",omitempty" leaves out zero values,
//     ",binary" writes an unsigned number as binary in network order. An
//     embedded struct without a tag lends its fields.
//   - A Marshaler decides for itself.
func ToValue(v any) (any, error) { return toValue(reflect.ValueOf(v), "", false) }

// A TypeError tells which part of a value does not fit the Go type it comes
// from or is to be stored in.
type TypeError struct {
	Path string // such as "events[2].body.SimPort"; "" is the whole value
	Msg  string
}

func (e *TypeError) Error() string {
	if e.Path == "" {
		return "llsd: " + e.Msg
	}
	return "llsd: " + e.Path + ": " + e.Msg
}

func typeErrorf(path, format string, args ...any) error {
	return &TypeError{Path: path, Msg: fmt.Sprintf(format, args...)}
}

func at(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

var (
	typeTime      = reflect.TypeFor[time.Time]()
	typeUUID      = reflect.TypeFor[grid.UUID]()
	typeURI       = reflect.TypeFor[URI]()
	typeAddr      = reflect.TypeFor[netip.Addr]()
	typeMarshaler = reflect.TypeFor[Marshaler]()
)

// vectors are the structs that travel as arrays of reals, in field order.
var vectors = map[reflect.Type]bool{
	reflect.TypeFor[grid.Vector3]():    true,
	reflect.TypeFor[grid.Vector3d]():   true,
	reflect.TypeFor[grid.Vector4]():    true,
	reflect.TypeFor[grid.Quaternion](): true,
}

func toValue(v reflect.Value, path string, asBinary bool) (any, error) {
	if !v.IsValid() {
		return nil, nil
	}
	t := v.Type()
	if t.Implements(typeMarshaler) && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		m, err := v.Interface().(Marshaler).MarshalLLSD()
		if err != nil {
			return nil, typeErrorf(path, "%v", err)
		}
		return toValue(reflect.ValueOf(m), path, false)
	}
	switch t {
	case typeTime, typeUUID, typeURI:
		return v.Interface(), nil
	case typeAddr:
		return v.Interface().(netip.Addr).AsSlice(), nil
	}
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		if n := v.Int(); n < math.MinInt32 || n > math.MaxInt32 {
			return nil, typeErrorf(path, "%d does not fit into an integer of 32 bits", n)
		}
		return int32(v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fromUint(v.Uint(), t.Bits(), asBinary), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		return toValue(v.Elem(), path, asBinary)
	case reflect.Slice, reflect.Array:
		return fromList(v, path)
	case reflect.Map:
		return fromMap(v, path)
	case reflect.Struct:
		return fromStruct(v, path)
	}
	return nil, typeErrorf(path, "Go type %s has no form in LLSD", t)
}

func fromUint(n uint64, bits int, asBinary bool) any {
	switch {
	case bits == 64:
		return binary.BigEndian.AppendUint64(nil, n)
	case asBinary && bits == 32:
		return binary.BigEndian.AppendUint32(nil, uint32(n))
	case asBinary && bits == 16:
		return binary.BigEndian.AppendUint16(nil, uint16(n))
	case asBinary:
		return []byte{byte(n)}
	}
	return int32(uint32(n))
}

func fromList(v reflect.Value, path string) (any, error) {
	if v.Kind() == reflect.Slice && v.IsNil() {
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return []byte(nil), nil
		}
		return nil, nil
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		return b, nil
	}
	a := make([]any, v.Len())
	for i := range a {
		el, err := toValue(v.Index(i), index(path, i), false)
		if err != nil {
			return nil, err
		}
		a[i] = el
	}
	return a, nil
}

func fromMap(v reflect.Value, path string) (any, error) {
	if v.IsNil() {
		return nil, nil
	}
	if v.Type().Key().Kind() != reflect.String {
		return nil, typeErrorf(path, "a map's keys must be strings, not %s", v.Type().Key())
	}
	m := make(map[string]any, v.Len())
	for it := v.MapRange(); it.Next(); {
		key := it.Key().String()
		el, err := toValue(it.Value(), at(path, key), false)
		if err != nil {
			return nil, err
		}
		m[key] = el
	}
	return m, nil
}

func fromStruct(v reflect.Value, path string) (any, error) {
	if vectors[v.Type()] {
		a := make([]any, v.NumField())
		for i := range a {
			a[i] = v.Field(i).Float()
		}
		return a, nil
	}
	m := map[string]any{}
	for _, f := range fieldsOf(v.Type()) {
		fv, err := v.FieldByIndexErr(f.index)
		if err != nil || f.omitEmpty && fv.IsZero() {
			continue
		}
		el, err := toValue(fv, at(path, f.name), f.binary)
		if err != nil {
			return nil, err
		}
		m[f.name] = el
	}
	return m, nil
}

type field struct {
	name      string
	index     []int
	omitEmpty bool
	binary    bool
}

var fieldCache sync.Map // reflect.Type → []field

func fieldsOf(t reflect.Type) []field {
	if f, ok := fieldCache.Load(t); ok {
		return f.([]field)
	}
	f := collectFields(t, nil)
	fieldCache.Store(t, f)
	return f
}

func collectFields(t reflect.Type, prefix []int) []field {
	var fields []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, tagged := sf.Tag.Lookup("llsd")
		name, flags, _ := strings.Cut(tag, ",")
		idx := append(append([]int(nil), prefix...), i)
		if sf.Anonymous && !tagged && sf.Type.Kind() == reflect.Struct && !vectors[sf.Type] && sf.Type != typeTime {
			fields = append(fields, collectFields(sf.Type, idx)...)
			continue
		}
		if !sf.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = sf.Name
		}
		fields = append(fields, field{
			name: name, index: idx,
			omitEmpty: strings.Contains(flags, "omitempty"),
			binary:    strings.Contains(flags, "binary"),
		})
	}
	return fields
}
