package llsd

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"

	"rookery/grid"
)

// The texts of scalars are the same in XML and notation.

var epoch = time.Unix(0, 0).UTC()

func parseBool(s string) (bool, bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "true", "1":
		return true, true
	case "", "false", "0":
		return false, true
	}
	return false, false
}

// parseInt reads a 32-bit integer. Unsigned ones, which some writers let
// through, keep their bits; what lies beyond becomes the nearest integer.
func parseInt(s string) (int32, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		if ne := (*strconv.NumError)(nil); asNumError(err, &ne) && ne.Err == strconv.ErrRange {
			return clampInt32(n), false
		}
		r, ok := parseReal(s)
		if !ok || math.IsNaN(r) {
			return 0, false
		}
		n, _ = toInt64(r)
		return clampInt32(n), false
	}
	if n > math.MaxInt32 && n <= math.MaxUint32 {
		return int32(uint32(n)), true
	}
	return clampInt32(n), n >= math.MinInt32 && n <= math.MaxInt32
}

func asNumError(err error, ne **strconv.NumError) bool {
	e, ok := err.(*strconv.NumError)
	*ne = e
	return ok
}

func parseReal(s string) (float64, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return 0, true
	}
	r, err := strconv.ParseFloat(s, 64)
	if err == nil {
		return r, true
	}
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
		return r, true
	}
	// The names that Windows' C library and .NET give to these.
	switch {
	case strings.HasPrefix(s, "1.#inf"), s == "∞":
		return math.Inf(1), true
	case strings.HasPrefix(s, "-1.#inf"), s == "-∞":
		return math.Inf(-1), true
	case strings.HasPrefix(s, "1.#"), strings.HasPrefix(s, "-1.#"), strings.HasPrefix(s, "nan"), s == "-nan":
		return math.NaN(), true
	}
	return 0, false
}

func appendReal(b []byte, r float64) []byte {
	switch {
	case math.IsNaN(r):
		return append(b, "NaN"...)
	case math.IsInf(r, 1):
		return append(b, "Infinity"...)
	case math.IsInf(r, -1):
		return append(b, "-Infinity"...)
	}
	return strconv.AppendFloat(b, r, 'g', -1, 64)
}

func parseUUID(s string) (grid.UUID, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return grid.UUID{}, true
	}
	id, err := grid.ParseUUID(s)
	return id, err == nil
}

var dateLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02",
}

// parseDate reads ISO 8601 as grids write it; nothing at all is 1970 (wiki).
func parseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return epoch, true
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Round(time.Microsecond), true
		}
	}
	return epoch, false
}

// appendDate writes to the microsecond, which is what the binary form can carry.
func appendDate(b []byte, t time.Time) []byte {
	t = clampDate(t)
	return t.AppendFormat(b, "2006-01-02T15:04:05.999999Z")
}

// The years that ISO 8601 writes with four digits.
var (
	minDate = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	maxDate = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
)

func clampDate(t time.Time) time.Time {
	t = t.UTC().Round(time.Microsecond)
	switch {
	case t.Before(minDate):
		return minDate
	case t.After(maxDate):
		return maxDate
	}
	return t
}

func seconds(t time.Time) float64 {
	t = clampDate(t)
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

func fromSeconds(s float64) (time.Time, bool) {
	if math.IsNaN(s) || s < float64(minDate.Unix()) || s > float64(maxDate.Unix()) {
		return epoch, false
	}
	whole, frac := math.Modf(s)
	return time.Unix(int64(whole), int64(math.Round(frac*1e6))*1e3).UTC(), true
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

func decodeBase64(s string) ([]byte, bool) {
	if strings.IndexFunc(s, isSpace) >= 0 {
		s = strings.Join(strings.Fields(s), "")
	}
	if b, err := base64.StdEncoding.DecodeString(s); err == nil {
		return b, true
	}
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	if b, err := base64.RawStdEncoding.DecodeString(s); err == nil {
		return b, true
	}
	return []byte{}, false
}

func decodeBase16(s string) ([]byte, bool) {
	if strings.IndexFunc(s, isSpace) >= 0 {
		s = strings.Join(strings.Fields(s), "")
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return []byte{}, false
	}
	return b, true
}
