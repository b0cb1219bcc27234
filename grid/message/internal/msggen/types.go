package msggen

import (
	"fmt"
	"strconv"
	"strings"
)

// wireType tells how a field type is written in Go and on the wire.
type wireType struct {
	goType string
	size   int // bytes on the wire; of the length prefix when variable
	// get and put read the value from p and write {v} to it, from offset {at}
	// to before {end}.
	get, put string
	variable bool
}

// expand fills in a get or put.
func (t wireType) expand(pattern string, at int, value string) string {
	return strings.NewReplacer(
		"{at}", strconv.Itoa(at),
		"{end}", strconv.Itoa(at+t.size),
		"{v}", value,
	).Replace(pattern)
}

var wireTypes = map[string]wireType{
	"u8":    {"uint8", 1, "p[{at}]", "p[{at}] = {v}", false},
	"s8":    {"int8", 1, "int8(p[{at}])", "p[{at}] = byte({v})", false},
	"bool":  {"bool", 1, "p[{at}] != 0", "p[{at}] = bit({v})", false},
	"u16":   {"uint16", 2, "le.Uint16(p[{at}:])", "le.PutUint16(p[{at}:], {v})", false},
	"s16":   {"int16", 2, "int16(le.Uint16(p[{at}:]))", "le.PutUint16(p[{at}:], uint16({v}))", false},
	"u32":   {"uint32", 4, "le.Uint32(p[{at}:])", "le.PutUint32(p[{at}:], {v})", false},
	"s32":   {"int32", 4, "int32(le.Uint32(p[{at}:]))", "le.PutUint32(p[{at}:], uint32({v}))", false},
	"u64":   {"uint64", 8, "le.Uint64(p[{at}:])", "le.PutUint64(p[{at}:], {v})", false},
	"f32":   {"float32", 4, "getF32(p[{at}:])", "putF32(p[{at}:], {v})", false},
	"f64":   {"float64", 8, "getF64(p[{at}:])", "putF64(p[{at}:], {v})", false},
	"uuid":  {"grid.UUID", 16, "grid.UUID(p[{at}:{end}])", "copy(p[{at}:{end}], {v}[:])", false},
	"vec3":  {"grid.Vector3", 12, "getVec3(p[{at}:])", "putVec3(p[{at}:], {v})", false},
	"vec3d": {"grid.Vector3d", 24, "getVec3d(p[{at}:])", "putVec3d(p[{at}:], {v})", false},
	"vec4":  {"grid.Vector4", 16, "getVec4(p[{at}:])", "putVec4(p[{at}:], {v})", false},
	"quat":  {"grid.Quaternion", 12, "getQuat(p[{at}:])", "putQuat(p[{at}:], {v})", false},
	"ip":    {"[4]byte", 4, "[4]byte(p[{at}:{end}])", "copy(p[{at}:{end}], {v}[:])", false},
	"port":  {"uint16", 2, "be.Uint16(p[{at}:])", "be.PutUint16(p[{at}:], {v})", false},
	"var1":  {"[]byte", 1, "", "", true},
	"var2":  {"[]byte", 2, "", "", true},
}

func typeOf(name string) (wireType, error) {
	if t, ok := wireTypes[name]; ok {
		return t, nil
	}
	if digits, ok := strings.CutPrefix(name, "fixed"); ok {
		n, err := strconv.Atoi(digits)
		if err == nil && n > 0 && n < 1<<16 {
			t := wireType{goType: fmt.Sprintf("[%d]byte", n), size: n}
			t.get = t.goType + "(p[{at}:{end}])"
			t.put = "copy(p[{at}:{end}], {v}[:])"
			return t, nil
		}
	}
	return wireType{}, fmt.Errorf("unknown type %q", name)
}
