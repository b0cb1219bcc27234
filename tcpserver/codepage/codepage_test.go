package codepage

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
	"pgregory.net/rapid"
)

// unavailable are the documented pages for which no mapping is published.
var unavailable = map[uint32]bool{
	709: true, 710: true, 20000: true, 20001: true, 20002: true, 20003: true, 20004: true, 20005: true,
	21027: true, 29001: true, 50936: true, 65536: true,
}

// sample is text in the script of each page, its bytes there, and a converter
// of iconv for the same.
type sample struct {
	number uint32
	text   string
	raw    string
	iconv  string // empty where iconv has no such charset
}

var samples = []sample{
	{1, "Hello", "Hello", "ASCII"},
	{2, "é", "\xdd", ""},
	{3, "日本", "\xc6\xfc\xcb\xdc", "EUC-JP"},
	{4, "日本", "日本", "UTF-8"},
	{5, "é", "\xe9", "LATIN1"},
	{6, "α", "a", ""},
	{7, `a\é日😀`, `a\\\351\u65e5\ud83d\ude00`, ""},
	{8, "日本", "\x93\xfa\x96\x7b", "CP932"},
	{9, "ł", "\xb3", "LATIN2"},
	{10, "é", "\xff\xfe\xe9\x00", ""},
	{11, "Я", "\xdf", "CP1251"},
	{12, "€", "\x80", "CP1252"},
	{13, "Ω", "\xd9", "CP1253"},
	{14, "ğ", "\xf0", "CP1254"},
	{15, "ł", "\xb3", "CP1250"},
	{21, "日本", "\x1b$BF|K\\\x1b(B", "ISO-2022-JP"},
	{30, "é", "\x8e", "MACINTOSH"},
	{37, "Hello", "\xc8\x85\x93\x93\x96", "CP037"},
	{437, "é", "\x82", "CP437"},
	{500, "[!]", "\x4a\x4f\x5a", "CP500"},
	{708, "س", "\xd3", "ASMO-708"},
	{720, "س", "\xab", ""},
	{737, "Ω", "\x97", "CP737"},
	{775, "Ž", "\xcf", "CP775"},
	{850, "é", "\x82", "CP850"},
	{852, "ł", "\x88", "CP852"},
	{855, "Я", "\xe0", "CP855"},
	{857, "ğ", "\xa7", "CP857"},
	{858, "€", "\xd5", "CP858"},
	{860, "ã", "\x84", "CP860"},
	{861, "Þ", "\x8d", "CP861"},
	{862, "א", "\x80", "CP862"},
	{863, "è", "\x8a", "CP863"},
	{864, "ﺳ", "\xd3", "CP864"},
	{865, "ø", "\x9b", "CP865"},
	{866, "Я", "\x9f", "CP866"},
	{869, "Ω", "\xd5", "CP869"},
	{870, "ł", "\x9a", "CP870"},
	{874, "ก", "\xa1", "CP874"},
	{875, "Ω", "\x67", ""},
	{932, "日本", "\x93\xfa\x96\x7b", "CP932"},
	{936, "中文", "\xd6\xd0\xce\xc4", "CP936"},
	{949, "한국", "\xc7\xd1\xb1\xb9", "CP949"},
	{950, "中文", "\xa4\xa4\xa4\xe5", "CP950"},
	{1026, "ğ", "\xd0", "CP1026"},
	{1047, "[", "\xad", "CP1047"},
	{1140, "€", "\x9f", "CP1140"},
	{1141, "€", "\x9f", "CP1141"},
	{1142, "€", "\x5a", "CP1142"},
	{1143, "€", "\x5a", "CP1143"},
	{1144, "€", "\x9f", "CP1144"},
	{1145, "€", "\x9f", "CP1145"},
	{1146, "€", "\x9f", "CP1146"},
	{1147, "€", "\x9f", "CP1147"},
	{1148, "€", "\x9f", "CP1148"},
	{1149, "€", "\x9f", "CP1149"},
	{1200, "é😀", "\xe9\x00\x3d\xd8\x00\xde", "UTF-16LE"},
	{1201, "é", "\x00\xe9", "UTF-16BE"},
	{1250, "ł", "\xb3", "CP1250"},
	{1251, "Я", "\xdf", "CP1251"},
	{1252, "€", "\x80", "CP1252"},
	{1253, "Ω", "\xd9", "CP1253"},
	{1254, "ğ", "\xf0", "CP1254"},
	{1255, "א", "\xe0", "CP1255"},
	{1256, "س", "\xd3", "CP1256"},
	{1257, "ž", "\xfe", "CP1257"},
	{1258, "đ", "\xf0", "CP1258"},
	{1361, "가한", "\x88\x61\xd0\x65", "JOHAB"},
	{10000, "é", "\x8e", "MACINTOSH"},
	{10001, "日本", "\x93\xfa\x96\x7b", ""},
	{10002, "中文", "\xa4\xa4\xa4\xe5", ""},
	{10003, "한국", "\xc7\xd1\xb1\xb9", ""},
	{10004, "س", "\xd3", ""},
	{10005, "א", "\xe0", ""},
	{10006, "Ω", "\xbf", ""},
	{10007, "Я", "\x9f", ""},
	{10008, "中文", "\xd6\xd0\xce\xc4", ""},
	{10010, "Ş", "\xaf", ""},
	{10017, "ґ", "\xb6", ""},
	{10021, "ก", "\xa1", ""},
	{10029, "ł", "\xb8", ""},
	{10079, "Þ", "\xde", ""},
	{10081, "ğ", "\xdb", ""},
	{10082, "č", "\xe8", ""},
	{12000, "é", "\xe9\x00\x00\x00", "UTF-32LE"},
	{12001, "é", "\x00\x00\x00\xe9", "UTF-32BE"},
	{20105, "A~", "A~", "ASCII"},
	{20106, "ß", "~", "DIN_66003"},
	{20107, "ä", "{", "SEN_850200_B"},
	{20108, "ø", "|", "NS_4551-1"},
	{20127, "Hello", "Hello", "ASCII"},
	{20261, "é", "\xc2e", "T.61-8BIT"},
	{20269, "é", "\xc2e", "ISO_6937"},
	{20273, "ä", "\xc0", "CP273"},
	{20277, "ø", "\x6a", "IBM277"},
	{20278, "ä", "\xc0", "CP278"},
	{20280, "à", "\xc0", "CP280"},
	{20284, "ñ", "\x6a", "CP284"},
	{20285, "£", "\x5b", "CP285"},
	{20290, "ア", "\x81", ""},
	{20297, "é", "\xc0", "CP297"},
	{20420, "س", "\x77", "CP420"},
	{20423, "Ω", "\x67", "CP423"},
	{20424, "א", "\x41", "CP424"},
	{20833, "ﾡ", "\x43", ""},
	{20838, "ก", "\x42", ""},
	{20866, "Я", "\xf1", "KOI8-R"},
	{20871, "þ", "\x4a", "CP871"},
	{20880, "я", "\xa0", "IBM880"},
	{20905, "ğ", "\xd0", "IBM905"},
	{20924, "€", "\x9f", ""},
	{20932, "日本", "\xc6\xfc\xcb\xdc", ""},
	{20936, "中文", "\xd6\xd0\xce\xc4", "GB2312"},
	{21025, "я", "\xa0", "CP1025"},
	{21866, "ґ", "\xad", "KOI8-U"},
	{28591, "é", "\xe9", "ISO-8859-1"},
	{28592, "ł", "\xb3", "ISO-8859-2"},
	{28593, "ħ", "\xb1", "ISO-8859-3"},
	{28594, "ķ", "\xf3", "ISO-8859-4"},
	{28595, "Я", "\xcf", "ISO-8859-5"},
	{28596, "س", "\xd3", "ISO-8859-6"},
	{28597, "Ω", "\xd9", "ISO-8859-7"},
	{28598, "א", "\xe0", "ISO-8859-8"},
	{28599, "ğ", "\xf0", "ISO-8859-9"},
	{28605, "€", "\xa4", "ISO-8859-15"},
	{38598, "א", "\xe0", "ISO-8859-8"},
	{50220, "日本", "\x1b$BF|K\\\x1b(B", "ISO-2022-JP"},
	{50221, "日本", "\x1b$BF|K\\\x1b(B", "ISO-2022-JP"},
	{50222, "日本", "\x1b$BF|K\\\x1b(B", "ISO-2022-JP"},
	{50225, "a한국b", "a\x1b$)C\x0eGQ19\x0fb", ""},
	{50227, "a中文b", "a\x1b$)A\x0eVPND\x0fb", "ISO-2022-CN"},
	{50229, "a中文b", "a\x1b$)G\x0eDcEF\x0fb", ""},
	{50930, "日本", "\x0e\x45\x62\x45\x66\x0f", "IBM930"},
	{50931, "A日本", "\xc1\x0e\x45\x62\x45\x66\x0f", ""},
	{50933, "한국", "\x0e\xd0\x65\x8a\x82\x0f", "IBM933"},
	{50935, "中文", "\x0e\x5b\xcf\x57\xc3\x0f", "IBM935"},
	{50937, "中文", "\x0e\x4c\x84\x4c\xc5\x0f", "IBM937"},
	{50939, "日本", "\x0e\x45\x62\x45\x66\x0f", "IBM939"},
	{51932, "日本", "\xc6\xfc\xcb\xdc", "EUC-JP"},
	{51936, "中文", "\xd6\xd0\xce\xc4", "EUC-CN"},
	{51949, "한국", "\xc7\xd1\xb1\xb9", "EUC-KR"},
	{51950, "中文", "\xc4\xe3\xc5\xc6", "EUC-TW"},
	{52936, "中文a", "~{VPND~}a", ""},
	{54936, "中😀", "\xd6\xd0\x94\x39\xfc\x36", "GB18030"},
	{57002, "क", "\xb3", ""},
	{57003, "ক", "\xb3", ""},
	{57004, "க", "\xb3", ""},
	{57005, "క", "\xb3", ""},
	{57006, "ক", "\xb3", ""},
	{57007, "କ", "\xb3", ""},
	{57008, "ಕ", "\xb3", ""},
	{57009, "ക", "\xb3", ""},
	{57010, "ક", "\xb3", ""},
	{57011, "ਕ", "\xb3", ""},
	{65000, "Hi Mom -☺-+!", "Hi Mom -+Jjo--+-+ACE-", "UTF-7"},
	{65001, "日本", "日本", "UTF-8"},
	{0x90000100, "é", "\x00\xe9", "UTF-16BE"},
	{0x94000100, "é", "\xe9\x00", "UTF-16LE"},
	{0x8c000100, "é", "\xff\xfe\x00\x00\xe9\x00\x00\x00", ""},
	{0x98000100, "é", "\x00\x00\x00\xe9", "UTF-32BE"},
	{0x9c000100, "é", "\xe9\x00\x00\x00", "UTF-32LE"},
}

func TestEveryDocumentedPageConvertsOrSaysThatItCannot(t *testing.T) {
	t.Parallel()
	tested := map[uint32]bool{}
	for _, s := range samples {
		tested[s.number] = true
		p, err := Lookup(s.number)
		if err != nil {
			t.Error(err)
			continue
		}
		raw, err := p.Encode(s.text)
		if err != nil || string(raw) != s.raw {
			t.Errorf("%d: %q is %q (%v), want %q", s.number, s.text, raw, err, s.raw)
		}
		text, err := p.Decode([]byte(s.raw))
		if err != nil || text != s.text {
			t.Errorf("%d: %q is %q (%v), want %q", s.number, s.raw, text, err, s.text)
		}
	}
	for _, list := range [][]page{windowsPages, macPages} {
		for _, p := range list {
			if p.name == "" || tested[p.number] == unavailable[p.number] {
				t.Errorf("page %d (%s) is tested: %t, unavailable: %t", p.number, p.name, tested[p.number], unavailable[p.number])
			}
			_, err := Lookup(p.number)
			if unavailable[p.number] != errors.Is(err, ErrUnavailable) {
				t.Errorf("page %d: %v", p.number, err)
			}
			if err != nil && !strings.Contains(err.Error(), p.name) {
				t.Errorf("%q does not name the page", err)
			}
		}
	}
	if n := len(windowsPages) + len(macPages); n != len(byNumber) || n != len(samples)+len(unavailable) {
		t.Errorf("%d pages, %d numbers, %d tested", n, len(byNumber), len(samples)+len(unavailable))
	}
}

func TestIconvAgrees(t *testing.T) {
	t.Parallel()
	iconv, err := exec.LookPath("iconv")
	if err != nil {
		t.Skip("iconv is not installed; on Debian: apt-get install libc-bin")
	}
	for _, s := range samples {
		if s.iconv == "" {
			continue
		}
		cmd := exec.Command(iconv, "-f", s.iconv, "-t", "UTF-8")
		cmd.Stdin = strings.NewReader(s.raw)
		if out, err := cmd.Output(); err != nil || string(out) != s.text {
			t.Errorf("%d: iconv reads %q as %q (%v), want %q", s.number, s.raw, out, err, s.text)
		}
	}
}

func TestEveryCharacterOfAPageComesBack(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		p, err := Lookup(s.number)
		if err != nil {
			t.Fatal(err)
		}
		for b := range 256 {
			text, err := p.Decode([]byte{byte(b)})
			if err != nil || strings.ContainsRune(text, utf8.RuneError) || text == "" {
				continue
			}
			raw, err := p.Encode(text)
			if err != nil && unicode.IsControl([]rune(text)[0]) {
				continue // shift codes, and bytes that Windows reads and does not write
			}
			if err != nil {
				t.Errorf("%d: %q (byte %#x) cannot be written: %v", s.number, text, b, err)
				continue
			}
			if again, err := p.Decode(raw); err != nil || again != text {
				t.Errorf("%d: %q comes back as %q (%v)", s.number, text, again, err)
			}
		}
	}
}

func TestPagesStreamByteByByte(t *testing.T) {
	t.Parallel()
	for _, s := range samples {
		p, err := Lookup(s.number)
		if err != nil {
			t.Fatal(err)
		}
		text, raw := strings.Repeat(s.text, 3)+"\n"+s.text, []byte(nil)
		if raw, err = p.Encode(text); err != nil {
			if text = strings.Repeat(s.text, 3); s.number != 6 && s.number != 864 {
				t.Errorf("%d: %v", s.number, err)
			}
			if raw, err = p.Encode(text); err != nil {
				t.Fatal(err)
			}
		}
		got, err := io.ReadAll(iotest.OneByteReader(transform.NewReader(iotest.OneByteReader(bytes.NewReader(raw)), p.NewDecoder())))
		if err != nil || string(got) != text {
			t.Errorf("%d: decoded %q (%v), want %q", s.number, got, err, text)
		}
		var out bytes.Buffer
		w := transform.NewWriter(&out, p.NewEncoder())
		for i := range len(text) {
			if _, err := w.Write([]byte{text[i]}); err != nil {
				t.Fatalf("%d: %v", s.number, err)
			}
		}
		if err := w.Close(); err != nil || !bytes.Equal(out.Bytes(), raw) {
			t.Errorf("%d: encoded %q (%v), want %q", s.number, out.Bytes(), err, raw)
		}
	}
}

func TestForeignCharactersAreAnErrorOrReplaced(t *testing.T) {
	t.Parallel()
	for _, n := range []uint32{1252, 437, 20127, 1361, 50930, 20269, 50225, 10001} {
		p, err := Lookup(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Encode("😀"); !errors.Is(err, ErrUnmappable) {
			t.Errorf("%d: %v, want ErrUnmappable", n, err)
		}
		raw, err := encoding.ReplaceUnsupported(p.NewEncoder()).String("A😀B")
		if err != nil || !strings.HasPrefix(raw, mustEncode(t, p, "A")) || !strings.HasSuffix(raw, mustEncode(t, p, "B")) {
			t.Errorf("%d: replaced to %q (%v)", n, raw, err)
		}
	}
}

func mustEncode(t *testing.T, p *Page, text string) string {
	t.Helper()
	raw, err := p.Encode(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestParseReadsNumbersAndRefusesOthers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]uint32{"65001": UTF8, " 1252 ": 1252, "037": 37, "0x90000100": 0x90000100, "0X4E4": 1252} {
		if p, err := Parse(text); err != nil || p.Number() != want || p.Name() == "" {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
	for _, text := range []string{"", "latin1", "-1", "99999999999", "1253.5", "4242"} {
		if _, err := Parse(text); !errors.Is(err, ErrUnknown) {
			t.Errorf("%q: %v, want ErrUnknown", text, err)
		}
	}
	if p, _ := Lookup(UTF8); !p.IsUTF8() {
		t.Error("65001 is UTF-8")
	}
}

// privateUse are the characters that GB 18030 and x/text put elsewhere.
func privateUse(r rune) bool { return r >= 0xe000 && r <= 0xf8ff }

func TestUnicodePagesHoldAllText(t *testing.T) {
	t.Parallel()
	for _, n := range []uint32{7, 10, 1200, 1201, 12000, 12001, 54936, 65000, 65001, 0x90000100, 0x94000100, 0x8c000100} {
		p, err := Lookup(n)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.String().Filter(func(s string) bool {
				return utf8.ValidString(s) && !strings.ContainsAny(s, "\ufeff\ufffe\ufffd") && !strings.ContainsFunc(s, privateUse)
			}).Draw(t, "text")
			raw, err := p.Encode(text)
			if err != nil {
				t.Fatalf("%d: %v", n, err)
			}
			if again, err := p.Decode(raw); err != nil || again != text {
				t.Fatalf("%d: %q comes back as %q (%v)", n, text, again, err)
			}
		})
	}
}

// FuzzDecode checks that no input stops a page, and that what a page reads as
// text it can say again.
func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		f.Add(s.number, []byte(s.raw))
	}
	f.Fuzz(func(t *testing.T, number uint32, raw []byte) {
		p, err := Lookup(number)
		if err != nil {
			return
		}
		text, err := p.Decode(raw)
		if err != nil {
			return
		}
		if !utf8.ValidString(text) {
			t.Fatalf("%d: %q is read as %q, which is not UTF-8", number, raw, text)
		}
		if whole, err := p.Encode(text); err == nil {
			if again, err := p.Decode(whole); err != nil || !utf8.ValidString(again) {
				t.Fatalf("%d: %q is not read back: %v", number, whole, err)
			}
		}
	})
}
