package llsd_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/grid/llsd"
)

// FuzzParse checks that no text crashes a reader, and that what was read is
// written and read again as the same value, in every form.
func FuzzParse(f *testing.F) {
	for _, tt := range xmlTexts {
		f.Add([]byte("<llsd>" + tt.text + "</llsd>"))
	}
	for _, tt := range notationTexts {
		f.Add([]byte(tt.text))
	}
	f.Add([]byte("<? LLSD/Binary ?>\n{\x00\x00\x00\x01k\x00\x00\x00\x01a[\x00\x00\x00\x02i\x00\x00\x00\x05d\x00\x00\x00\x50\xf8\x0d\xd2\x41]}"))
	f.Add([]byte("<?>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := llsd.ParseBytes(b, llsd.MaxDepth(32), llsd.MaxSize(1<<20))
		if err != nil {
			return
		}
		bin, err := llsd.MarshalBinary(v)
		if err != nil {
			t.Fatal(err)
		}
		// Binary first: it carries every string, and rounds dates as it must.
		want, err := llsd.ParseBinary(bytes.NewReader(bin), llsd.Strict())
		if err != nil {
			t.Fatalf("%v in %q", err, bin)
		}
		not, err := llsd.MarshalNotation(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := llsd.ParseNotation(bytes.NewReader(not), llsd.Strict())
		if err != nil {
			t.Fatalf("%v in %q", err, not)
		}
		if d := cmp.Diff(want, got, sameValue); d != "" {
			t.Fatalf("%s\nin %q", d, not)
		}
		xml, err := llsd.MarshalXML(want)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := llsd.ParseXML(bytes.NewReader(xml), llsd.Strict()); err != nil {
			t.Fatalf("%v in %q", err, xml)
		}
	})
}
