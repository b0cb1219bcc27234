package script

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPairsAreSplitAsTheOriginalSplitsThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       Pairs
	}{
		{"empty text has no pairs", "", nil},
		{"in the order of the text", "b=1&a=2&c=3", Pairs{{"b", "1"}, {"a", "2"}, {"c", "3"}}},
		{"a part without = is left out", "a=1&b&c=3", Pairs{{"a", "1"}, {"c", "3"}}},
		{"a part with two = is left out", "a=1&b=aGVsbG8==&c=3", Pairs{{"a", "1"}, {"c", "3"}}},
		{"a raw base64 value with padding is left out", "a=aGVsbG8=", Pairs{}},
		{"a raw base64 value without padding stays", "a=aGVsbG8h", Pairs{{"a", "aGVsbG8h"}}},
		{"an empty value stays", "a=&b=2", Pairs{{"a", ""}, {"b", "2"}}},
		{"an empty key stays", "=1&b=2", Pairs{{"", "1"}, {"b", "2"}}},
		{"empty parts are left out", "&&a=1&", Pairs{{"a", "1"}}},
		{"nothing is unescaped or trimmed", " a =%20+", Pairs{{" a ", "%20+"}}},
	} {
		got := ParsePairs(tt.text)
		if len(got) == 0 && len(tt.want) == 0 {
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestFirstOfEqualKeysWins(t *testing.T) {
	t.Parallel()
	ps := ParsePairs("a=1&b=2&a=3&A=4")
	if got := ps.Get("a"); got != "1" {
		t.Errorf("Get gives %q, want 1", got)
	}
	if got := ps.Get("A"); got != "4" {
		t.Errorf("keys are matched without case: %q", got)
	}
	if got := ps.Map()["a"]; got != "1" {
		t.Errorf("Map gives %q, want 1", got)
	}
	if diff := cmp.Diff(Pairs{{"a", "1"}, {"b", "2"}, {"A", "4"}}, ps.Unique()); diff != "" {
		t.Error(diff)
	}
	if v, ok := ps.Lookup("z"); ok || v != "" || ps.Has("z") || ps.Get("z") != "" {
		t.Error("found a key that is not there")
	}
}

func TestChangingPairs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*Pairs)
		want   string
	}{
		{"set removes all and appends at the end", func(p *Pairs) { p.Set("a", "9") }, "b=2&c=4&a=9"},
		{"set of a new key appends", func(p *Pairs) { p.Set("d", "9") }, "a=1&b=2&a=3&c=4&d=9"},
		{"add keeps what is there", func(p *Pairs) { p.Add("a", "9") }, "a=1&b=2&a=3&c=4&a=9"},
		{"replace keeps the place of the first", func(p *Pairs) { p.Replace("a", "9") }, "a=9&b=2&c=4"},
		{"replace of a new key appends", func(p *Pairs) { p.Replace("d", "9") }, "a=1&b=2&a=3&c=4&d=9"},
		{"delete removes all", func(p *Pairs) { p.Delete("a") }, "b=2&c=4"},
		{"delete of a missing key changes nothing", func(p *Pairs) { p.Delete("z") }, "a=1&b=2&a=3&c=4"},
		{"set as the only pair has no leading separator", func(p *Pairs) { *p = nil; p.Set("a", "1") }, "a=1"},
	} {
		ps := ParsePairs("a=1&b=2&a=3&c=4")
		copied := ps.Clone()
		tt.change(&copied)
		if got := copied.Encode(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if got := ps.Encode(); got != "a=1&b=2&a=3&c=4" {
			t.Errorf("%s: the original of the clone became %q", tt.name, got)
		}
	}
}

// rapidPairs draws pairs of any text.
func rapidPairs() *rapid.Generator[Pairs] {
	return rapid.Custom(func(t *rapid.T) Pairs {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Pair {
			return Pair{rapid.String().Draw(t, "key"), rapid.String().Draw(t, "value")}
		}), 0, 6).Draw(t, "pairs")
	})
}

func TestLineReadsBackAsThePairsItWasMadeOf(t *testing.T) {
	t.Parallel()
	vigenere := mustFilter(t, "VIGENERE", vectorSettings)
	enigma := mustFilter(t, "ENIGMA", vectorSettings)
	for _, chain := range []Filters{
		{RFC1738},
		{RFC3986},
		{Base64, RFC1738},
		{Atbash, RFC3986},
		{vigenere, Base64, RFC1738},
		{enigma, RFC1738},
	} {
		rapid.Check(t, func(t *rapid.T) {
			ps := rapidPairs().Draw(t, "pairs")
			line := EncodeLine(ps, chain)
			if strings.ContainsAny(line, "\r\n") {
				t.Fatalf("line %q has a line end", line)
			}
			got, err := DecodeLine(line, chain.Reverse())
			if err != nil {
				t.Fatal(err)
			}
			if len(ps)+len(got) > 0 && !cmp.Equal(ps, got) {
				t.Fatalf("%v: %q reads back as %q", chain.Names(), ps, got)
			}
		})
	}
}

func TestNamesAreFoundWhateverTheFilters(t *testing.T) {
	t.Parallel()
	aes := mustFilter(t, "AES", vectorSettings)
	for _, chain := range []Filters{nil, {RFC1738}, {Base64, RFC1738}, {aes, RFC1738}, {Atbash}} {
		line := EncodeLine(Pairs{{"command", "version"}, {"group", "My Group"}, {"password", "x"}}, chain)
		ps, err := DecodeLine(line, chain.Reverse())
		if err != nil {
			t.Fatal(err)
		}
		if !IsCommand(ps) || ps.Get("group") != "My Group" {
			t.Errorf("%v: %q is not recognised as a command", chain.Names(), line)
		}
	}
	if IsCommand(ParsePairs("command=version&group=g")) {
		t.Error("recognised as a command without a password")
	}
}

func TestDecodeLineReportsWhatItCannotDecode(t *testing.T) {
	t.Parallel()
	_, err := DecodeLine("Z3JvdXAx=hunter2!", Filters{Base64})
	if e := AsError(err); e != ErrUndecodable {
		t.Fatalf("got %v", err)
	}
	if s := err.Error(); !strings.Contains(s, `"group1"`) || strings.Contains(s, "hunter2") {
		t.Errorf("error %q: want the key and not the value", s)
	}
	if _, err := DecodeLine("!=YQ", Filters{Base64}); err == nil || !strings.Contains(err.Error(), "key of pair 1") {
		t.Errorf("got %v", err)
	}
}

func TestValueCannotForgeALine(t *testing.T) {
	t.Parallel()
	ps := Pairs{{"message", "hi\r\ntype=login\n"}}
	for _, chain := range []Filters{nil, {None}, {Atbash}, {RFC1738, Atbash}, {Base64, None}} {
		if line := EncodeLine(ps, chain); strings.ContainsAny(line, "\r\n") {
			t.Errorf("%v: line %q", chain.Names(), line)
		}
	}
	if got := EncodeLine(ps, nil); got != "message=hi  type=login " {
		t.Errorf("got %q", got)
	}
	// Text before the line is not ours to change.
	if got := string(AppendLine([]byte("a\n"), Pairs{{"b", "\n"}}, nil)); got != "a\nb= " {
		t.Errorf("got %q", got)
	}
}

func FuzzDecodeLine(f *testing.F) {
	f.Add("command=tell&group=My+Group&password=x&_id=7")
	f.Add("a=1&&=&b==&%41=%zz")
	f.Fuzz(func(t *testing.T, line string) {
		ps, err := DecodeLine(line, DefaultFilters())
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeLine(EncodeLine(ps, DefaultFilters()), DefaultFilters())
		if err != nil || len(ps) != len(again) {
			t.Fatalf("%q: %d pairs became %d, %v", line, len(ps), len(again), err)
		}
	})
}

// localChat is a notification as it goes to every subscriber.
var localChat = Pairs{
	{"type", "local"},
	{"notification", "local"},
	{"firstname", "Juno"},
	{"lastname", "Resident"},
	{"owner", "870b5fa9-0b32-491e-8848-465666ae1151"},
	{"item", "870b5fa9-0b32-491e-8848-465666ae1151"},
	{"position", "<128.5, 64.25, 21.0003>"},
	{"message", "Hello there, how are you today? Grüße!"},
	{"entity", "Agent"},
	{"audible", "Fully"},
	{"volume", "Normal"},
	{"region", "Rookery"},
}

func TestAppendLineAllocatesNothingWithRoom(t *testing.T) {
	buf := make([]byte, 0, 1024)
	filters := DefaultFilters()
	if n := testing.AllocsPerRun(100, func() { buf = AppendLine(buf[:0], localChat, filters) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkAppendLine(b *testing.B) {
	aes := mustFilter(b, "AES", vectorSettings)
	gcm := mustFilter(b, "AES-256-GCM", vectorSettings)
	for _, chain := range []Filters{{RFC1738}, {RFC3986}, {Base64, RFC1738}, {gcm}, {aes, RFC1738}} {
		b.Run(strings.Join(chain.Names(), "+"), func(b *testing.B) {
			buf := make([]byte, 0, 8192)
			b.ReportAllocs()
			for b.Loop() {
				buf = AppendLine(buf[:0], localChat, chain)
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}

func BenchmarkDecodeLine(b *testing.B) {
	line := EncodeLine(localChat, DefaultFilters())
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeLine(line, DefaultFilters()); err != nil {
			b.Fatal(err)
		}
	}
}
