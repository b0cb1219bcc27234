package script

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Filter changes one key or one value on its way in or out.
//
// AppendEncode cannot fail: everything that could be wrong with a filter is
// refused when it is made. Decode fails on texts that the filter could not
// have written; it never panics. Both are safe for use by several goroutines.
type Filter interface {
	// Name is the word used in settings and by the filter command.
	Name() string
	AppendEncode(dst []byte, text string) []byte
	Decode(text string) (string, error)
}

// Filters is a chain, applied from the first to the last in both directions:
// the list for input is therefore usually the output list reversed. An empty
// chain changes nothing. Empty text stays empty whatever the chain.
type Filters []Filter

// DefaultFilters is the chain used where nothing else is configured, for
// input and output.
func DefaultFilters() Filters { return Filters{RFC1738} }

// FilterSettings carries the keys of the filters that need one.
type FilterSettings struct {
	AESKey      string         // passphrase of AES and AES-256-GCM
	VigenereKey string         // letters a-z in any case
	Enigma      EnigmaSettings // rotors, plugs and reflector
}

// filterMakers lists every filter by its word.
var filterMakers = []struct {
	name string
	make func(FilterSettings) (Filter, error)
}{
	{"none", func(FilterSettings) (Filter, error) { return None, nil }},
	{"RFC1738", func(FilterSettings) (Filter, error) { return RFC1738, nil }},
	{"RFC3986", func(FilterSettings) (Filter, error) { return RFC3986, nil }},
	{"BASE64", func(FilterSettings) (Filter, error) { return Base64, nil }},
	{"ATBASH", func(FilterSettings) (Filter, error) { return Atbash, nil }},
	{"VIGENERE", func(s FilterSettings) (Filter, error) { return NewVigenere(s.VigenereKey) }},
	{"ENIGMA", func(s FilterSettings) (Filter, error) { return NewEnigma(s.Enigma) }},
	{"AES", func(s FilterSettings) (Filter, error) { return NewAES(s.AESKey) }},
	{"AES-256-GCM", func(s FilterSettings) (Filter, error) { return NewAESGCM(s.AESKey) }},
}

// FilterNames returns the words [NewFilter] knows.
func FilterNames() []string {
	names := make([]string, len(filterMakers))
	for i, m := range filterMakers {
		names[i] = m.name
	}
	return names
}

// NewFilter makes a filter by its word, in any case. It fails on an unknown
// word and on keys that the filter cannot work with.
func NewFilter(name string, s FilterSettings) (Filter, error) {
	for _, m := range filterMakers {
		if strings.EqualFold(m.name, strings.TrimSpace(name)) {
			return m.make(s)
		}
	}
	return nil, fmt.Errorf("unknown filter %q: allowed are %s", name, strings.Join(FilterNames(), ", "))
}

// NewFilters makes a chain of filters by their words.
func NewFilters(names []string, s FilterSettings) (Filters, error) {
	fs := make(Filters, 0, len(names))
	for _, name := range names {
		f, err := NewFilter(name, s)
		if err != nil {
			return nil, err
		}
		fs = append(fs, f)
	}
	return fs, nil
}

// Names returns the words of the chain.
func (fs Filters) Names() []string {
	fs = fs.now()
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.Name()
	}
	return names
}

// Reverse returns the chain in reverse order: what decodes what fs encoded.
func (fs Filters) Reverse() Filters {
	r := slices.Clone(fs)
	slices.Reverse(r)
	return r
}

// FormEncoded tells whether output of this chain is form data: its last filter
// is RFC1738. HTTP doors and callbacks then send
// application/x-www-form-urlencoded, otherwise text/plain.
func (fs Filters) FormEncoded() bool {
	fs = fs.now()
	return len(fs) > 0 && fs[len(fs)-1] == RFC1738
}

// IsDefault tells whether the chain is that of [DefaultFilters].
func (fs Filters) IsDefault() bool {
	fs = fs.now()
	return len(fs) == 1 && fs[0] == RFC1738
}

// Decode runs text through the chain.
func (fs Filters) Decode(text string) (string, error) {
	for _, f := range fs {
		if text == "" {
			return "", nil
		}
		var err error
		if text, err = f.Decode(text); err != nil {
			return "", fmt.Errorf("filter %s: %w", f.Name(), err)
		}
	}
	return text, nil
}

// Encode runs text through the chain.
func (fs Filters) Encode(text string) string {
	if len(fs) == 0 {
		return text
	}
	return string(fs.AppendEncode(nil, text))
}

// AppendEncode runs text through the chain and appends the outcome to dst.
func (fs Filters) AppendEncode(dst []byte, text string) []byte {
	switch {
	case text == "":
		return dst
	case len(fs) == 0:
		return append(dst, text...)
	case len(fs) == 1:
		return fs[0].AppendEncode(dst, text)
	}
	scratch := scratchPool.Get().(*[]byte)
	defer scratchPool.Put(scratch)
	for _, f := range fs[:len(fs)-1] {
		*scratch = f.AppendEncode((*scratch)[:0], text)
		text = string(*scratch)
	}
	return fs[len(fs)-1].AppendEncode(dst, text)
}

var scratchPool = sync.Pool{New: func() any { return new([]byte) }}

// escapes tells whether no output of the chain can contain CR or LF. Filters
// from outside this package are trusted with it only if they say so.
func (fs Filters) escapes() bool {
	for _, f := range slices.Backward(fs) {
		switch f := f.(type) {
		case interface{ escapesLines() bool }:
			if f.escapesLines() {
				return true
			}
		default:
			return false
		}
	}
	return false
}

// None is the filter that changes nothing.
var None Filter = noFilter{}

type noFilter struct{}

func (noFilter) Name() string                                { return "none" }
func (noFilter) AppendEncode(dst []byte, text string) []byte { return append(dst, text...) }
func (noFilter) Decode(text string) (string, error)          { return text, nil }
func (noFilter) escapesLines() bool                          { return false }
