package llsd_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"rookery/grid"
	"rookery/grid/llsd"
)

var sameValue = cmp.Options{cmpopts.EquateNaNs()}

var forms = []struct {
	name    string
	marshal func(any) ([]byte, error)
	parse   func(b []byte) (any, error)
}{
	{"xml", llsd.MarshalXML, func(b []byte) (any, error) { return llsd.ParseXML(bytes.NewReader(b), llsd.Strict()) }},
	{"binary", llsd.MarshalBinary, func(b []byte) (any, error) { return llsd.ParseBinary(bytes.NewReader(b), llsd.Strict()) }},
	{"notation", llsd.MarshalNotation, func(b []byte) (any, error) { return llsd.ParseNotation(bytes.NewReader(b), llsd.Strict()) }},
	{"sniffed binary", llsd.MarshalBinary, func(b []byte) (any, error) { return llsd.ParseBytes(b) }},
	{"sniffed xml", llsd.MarshalXML, func(b []byte) (any, error) { return llsd.ParseBytes(b) }},
	{"sniffed notation", llsd.MarshalNotation, func(b []byte) (any, error) { return llsd.ParseBytes(b) }},
}

// text draws strings that every form can carry: XML has no control characters.
func text() *rapid.Generator[string] {
	return rapid.Map(rapid.String(), func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
				return -1
			}
			return r
		}, strings.ToValidUTF8(s, "?"))
	})
}

func scalar() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Bool(), toAny),
		rapid.Map(rapid.Int32(), toAny),
		rapid.Map(rapid.Float64(), toAny),
		rapid.SampledFrom([]any{math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, math.MaxFloat64}),
		rapid.Map(text(), toAny),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) any { return grid.UUID(b) }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), toAny),
		rapid.Map(text(), func(s string) any { return llsd.URI(strings.TrimSpace(s)) }),
		// Microseconds within the years that a double of seconds resolves so finely.
		rapid.Map(rapid.Int64Range(-1<<32*1e6, 1<<32*1e6), func(us int64) any { return time.UnixMicro(us).UTC() }),
	)
}

func toAny[T any](v T) any { return v }

func value(depth int) *rapid.Generator[any] {
	if depth == 0 {
		return scalar()
	}
	return rapid.OneOf(
		scalar(),
		rapid.Map(rapid.SliceOfN(value(depth-1), 0, 4), func(a []any) any { return append([]any{}, a...) }),
		rapid.Map(rapid.MapOfN(text(), value(depth-1), 0, 4), toAny),
	)
}

func TestEveryValueSurvivesEveryForm(t *testing.T) {
	t.Parallel()
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				v := value(3).Draw(t, "value")
				b, err := f.marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				got, err := f.parse(b)
				if err != nil {
					t.Fatalf("%v in %q", err, b)
				}
				if d := cmp.Diff(v, got, sameValue); d != "" {
					t.Fatalf("%s\nin %q", d, b)
				}
			})
		})
	}
}

func TestHeaderlessFormsSurviveSniffing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// A scalar alone may look alike in both forms; bodies are containers.
		v := map[string]any{"v": value(2).Draw(t, "value")}
		for _, appendTo := range []func([]byte, any) ([]byte, error){llsd.AppendXML, llsd.AppendBinary, llsd.AppendNotation} {
			b, err := appendTo(nil, v)
			if err != nil {
				t.Fatal(err)
			}
			got, err := llsd.ParseBytes(b)
			if err != nil {
				t.Fatalf("%v in %q", err, b)
			}
			if d := cmp.Diff(any(v), got, sameValue); d != "" {
				t.Fatalf("%s\nin %q", d, b)
			}
		}
	})
}

var (
	someUUID = uuid.MustParse("d7f4aeca-88f1-42a1-b385-b9db18abb255")
	someDate = time.Date(2006, 2, 1, 14, 29, 53, 430e6, time.UTC)
)

// The examples of https://wiki.secondlife.com/wiki/LLSD, and what grids send.
var xmlTexts = []struct {
	name, text string
	want       any
}{
	{"undefined", `<undef />`, nil},
	{"boolean word", `<boolean>true</boolean>`, true},
	{"boolean digit", `<boolean>1</boolean>`, true},
	{"boolean empty", `<boolean />`, false},
	{"boolean garbage", `<boolean>maybe</boolean>`, false},
	{"integer", `<integer>289343</integer>`, int32(289343)},
	{"integer with space", "<integer>\n -3 </integer>", int32(-3)},
	{"integer empty", `<integer/>`, int32(0)},
	{"integer unsigned keeps its bits", `<integer>4294967295</integer>`, int32(-1)},
	{"integer too large", `<integer>9999999999</integer>`, int32(math.MaxInt32)},
	{"integer far too small", `<integer>-99999999999999999999</integer>`, int32(math.MinInt32)},
	{"integer with fraction", `<integer>12.7</integer>`, int32(12)},
	{"integer garbage", `<integer>x</integer>`, int32(0)},
	{"real", `<real>-0.28334</real>`, -0.28334},
	{"real exponent", `<real>2983287453.3848387</real>`, 2983287453.3848387},
	{"real nan", `<real>nan</real>`, math.NaN()},
	{"real infinite", `<real>-Infinity</real>`, math.Inf(-1)},
	{"real of Windows", `<real>1.#INF</real>`, math.Inf(1)},
	{"real undefined of Windows", `<real>-1.#IND</real>`, math.NaN()},
	{"uuid", `<uuid>d7f4aeca-88f1-42a1-b385-b9db18abb255</uuid>`, someUUID},
	{"uuid empty", `<uuid />`, grid.UUID{}},
	{"uuid garbage", `<uuid>nobody</uuid>`, grid.UUID{}},
	{"string", `<string>The quick brown fox</string>`, "The quick brown fox"},
	{"string keeps space", "<string>  a\tb \n</string>", "  a\tb \n"},
	{"string normalises line ends", "<string>a\r\nb\rc&#xD;d</string>", "a\nb\nc\rd"},
	{"string empty", `<string />`, ""},
	{"string with entities", `<string>&lt;a&gt; &amp;&quot;&apos; &#65;&#x42;</string>`, `<a> &"' AB`},
	{"string with stray ampersands", `<string>R&D & &nbsp; &#xFFFFFFFF;</string>`, "R&D & &nbsp; &#xFFFFFFFF;"},
	{"string with CDATA", `<string>a<![CDATA[<b> & ]]]]><![CDATA[>c]]></string>`, "a<b> & ]]>c"},
	{"string with a comment", `<string>a<!-- > -->b</string>`, "ab"},
	{"string in bytes that are no UTF-8", "<string>caf\xe9</string>", "caf\uFFFD"},
	{"string with control characters", "<string>a\x01b</string>", "a\x01b"},
	{"string with an element inside", `<string>a<b>x</b>c</string>`, "ac"},
	{"date", `<date>2006-02-01T14:29:53.43Z</date>`, someDate},
	{"date empty", `<date />`, time.Unix(0, 0).UTC()},
	{"date with offset", `<date>2006-02-01T15:29:53.43+01:00</date>`, someDate},
	{"date without zone", `<date>2006-02-01T14:29:53.43</date>`, someDate},
	{"date garbage", `<date>yesterday</date>`, time.Unix(0, 0).UTC()},
	{"uri", `<uri>http://sim956.agni.lindenlab.com:12035/runtime/agents</uri>`, llsd.URI("http://sim956.agni.lindenlab.com:12035/runtime/agents")},
	{"binary base64", `<binary encoding="base64">cmFuZG9t</binary>`, []byte("random")},
	{"binary default", "<binary>cmFu\n ZG9t</binary>", []byte("random")},
	{"binary without padding", `<binary>cmE</binary>`, []byte("ra")},
	{"binary base16", `<binary encoding='base16'>0fa1</binary>`, []byte{0x0f, 0xa1}},
	{"binary empty", `<binary />`, []byte{}},
	{"binary garbage", `<binary>!!</binary>`, []byte{}},
	{"binary base85 is not known", `<binary encoding="base85">xxx</binary>`, []byte{}},
	{"array", `<array><integer>1</integer><string>a</string><array/></array>`, []any{int32(1), "a", []any{}}},
	{"map", `<map><key>a</key><integer>1</integer><key>b &amp; c</key><map /></map>`, map[string]any{"a": int32(1), "b & c": map[string]any{}}},
	{"map with space everywhere", "\n<map>\n <key>a</key>\n <integer>1</integer>\n</map>\n", map[string]any{"a": int32(1)}},
	{"key without a value", `<map><key>a</key><key>b</key><true/></map>`, map[string]any{"a": nil, "b": nil}},
	{"key without a value at the end", `<map><key>b</key><integer>1</integer><key>a</key></map>`, map[string]any{"a": nil, "b": int32(1)}},
	{"value without a key", `<map><string>x</string><key>a</key><integer>1</integer></map>`, map[string]any{"a": int32(1)}},
	{"empty binary as OpenSimulator writes it", `<map><key>a</key>binary /><key>b</key><integer>1</integer></map>`, map[string]any{"a": nil, "b": int32(1)}},
	{"unknown element in an array", `<array><foo>x<bar/></foo><integer>1</integer></array>`, []any{nil, int32(1)}},
	{"attributes and prefixes", `<l:map xmlns:l="http://example/>"><l:key a='>'>k</l:key><l:string>v</l:string></l:map>`, map[string]any{"k": "v"}},
}

func TestXMLIsReadAsGridsWriteIt(t *testing.T) {
	t.Parallel()
	for _, tt := range xmlTexts {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, frame := range []string{
				`<llsd>%</llsd>`, `<?xml version="1.0" ?><llsd>%</llsd>`, `<? LLSD/XML ?>` + "\n<llsd>%</llsd>\n\x00", `%`,
				"\xef\xbb\xbf<?xml version='1.0'?><!DOCTYPE llsd [ <!ENTITY x \"y\"> ]><!-- c --><llsd>%</llsd>",
			} {
				text := strings.Replace(frame, "%", tt.text, 1)
				got, err := llsd.ParseXML(strings.NewReader(text))
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				if d := cmp.Diff(tt.want, got, sameValue); d != "" {
					t.Errorf("%s: %s", text, d)
				}
			}
		})
	}
}

func TestAnEmptyRootIsUndefined(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`<llsd/>`, `<llsd></llsd>`, "<llsd>\n</llsd>"} {
		if v, err := llsd.ParseString(text); v != nil || err != nil {
			t.Errorf("%s: %v, %v", text, v, err)
		}
	}
}

var notationTexts = []struct {
	name, text string
	want       any
}{
	{"undefined", `!`, nil},
	{"booleans", `[1,0,t,f,T,F,true,false,TRUE,FALSE,True]`, []any{true, false, true, false, true, false, true, false, true, false, true}},
	{"integer", `i123`, int32(123)},
	{"integer negative", `i-5`, int32(-5)},
	{"reals", `[r1.5,r-2e3,rnan,rInfinity,r-inf]`, []any{1.5, -2000.0, math.NaN(), math.Inf(1), math.Inf(-1)}},
	{"uuid", `ud7f4aeca-88f1-42a1-b385-b9db18abb255`, someUUID},
	{"strings", `['a\'b',"c\"d",s(5)"e"f'g",s(3)'h\i']`, []any{`a'b`, `c"d`, `e"f'g`, `h\i`}},
	{"escapes", `'\a\b\f\n\r\t\v\\\x41\q'`, "\a\b\f\n\r\t\v\\Aq"},
	{"binaries", `[b(3)"a"b",b16"0fA1",b64"cmFu ZG9t"]`, []any{[]byte(`a"b`), []byte{0x0f, 0xa1}, []byte("random")}},
	{"uri", `l"http://example.com/?a=\"b\""`, llsd.URI(`http://example.com/?a="b"`)},
	{"date", `d"2006-02-01T14:29:53.43Z"`, someDate},
	{"space", " [ i1 , i2 ] ", []any{int32(1), int32(2)}},
	{"map", `{ 'a':i1, "b" : [ ] ,s(1)"c":{}}`, map[string]any{"a": int32(1), "b": []any{}, "c": map[string]any{}}},
	{"trailing comma", `[i1,]`, []any{int32(1)}},
	{"home of a login", `{'region_handle':[r256000, r256000], 'position':[r128,r128.5,r30]}`, map[string]any{
		"region_handle": []any{256000.0, 256000.0}, "position": []any{128.0, 128.5, 30.0},
	}},
}

func TestNotationIsReadAsGridsWriteIt(t *testing.T) {
	t.Parallel()
	for _, tt := range notationTexts {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, head := range []string{"", "<? llsd/notation ?>\n", "<?LLSD/Notation?>"} {
				got, err := llsd.ParseString(head + tt.text)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(tt.want, got, sameValue); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

func TestBinaryIsReadAsGridsWriteIt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       any
	}{
		{"map", "{\x00\x00\x00\x01k\x00\x00\x00\x01ai\x00\x00\x00\x05}", map[string]any{"a": int32(5)}},
		{"wrong count", "[\x00\x00\x00\x09i\x00\x00\x00\x05]", []any{int32(5)}},
		{"key with quotes", "{\x00\x00\x00\x01'a\\'b'1}", map[string]any{"a'b": true}},
		{"string with quotes", `"a\"b"`, `a"b`},
		{"real", "r\xbf\xe0\x00\x00\x00\x00\x00\x00", -0.5},
		{"date little endian", "d\x00\x00\x00\x50\xf8\x0d\xd2\x41", time.Unix(1211621696, 0).UTC()},
		{"date big endian", "d\x41\xd2\x0d\xf8\x50\x00\x00\x00", time.Unix(1211621696, 0).UTC()},
		{"string of other bytes", "s\x00\x00\x00\x04caf\xe9", "caf\uFFFD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, head := range []string{"", "<? LLSD/Binary ?>\n", "<?llsd/binary?>\n"} {
				got, err := llsd.ParseBinary(strings.NewReader(head + tt.text))
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

func TestWhatXMLCannotCarryIsLeftOut(t *testing.T) {
	t.Parallel()
	b, err := llsd.MarshalXML("a\x00b\x1fc\xffd\uFFFE<>&\t\n\r")
	if err != nil {
		t.Fatal(err)
	}
	want := "<string>abc\uFFFDd&lt;&gt;&amp;\t\n&#xD;</string>"
	if !bytes.Contains(b, []byte(want)) {
		t.Errorf("got %q, want it to contain %q", b, want)
	}
}

func TestMapsAreWrittenInOrder(t *testing.T) {
	t.Parallel()
	v := map[string]any{"c": int32(3), "a": int32(1), "b": int32(2)}
	first, err := llsd.MarshalNotation(v)
	if err != nil {
		t.Fatal(err)
	}
	if want := "<? llsd/notation ?>\n{'a':i1,'b':i2,'c':i3}"; string(first) != want {
		t.Errorf("got %q, want %q", first, want)
	}
}
