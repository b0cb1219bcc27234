package llsd_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/grid/llsd"
)

func TestAnEncoderWritesPieceByPieceWhatMarshalWritesAtOnce(t *testing.T) {
	t.Parallel()
	items := []any{"one", int32(2), []byte{3}}
	whole := map[string]any{"items": items, "n": int32(3)}
	for format, marshal := range map[llsd.Format]func(any) ([]byte, error){
		llsd.XML: llsd.MarshalXML, llsd.Binary: llsd.MarshalBinary, llsd.Notation: llsd.MarshalNotation,
	} {
		want, err := marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		var buf bytes.Buffer
		e := llsd.NewEncoder(&buf, format)
		_ = e.BeginMap(2)
		_ = e.Key("items")
		_ = e.BeginArray(len(items))
		for _, it := range items {
			_ = e.Encode(it)
		}
		_ = e.EndArray()
		_ = e.Key("n")
		_ = e.Encode(3)
		_ = e.EndMap()
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), buf.String()); d != "" {
			t.Errorf("%s: %s", format, d)
		}
	}
}

func TestAnEncoderRefusesWhatWouldNotNest(t *testing.T) {
	t.Parallel()
	tests := map[string]func(e *llsd.Encoder) error{
		"value without key":  func(e *llsd.Encoder) error { _ = e.BeginMap(1); return e.Encode(1) },
		"key in array":       func(e *llsd.Encoder) error { _ = e.BeginArray(1); return e.Key("a") },
		"two keys":           func(e *llsd.Encoder) error { _ = e.BeginMap(1); _ = e.Key("a"); return e.Key("b") },
		"end of the other":   func(e *llsd.Encoder) error { _ = e.BeginMap(0); return e.EndArray() },
		"end without value":  func(e *llsd.Encoder) error { _ = e.BeginMap(1); _ = e.Key("a"); return e.EndMap() },
		"two values":         func(e *llsd.Encoder) error { _ = e.Encode(1); return e.Encode(2) },
		"closed too early":   func(e *llsd.Encoder) error { _ = e.BeginArray(0); return e.Close() },
		"nothing":            func(e *llsd.Encoder) error { return e.Close() },
		"channel":            func(e *llsd.Encoder) error { return e.Encode(make(chan int)) },
		"wrong count":        func(e *llsd.Encoder) error { _ = e.BeginArray(2); _ = e.Encode(1); return e.EndArray() },
		"count not known":    func(e *llsd.Encoder) error { return e.BeginArray(-1) },
		"error of the value": func(e *llsd.Encoder) error { _ = e.BeginArray(1); _ = e.Encode(1 << 40); return e.EndArray() },
	}
	for name, do := range tests {
		e := llsd.NewEncoder(io.Discard, llsd.Binary)
		err := do(e)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if again := e.Close(); !errors.Is(again, err) {
			t.Errorf("%s: Close returned %v after %v", name, again, err)
		}
	}
}

// many yields an array of n strings without holding it.
func many(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		e := llsd.NewEncoder(w, llsd.XML)
		_ = e.BeginArray(n)
		for range n {
			_ = e.Encode("some folder of an inventory")
		}
		_ = e.EndArray()
		w.CloseWithError(e.Close())
	}()
	return r
}

func TestADecoderYieldsElementsBeforeTheEnd(t *testing.T) {
	t.Parallel()
	const n = 20_000
	d := llsd.NewDecoder(many(n), llsd.XML)
	if tok, err := d.Token(); err != nil || tok.Kind != llsd.BeginArray {
		t.Fatal(tok, err)
	}
	count := 0
	for {
		tok, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		if tok.Kind == llsd.EndArray {
			break
		}
		if tok.Value != "some folder of an inventory" {
			t.Fatal(tok)
		}
		count++
	}
	if count != n {
		t.Errorf("%d elements, want %d", count, n)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

func TestSkipPassesOverOneValue(t *testing.T) {
	t.Parallel()
	d, err := llsd.NewSniffingDecoder(strings.NewReader("[{'a':[i1,i2]},i3,[],i4]"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := d.Skip(); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := d.Decode(); v != int32(4) || err != nil {
		t.Errorf("%v, %v", v, err)
	}
}

func TestSeveralValuesFollowEachOther(t *testing.T) {
	t.Parallel()
	d := llsd.NewDecoder(strings.NewReader("i1 'two' [r3]\n"), llsd.Notation)
	var got []any
	for {
		v, err := d.Decode()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if d := cmp.Diff([]any{int32(1), "two", []any{3.0}}, got); d != "" {
		t.Error(d)
	}
}

func TestErrorsOfTheWriterAreReturned(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	r.Close()
	e := llsd.NewEncoder(w, llsd.XML)
	_ = e.Encode("x")
	if err := e.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}
