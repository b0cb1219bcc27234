//go:build unix

package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"rookery/internal/files"
)

func TestTextsAreWrittenAppendedAndRead(t *testing.T) {
	t.Parallel()
	f := files.Folder{Directory: filepath.Join(t.TempDir(), "made", "when", "needed"), MaxSize: 100}
	if _, err := f.Read("a.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before anything is there: %v", err)
	}
	for _, step := range []struct {
		do   func(path, text string) error
		text string
		want string
	}{
		{f.Append, "één\n", "één\n"},
		{f.Append, "two", "één\ntwo"},
		{f.Write, "new", "new"},
		{f.Write, "\uFEFFmarked", "marked"},
	} {
		if err := step.do("a.txt", step.text); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Read("a.txt"); got != step.want || err != nil {
			t.Errorf("%q, %v; want %q", got, err, step.want)
		}
	}
	if err := os.Mkdir(filepath.Join(f.Directory, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.Write("sub/b.txt", "x"); err != nil {
		t.Error(err)
	}
	if got, err := f.Read("sub/../sub/b.txt"); got != "x" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestNothingClimbsOut(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	f := files.Folder{Directory: filepath.Join(top, "inside"), MaxSize: 100}
	outside := filepath.Join(top, "secret.txt")
	if err := errors.Join(os.WriteFile(outside, []byte("secret"), 0o600), os.Mkdir(f.Directory, 0o755),
		os.Symlink(outside, filepath.Join(f.Directory, "link")),
		os.Symlink(top, filepath.Join(f.Directory, "dir")),
		os.Symlink("../fresh.txt", filepath.Join(f.Directory, "dangling"))); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"../secret.txt", outside, "link", "dir/secret.txt", "x/../../secret.txt", "dangling", "dir/fresh.txt", "", ".", "..", "a\x00b"} {
		if got, err := f.Read(path); err == nil {
			t.Errorf("%q is read: %q", path, got)
		}
		if err := f.Write(path, "overwritten"); err == nil {
			t.Errorf("%q is written", path)
		}
		if err := f.Append(path, "overwritten"); err == nil {
			t.Errorf("%q is appended to", path)
		}
	}
	if got, err := os.ReadFile(outside); string(got) != "secret" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := os.Lstat(filepath.Join(top, "fresh.txt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made outside: %v", err)
	}
}

func TestWhatIsNoTextFileIsRefused(t *testing.T) {
	t.Parallel()
	f := files.Folder{Directory: t.TempDir(), MaxSize: 10}
	in := func(name string) string { return filepath.Join(f.Directory, name) }
	if err := errors.Join(syscall.Mkfifo(in("pipe"), 0o600), os.Mkdir(in("dir"), 0o700),
		os.WriteFile(in("binary"), []byte{0xff, 0xfe}, 0o600), os.WriteFile(in("large"), []byte(strings.Repeat("x", 11)), 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{"pipe": "no regular file", "dir": "no regular file", "binary": "UTF-8", "large": "at most 10 bytes"} {
		if _, err := f.Read(name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", name, err, says)
		}
	}
	for _, name := range []string{"pipe", "dir"} {
		if err := f.Write(name, "x"); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	if err := f.Write("new", strings.Repeat("x", 11)); !errors.Is(err, files.ErrTooLarge) {
		t.Errorf("%v", err)
	}
	if _, err := os.Lstat(in("new")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a file that is too large was begun")
	}
	if err := errors.Join(f.Write("grows", "123456"), f.Append("grows", "7890")); err != nil {
		t.Fatal(err)
	}
	if err := f.Append("grows", "1"); !errors.Is(err, files.ErrTooLarge) {
		t.Errorf("%v", err)
	}
	if got, _ := f.Read("grows"); got != "1234567890" {
		t.Errorf("%q", got)
	}
}
