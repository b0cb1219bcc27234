package state

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("STATE_WRITER"); path != "" {
		writeForEver(path)
	}
	goleak.VerifyTestMain(m)
}

type thing struct {
	Text string   `json:"text"`
	Tags []string `json:"tags,omitempty"`
}

var ann = Owner{Agent: "Robin Rook", Group: "11111111-1111-4111-8111-111111111111"}

func mustOpen(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWasPutIsThereAfterOpeningAgain(t *testing.T) {
	t.Parallel()
	// A name with everything that means something in the URI of a file.
	path := filepath.Join(t.TempDir(), "new dir?a=b&c%20d#e", FileName)
	s := mustOpen(t, path)
	c := In[thing](s, "things")
	must(t, c.Put(t.Context(), ann, "one", thing{Text: "first"}))
	must(t, c.Put(t.Context(), ann, "one", thing{Text: "again", Tags: []string{"a,b", ""}}))
	must(t, c.Put(t.Context(), ann, "two", thing{Text: "gone"}))
	must(t, c.Delete(t.Context(), ann, "two"))
	must(t, c.Delete(t.Context(), ann, "never there"))
	must(t, c.Put(t.Context(), ann, "four", thing{Text: "gone too"}))
	must(t, c.Change(t.Context(), ann, map[string]thing{"three": {Text: "third"}}, []string{"four", "never there"}))
	must(t, s.Close())

	c = In[thing](mustOpen(t, path), "things")
	all, err := c.All(t.Context(), ann.Agent)
	must(t, err)
	want := []Entry[thing]{{ann, "one", thing{Text: "again", Tags: []string{"a,b", ""}}}, {ann, "three", thing{Text: "third"}}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, ok, err := c.Get(t.Context(), ann, "one"); err != nil || !ok || got.Text != "again" {
		t.Errorf("got %v %v %v", got, ok, err)
	}
	if _, ok, err := c.Get(t.Context(), ann, "two"); err != nil || ok {
		t.Errorf("what was deleted: %v %v", ok, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; others may read it", info.Mode(), err)
	}
}

func TestOwnersAndCollectionsAreKeptApart(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), FileName))
	c, other := In[string](s, "a"), In[int](s, "b")
	bob := Owner{Agent: ann.Agent, Group: "22222222-2222-4222-8222-222222222222"}
	away := Owner{Agent: "Wren Hollow", Group: ann.Group}
	for _, o := range []Owner{ann, bob, away} {
		must(t, c.Put(t.Context(), o, "x", o.Agent+o.Group))
		must(t, other.Put(t.Context(), o, "x", 7))
	}
	must(t, c.Replace(t.Context(), ann, map[string]string{"y": "new", "z": "newer"}))
	all, err := c.All(t.Context(), ann.Agent)
	must(t, err)
	want := []Entry[string]{{ann, "y", "new"}, {ann, "z", "newer"}, {bob, "x", bob.Agent + bob.Group}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n, ok, err := other.Get(t.Context(), ann, "x"); err != nil || !ok || n != 7 {
		t.Errorf("the other collection: %v %v %v", n, ok, err)
	}
	if text, ok, err := c.Get(t.Context(), away, "x"); err != nil || !ok || text != away.Agent+away.Group {
		t.Errorf("the other agent: %v %v %v", text, ok, err)
	}
}

func TestAChangeThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), FileName))
	c := In[any](s, "things")
	must(t, c.Put(t.Context(), ann, "x", "old"))
	if err := c.Replace(t.Context(), ann, map[string]any{"x": "new", "y": func() {}}); err == nil {
		t.Fatal("a function was kept")
	}
	if err := c.Change(t.Context(), ann, map[string]any{"y": func() {}}, []string{"x"}); err == nil {
		t.Fatal("a function was kept")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Put(ended, ann, "x", "late"); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
	if got, _, err := c.Get(t.Context(), ann, "x"); err != nil || got != "old" {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestManyGoroutinesMayWrite(t *testing.T) {
	t.Parallel()
	s := mustOpen(t, filepath.Join(t.TempDir(), FileName))
	c := In[int](s, "things")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				if err := c.Put(t.Context(), ann, fmt.Sprintf("%d.%d", i, j), j); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got, err := c.All(t.Context(), ann.Agent); err != nil || len(got) != 80 {
		t.Errorf("%d of 80, %v", len(got), err)
	}
}

func TestASecondProgramIsTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	s := mustOpen(t, path)
	_, err := open(path, 10*time.Millisecond)
	if !errors.Is(err, ErrLocked) {
		t.Fatalf("opened twice: %v", err)
	}
	must(t, s.Close())
	mustOpen(t, path)
}

func TestDamagedFilesAreTold(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), FileName)
	s := mustOpen(t, whole)
	values := map[string]string{}
	for i := range 200 {
		values[strconv.Itoa(i)] = strings.Repeat("x", 500)
	}
	must(t, In[string](s, "things").Replace(t.Context(), ann, values))
	must(t, s.Close())
	good, err := os.ReadFile(whole)
	must(t, err)

	scribbled := append([]byte(nil), good...)
	for i := 2 * 4096; i < 6*4096; i++ {
		scribbled[i] = 0xff
	}
	for name, content := range map[string][]byte{
		"no database":   []byte(strings.Repeat("this is no database at all\n", 200)),
		"scribbled on":  scribbled,
		"cut off":       good[:len(good)/2],
		"broken header": append([]byte("SQLite format 4\x00"), good[16:]...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), FileName)
			must(t, os.WriteFile(path, content, 0o600))
			_, err := Open(path)
			if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
				t.Errorf("opened: %v", err)
			}
		})
	}
}

func TestForeignAndNewerFilesAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, sql string
		want      error
	}{
		{"another program's", "CREATE TABLE notes (text)", ErrForeign},
		{"marked as another program's", "PRAGMA application_id = 77", ErrForeign},
		{"a newer version's", fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d; CREATE TABLE entries (x)", applicationID, len(migrations)+1), ErrNewer},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), FileName)
			db, err := sql.Open("sqlite", path)
			must(t, err)
			_, err = db.Exec(tc.sql)
			must(t, err)
			must(t, db.Close())
			if _, err := Open(path); !errors.Is(err, tc.want) {
				t.Errorf("opened: %v, want %v", err, tc.want)
			}
		})
	}
}

func TestADirectoryThatCannotBeUsedIsTold(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := Open(filepath.Join(file, FileName)); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("opened: %v", err)
	}
}

// writeForEver replaces fifty values at a time, all of one generation, and
// says each generation that it was told is kept.
func writeForEver(path string) {
	s, err := Open(path)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	c := In[int](s, "things")
	start, _, _ := c.Get(context.Background(), ann, "0")
	for generation := start + 1; ; generation++ {
		values := make(map[string]int, 50)
		for i := range 50 {
			values[strconv.Itoa(i)] = generation
		}
		if err := c.Replace(context.Background(), ann, values); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(generation)
	}
}

func TestAKillInMidWriteLeavesAWholeState(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), FileName)
	last := 0
	for round := range 8 {
		writer := exec.CommandContext(t.Context(), os.Args[0])
		writer.Env = append(os.Environ(), "STATE_WRITER="+path)
		out, err := writer.StdoutPipe()
		must(t, err)
		must(t, writer.Start())
		said := bufio.NewScanner(out)
		for range 3 + 2*round {
			if !said.Scan() {
				t.Fatal("the writer ended by itself")
			}
			if last, err = strconv.Atoi(said.Text()); err != nil {
				t.Fatal(said.Text())
			}
		}
		must(t, writer.Process.Kill())
		for said.Scan() { // what it still said before it died
			if n, err := strconv.Atoi(said.Text()); err == nil {
				last = n
			}
		}
		_ = writer.Wait()

		s := mustOpen(t, path)
		all, err := In[int](s, "things").All(t.Context(), ann.Agent)
		must(t, err)
		if len(all) != 50 {
			t.Fatalf("%d values of 50", len(all))
		}
		for _, e := range all {
			if e.Value != all[0].Value {
				t.Fatalf("generations %d and %d are mixed", e.Value, all[0].Value)
			}
		}
		if all[0].Value < last || all[0].Value > last+1 {
			t.Fatalf("generation %d is there; the writer was told of %d", all[0].Value, last)
		}
		must(t, s.Close())
	}
}
