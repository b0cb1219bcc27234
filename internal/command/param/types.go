package param

import (
	"fmt"
	"strings"
	"time"

	"rookery/grid"
	"rookery/grid/login"
	"rookery/internal/command"
	"rookery/internal/nearest"
	"rookery/script"
	"rookery/script/regex"
)

// The names of types, as documentation shows them.
const (
	typeText = "text"
	typeUUID = "uuid"
)

func plain[T any](name, about, kind string, parse func(string) (T, error)) Param[T] {
	return Param[T]{info: command.Info{Name: name, Type: kind, About: about}, parse: parse}
}

// Text is any text.
func Text(name, about string) Param[string] {
	p := plain(name, about, typeText, func(text string) (string, error) { return text, nil })
	p.anything = true
	return p
}

// UUID is an identifier in its 36-character form, in any case.
func UUID(name, about string) Param[grid.UUID] {
	return plain(name, about, typeUUID, func(text string) (grid.UUID, error) {
		return grid.ParseUUID(strings.TrimSpace(text))
	})
}

// Bool is True or False, in any case.
func Bool(name, about string) Param[bool] {
	return plain(name, about, "bool", script.ParseBool)
}

// Int is a whole number from least to most.
func Int(name, about string, least, most int64) Param[int64] {
	return plain(name, about, "integer", func(text string) (int64, error) {
		return script.ParseInt(text, least, most)
	})
}

// Float is a number from least to most.
func Float(name, about string, least, most float32) Param[float32] {
	return plain(name, about, "number", func(text string) (float32, error) {
		f, err := script.ParseFloat32(text)
		if err == nil && (f < least || f > most) {
			err = fmt.Errorf("%q: want a number from %s to %s", text, script.FormatFloat32(least), script.FormatFloat32(most))
		}
		return f, err
	})
}

// Millis is a time span in whole milliseconds, from 1 to most.
func Millis(name, about string, most time.Duration) Param[time.Duration] {
	return plain(name, about, "milliseconds", func(text string) (time.Duration, error) {
		ms, err := script.ParseInt(text, 1, most.Milliseconds())
		return time.Duration(ms) * time.Millisecond, err
	})
}

// Time is a moment, in any of the forms of [script.ParseTime].
func Time(name, about string) Param[time.Time] {
	return plain(name, about, "time", script.ParseTime)
}

// Vector is three numbers, <x, y, z>.
func Vector(name, about string) Param[grid.Vector3] {
	return plain(name, about, "vector", func(text string) (grid.Vector3, error) {
		v, err := script.ParseVector3(text)
		return grid.Vector3(v), err
	})
}

// GlobalVector is three numbers, <x, y, z>, metres from the grid's south-west
// corner; doubles, so that they are exact anywhere.
func GlobalVector(name, about string) Param[grid.Vector3d] {
	return plain(name, about, "vector", func(text string) (grid.Vector3d, error) {
		v, err := script.ParseVector3d(text)
		return grid.Vector3d(v), err
	})
}

// Point is a place on the ground, <x, y> or <x, y, z>.
func Point(name, about string) Param[grid.Vector3] {
	return plain(name, about, "vector", func(text string) (grid.Vector3, error) {
		v, err := script.ParseVector2(text)
		return grid.Vector3(v), err
	})
}

// Rotation is a quaternion, <x, y, z, w>.
func Rotation(name, about string) Param[grid.Quaternion] {
	return plain(name, about, "rotation", func(text string) (grid.Quaternion, error) {
		r, err := script.ParseRotation(text)
		return grid.Quaternion(r), err
	})
}

// StartLocation is a place to log in at: home, last, or a region with a point
// in it, in any of the forms that grids and viewers write.
func StartLocation(name, about string) Param[login.Start] {
	return plain(name, about, "location", login.ParseStart)
}

// Regex is a regular expression of .NET.
func Regex(name, about string, o regex.Options) Param[*regex.Expression] {
	return plain(name, about, "regex", func(text string) (*regex.Expression, error) {
		return regex.Parse(text, o)
	})
}

// List is a list of texts, written as CSV.
func List(name, about string) Param[[]string] {
	p := plain(name, about, command.TypeList, func(text string) ([]string, error) {
		return script.ParseCSV(text), nil
	})
	p.anything = true
	return p
}

// Query is the parameter data of commands that read members of a structure:
// their names, in the order in which they are answered. Unknown names are left
// out of the answer.
func Query(names []string) Param[[]string] {
	return List("data", "members asked for, any of: "+join(names))
}

// OneOf is one of several words, in any case; its value is the word as
// written here. A missing word is as wrong as an unknown one.
func OneOf(name, about string, fails *script.Error, words ...string) Param[string] {
	p := plain(name, about, "word", func(text string) (string, error) {
		for _, word := range words {
			if strings.EqualFold(word, strings.TrimSpace(text)) {
				return word, nil
			}
		}
		return "", unknown(text, words)
	}).Required().Fails(fails)
	p.info.Values = words
	return p
}

// Enum is a member of one of the grid's enumerations by its name: exactly, or
// in any case where only one fits.
func Enum[T fmt.Stringer](name, about string, all []T) Param[T] {
	words := make([]string, len(all))
	for i, v := range all {
		words[i] = v.String()
	}
	p := plain(name, about, "word", func(text string) (T, error) {
		i, err := pick(words, strings.TrimSpace(text))
		if err != nil {
			var zero T
			return zero, err
		}
		return all[i], nil
	})
	p.info.Values = words
	return p
}

func pick(words []string, text string) (int, error) {
	found := -1
	for i, word := range words {
		switch {
		case word == text:
			return i, nil
		case !strings.EqualFold(word, text):
		case found >= 0:
			return 0, fmt.Errorf("%q fits both %s and %s", text, words[found], word)
		default:
			found = i
		}
	}
	if found < 0 {
		return 0, unknown(text, words)
	}
	return found, nil
}

// unknown says that a text is none of the words allowed.
func unknown(text string, words []string) error {
	if len(words) == 1 {
		return fmt.Errorf("%q: %s", text, allowed(words))
	}
	hint := ""
	if near := nearest.Name(text, words); near != "" {
		hint = " (did you mean " + near + "?)"
	}
	return fmt.Errorf("%q is none of %s%s", text, join(words), hint)
}

func join(words []string) string { return strings.Join(words, ", ") }
