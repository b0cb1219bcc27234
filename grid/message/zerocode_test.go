package message_test

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"rookery/grid/message"
)

func run(n int) []byte { return make([]byte, n) }

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// Runs as OpenSimulator writes them: at most 255 zeros a run.
var zeroCases = []struct {
	name         string
	plain, coded []byte
}{
	{"nothing", nil, nil},
	{"no zeros", []byte{1, 2, 255}, []byte{1, 2, 255}},
	{"one zero", []byte{1, 0, 2}, []byte{1, 0, 1, 2}},
	{"zeros only", run(3), []byte{0, 3}},
	{"zeros at both ends", []byte{0, 0, 7, 0}, []byte{0, 2, 7, 0, 1}},
	{"message number low 80", []byte{0xff, 0xff, 0, 80, 0}, []byte{0xff, 0xff, 0, 1, 80, 0, 1}},
	{"254 zeros", cat(run(254), []byte{9}), []byte{0, 254, 9}},
	{"255 zeros", cat(run(255), []byte{9}), []byte{0, 255, 9}},
	{"256 zeros", cat(run(256), []byte{9}), []byte{0, 255, 0, 1, 9}},
	{"600 zeros", run(600), []byte{0, 255, 0, 255, 0, 90}},
}

func TestZeroEncodeWritesRunsOfAtMost255(t *testing.T) {
	t.Parallel()
	for _, c := range zeroCases {
		if got := message.ZeroEncode([]byte("x"), c.plain); !bytes.Equal(got[1:], c.coded) || got[0] != 'x' {
			t.Errorf("%s: got % x, want % x", c.name, got[1:], c.coded)
		}
	}
}

func TestZeroDecodeExpandsRuns(t *testing.T) {
	t.Parallel()
	for _, c := range zeroCases {
		got, err := message.ZeroDecode([]byte("x"), c.coded, len(c.plain))
		if err != nil || !bytes.Equal(got[1:], c.plain) {
			t.Errorf("%s: got % x, %v, want % x", c.name, got[1:], err, c.plain)
		}
	}
}

func TestZeroDecodeOfMalformedInput(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		coded []byte
		limit int
		want  []byte
		err   error
	}{
		{"a last zero without length is one zero", []byte{5, 0}, 10, []byte{5, 0}, nil},
		{"a run of length 0", []byte{5, 0, 0, 7}, 10, nil, message.ErrZeroRun},
		{"zeros beyond the limit", []byte{1, 0, 4}, 4, nil, message.ErrZeroLimit},
		{"plain bytes beyond the limit", []byte{1, 2, 3}, 2, nil, message.ErrZeroLimit},
		{"a last zero beyond the limit", []byte{1, 2, 0}, 2, nil, message.ErrZeroLimit},
		{"just the limit", []byte{1, 0, 3}, 4, []byte{1, 0, 0, 0}, nil},
	} {
		got, err := message.ZeroDecode(nil, c.coded, c.limit)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.err)
		}
		if c.err == nil && !bytes.Equal(got, c.want) {
			t.Errorf("%s: got % x, want % x", c.name, got, c.want)
		}
		if len(got) > c.limit {
			t.Errorf("%s: %d bytes came out, limit %d", c.name, len(got), c.limit)
		}
	}
}

func TestZeroDecodeUndoesZeroEncode(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		plain := []byte{}
		for _, n := range rapid.SliceOfN(rapid.IntRange(-600, 20), 0, 8).Draw(t, "pieces") {
			if n < 0 {
				plain = append(plain, run(-n)...)
			} else {
				plain = append(plain, rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "bytes")...)
			}
		}
		got, err := message.ZeroDecode(nil, message.ZeroEncode(nil, plain), len(plain))
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("got % x, %v, want % x", got, err, plain)
		}
	})
}

func FuzzZeroDecode(f *testing.F) {
	for _, c := range zeroCases {
		f.Add(c.coded)
	}
	f.Add([]byte{1, 0})
	f.Add([]byte{0, 0})
	f.Fuzz(func(t *testing.T, coded []byte) {
		const limit = 1000
		plain, err := message.ZeroDecode(nil, coded, limit)
		if len(plain) > limit {
			t.Fatalf("%d bytes came out, limit %d", len(plain), limit)
		}
		if err != nil {
			return
		}
		again, err := message.ZeroDecode(nil, message.ZeroEncode(nil, plain), limit)
		if err != nil || !bytes.Equal(again, plain) {
			t.Fatalf("% x became % x, %v", plain, again, err)
		}
	})
}
