package tcpserver

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

type pieceOf struct {
	text string
	eol  bool
}

func (p pieceOf) String() string { return fmt.Sprintf("%q/%v", p.text, p.eol) }

// cut feeds a stream in chunks of the given sizes and returns the pieces and
// what is left.
func cut(f *framing, stream []byte, chunk func() int) (pieces []pieceOf, left string) {
	var (
		s    splitter
		held []byte
	)
	for len(stream) > 0 {
		n := min(max(chunk(), 1), len(stream))
		held = append(held, stream[:n]...)
		stream = stream[n:]
		in := held
		for len(in) > 0 {
			piece, eol, rest, ok := s.next(f, in)
			in = rest
			if !ok {
				break
			}
			pieces = append(pieces, pieceOf{string(piece), eol})
		}
		held = append([]byte(nil), in...)
	}
	return pieces, string(held)
}

// expect is what cut should return, said in the plainest way: with the whole
// stream at hand.
func expect(f *framing, stream string) (pieces []pieceOf, left string) {
	for stream != "" {
		if f.record > 0 {
			if len(stream) < f.record {
				return pieces, stream
			}
			pieces = append(pieces, pieceOf{stream[:f.record], true})
			stream = stream[f.record:]
			continue
		}
		at, size := -1, 0
		if f.singleLine {
			if at = strings.IndexAny(stream, "\r\n"); at >= 0 {
				size = 1
				if strings.HasPrefix(stream[at:], "\r\n") {
					size = 2
				}
			}
		} else {
			at, size = strings.Index(stream, f.eol), len(f.eol)
		}
		shortest := 1
		if !f.singleLine {
			shortest = len(f.eol)
		}
		switch {
		case at >= 0 && at <= f.maxLine:
			pieces = append(pieces, pieceOf{stream[:at], true})
			stream = stream[at+size:]
		case len(stream) >= f.maxLine+shortest:
			pieces = append(pieces, pieceOf{stream[:f.maxLine], false})
			stream = stream[f.maxLine:]
		default:
			return pieces, stream
		}
	}
	return pieces, ""
}

func TestSplitterCutsLines(t *testing.T) {
	long := strings.Repeat("a", 256)
	for _, tc := range []struct {
		name   string
		f      framing
		stream string
		want   []pieceOf
		left   string
	}{
		{"CR, LF and CRLF end lines", framing{singleLine: true, maxLine: 256}, "a\rb\nc\r\nd", []pieceOf{{"a", true}, {"b", true}, {"c", true}}, "d"},
		{"empty lines stay", framing{singleLine: true, maxLine: 256}, "\r\n\n\r", []pieceOf{{"", true}, {"", true}, {"", true}}, ""},
		{"EOL of several bytes with a NUL", framing{eol: "\x00\r", maxLine: 256}, "a\x00b\x00\rc\x00\r", []pieceOf{{"a\x00b", true}, {"c", true}}, ""},
		{"single NUL", framing{eol: "\x00", maxLine: 256}, "a\x00\x00b", []pieceOf{{"a", true}, {"", true}}, "b"},
		{"SingleLineMode wins over EOL", framing{singleLine: true, eol: "x", maxLine: 256}, "axb\n", []pieceOf{{"axb", true}}, ""},
		{"a line of the greatest length is whole", framing{eol: "\r\n", maxLine: 256}, long + "\r\n", []pieceOf{{long, true}}, ""},
		{"a longer line comes in pieces", framing{eol: "\r\n", maxLine: 256}, long + long + "b\r\n", []pieceOf{{long, false}, {long, false}, {"b", true}}, ""},
		{"an EOL over the limit still ends the line", framing{eol: "\r\n", maxLine: 256}, long + long + "\r\n", []pieceOf{{long, false}, {long, true}}, ""},
		{"records", framing{record: 3, singleLine: true, maxLine: 256}, "ab\ncde\nf", []pieceOf{{"ab\n", true}, {"cde", true}}, "\nf"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 255, 256, 257, 10000} {
				pieces, left := cut(&tc.f, []byte(tc.stream), func() int { return size })
				if fmt.Sprint(pieces) != fmt.Sprint(tc.want) || left != tc.left {
					t.Errorf("chunks of %d: got %v and %q left, want %v and %q", size, pieces, left, tc.want, tc.left)
				}
			}
		})
	}
}

func TestSplittingDoesNotDependOnReads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &framing{
			eol:        rapid.SampledFrom([]string{"\r\n", "\n", "\x00", "\x00\x00a", "aab"}).Draw(t, "eol"),
			singleLine: rapid.Bool().Draw(t, "singleLine"),
			maxLine:    rapid.IntRange(1, 12).Draw(t, "maxLine"),
			record:     rapid.SampledFrom([]int{0, 0, 0, 1, 5}).Draw(t, "record"),
		}
		stream := rapid.StringOfN(rapid.SampledFrom([]rune("ab\r\n\x00")), 0, 80, -1).Draw(t, "stream")
		pieces, left := cut(f, []byte(stream), func() int { return rapid.IntRange(1, 9).Draw(t, "chunk") })
		want, wantLeft := expect(f, stream)
		if fmt.Sprint(pieces) != fmt.Sprint(want) || left != wantLeft {
			t.Fatalf("%+v %q: got %v and %q left, want %v and %q", *f, stream, pieces, left, want, wantLeft)
		}
	})
}

func FuzzSplitter(f *testing.F) {
	f.Add([]byte("a\r\nb\nc\rd"), "\r\n", true, uint8(4), uint8(0), uint8(1))
	f.Add([]byte("ab\x00\x00cd\x00\x00\x00"), "\x00\x00", false, uint8(3), uint8(0), uint8(2))
	f.Add([]byte("abcdefg"), "", false, uint8(3), uint8(2), uint8(3))
	f.Fuzz(func(t *testing.T, stream []byte, eol string, single bool, maxLine, record, chunk uint8) {
		if eol == "" {
			eol = "\n"
		}
		fr := &framing{eol: eol, singleLine: single, maxLine: int(maxLine) + 1, record: int(record)}
		pieces, left := cut(fr, bytes.Clone(stream), func() int { return int(chunk) + 1 })
		want, wantLeft := expect(fr, string(stream))
		if fmt.Sprint(pieces) != fmt.Sprint(want) || left != wantLeft {
			t.Fatalf("%+v %q: got %v and %q left, want %v and %q", *fr, stream, pieces, left, want, wantLeft)
		}
	})
}

func TestCuttingAllocatesNothing(t *testing.T) {
	f := &framing{singleLine: true, maxLine: 2048}
	in := []byte(strings.Repeat("a line of text\r\n", 100))
	if n := testing.AllocsPerRun(100, func() {
		var s splitter
		for rest := in; len(rest) > 0; {
			_, _, r, ok := s.next(f, rest)
			if !ok {
				t.Fatal("incomplete")
			}
			rest = r
		}
	}); n != 0 {
		t.Errorf("%v allocations for 100 lines", n)
	}
}
