package llsd

import (
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"time"
)

// Unmarshal stores the LLSD value v into what dst points to, which must not
// be nil. It converts scalars as the standard says, so a number may arrive as
// text; unsigned numbers may arrive as integers of the same bits or as binary
// in network order. See ToValue for how structs and the grid's types map.
//
// Undefined and missing values leave the Go value as it is, keys without a
// field are passed over. The first thing that does not fit is returned as a
// *TypeError that names its path; what came before it has been stored.
func Unmarshal(v, dst any) error {
	rv := reflect.ValueOf(dst)
	if rv.Kind() != reflect.Pointer || rv.IsNil() {
		return fmt.Errorf("llsd: Unmarshal needs a pointer that is not nil, not %T", dst)
	}
	return store(v, rv.Elem(), "")
}

func store(v any, dst reflect.Value, path string) error {
	if v == nil {
		return nil
	}
	if dst.CanAddr() {
		if u, ok := dst.Addr().Interface().(Unmarshaler); ok {
			if err := u.UnmarshalLLSD(v); err != nil {
				return typeErrorf(path, "%v", err)
			}
			return nil
		}
	}
	if known, err := storeKnown(v, dst, path); known {
		return err
	}
	switch dst.Kind() {
	case reflect.Pointer:
		if dst.IsNil() {
			dst.Set(reflect.New(dst.Type().Elem()))
		}
		return store(v, dst.Elem(), path)
	case reflect.Interface:
		if dst.NumMethod() == 0 {
			dst.Set(reflect.ValueOf(v))
			return nil
		}
	case reflect.Bool:
		if b, ok := toBool(v); ok {
			dst.SetBool(b)
			return nil
		}
	case reflect.String:
		if s, ok := toString(v); ok {
			dst.SetString(s)
			return nil
		}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return storeInt(v, dst, path)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return storeUint(v, dst, path)
	case reflect.Float32, reflect.Float64:
		if r, ok := toReal(v); ok {
			dst.SetFloat(r)
			return nil
		}
	case reflect.Slice:
		return storeSlice(v, dst, path)
	case reflect.Array:
		return storeArray(v, dst, path)
	case reflect.Map:
		return storeMap(v, dst, path)
	case reflect.Struct:
		return storeStruct(v, dst, path)
	}
	return mismatch(v, dst, path)
}

// storeKnown handles the types that look like others by their kind.
func storeKnown(v any, dst reflect.Value, path string) (known bool, err error) {
	switch dst.Type() {
	case typeTime:
		if t, ok := toDate(v); ok {
			dst.Set(reflect.ValueOf(t))
			return true, nil
		}
	case typeUUID:
		if id, ok := toUUID(v); ok {
			dst.Set(reflect.ValueOf(id))
			return true, nil
		}
	case typeAddr:
		if a, ok := toAddr(v); ok {
			dst.Set(reflect.ValueOf(a))
			return true, nil
		}
	default:
		return false, nil
	}
	return true, mismatch(v, dst, path)
}

// toAddr reads an IP address, as bytes, text or an integer in network order.
func toAddr(v any) (netip.Addr, bool) {
	switch v := v.(type) {
	case []byte:
		return netip.AddrFromSlice(v)
	case string:
		a, err := netip.ParseAddr(v)
		return a, err == nil
	case int32:
		return netip.AddrFrom4([4]byte{byte(uint32(v) >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), true
	}
	return netip.Addr{}, false
}

func storeInt(v any, dst reflect.Value, path string) error {
	n, ok := toInt64(v)
	if !ok {
		return mismatch(v, dst, path)
	}
	if dst.OverflowInt(n) {
		return typeErrorf(path, "%v does not fit into %s", show(v), dst.Type())
	}
	dst.SetInt(n)
	return nil
}

func storeUint(v any, dst reflect.Value, path string) error {
	n, ok := toUint64(v)
	if !ok {
		return mismatch(v, dst, path)
	}
	if r, isReal := v.(float64); isReal && r < 0 && r > math.MinInt32 && dst.Type().Bits() <= 32 {
		n = uint64(uint32(int32(r)))
	}
	if dst.OverflowUint(n) {
		return typeErrorf(path, "%v does not fit into %s", show(v), dst.Type())
	}
	dst.SetUint(n)
	return nil
}

func storeSlice(v any, dst reflect.Value, path string) error {
	if dst.Type().Elem().Kind() == reflect.Uint8 {
		b, ok := v.([]byte)
		if !ok {
			return mismatch(v, dst, path)
		}
		dst.Set(reflect.ValueOf(b).Convert(dst.Type()))
		return nil
	}
	a, ok := v.([]any)
	if !ok {
		return mismatch(v, dst, path)
	}
	s := reflect.MakeSlice(dst.Type(), len(a), len(a))
	for i, el := range a {
		if err := store(el, s.Index(i), index(path, i)); err != nil {
			return err
		}
	}
	dst.Set(s)
	return nil
}

func storeArray(v any, dst reflect.Value, path string) error {
	if b, ok := v.([]byte); ok && dst.Type().Elem().Kind() == reflect.Uint8 {
		if len(b) != dst.Len() {
			return typeErrorf(path, "%d bytes where %d should be", len(b), dst.Len())
		}
		reflect.Copy(dst, reflect.ValueOf(b))
		return nil
	}
	a, ok := v.([]any)
	if !ok {
		return mismatch(v, dst, path)
	}
	if len(a) != dst.Len() {
		return typeErrorf(path, "%d elements where %d should be", len(a), dst.Len())
	}
	for i, el := range a {
		if err := store(el, dst.Index(i), index(path, i)); err != nil {
			return err
		}
	}
	return nil
}

func storeMap(v any, dst reflect.Value, path string) error {
	m, ok := v.(map[string]any)
	if !ok || dst.Type().Key().Kind() != reflect.String {
		return mismatch(v, dst, path)
	}
	out := reflect.MakeMapWithSize(dst.Type(), len(m))
	for k, el := range m {
		slot := reflect.New(dst.Type().Elem()).Elem()
		if err := store(el, slot, at(path, k)); err != nil {
			return err
		}
		out.SetMapIndex(reflect.ValueOf(k).Convert(dst.Type().Key()), slot)
	}
	dst.Set(out)
	return nil
}

func storeStruct(v any, dst reflect.Value, path string) error {
	if vectors[dst.Type()] {
		return storeVector(v, dst, path)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return mismatch(v, dst, path)
	}
	for _, f := range fieldsOf(dst.Type()) {
		el, ok := m[f.name]
		if !ok {
			continue
		}
		if err := store(el, dst.FieldByIndex(f.index), at(path, f.name)); err != nil {
			return err
		}
	}
	return nil
}

func storeVector(v any, dst reflect.Value, path string) error {
	a, ok := v.([]any)
	if !ok {
		return mismatch(v, dst, path)
	}
	if len(a) != dst.NumField() {
		return typeErrorf(path, "%d numbers where %d should be", len(a), dst.NumField())
	}
	for i, el := range a {
		if err := store(el, dst.Field(i), index(path, i)); err != nil {
			return err
		}
	}
	return nil
}

func mismatch(v any, dst reflect.Value, path string) error {
	return typeErrorf(path, "%s does not fit into %s", show(v), dst.Type())
}

func show(v any) string {
	const most = 40
	var s string
	switch v := v.(type) {
	case nil:
		return "undefined"
	case bool:
		s = fmt.Sprintf("boolean %t", v)
	case int32:
		s = fmt.Sprintf("integer %d", v)
	case float64:
		s = fmt.Sprintf("real %g", v)
	case string:
		s = fmt.Sprintf("string %q", v[:min(len(v), most)])
	case URI:
		s = fmt.Sprintf("uri %q", v[:min(len(v), most)])
	case time.Time:
		s = "date " + string(appendDate(nil, v))
	case []byte:
		s = fmt.Sprintf("binary of %d bytes", len(v))
	case []any:
		s = fmt.Sprintf("array of %d", len(v))
	case map[string]any:
		s = fmt.Sprintf("map of %d", len(v))
	default:
		s = fmt.Sprint(v)
	}
	return s
}
