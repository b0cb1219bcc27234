package chatlog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// tree lists the files below a directory with their sizes in lines.
func tree(t *testing.T, dir string) map[string]int {
	t.Helper()
	files := make(map[string]int)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = strings.Count(string(text), "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func say(n int) Entry {
	return Entry{Time: noon.Add(time.Duration(n) * time.Second), Who: "Jenny Nest", Text: fmt.Sprintf("line %05d", n)}
}

func mustAppend(t *testing.T, st *store, k Kind, name string, e Entry) {
	t.Helper()
	if err := st.append(k, name, e); err != nil {
		t.Fatal(err)
	}
}

func TestEachKindAndNameHasAFileForOthersToStayOutOf(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	st := newStore(Settings{Directory: dir})
	for k := range folders {
		mustAppend(t, st, Kind(k), "A/B", say(1))
	}
	mustAppend(t, st, Local, "a/b", say(2)) // the same in another case
	want := map[string]int{
		"im/A%2FB.log": 1, "local/A%2FB.log": 2, "conference/A%2FB.log": 1,
		"region/A%2FB.log": 1, "ownersay/A%2FB.log": 1, "group/A%2FB.log": 1,
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	// Another program, with other spellings on the disk.
	again := newStore(Settings{Directory: dir})
	mustAppend(t, again, Group, "a/b", say(3))
	want["group/A%2FB.log"] = 2
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	for path, mode := range map[string]os.FileMode{"": 0o700, "im": 0o700, "im/A%2FB.log": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%q: %v, %v, want %v", path, info.Mode(), err, mode)
		}
	}
}

func TestLargeFilesArePutAwayAndTheOldestForgotten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	length := int64(len(appendEntry(nil, say(0), time.UTC)))
	st := newStore(Settings{Directory: dir, MaxSize: 10*length + 1, Keep: 2})
	for n := range 45 {
		mustAppend(t, st, Message, "Jenny Nest", say(n))
	}
	want := map[string]int{"im/Jenny Nest.log": 5, "im/Jenny Nest.log.1": 10, "im/Jenny Nest.log.2": 10}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	found, err := st.search(t.Context(), Query{Kind: Message})
	if err != nil || len(found) != 25 || found[0].Text != "line 00020" || found[24].Text != "line 00044" {
		t.Errorf("%d found, %v: %v", len(found), err, found)
	}
	// Without older ones a file begins anew.
	st.set(Settings{Directory: dir, MaxSize: 10*length + 1})
	for n := range 6 {
		mustAppend(t, st, Message, "Jenny Nest", say(n))
	}
	if got := tree(t, dir)["im/Jenny Nest.log"]; got != 1 {
		t.Errorf("%d lines", got)
	}
}

func TestAllFilesTogetherAreBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// A foreign file is neither counted nor removed.
	if err := os.MkdirAll(filepath.Join(dir, "im"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "im", "notes.txt"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	st := newStore(Settings{Directory: dir, MaxTotal: 100 * block})
	start := time.Now().Add(-time.Hour)
	for n := range 250 {
		name := fmt.Sprintf("Object %03d", n)
		mustAppend(t, st, Kind(n%2), name, say(n))
		at := start.Add(time.Duration(n) * time.Second)
		if err := os.Chtimes(filepath.Join(dir, folders[n%2], name+".log"), at, at); err != nil {
			t.Fatal(err)
		}
		if files := len(tree(t, dir)) - 1; files > 100 {
			t.Fatalf("%d files of a block each", files)
		}
	}
	files := tree(t, dir)
	if files["im/notes.txt"] != 0 || len(files) < 80 {
		t.Errorf("%d files are left", len(files))
	}
	for n := range 250 {
		_, here := files[folders[n%2]+fmt.Sprintf("/Object %03d.log", n)]
		if n < 100 && here || n >= 240 && !here {
			t.Errorf("file %d is there: %v", n, here)
		}
	}
	// The count of a program that starts anew is the same.
	again := newStore(Settings{Directory: dir, MaxTotal: 100 * block})
	mustAppend(t, again, Message, "Object 248", say(1))
	mustAppend(t, st, Message, "Object 248", say(1))
	if st.total != again.total {
		t.Errorf("total %d, counted anew %d", st.total, again.total)
	}
}

func TestWhatCannotBeWrittenIsAnErrorAndNothingMore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside")
	im := filepath.Join(dir, "im")
	for _, err := range []error{
		os.MkdirAll(filepath.Join(im, "Folder.log"), 0o700),
		os.Symlink(outside, filepath.Join(im, "Link.log")),
		os.WriteFile(filepath.Join(dir, "local"), nil, 0o600),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	st := newStore(Settings{Directory: dir})
	for _, tt := range []struct {
		k    Kind
		name string
	}{{Message, "Folder"}, {Message, "Link"}, {Local, "Rookery"}} {
		if err := st.append(tt.k, tt.name, say(1)); err == nil {
			t.Errorf("%s is written", tt.name)
		}
	}
	if _, err := os.Stat(outside); err == nil {
		t.Error("a link leads out of the folder")
	}
	mustAppend(t, st, Message, "Jenny Nest", say(1))
	// Removed under way.
	if err := os.RemoveAll(im); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, st, Message, "Jenny Nest", say(2))
	if found, err := st.search(t.Context(), Query{Kind: Message}); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := st.search(t.Context(), Query{Kind: Local}); err == nil {
		t.Error("what is no folder is read")
	}
}

func TestReadersSeeWholeMessagesWhileFilesGrowAndArePutAway(t *testing.T) {
	t.Parallel()
	st := newStore(Settings{Directory: t.TempDir(), MaxSize: 2000, Keep: 500})
	const lines = 2000
	var reading sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		reading.Go(func() {
			for seen := 0; ; {
				found, err := st.search(t.Context(), Query{Kind: Message})
				if err != nil {
					t.Errorf("search: %v", err)
					return
				}
				for n, f := range found {
					if want := say(n).Text + "\nend"; f.Text != want {
						t.Errorf("message %d is %q, want %q", n, f.Text, want)
						return
					}
				}
				if len(found) < seen {
					t.Errorf("%d messages, there were %d", len(found), seen)
				}
				seen = len(found)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for n := range lines {
		e := say(n)
		e.Text += "\nend"
		mustAppend(t, st, Message, "Jenny Nest", e)
	}
	close(done)
	reading.Wait()
}
