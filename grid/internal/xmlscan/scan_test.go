package xmlscan_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"

	"rookery/grid/internal/xmlscan"
)

// trace writes what a Scanner finds as one line.
func trace(r io.Reader) (string, error) {
	s := xmlscan.New(r)
	var b strings.Builder
	for {
		kind, err := s.Next()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
		switch kind {
		case xmlscan.Start:
			fmt.Fprintf(&b, "<%s>", s.Name())
			if v, ok := s.Attr("a"); ok {
				fmt.Fprintf(&b, "[%s]", v)
			}
		case xmlscan.End:
			fmt.Fprintf(&b, "</%s>", s.Name())
		case xmlscan.Text:
			fmt.Fprintf(&b, "%q", s.Text())
		}
	}
}

func TestMarkupIsSplitIntoTagsAndText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"tags", "<a>x<b/>y</a>", `<a>"x"<b></b>"y"</a>`},
		{"space in tags", "<a \n a = '1' >x</a >", `<a>[1]"x"</a>`},
		{"attributes", `<x b="2" n:a="1>&amp;2"/>`, `<x>[1>&2]</x>`},
		{"no such attribute", `<x ab="2"/>`, `<x></x>`},
		{"broken attributes", `<x a=2 /><y a="" a='1'/>`, `<x></x><y>[]</y>`},
		{"comment with markup", "<a><!-- <b> -- > ---></a>", `<a></a>`},
		{"processing instruction", `<?xml a=">"?><a/>`, `<a></a>`},
		{"doctype", `<!DOCTYPE x SYSTEM "y"><a/>`, `<a></a>`},
		{"doctype with a subset", `<!DOCTYPE x [ <!ENTITY e "]]"> <!ELEMENT y ANY> ] ><a/>`, `<a></a>`},
		{"cdata", `<a><![CDATA[<&>]]]]><![CDATA[>]]></a>`, `<a>"<&>]]"">"</a>`},
		{"entities are not expanded twice", `<a>&amp;lt;</a>`, `<a>"&lt;"</a>`},
		{"declared entities are not expanded", `<!DOCTYPE a [<!ENTITY e "boom">]><a>&e;</a>`, `<a>"&e;"</a>`},
		{"long text", "<a>" + strings.Repeat("x", 10000) + "</a>", `<a>"` + strings.Repeat("x", 10000) + `"</a>`},
		{"text after all", "<a/>\n", `<a></a>"\n"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(tt.text), iotest.OneByteReader(strings.NewReader(tt.text))} {
				got, err := trace(r)
				if err != nil || got != tt.want {
					t.Errorf("got %s, %v; want %s", got, err, tt.want)
				}
			}
		})
	}
}

func TestUnfinishedMarkupIsAnError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<a", "<a b='", "<!-- x", "<?x", "<![CDATA[x", "<!DOCTYPE a [ <b>", "<a b='>", "</a"} {
		if got, err := trace(strings.NewReader(text)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"<>", "< a>", "<" + strings.Repeat("a", 100_000) + ">"} {
		var syntax *xmlscan.SyntaxError
		if got, err := trace(strings.NewReader(text)); !errors.As(err, &syntax) {
			t.Errorf("%.10s: %.40s, %v", text, got, err)
		}
	}
}

func TestErrorsOfTheReaderAreReturned(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, text := range []string{"", "<a>x", "<a", "<!-- ", "<![CDATA[x"} {
		r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
		if _, err := trace(r); !errors.Is(err, broken) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestEscapedTextIsReadAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
				return -1
			}
			return r
		}, strings.ToValidUTF8(rapid.String().Draw(t, "text"), "?"))
		got, err := trace(bytes.NewReader(xmlscan.AppendText([]byte("<a>"), s)))
		want := "<a>"
		if s != "" {
			want += fmt.Sprintf("%q", s)
		}
		if err != nil || got != want {
			t.Fatalf("got %s, %v; want %s", got, err, want)
		}
	})
}

func FuzzScan(f *testing.F) {
	f.Add([]byte(`<?xml?><!DOCTYPE a [<!ENTITY b "c">]><a b='c'>&amp;&#65;<![CDATA[x]]><!-- y --></a>`))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := xmlscan.New(bytes.NewReader(b))
		for {
			kind, err := s.Next()
			if err != nil {
				return
			}
			if kind == xmlscan.Text && !utf8.Valid(s.Text()) {
				t.Fatalf("text %q is not valid UTF-8", s.Text())
			}
			s.Attr("a")
		}
	})
}
