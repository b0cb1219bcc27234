package login

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"rookery/grid"
	"rookery/grid/llsd"
)

// members is a struct of the protocol. Its readers take a value in any of the
// types in which grids send it; what is missing or unreadable is zero.
type members map[string]any

func (m members) has(key string) bool { return m.text(key) != "" }

func (m members) text(key string) string { return scalarText(m[key]) }

func scalarText(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	}
	return strings.TrimSpace(llsd.String(v))
}

func (m members) truth(key string) bool { return llsd.Bool(m[key]) }

// int reads an integer of up to 64 bits; circuit codes and handles arrive
// signed and unsigned.
func (m members) int(key string) int64 {
	switch v := m[key].(type) {
	case int32:
		return int64(v)
	case int64:
		return v
	case []byte:
		return int64(llsd.Uint(v))
	}
	s := m.text(key)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	f := parseFloat(s)
	if math.IsNaN(f) || math.Abs(f) >= math.MaxInt64 {
		return 0
	}
	return int64(f)
}

func (m members) number(key string) float64 {
	f := parseFloat(m.text(key))
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	// Nothing in the protocol is larger; a duration built from it must not overflow.
	return min(f, 1e6)
}

func parseFloat(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0
	}
	return f
}

func (m members) uuid(key string) grid.UUID { return llsd.UUID(m[key]) }

func (m members) sub(key string) members {
	v, _ := m[key].(map[string]any)
	return v
}

// list reads an array of structs. A lone struct counts as an array of one.
func (m members) list(key string) []members {
	switch v := m[key].(type) {
	case map[string]any:
		return []members{v}
	case []any:
		list := make([]members, 0, len(v))
		for _, el := range v {
			if s, ok := el.(map[string]any); ok {
				list = append(list, s)
			}
		}
		return list
	}
	return nil
}

func (m members) first(key string) members {
	if l := m.list(key); len(l) > 0 {
		return l[0]
	}
	return nil
}

func (m members) texts(key string) []string {
	list, ok := m[key].([]any)
	if !ok {
		return nil
	}
	texts := make([]string, 0, len(list))
	for _, el := range list {
		texts = append(texts, scalarText(el))
	}
	return texts
}

// blacklist reads names that come as an array or as text with commas.
func (m members) blacklist() []string {
	names := m.texts("udp_blacklist")
	if names == nil {
		names = strings.Split(m.text("udp_blacklist"), ",")
	}
	kept := names[:0]
	for _, n := range names {
		if n = strings.TrimSpace(n); n != "" {
			kept = append(kept, n)
		}
	}
	return kept
}

// unquote takes off the quotes in which Second Life sends first names.
func unquote(s string) string { return strings.Trim(s, `"`) }

// oddMap reads a map that travels as the text of LLSD notation.
func oddMap(v any) members {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	parsed, err := llsd.ParseNotation(strings.NewReader(scalarText(v)), llsd.MaxDepth(4))
	if err != nil {
		return nil
	}
	m, _ := parsed.(map[string]any)
	return m
}

var numeral = regexp.MustCompile(`[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?`)

// numbers reads n numbers in the forms in which grids write positions: an
// array, or text such as [r1,r0,r0] or ['r1.0','r0.0','r0.0'].
func numbers(v any, n int) ([]float64, bool) {
	list, ok := v.([]any)
	if !ok {
		for _, s := range numeral.FindAllString(scalarText(v), n+1) {
			list = append(list, s)
		}
	}
	if len(list) != n {
		return nil, false
	}
	out := make([]float64, n)
	for i, el := range list {
		if f, ok := el.(float64); ok {
			out[i] = f
		} else {
			out[i] = parseFloat(strings.TrimPrefix(scalarText(el), "r"))
		}
		if math.IsNaN(out[i]) || math.IsInf(out[i], 0) {
			out[i] = 0
		}
	}
	return out, true
}

func oddVector(v any) grid.Vector3 {
	n, ok := numbers(v, 3)
	if !ok {
		return grid.Vector3{}
	}
	return grid.Vector3{X: float32(n[0]), Y: float32(n[1]), Z: float32(n[2])}
}
