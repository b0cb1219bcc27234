package script

import (
	"errors"
	"fmt"
	"strings"
)

// Vector3 is a position, direction or size, in the layout of the grid's.
type Vector3 struct{ X, Y, Z float32 }

// Vector3d is a vector of doubles, for global positions.
type Vector3d struct{ X, Y, Z float64 }

// Rotation is a quaternion.
type Rotation struct{ X, Y, Z, W float32 }

// ParseVector3 reads three numbers separated by commas, with or without angle
// brackets and blanks: <128, 64.5, 21>.
func ParseVector3(text string) (Vector3, error) {
	var v Vector3
	err := parseComponents(text, "a vector such as <128, 64, 21>", 32, 3, 3, func(i int, f float64) {
		*[]*float32{&v.X, &v.Y, &v.Z}[i] = float32(f)
	})
	if err != nil {
		return Vector3{}, err
	}
	return v, nil
}

// ParseVector2 reads a vector whose height does not matter: <128, 64>. A third
// number is taken as Z; without one Z is 0.
func ParseVector2(text string) (Vector3, error) {
	var v Vector3
	err := parseComponents(text, "a vector such as <128, 64>", 32, 2, 3, func(i int, f float64) {
		*[]*float32{&v.X, &v.Y, &v.Z}[i] = float32(f)
	})
	if err != nil {
		return Vector3{}, err
	}
	return v, nil
}

// ParseVector3d reads a vector of doubles, in the form of [ParseVector3].
func ParseVector3d(text string) (Vector3d, error) {
	var v Vector3d
	err := parseComponents(text, "a vector such as <256128, 256064, 21>", 64, 3, 3, func(i int, f float64) {
		*[]*float64{&v.X, &v.Y, &v.Z}[i] = f
	})
	if err != nil {
		return Vector3d{}, err
	}
	return v, nil
}

// ParseRotation reads four numbers in the form of [ParseVector3]:
// <0, 0, 0.7071, 0.7071>. Nothing is
// normalised.
func ParseRotation(text string) (Rotation, error) {
	var r Rotation
	err := parseComponents(text, "a rotation such as <0, 0, 0, 1>", 32, 4, 4, func(i int, f float64) {
		*[]*float32{&r.X, &r.Y, &r.Z, &r.W}[i] = float32(f)
	})
	if err != nil {
		return Rotation{}, err
	}
	return r, nil
}

// parseComponents reads from least to most numbers. Brackets are taken off
// wherever they are missing on one side too: texts cut short by a message
// limit do not get this far, and the original read them so.
func parseComponents(text, want string, bits, least, most int, set func(int, float64)) error {
	t := strings.TrimSpace(text)
	if t == "" {
		return errors.New("empty: want " + want)
	}
	t = strings.TrimPrefix(t, "<")
	t = strings.TrimSuffix(t, ">")
	n := 0
	for part := range strings.SplitSeq(t, ",") {
		if n == most {
			return fmt.Errorf("%q: too many numbers, want %s", text, want)
		}
		f, err := parseFloat(part, bits)
		if err != nil {
			return fmt.Errorf("%q: number %d: %w, want %s", text, n+1, err, want)
		}
		set(n, f)
		n++
	}
	if n < least {
		return fmt.Errorf("%q: %d numbers, want %s", text, n, want)
	}
	return nil
}

// String writes <x, y, z>, each number as [FormatFloat32] does.
func (v Vector3) String() string { return string(v.AppendTo(nil)) }

// AppendTo appends what [Vector3.String] returns.
func (v Vector3) AppendTo(dst []byte) []byte { return appendFloats32(dst, v.X, v.Y, v.Z) }

// String writes <x, y, z>, each number as [FormatFloat] does.
func (v Vector3d) String() string { return string(v.AppendTo(nil)) }

// AppendTo appends what [Vector3d.String] returns.
func (v Vector3d) AppendTo(dst []byte) []byte {
	dst = AppendFloat(append(dst, '<'), v.X)
	dst = AppendFloat(append(dst, ", "...), v.Y)
	dst = AppendFloat(append(dst, ", "...), v.Z)
	return append(dst, '>')
}

// String writes <x, y, z, w>, each number as [FormatFloat32] does.
func (r Rotation) String() string { return string(r.AppendTo(nil)) }

// AppendTo appends what [Rotation.String] returns.
func (r Rotation) AppendTo(dst []byte) []byte { return appendFloats32(dst, r.X, r.Y, r.Z, r.W) }

func appendFloats32(dst []byte, fs ...float32) []byte {
	dst = append(dst, '<')
	for i, f := range fs {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = AppendFloat32(dst, f)
	}
	return append(dst, '>')
}
