// Package llsd reads and writes Linden Lab Structured Data, the notation in
// which grids exchange everything that is not a UDP message, in its three
// forms: XML, binary and notation.
//
// A value is one of
//
//	nil            undefined
//	bool           boolean
//	int32          integer
//	float64        real
//	string         string
//	grid.UUID      uuid
//	time.Time      date
//	llsd.URI       uri
//	[]byte         binary
//	[]any          array
//	map[string]any map
//
// Parse and its sisters return such values; the Marshal functions write them,
// and Go structs, slices and maps too (see ToValue). Unmarshal stores a value
// into Go types, with the conversions of the standard.
//
// The standard is https://wiki.secondlife.com/wiki/LLSD. Readers are lenient
// where grids differ: a scalar that cannot be read is the zero value of its
// type, an unknown element undefined, as in the grids' own readers. Strict
// makes both an error.
package llsd
