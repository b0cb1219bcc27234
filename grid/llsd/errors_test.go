package llsd_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"rookery/grid/llsd"
)

func TestBadTextIsRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string
		opts             []llsd.Option
	}{
		{"error page", "<!DOCTYPE html><html><body>Not found</body></html>", "not llsd: the text begins with \"<!DOCTYPE html>", nil},
		{"html", "<html><head>", "not llsd", nil},
		{"plain text", "Cap not found", "not llsd", nil},
		{"json", `{"a": null}`, `llsd notation at byte 7: 'n' is not the beginning of a value`, nil},
		{"other xml", "<root><a/></root>", "<root> is not an llsd element", nil},
		{"wrong end", "<llsd><map></array></llsd>", "</array> inside <map>", nil},
		{"end without beginning", "</map>", "</map> without its beginning", nil},
		{"tag without name", "<llsd><></llsd>", "empty tag", nil},
		{"nested roots", "<llsd><array></array><llsd>", "", nil},
		{"notation marker", "[q]", `'q' is not the beginning of a value`, nil},
		{"notation key", "{i1:i2}", `where a map key should be`, nil},
		{"notation colon", "{'a' i1}", `where the colon`, nil},
		{"notation base", `b32"abc"`, `base "32"; 16 and 64 are known`, nil},
		{"notation length", `s(x)"a"`, `unreadable length "x"`, nil},
		{"notation boolean", `[tru]`, `"tru" is not a boolean`, nil},
		{"notation hex", `'\xzz'`, `not two hex digits`, nil},
		{"notation long word", "i" + strings.Repeat("1", 600), "longer than 512 bytes", nil},
		{"binary marker", "[\x00\x00\x00\x01q]", `'q' is not the marker of a value`, nil},
		{"binary key", "{\x00\x00\x00\x01i\x00\x00\x00\x01}", `where a map key should be`, nil},
		{"strict integer", "<llsd><integer>x</integer></llsd>", `unreadable integer "x"`, []llsd.Option{llsd.Strict()}},
		{"strict unknown", "<llsd><array><foo/></array></llsd>", `unknown element <foo>`, []llsd.Option{llsd.Strict()}},
		{"strict key", "<llsd><map><key>a</key></map></llsd>", `a key without a value`, []llsd.Option{llsd.Strict()}},
		{"strict text", "<llsd><map>x</map></llsd>", `text between elements`, []llsd.Option{llsd.Strict()}},
		{"strict count", "<? LLSD/Binary ?>\n[\x00\x00\x00\x02i\x00\x00\x00\x01]", `count is wrong`, []llsd.Option{llsd.Strict()}},
		{"strict comma", "[i1 i2]", `where a comma should be`, []llsd.Option{llsd.Strict()}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, err := llsd.ParseString(tt.text, tt.opts...)
			if tt.want == "" {
				return // only must not crash
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want an error with %q", v, err, tt.want)
			}
		})
	}
}

func TestCutOffTextIsNeverAValue(t *testing.T) {
	t.Parallel()
	v := map[string]any{"a": []any{int32(1), "two", []byte{3}, 4.5}, "b": map[string]any{"c": true}}
	for _, f := range forms[:3] {
		whole, err := f.marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		end := len(whole)
		if f.name == "xml" {
			end -= len("</llsd>") // the root may be missing
		}
		for n := range end {
			got, err := f.parse(whole[:n])
			if err == nil {
				t.Fatalf("%s cut to %d bytes is %v", f.name, n, got)
			}
			if n > 40 && !errors.Is(err, io.ErrUnexpectedEOF) {
				var syntax *llsd.SyntaxError
				if !errors.As(err, &syntax) {
					t.Fatalf("%s cut to %d bytes: %v", f.name, n, err)
				}
			}
		}
	}
}

func TestNothingIsErrEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", " \r\n", "\xef\xbb\xbf"} {
		if _, err := llsd.ParseString(text); !errors.Is(err, llsd.ErrEmpty) {
			t.Errorf("Parse(%q): %v", text, err)
		}
	}
	for _, f := range forms[:3] {
		if _, err := f.parse(nil); !errors.Is(err, llsd.ErrEmpty) {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

func TestDepthIsLimited(t *testing.T) {
	t.Parallel()
	const deep = 100_000
	texts := map[string]string{
		"xml":      "<llsd>" + strings.Repeat("<array>", deep),
		"notation": strings.Repeat("[", deep),
		"binary":   "<? LLSD/Binary ?>\n" + strings.Repeat("[\x00\x00\x00\x01", deep),
		"maps":     strings.Repeat("{'a':", deep),
	}
	for name, text := range texts {
		if _, err := llsd.ParseString(text); !errors.Is(err, llsd.ErrTooDeep) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := llsd.ParseString("[[i1]]", llsd.MaxDepth(2)); err != nil {
		t.Error(err)
	}
	if _, err := llsd.ParseString("[[i1]]", llsd.MaxDepth(1)); !errors.Is(err, llsd.ErrTooDeep) {
		t.Error(err)
	}
}

// endless yields what its head says, then the same byte for ever.
type endless struct {
	head []byte
	then byte
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.head)
	e.head = e.head[n:]
	for i := n; i < len(p); i++ {
		p[i] = e.then
	}
	return len(p), nil
}

func TestSizeIsLimited(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]io.Reader{
		"xml":           &endless{[]byte("<llsd><string>"), 'x'},
		"xml comment":   &endless{[]byte("<llsd><!-- "), 'x'},
		"xml space":     &endless{[]byte("<llsd>"), ' '},
		"notation":      &endless{[]byte("'"), 'x'},
		"binary":        &endless{[]byte("<? LLSD/Binary ?>\ns\x7f\xff\xff\xff"), 'x'},
		"binary true":   &endless{[]byte("<? LLSD/Binary ?>\n[\xff\xff\xff\xff"), '1'},
		"leading space": &endless{nil, ' '},
	} {
		_, err := llsd.Parse(r, llsd.MaxSize(1<<20))
		if !errors.Is(err, llsd.ErrTooLarge) && !strings.Contains(err.Error(), "longer than") && !errors.Is(err, llsd.ErrEmpty) {
			t.Errorf("%s: %v", name, err)
		}
	}
	text := "<llsd><string>abc</string></llsd>"
	if _, err := llsd.ParseString(text, llsd.MaxSize(int64(len(text)))); err != nil {
		t.Errorf("a text of just the allowed size: %v", err)
	}
}

// Not parallel: it measures what the process allocates.
func TestALengthThatLiesCostsNoMemory(t *testing.T) {
	text := []byte("<? LLSD/Binary ?>\nb\xff\xff\xff\xffabc")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := llsd.ParseBinary(bytes.NewReader(text))
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("%d bytes allocated", n)
	}
}
