package llsd

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"rookery/grid"
)

// A URI is the LLSD type uri. It is kept as text: grids put capability
// addresses into it that need not be well-formed.
type URI string

// A Format is one of the three forms of LLSD.
type Format uint8

// The forms.
const (
	XML Format = iota + 1
	Binary
	Notation
)

// ContentType is the media type by which HTTP names the form.
func (f Format) ContentType() string {
	switch f {
	case XML:
		return "application/llsd+xml"
	case Binary:
		return "application/llsd+binary"
	case Notation:
		return "application/llsd+notation"
	}
	return "application/octet-stream"
}

func (f Format) String() string {
	switch f {
	case XML:
		return "llsd xml"
	case Binary:
		return "llsd binary"
	case Notation:
		return "llsd notation"
	}
	return "llsd"
}

var (
	// ErrTooDeep means that arrays and maps nest deeper than MaxDepth allows.
	ErrTooDeep = errors.New("llsd nests too deep")
	// ErrTooLarge means that the text is longer than MaxSize allows.
	ErrTooLarge = errors.New("llsd is too large")
	// ErrEmpty means that there was nothing to parse. Grids answer with an
	// empty body where they have nothing to say.
	ErrEmpty = errors.New("llsd is empty")
)

// A SyntaxError tells where input stops being LLSD.
type SyntaxError struct {
	Format Format
	Offset int64 // bytes read when the error was noticed
	Msg    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at byte %d: %s", e.Format, e.Offset, e.Msg)
}

// Get walks down maps by key and returns the value there, nil when any part
// of the way is missing.
func Get(v any, path ...string) any {
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// Map returns v when it is a map, nil (which reads as an empty map) otherwise.
func Map(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// Array returns v when it is an array, nil otherwise.
func Array(v any) []any {
	a, _ := v.([]any)
	return a
}

// Bool converts v as the standard says, with one difference: the strings that
// grids write for false (false, f, no, n, 0 in any case) are false.
func Bool(v any) bool { b, _ := toBool(v); return b }

// Int converts v to an integer as the standard says; 0 when that is impossible.
// Fractions are cut, and what does not fit becomes the nearest integer.
func Int(v any) int32 {
	n, ok := toInt64(v)
	if !ok {
		return 0
	}
	return clampInt32(n)
}

// Uint converts v to an unsigned integer. Grids write these as integers of the
// same bits, or as binary in network order. 0 when that is impossible.
func Uint(v any) uint64 {
	n, ok := toUint64(v)
	if !ok {
		return 0
	}
	return n
}

// Real converts v to a real as the standard says; 0 when that is impossible.
func Real(v any) float64 { r, _ := toReal(v); return r }

// String converts a scalar to its text as the standard says; "" when that is
// impossible.
func String(v any) string { s, _ := toString(v); return s }

// UUID converts v, a uuid or the text or bytes of one; the null UUID when that is impossible.
func UUID(v any) grid.UUID { id, _ := toUUID(v); return id }

// Date converts v; a number counts seconds since 1970. The zero time when that
// is impossible.
func Date(v any) time.Time { t, _ := toDate(v); return t }

// Bytes returns the bytes of a binary, or of a string's text; nil otherwise.
func Bytes(v any) []byte {
	switch v := v.(type) {
	case []byte:
		return v
	case string:
		return []byte(v)
	}
	return nil
}

func toBool(v any) (bool, bool) {
	switch v := v.(type) {
	case nil:
		return false, true
	case bool:
		return v, true
	case int32:
		return v != 0, true
	case float64:
		return v != 0 && !math.IsNaN(v), true
	case URI:
		return toBool(string(v))
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "", "0", "false", "f", "no", "n":
			return false, true
		}
		return true, true
	}
	return false, false
}

func toInt64(v any) (int64, bool) {
	switch v := v.(type) {
	case nil:
		return 0, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int32:
		return int64(v), true
	case float64:
		switch {
		case math.IsNaN(v):
			return 0, true
		case v >= math.MaxInt64:
			return math.MaxInt64, true
		case v <= math.MinInt64:
			return math.MinInt64, true
		}
		return int64(v), true
	case string:
		s := strings.TrimSpace(v)
		if s == "" {
			return 0, true
		}
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n, true
		}
		r, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0, false
		}
		return toInt64(r)
	case []byte:
		u, ok := toUint64(v)
		if len(v) == 4 {
			return int64(int32(uint32(u))), ok
		}
		return int64(u), ok
	case time.Time:
		return v.Unix(), true
	}
	return 0, false
}

func toUint64(v any) (uint64, bool) {
	switch v := v.(type) {
	case int32:
		return uint64(uint32(v)), true
	case float64:
		if v >= math.MaxInt64 && v < math.MaxUint64 {
			return uint64(v), true
		}
	case string:
		if n, err := strconv.ParseUint(strings.TrimSpace(v), 10, 64); err == nil {
			return n, true
		}
	case []byte:
		if len(v) > 8 {
			return 0, false
		}
		var b [8]byte
		copy(b[8-len(v):], v)
		return binary.BigEndian.Uint64(b[:]), true
	}
	n, ok := toInt64(v)
	if n < math.MinInt32 {
		return 0, false
	}
	if n < 0 {
		return uint64(uint32(int32(n))), ok
	}
	return uint64(n), ok
}

func toReal(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		if strings.TrimSpace(v) == "" {
			return 0, true
		}
		return parseReal(v)
	case time.Time:
		return seconds(v), true
	case []byte:
		return 0, false
	}
	n, ok := toInt64(v)
	return float64(n), ok
}

func toString(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case bool:
		if v {
			return "true", true
		}
		return "", true
	case int32:
		return strconv.Itoa(int(v)), true
	case float64:
		return string(appendReal(nil, v)), true
	case string:
		return v, true
	case URI:
		return string(v), true
	case grid.UUID:
		return v.String(), true
	case time.Time:
		return string(appendDate(nil, v)), true
	case []byte:
		return string(bytes.ToValidUTF8(bytes.TrimRight(v, "\x00"), []byte("\uFFFD"))), true
	}
	return "", false
}

func toUUID(v any) (grid.UUID, bool) {
	switch v := v.(type) {
	case nil:
		return grid.UUID{}, true
	case grid.UUID:
		return v, true
	case string:
		return parseUUID(v)
	case URI:
		return parseUUID(string(v))
	case []byte:
		if len(v) == 16 {
			return grid.UUID(v), true
		}
		return grid.UUID{}, len(v) == 0
	}
	return grid.UUID{}, false
}

func toDate(v any) (time.Time, bool) {
	switch v := v.(type) {
	case nil:
		return time.Time{}, true
	case time.Time:
		return v, true
	case string:
		return parseDate(v)
	case int32:
		return time.Unix(int64(v), 0).UTC(), true
	case float64:
		return fromSeconds(v)
	}
	return time.Time{}, false
}

func clampInt32(n int64) int32 {
	switch {
	case n > math.MaxInt32:
		return math.MaxInt32
	case n < math.MinInt32:
		return math.MinInt32
	}
	return int32(n)
}
