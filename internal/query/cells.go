package query

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"rookery/grid"
	"rookery/script"
)

// Flags is a set whose members have names, lowest first.
type Flags interface{ Names() []string }

// Cells writes one value as the cells of a list:
//
//   - truth values as true and false,
//   - numbers in decimal with a point,
//   - vectors as <x, y, z>, rotations as <x, y, z, w>,
//   - points in time as 2006-01-02T15:04:05.000000Z (none for the zero time),
//   - enumerations by the name of the member, sets as one cell per flag,
//   - lists as Index, n, value for each element; a UUID in a list is two
//     cells, Guid and the UUID,
//   - dictionaries as key, value of each entry,
//   - structures as name, value… of every member that has one.
//
// There are no cells for nil, an empty text and an empty list.
func Cells(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
		return []string{v}
	case bool:
		return []string{script.FormatDataBool(v)}
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return []string{script.FormatTime(v)}
	case time.Duration:
		return []string{script.FormatFloat(v.Seconds())}
	case grid.UUID:
		return []string{v.String()}
	case grid.Vector3:
		return []string{script.Vector3(v).String()}
	case grid.Vector3d:
		return []string{script.Vector3d(v).String()}
	case grid.Vector4:
		return []string{script.Rotation(v).String()}
	case grid.Quaternion:
		return []string{script.Rotation(v).String()}
	case Object:
		return structure(v)
	case Dictionary:
		return v.cells()
	case Flags:
		return v.Names()
	case fmt.Stringer:
		return Cells(v.String())
	}
	return reflected(reflect.ValueOf(value))
}

func structure(o Object) []string {
	var cells []string
	for _, name := range o.Names() {
		value, _ := o.Member(name)
		if values := Cells(value); len(values) > 0 {
			cells = append(cells, name)
			cells = append(cells, values...)
		}
	}
	return cells
}

func reflected(v reflect.Value) []string {
	switch v.Kind() {
	case reflect.Bool:
		return []string{script.FormatDataBool(v.Bool())}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return []string{strconv.FormatInt(v.Int(), 10)}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return []string{strconv.FormatUint(v.Uint(), 10)}
	case reflect.Float32:
		return []string{script.FormatFloat32(float32(v.Float()))}
	case reflect.Float64:
		return []string{script.FormatFloat(v.Float())}
	case reflect.String:
		return Cells(v.String())
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return Cells(v.Elem().Interface())
	case reflect.Slice, reflect.Array:
		return list(v)
	}
	panic(fmt.Sprintf("query: no way to write a %s", v.Type()))
}

func list(v reflect.Value) []string {
	var cells []string
	for i := range v.Len() {
		element := v.Index(i).Interface()
		values := Cells(element)
		if id, ok := element.(grid.UUID); ok {
			values = []string{"Guid", id.String()}
		}
		if len(values) == 0 {
			// Elements keep their index, and rows keep their width.
			values = []string{""}
		}
		cells = append(cells, "Index", strconv.Itoa(i))
		cells = append(cells, values...)
	}
	return cells
}

// Dictionary is a list of keys with their values, written as key, value…; a
// UUID as key is two cells, Guid and the UUID.
type Dictionary []Entry

// Entry is one row of a [Dictionary].
type Entry struct{ Key, Value any }

func (d Dictionary) cells() []string {
	var cells []string
	for _, e := range d {
		if id, ok := e.Key.(grid.UUID); ok {
			cells = append(cells, "Guid", id.String())
		} else {
			cells = append(cells, Cells(e.Key)...)
		}
		cells = append(cells, Cells(e.Value)...)
	}
	return cells
}
