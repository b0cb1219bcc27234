package script

import (
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// vectorSettings are the keys of the published vectors and of the defaults.
var vectorSettings = FilterSettings{
	AESKey:      "secret",
	VigenereKey: "hoppipola",
	Enigma:      EnigmaSettings{Rotors: "3g1", Plugs: "zpq", Reflector: "b"},
}

func mustFilter(t testing.TB, name string, s FilterSettings) Filter {
	t.Helper()
	f, err := NewFilter(name, s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFiltersWriteAndReadTheirVectors(t *testing.T) {
	t.Parallel()
	simple := vectorSettings
	simple.Enigma = EnigmaSettings{Rotors: "123", Plugs: "aaa", Reflector: "B"}
	for _, tt := range []struct {
		filter   string
		settings FilterSettings
		plain    string
		encoded  string
	}{
		{"none", vectorSettings, "a b&c=d", "a b&c=d"},
		{"RFC1738", vectorSettings, "a b+c&d=e", "a+b%2Bc%26d%3De"},
		{"RFC1738", vectorSettings, "-_.!*()~'/", "-_.!*()%7E%27%2F"},
		{"RFC1738", vectorSettings, "grüß 世界 🐦", "gr%C3%BC%C3%9F+%E4%B8%96%E7%95%8C+%F0%9F%90%A6"},
		{"RFC1738", vectorSettings, "line\r\nbreak", "line%0D%0Abreak"},
		{"RFC3986", vectorSettings, "a b+c&d=e", "a%20b%2Bc%26d%3De"},
		{"RFC3986", vectorSettings, "-._~!*()", "-._~%21%2A%28%29"},
		{"BASE64", vectorSettings, "hello", "aGVsbG8="},
		{"BASE64", vectorSettings, "grüß", "Z3LDvMOf"},
		{"ATBASH", vectorSettings, "Hello, World 9", "Svool, Dliow 9"},
		{"ATBASH", vectorSettings, "grüß", "tiüß"},
		{"VIGENERE", vectorSettings, "Hello, World", "Osaaw, Lcclk"},
		{"ENIGMA", vectorSettings, "hello world", "caodl zluol"},
		{"ENIGMA", vectorSettings, "Corrade", "Hcuuxld"},
		{"ENIGMA", vectorSettings, "group", "kulrq"},
		{"ENIGMA", vectorSettings, "aaaaaaaaaa", "xexexexexe"},
		{"ENIGMA", simple, "hello world", "aqmys fsxmv"},
	} {
		f := mustFilter(t, tt.filter, tt.settings)
		if got := string(f.AppendEncode(nil, tt.plain)); got != tt.encoded {
			t.Errorf("%s encodes %q as %q, want %q", tt.filter, tt.plain, got, tt.encoded)
		}
		if got, err := f.Decode(tt.encoded); err != nil || got != tt.plain {
			t.Errorf("%s decodes %q as %q, %v, want %q", tt.filter, tt.encoded, got, err, tt.plain)
		}
	}
}

func TestAESMatchesTheCompatibleVector(t *testing.T) {
	t.Parallel()
	const encoded = "AAECAwQFBgcICQoLDA0ODw==:MqLVPgGwz5r3FufA1oCUxw=="
	salt, _ := hex.DecodeString("000102030405060708090a0b0c0d0e0f")
	f := aesCBC{passphrase: "secret"}
	if got := string(f.appendSalted(nil, salt, "hello")); got != encoded {
		t.Errorf("got %q, want %q", got, encoded)
	}
	for _, text := range []string{encoded, " AAECAwQFBgcICQoLDA0ODw== : MqLVPgGwz5r3FufA1oCUxw== "} {
		if got, err := f.Decode(text); err != nil || got != "hello" {
			t.Errorf("%q decodes as %q, %v", text, got, err)
		}
	}
}

func TestFormDecodingLeavesBadEscapesAlone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, form, percent string }{
		{"a+b", "a b", "a+b"},
		{"100%", "100%", "100%"},
		{"%4", "%4", "%4"},
		{"%zz%41", "%zzA", "%zzA"},
		{"%%41", "%A", "%A"},
		{"%C3%A4%c3%a4", "ää", "ää"},
		{"%FFx", "\uFFFDx", "\uFFFDx"},
		{"plain", "plain", "plain"},
	} {
		if got, err := RFC1738.Decode(tt.in); err != nil || got != tt.form {
			t.Errorf("RFC1738 decodes %q as %q, %v, want %q", tt.in, got, err, tt.form)
		}
		if got, err := RFC3986.Decode(tt.in); err != nil || got != tt.percent {
			t.Errorf("RFC3986 decodes %q as %q, %v, want %q", tt.in, got, err, tt.percent)
		}
	}
}

func TestCiphersRefuseForeignTexts(t *testing.T) {
	t.Parallel()
	other := vectorSettings
	other.AESKey = "another"
	for _, name := range []string{"AES", "AES-256-GCM"} {
		f, foreign := mustFilter(t, name, vectorSettings), mustFilter(t, name, other)
		for range 2 {
			text := string(f.AppendEncode(nil, strings.Repeat("attack at dawn ", 8)))
			// A wrong key of AES-CBC may yield a valid padding once in a while, but
			// never the text.
			if got, err := foreign.Decode(text); err == nil && strings.Contains(got, "attack") {
				t.Errorf("%s: another key reads the text", name)
			}
		}
	}
	gcm := mustFilter(t, "AES-256-GCM", vectorSettings)
	text := gcm.AppendEncode(nil, "attack at dawn")
	for i := range text {
		changed := append([]byte(nil), text...)
		if changed[i]++; i > 24 { // before that is the salt, which costs a derivation each
			if got, err := gcm.Decode(string(changed)); err == nil {
				t.Errorf("byte %d changed and still read as %q", i, got)
			}
		}
	}
	aes := mustFilter(t, "AES", vectorSettings)
	for _, garbage := range []string{
		"x", ":", "::", "a:b", "AAAA:AAAA", "AAECAwQFBgcICQoLDA0ODw==:", ":MqLVPgGwz5r3FufA1oCUxw==",
		"AAECAwQFBgcICQoLDA0ODw==:MqLVPgGwz5r3FufA1oCUxw==:x", "AAECAwQFBgcICQoLDA0ODw==:MqLVPgGwz5r3FufA1oCUxA==",
	} {
		if got, err := aes.Decode(garbage); err == nil {
			t.Errorf("AES reads %q as %q", garbage, got)
		}
		if got, err := gcm.Decode(garbage); err == nil {
			t.Errorf("AES-256-GCM reads %q as %q", garbage, got)
		}
	}
	for _, garbage := range []string{"aGVsbG8", "aGVsbG9=", "a b=", "/////w==", "!"} {
		if got, err := Base64.Decode(garbage); err == nil {
			t.Errorf("BASE64 reads %q as %q", garbage, got)
		}
	}
}

func TestModernCipherReadsTextsOfOtherProcesses(t *testing.T) {
	t.Parallel()
	a, b := mustFilter(t, "AES-256-GCM", vectorSettings), mustFilter(t, "AES-256-GCM", vectorSettings)
	text := string(a.AppendEncode(nil, "hello"))
	if strings.ContainsAny(text, "&=+ ") {
		t.Errorf("%q needs escaping", text)
	}
	for range 2 { // the second time from the kept key
		if got, err := b.Decode(text); err != nil || got != "hello" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if again := string(a.AppendEncode(nil, "hello")); again == text {
		t.Error("the same text twice gives the same cipher text")
	}
}

func TestFilterKeysThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		filter   string
		settings FilterSettings
		says     string
	}{
		{"ROT13", FilterSettings{}, "allowed are none, RFC1738"},
		{"AES", FilterSettings{}, "passphrase is empty"},
		{"AES-256-GCM", FilterSettings{}, "passphrase is empty"},
		{"VIGENERE", FilterSettings{}, "key is empty"},
		{"VIGENERE", FilterSettings{VigenereKey: "hop ola"}, "letters a-z only"},
		{"VIGENERE", FilterSettings{VigenereKey: "höppi"}, "letters a-z only"},
		{"ENIGMA", FilterSettings{}, "no rotors"},
		{"ENIGMA", FilterSettings{Enigma: EnigmaSettings{"12", "a", "B"}}, "2 rotors but 1 plugs"},
		{"ENIGMA", FilterSettings{Enigma: EnigmaSettings{"19", "aa", "B"}}, `unknown rotor "9"`},
		{"ENIGMA", FilterSettings{Enigma: EnigmaSettings{"12", "a1", "B"}}, `plug "1"`},
		{"ENIGMA", FilterSettings{Enigma: EnigmaSettings{"12", "aa", "D"}}, "unknown reflector"},
		{"ENIGMA", FilterSettings{Enigma: EnigmaSettings{"12", "aa", ""}}, "unknown reflector"},
	} {
		if _, err := NewFilter(tt.filter, tt.settings); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s with %+v: error %v, want %q in it", tt.filter, tt.settings, err, tt.says)
		}
	}
}

// slowEnigma turns the rotors as the description of the cipher says.
func slowEnigma(s EnigmaSettings, text string) string {
	rotors := make([]string, len(s.Rotors))
	for i := range rotors {
		w := enigmaRotors[s.Rotors[i]]
		at := strings.IndexByte(w, s.Plugs[strings.IndexByte(s.Rotors, s.Rotors[i])])
		rotors[i] = w[at:] + w[:at]
	}
	pass := func(c byte) byte {
		for k := range rotors {
			rotors[k] = rotors[k][25:] + rotors[k][:25]
			if k+1 < len(rotors) {
				c = rotors[k+1][(strings.IndexByte(rotors[k], c)+25)%26]
			}
		}
		return c
	}
	reflector := enigmaReflectors[s.Reflector[0]]
	out := []byte(text)
	for i, c := range out {
		base, ok := letterBase(c)
		if !ok {
			continue
		}
		c = pass(c - base + 'a')
		c = reflector[strings.IndexByte(reflector, c)^1]
		for a, b := 0, len(rotors)-1; a < b; a, b = a+1, b-1 {
			rotors[a], rotors[b] = rotors[b], rotors[a]
		}
		out[i] = pass(c) - 'a' + base
	}
	return string(out)
}

func TestEnigmaTurnsItsRotorsAsDescribed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "rotors")
		s := EnigmaSettings{
			Rotors:    rapid.StringOfN(rapid.RuneFrom([]rune("12345678bg")), n, n, -1).Draw(t, "rotors"),
			Plugs:     rapid.StringOfN(rapid.RuneFrom([]rune("abcdefghijklmnopqrstuvwxyz")), n, n, -1).Draw(t, "plugs"),
			Reflector: rapid.SampledFrom([]string{"B", "C", "b", "c"}).Draw(t, "reflector"),
		}
		text := rapid.StringOf(rapid.RuneFrom([]rune("abcxyzABCXYZ ,ß"))).Draw(t, "text")
		f, err := NewEnigma(s)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(f.AppendEncode(nil, text)), slowEnigma(s, text); got != want {
			t.Fatalf("%+v: %q encodes as %q, want %q", s, text, got, want)
		}
	})
}

func TestReversedChainDecodesWhatTheChainEncodes(t *testing.T) {
	t.Parallel()
	chains := rapid.SliceOfN(rapid.SampledFrom(FilterNames()), 0, 3)
	made := map[string]Filter{}
	for _, name := range FilterNames() {
		made[name] = mustFilter(t, name, vectorSettings)
	}
	rapid.Check(t, func(t *rapid.T) {
		var chain Filters
		for _, name := range chains.Draw(t, "chain") {
			chain = append(chain, made[name])
		}
		text := rapid.String().Draw(t, "text")
		encoded := chain.Encode(text)
		if got, err := chain.Reverse().Decode(encoded); err != nil || got != text {
			t.Fatalf("%v: %q became %q and then %q, %v", chain.Names(), text, encoded, got, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		"", "a+b%20c", "%", "%4", "aGVsbG8=", "AAECAwQFBgcICQoLDA0ODw==:MqLVPgGwz5r3FufA1oCUxw==",
		"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Hëllo", "\xff",
	} {
		f.Add(seed)
	}
	var filters []Filter
	for _, name := range FilterNames() {
		if name == "AES-256-GCM" {
			continue // a new salt in each input would only measure argon2
		}
		filters = append(filters, mustFilter(f, name, vectorSettings))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, filter := range filters {
			got, err := filter.Decode(text)
			if err == nil && utf8.ValidString(text) && !utf8.ValidString(got) {
				t.Errorf("%s decodes %q as %q, which is not UTF-8", filter.Name(), text, got)
			}
			encoded := filter.AppendEncode(nil, text)
			if back, err := filter.Decode(string(encoded)); utf8.ValidString(text) && (err != nil || back != text) {
				t.Errorf("%s: %q became %q and then %q, %v", filter.Name(), text, encoded, back, err)
			}
		}
	})
}
