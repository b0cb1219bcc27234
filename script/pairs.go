package script

import "strings"

// Pair is one key with its value.
type Pair struct{ Key, Value string }

// Pairs is an ordered list of pairs. Keys are compared exactly, in their
// case. A key may occur more than once; the first one counts. The zero value
// is an empty list.
//
// Whether keys and values are still escaped depends on where the list comes
// from: [ParsePairs] leaves them as they are, [DecodeLine] decodes them.
type Pairs []Pair

// ParsePairs splits text at every '&' and each part at '='. A part counts
// only if it holds exactly one '=': parts without one, and parts with several
// (an unescaped base64 value for example), are left out. An empty key or an
// empty value is kept. Nothing is unescaped.
func ParsePairs(text string) Pairs {
	if text == "" {
		return nil
	}
	ps := make(Pairs, 0, strings.Count(text, "&")+1)
	for part := range strings.SplitSeq(text, "&") {
		key, value, ok := strings.Cut(part, "=")
		if !ok || strings.IndexByte(value, '=') >= 0 {
			continue
		}
		ps = append(ps, Pair{key, value})
	}
	return ps
}

// Encode joins the pairs with '=' and '&' as they stand, escaping nothing.
func (ps Pairs) Encode() string {
	n := 0
	for i := range ps {
		n += len(ps[i].Key) + len(ps[i].Value) + 2
	}
	var b strings.Builder
	b.Grow(n)
	for i := range ps {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(ps[i].Key)
		b.WriteByte('=')
		b.WriteString(ps[i].Value)
	}
	return b.String()
}

// Get returns the first value of key, or "" when there is none.
func (ps Pairs) Get(key string) string {
	value, _ := ps.Lookup(key)
	return value
}

// Lookup returns the first value of key and whether the key is there at all.
func (ps Pairs) Lookup(key string) (value string, ok bool) {
	for i := range ps {
		if ps[i].Key == key {
			return ps[i].Value, true
		}
	}
	return "", false
}

// Has tells whether key is there, even with an empty value.
func (ps Pairs) Has(key string) bool {
	_, ok := ps.Lookup(key)
	return ok
}

// Add appends a pair, whether or not the key is there already.
func (ps *Pairs) Add(key, value string) {
	*ps = append(*ps, Pair{key, value})
}

// Set removes every pair with this key and appends the new one at the end.
// The list is rewritten in place; see [Pairs.Clone].
func (ps *Pairs) Set(key, value string) {
	ps.Delete(key)
	ps.Add(key, value)
}

// Replace gives the first pair of this key a new value where it stands and
// removes the other ones; without one it appends.
func (ps *Pairs) Replace(key, value string) {
	kept := (*ps)[:0]
	found := false
	for _, p := range *ps {
		if p.Key == key {
			if found {
				continue
			}
			found = true
			p.Value = value
		}
		kept = append(kept, p)
	}
	clear((*ps)[len(kept):])
	*ps = kept
	if !found {
		ps.Add(key, value)
	}
}

// Delete removes every pair with this key. The list is rewritten in place;
// see [Pairs.Clone].
func (ps *Pairs) Delete(key string) {
	kept := (*ps)[:0]
	for _, p := range *ps {
		if p.Key != key {
			kept = append(kept, p)
		}
	}
	clear((*ps)[len(kept):])
	*ps = kept
}

// Clone returns a copy that shares nothing with ps.
func (ps Pairs) Clone() Pairs {
	if ps == nil {
		return nil
	}
	return append(make(Pairs, 0, len(ps)), ps...)
}

// Unique returns the pairs without later repetitions of a key.
func (ps Pairs) Unique() Pairs {
	if len(ps) == 0 {
		return nil
	}
	seen := make(map[string]struct{}, len(ps))
	out := make(Pairs, 0, len(ps))
	for _, p := range ps {
		if _, ok := seen[p.Key]; ok {
			continue
		}
		seen[p.Key] = struct{}{}
		out = append(out, p)
	}
	return out
}

// Map returns the pairs as a map, the first of equal keys winning. The map
// has no order: use it for looking up and for JSON, never for writing lines.
func (ps Pairs) Map() map[string]string {
	m := make(map[string]string, len(ps))
	for _, p := range ps {
		if _, ok := m[p.Key]; !ok {
			m[p.Key] = p.Value
		}
	}
	return m
}
