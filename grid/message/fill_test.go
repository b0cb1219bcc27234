package message_test

import (
	"reflect"

	"pgregory.net/rapid"

	"rookery/grid"
	"rookery/grid/message"
)

// fill gives every field of m a drawn value that survives the wire: floats
// that are not NaN, quaternions that came from the wire.
func fill(t *rapid.T, m message.Message) { fillValue(t, reflect.ValueOf(m).Elem()) }

func fillValue(t *rapid.T, v reflect.Value) {
	if q, ok := v.Addr().Interface().(*grid.Quaternion); ok {
		*q = drawQuaternion(t)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fillValue(t, v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			fillValue(t, v.Index(i))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 12).Draw(t, "bytes"))
			return
		}
		n := rapid.IntRange(0, 3).Draw(t, "count")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fillValue(t, v.Index(i))
		}
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Float32:
		v.SetFloat(float64(rapid.Float32().Draw(t, "f32")))
	case reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(t, "f64"))
	case reflect.Int8:
		v.SetInt(int64(rapid.Int8().Draw(t, "s8")))
	case reflect.Int16:
		v.SetInt(int64(rapid.Int16().Draw(t, "s16")))
	case reflect.Int32:
		v.SetInt(int64(rapid.Int32().Draw(t, "s32")))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Uint8().Draw(t, "u8")))
	case reflect.Uint16:
		v.SetUint(uint64(rapid.Uint16().Draw(t, "u16")))
	case reflect.Uint32:
		v.SetUint(uint64(rapid.Uint32().Draw(t, "u32")))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "u64"))
	default:
		t.Fatalf("no way to fill a %v", v.Type())
	}
}

// drawQuaternion returns a rotation in the form that the wire gives back: it
// sends a drawn one through ObjectRotation.
func drawQuaternion(t *rapid.T) grid.Quaternion {
	part := func() float32 { return rapid.Float32Range(-1, 1).Draw(t, "part") }
	m := message.ObjectRotation{ObjectData: []message.ObjectRotationObjectData{
		{Rotation: grid.Quaternion{X: part(), Y: part(), Z: part(), W: part()}},
	}}
	b, err := m.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, body, err := message.ParseID(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Decode(body); err != nil {
		t.Fatal(err)
	}
	return m.ObjectData[0].Rotation
}
