//go:build unix

package files_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

func TestAWriteIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	f := files.Folder{Directory: t.TempDir(), MaxSize: 1 << 20}
	in := func(name string) string { return filepath.Join(f.Directory, name) }
	if err := errors.Join(os.Mkdir(in("sub"), 0o755), os.WriteFile(in("sub/a.txt"), []byte("old"), 0o600),
		os.Symlink("sub/link", in("link")), os.Symlink("a.txt", in("sub/link")), os.Symlink("loop", in("loop"))); err != nil {
		t.Fatal(err)
	}
	// Who has the file open goes on reading what it held.
	reader, err := os.Open(in("sub/a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := f.Write("link", "new"); err != nil {
		t.Fatal(err)
	}
	if old, err := io.ReadAll(reader); string(old) != "old" || err != nil {
		t.Errorf("%q, %v", old, err)
	}
	if got, err := f.Read("sub/a.txt"); got != "new" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if info, err := os.Lstat(in("sub/a.txt")); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file has other rights: %v, %v", info.Mode(), err)
	}
	if info, err := os.Lstat(in("link")); err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("the link is gone: %v, %v", info.Mode(), err)
	}
	if err := f.Write("loop", "x"); !errors.Is(err, syscall.ELOOP) {
		t.Errorf("a loop of links: %v", err)
	}
	// Texts that are written at the same time are not mixed.
	texts := []string{strings.Repeat("a", 200_000), strings.Repeat("b", 100_000), "c"}
	var writing sync.WaitGroup
	for _, text := range texts {
		writing.Go(func() {
			for range 20 {
				if err := f.Write("busy.txt", text); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writing.Wait(); close(done) }()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		if got, err := f.Read("busy.txt"); err == nil && !slices.Contains(texts, got) {
			t.Fatalf("%d bytes, from %.1q to %.1q", len(got), got, got[max(len(got)-1, 0):])
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	left, err := filepath.Glob(in(".*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %q, %v", left, err)
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
