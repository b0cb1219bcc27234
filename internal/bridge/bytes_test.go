package bridge_test

import (
	"bytes"
	"os"
	"testing"

	"pgregory.net/rapid"

	"rookery/internal/bridge"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBytesSurviveBeingWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		got, err := bridge.ParseBytes(bridge.FormatBytes(want))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v, %v; want %v", got, err, want)
		}
	})
}

func FuzzParseBytes(f *testing.F) {
	for _, text := range []string{"", "0", "72,105", " 1 , 255", "256", "-1", "1,,2", "a", "0x1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := bridge.ParseBytes(text)
		if err != nil {
			return
		}
		if again, err := bridge.ParseBytes(bridge.FormatBytes(got)); err != nil || !bytes.Equal(again, got) {
			t.Fatalf("%q is %v and then %v, %v", text, got, again, err)
		}
	})
}
