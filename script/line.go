package script

import (
	"bytes"
	"fmt"
	"strings"
)

// DecodeLine reads one line of key-value text: it splits text ([ParsePairs])
// and decodes each key and each value with the input filters, once. Names are
// to be looked up in the result, after decoding. Line ends must have been
// removed. An error names the pair that could not be decoded; its value is
// never part of the error, it may be a secret.
func DecodeLine(text string, filters Filters) (Pairs, error) {
	filters = filters.now()
	ps := ParsePairs(text)
	for i := range ps {
		key, err := filters.Decode(ps[i].Key)
		if err != nil {
			return nil, ErrUndecodable.Because(fmt.Errorf("key of pair %d: %w", i+1, err))
		}
		value, err := filters.Decode(ps[i].Value)
		if err != nil {
			return nil, ErrUndecodable.Because(fmt.Errorf("value of %q: %w", key, err))
		}
		ps[i] = Pair{key, value}
	}
	return ps, nil
}

// AppendLine appends the pairs as one line of key-value text, each key and
// value encoded by the output filters, without a line end. With the default
// filters, and enough room in dst, it allocates nothing.
//
// The result never contains CR or LF: where the filters let one through (none,
// or ATBASH alone, for example) it becomes a space, so that no value can forge
// a line of its own. Chains that end in RFC1738 or RFC3986 keep line ends.
func AppendLine(dst []byte, ps Pairs, filters Filters) []byte {
	filters = filters.now()
	start := len(dst)
	for i := range ps {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = filters.AppendEncode(dst, ps[i].Key)
		dst = append(dst, '=')
		dst = filters.AppendEncode(dst, ps[i].Value)
	}
	if !filters.escapes() {
		flatten(dst[start:])
	}
	return dst
}

// EncodeLine is [AppendLine] into a new string.
func EncodeLine(ps Pairs, filters Filters) string {
	return string(AppendLine(nil, ps, filters))
}

// IsCommand tells whether decoded pairs are recognised as a command: the keys
// command, group and password are all there.
func IsCommand(ps Pairs) bool {
	return ps.Has("command") && ps.Has("group") && ps.Has("password")
}

// ParseCommand reads a text that somebody wrote as a command, in either form
// that doors take: key-value text with these filters, or JSON. False for what is
// none, or cannot be read.
func ParseCommand(text string, input Filters) (Pairs, bool) {
	var pairs Pairs
	var err error
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		pairs, err = ParseJSON([]byte(text))
	} else {
		pairs, err = DecodeLine(text, input)
	}
	return pairs, err == nil && IsCommand(pairs)
}

// flatten turns line ends into spaces.
func flatten(b []byte) {
	for {
		i := bytes.IndexAny(b, "\r\n")
		if i < 0 {
			return
		}
		b[i] = ' '
		b = b[i+1:]
	}
}
