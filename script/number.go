package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// FormatBool writes True or False, the form of answers and notifications.
func FormatBool(v bool) string {
	if v {
		return "True"
	}
	return "False"
}

// FormatDataBool writes true or false, the form inside the data lists of
// queries.
func FormatDataBool(v bool) string { return strconv.FormatBool(v) }

// ParseBool reads true or false in any case, blanks around it ignored.
func ParseBool(text string) (bool, error) {
	t := strings.TrimSpace(text)
	switch {
	case strings.EqualFold(t, "true"):
		return true, nil
	case strings.EqualFold(t, "false"):
		return false, nil
	}
	return false, fmt.Errorf("%q is not a truth value: allowed are True and False", text)
}

// ParseInt reads a decimal whole number from least to most, blanks around it
// ignored. A number out of range is an error, never clipped.
func ParseInt(text string, least, most int64) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q: want a whole number from %d to %d", text, least, most)
	}
	return n, nil
}

// ParseFloat reads a finite decimal number with a point, with or without an
// exponent, blanks around it ignored.
func ParseFloat(text string) (float64, error) { return parseFloat(text, 64) }

// ParseFloat32 is [ParseFloat] for the range of a float32.
func ParseFloat32(text string) (float32, error) {
	f, err := parseFloat(text, 32)
	return float32(f), err
}

func parseFloat(text string, bits int) (float64, error) {
	t := strings.TrimSpace(text)
	// strconv also reads hexadecimal floats, underscores, inf and nan.
	if t == "" || strings.Trim(t, "0123456789+-.eE") != "" {
		return 0, fmt.Errorf("%q is not a number such as 12 or -1.5", text)
	}
	f, err := strconv.ParseFloat(t, bits)
	switch {
	case math.IsInf(f, 0):
		return 0, fmt.Errorf("%q is out of range", text)
	case err != nil:
		return 0, fmt.Errorf("%q is not a number such as 12 or -1.5", text)
	}
	return f, nil
}

// FormatFloat writes the shortest decimal that reads back as f, as .NET does
// for its invariant culture: 128, 0.1, 1E-05, 1E+16, NaN, Infinity. Negative
// zero is written 0.
func FormatFloat(f float64) string { return string(AppendFloat(nil, f)) }

// FormatFloat32 is [FormatFloat] for a float32: fewer digits tell it apart,
// and exponents begin sooner (1E+07 but 16777216).
func FormatFloat32(f float32) string { return string(AppendFloat32(nil, f)) }

// AppendFloat appends f to dst as [FormatFloat] writes it.
func AppendFloat(dst []byte, f float64) []byte { return appendFloat(dst, f, 64, 15) }

// AppendFloat32 appends f to dst as [FormatFloat32] writes it.
func AppendFloat32(dst []byte, f float32) []byte { return appendFloat(dst, float64(f), 32, 7) }

// appendFloat follows the general format of .NET (System.Number): digits and
// nothing else as long as the point stands within the digits there are, or
// within the precision of the type; an exponent beyond and below 0.0001.
func appendFloat(dst []byte, f float64, bits, precision int) []byte {
	switch {
	case f == 0:
		return append(dst, '0')
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	// Within this range there is never an exponent: the common case.
	if a := math.Abs(f); a >= 1e-4 && a < 1e7 {
		return strconv.AppendFloat(dst, f, 'f', -1, bits)
	}
	var buf [32]byte
	e := strconv.AppendFloat(buf[:0], f, 'E', -1, bits) // d.ddddE±dd
	at := strings.IndexByte(string(e), 'E')
	exponent, err := strconv.Atoi(string(e[at+1:]))
	if err != nil {
		return append(dst, e...)
	}
	digits := at
	if e[0] == '-' {
		digits--
	}
	if digits > 1 {
		digits-- // the point
	}
	if point := exponent + 1; point > max(digits, precision) || point < -3 {
		return append(dst, e...)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}
