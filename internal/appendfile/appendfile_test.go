package appendfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rookery/internal/appendfile"
	"rookery/internal/appendfile/fulldisk"
)

func TestLinesAreAddedWhole(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.log")
	for _, tt := range []struct{ before, add, after string }{
		{"", "one\n", "one\n"},
		{"one\n", "two\nthree\n", "one\ntwo\nthree\n"},
		{"one\ntw", "three\n", "one\ntw\nthree\n"}, // after a power cut
	} {
		if err := os.WriteFile(path, []byte(tt.before), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, appendfile.Flags, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		grown, err := appendfile.Append(f, []byte(tt.add))
		if err != nil || grown != int64(len(tt.after)-len(tt.before)) {
			t.Errorf("%q: grown by %d, %v", tt.before, grown, err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if got, _ := os.ReadFile(path); string(got) != tt.after {
			t.Errorf("%q and %q are %q, want %q", tt.before, tt.add, got, tt.after)
		}
	}
}

func TestAFullDiskLeavesNoHalfLine(t *testing.T) { fulldisk.Run(t, onAFullDisk) }

func onAFullDisk(t *testing.T, dir string) {
	path := filepath.Join(dir, "a.log")
	f, err := os.OpenFile(path, appendfile.Flags, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	line := strings.Repeat("x", 5000) + "\n" // no divisor of a page
	written := 0
	for err == nil && written < 100 {
		if _, err = appendfile.Append(f, []byte(line)); err == nil {
			written++
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("after %d lines: %v", written, err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != strings.Repeat(line, written) {
		t.Errorf("%d bytes are left of %d lines: %v", len(got), written, err)
	}
	// Room again.
	if _, err := appendfile.Append(f, []byte("short\n")); err != nil {
		t.Errorf("a short line: %v", err)
	}
}
