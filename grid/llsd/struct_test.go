package llsd_test

import (
	"errors"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rookery/grid"
	"rookery/grid/llsd"
)

type inner struct {
	SimIP   netip.Addr
	SimPort uint16
	Handle  grid.RegionHandle
	Flags   uint32 `llsd:"flags,binary"`
	Access  uint8  `llsd:",binary"`
}

type base struct {
	ID grid.UUID `llsd:"id"`
}

type upper string

func (u upper) MarshalLLSD() (any, error) { return strings.ToUpper(string(u)), nil }

func (u *upper) UnmarshalLLSD(v any) error {
	s, ok := v.(string)
	if !ok {
		return errors.New("want a string")
	}
	*u = upper(strings.ToLower(s))
	return nil
}

type outer struct {
	base
	Name    string `llsd:"name"`
	Count   int    `llsd:"count,omitempty"`
	Ratio   float32
	On      bool
	When    time.Time
	Where   llsd.URI
	Blob    []byte
	Hash    [4]byte
	List    []inner
	Pair    [2]int16
	Any     any
	Sub     *inner            `llsd:"sub,omitempty"`
	Words   map[string]string `llsd:"words"`
	Pos     grid.Vector3
	Global  grid.Vector3d
	Rot     grid.Quaternion
	Shout   upper
	Secret  string `llsd:"-"`
	private int
}

func TestStructsSurviveEveryForm(t *testing.T) {
	t.Parallel()
	in := inner{netip.MustParseAddr("10.1.2.3"), 13000, grid.HandleAt(256000, 256256), 0x80000001, 21}
	v := outer{
		base: base{someUUID}, Name: "Robin", Ratio: 0.5, On: true, When: someDate, Where: "http://x/", Blob: []byte{1},
		Hash: [4]byte{1, 2, 3, 4}, List: []inner{in, {SimIP: netip.MustParseAddr("::1")}}, Pair: [2]int16{-1, 2}, Any: []any{"x", nil},
		Sub: &in, Words: map[string]string{"a": "b"}, Pos: grid.Vector3{X: 1, Y: 2, Z: 3}, Global: grid.Vector3d{X: 1e6},
		Rot: grid.Identity, Shout: "hey", private: 1,
	}
	for _, f := range forms {
		b, err := f.marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := f.parse(b)
		if err != nil {
			t.Fatal(err)
		}
		var got outer
		if err := llsd.Unmarshal(tree, &got); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(v, got, cmp.AllowUnexported(outer{}), cmpopts.EquateComparable(netip.Addr{}), cmpopts.IgnoreFields(outer{}, "private")); d != "" {
			t.Errorf("%s: %s", f.name, d)
		}
	}
	tree, err := llsd.ToValue(v)
	if err != nil {
		t.Fatal(err)
	}
	m := llsd.Map(tree)
	if m["Shout"] != "HEY" || m["id"] != someUUID {
		t.Errorf("%v", m)
	}
	for _, absent := range []string{"count", "Secret", "private", "base"} {
		if _, ok := m[absent]; ok {
			t.Errorf("%s is there", absent)
		}
	}
	sub := llsd.Map(m["sub"])
	want := map[string]any{
		"SimIP": []byte{10, 1, 2, 3}, "SimPort": int32(13000), "Handle": []byte{0, 3, 0xe8, 0, 0, 3, 0xe9, 0},
		"flags": []byte{0x80, 0, 0, 1}, "Access": []byte{21},
	}
	if d := cmp.Diff(want, sub); d != "" {
		t.Error(d)
	}
}

func TestScalarsConvertAsTheStandardSays(t *testing.T) {
	t.Parallel()
	type all struct {
		I   int32
		U   uint32
		L   uint64
		R   float64
		S   string
		B   bool
		ID  grid.UUID
		T   time.Time
		IP  netip.Addr
		U16 uint16
	}
	tests := []struct {
		field string
		in    any
		want  all
	}{
		{"I", "42", all{I: 42}},
		{"I", " -1 ", all{I: -1}},
		{"I", 3.9, all{I: 3}},
		{"I", true, all{I: 1}},
		{"I", "", all{}},
		{"I", []byte{0xff, 0xff, 0xff, 0xff}, all{I: -1}},
		{"U", int32(-1), all{U: math.MaxUint32}},
		{"U", []byte{0, 0, 1, 0}, all{U: 256}},
		{"U", "4294967295", all{U: math.MaxUint32}},
		{"U", 4294967295.0, all{U: math.MaxUint32}},
		{"L", []byte{1, 0, 0, 0, 0, 0, 0, 0}, all{L: 1 << 56}},
		{"L", "18446744073709551615", all{L: math.MaxUint64}},
		{"U16", int32(65535), all{U16: 65535}},
		{"R", int32(2), all{R: 2}},
		{"R", "2.5", all{R: 2.5}},
		{"S", int32(7), all{S: "7"}},
		{"S", 1.5, all{S: "1.5"}},
		{"S", true, all{S: "true"}},
		{"S", false, all{S: ""}},
		{"S", llsd.URI("http://x"), all{S: "http://x"}},
		{"S", someUUID, all{S: someUUID.String()}},
		{"S", someDate, all{S: "2006-02-01T14:29:53.43Z"}},
		{"B", "true", all{B: true}},
		{"B", "Y", all{B: true}},
		{"B", "N", all{}},
		{"B", "false", all{}},
		{"B", int32(2), all{B: true}},
		{"B", math.NaN(), all{}},
		{"ID", someUUID.String(), all{ID: someUUID}},
		{"ID", someUUID[:], all{ID: someUUID}},
		{"ID", "", all{}},
		{"T", "2006-02-01T14:29:53.43Z", all{T: someDate}},
		{"T", int32(60), all{T: time.Unix(60, 0).UTC()}},
		{"T", 60.5, all{T: time.Unix(60, 5e8).UTC()}},
		{"IP", "10.0.0.1", all{IP: netip.MustParseAddr("10.0.0.1")}},
		{"IP", int32(0x0a000001), all{IP: netip.MustParseAddr("10.0.0.1")}},
		{"I", nil, all{}},
	}
	for _, tt := range tests {
		var got all
		if err := llsd.Unmarshal(map[string]any{tt.field: tt.in, "unknown": "x"}, &got); err != nil {
			t.Errorf("%s from %#v: %v", tt.field, tt.in, err)
		} else if got != tt.want {
			t.Errorf("%s from %#v: got %+v", tt.field, tt.in, got)
		}
	}
}

func TestWhatDoesNotFitIsNamedWithItsPath(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   any
		want string
	}{
		{map[string]any{"List": []any{map[string]any{}, map[string]any{"SimPort": int32(70000)}}}, "llsd: List[1].SimPort: integer 70000 does not fit into uint16"},
		{map[string]any{"name": []any{}}, "llsd: name: array of 0 does not fit into string"},
		{map[string]any{"id": "nobody"}, `llsd: id: string "nobody" does not fit into uuid.UUID`},
		{map[string]any{"Pos": []any{1.0}}, "llsd: Pos: 1 numbers where 3 should be"},
		{map[string]any{"Pair": []any{"40000", int32(1)}}, `llsd: Pair[0]: string "40000" does not fit into int16`},
		{map[string]any{"Pair": []any{int32(1)}}, "llsd: Pair: 1 elements where 2 should be"},
		{map[string]any{"Hash": []byte{1}}, "llsd: Hash: 1 bytes where 4 should be"},
		{map[string]any{"words": map[string]any{"a": map[string]any{}}}, "llsd: words.a: map of 0 does not fit into string"},
		{map[string]any{"count": "many"}, `llsd: count: string "many" does not fit into int`},
		{map[string]any{"Blob": "text"}, `llsd: Blob: string "text" does not fit into []uint8`},
		{map[string]any{"Shout": int32(1)}, "llsd: Shout: want a string"},
		{map[string]any{"sub": map[string]any{"flags": []byte("123456789")}}, "llsd: sub.flags: binary of 9 bytes does not fit into uint32"},
		{"text", `llsd: string "text" does not fit into llsd_test.outer`},
	}
	for _, tt := range tests {
		var v outer
		err := llsd.Unmarshal(tt.in, &v)
		var typed *llsd.TypeError
		if !errors.As(err, &typed) || err.Error() != tt.want {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	if err := llsd.Unmarshal("x", outer{}); err == nil {
		t.Error("no error for what is not a pointer")
	}
	if _, err := llsd.ToValue(map[string]any{"a": []any{int64(1) << 40}}); err == nil || err.Error() != "llsd: a[0]: 1099511627776 does not fit into an integer of 32 bits" {
		t.Error(err)
	}
	if _, err := llsd.ToValue(struct{ F func() }{}); err == nil || !strings.Contains(err.Error(), "F: ") {
		t.Error(err)
	}
}

func TestAccessorsForgive(t *testing.T) {
	t.Parallel()
	v, err := llsd.ParseString(`{'a':{'n':i-1,'s':'5','r':r2.5,'d':d"2006-02-01T14:29:53.43Z",'b':b64"AQI=",'l':[i1]}}`)
	if err != nil {
		t.Fatal(err)
	}
	a := llsd.Get(v, "a")
	if llsd.Int(llsd.Get(a, "s")) != 5 || llsd.Uint(llsd.Get(a, "n")) != math.MaxUint32 || llsd.Real(llsd.Get(a, "s")) != 5 ||
		llsd.String(llsd.Get(a, "r")) != "2.5" || !llsd.Date(llsd.Get(a, "d")).Equal(someDate) || len(llsd.Bytes(llsd.Get(a, "b"))) != 2 ||
		len(llsd.Array(llsd.Get(a, "l"))) != 1 || !llsd.Bool(llsd.Get(a, "n")) {
		t.Errorf("%v", a)
	}
	if llsd.Get(v, "a", "n", "x") != nil || llsd.Get(v, "none") != nil || llsd.Int([]any{}) != 0 || llsd.Uint("x") != 0 ||
		llsd.Map("x")["y"] != nil || llsd.UUID("x") != (grid.UUID{}) || !llsd.Date("x").Equal(time.Unix(0, 0)) || llsd.String(map[string]any{}) != "" {
		t.Error("what is missing is not zero")
	}
	if llsd.Int(1e300) != math.MaxInt32 || llsd.Int(math.NaN()) != 0 || llsd.Int(-1e300) != math.MinInt32 {
		t.Error("reals out of range are not clamped")
	}
}
