package grid

import (
	"strconv"
	"strings"
)

type name[T ~int8 | ~uint8 | ~uint32 | ~uint64] struct {
	value T
	text  string
}

// names is the table of an enumeration whose values have names.
type names[T ~int8 | ~uint8 | ~uint32 | ~uint64] []name[T]

func (n names[T]) text(v T) string {
	for _, e := range n {
		if e.value == v {
			return e.text
		}
	}
	return strconv.FormatInt(int64(v), 10)
}

func (n names[T]) parse(s string) (T, bool) {
	found, hits := T(0), 0
	for _, e := range n {
		if e.text == s {
			return e.value, true
		}
		if strings.EqualFold(e.text, s) {
			found, hits = e.value, hits+1
		}
	}
	return found, hits == 1
}

func (n names[T]) all() []T {
	all := make([]T, len(n))
	for i, e := range n {
		all[i] = e.value
	}
	return all
}

// flags returns the names of the bits set in v, in table order.
func (n names[T]) flags(v T) []string {
	var set []string
	for _, e := range n {
		if e.value != 0 && v&e.value == e.value {
			set = append(set, e.text)
		}
	}
	return set
}
