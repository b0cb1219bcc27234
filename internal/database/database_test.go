package database_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.uber.org/goleak"

	"rookery/internal/database"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	crows = uuid.MustParse("7c8a1d0e-0000-4000-8000-000000000001")
	jays  = uuid.MustParse("7c8a1d0e-0000-4000-8000-000000000002")
)

func open(t *testing.T, l database.Limits) *database.Databases {
	t.Helper()
	d := database.Open(filepath.Join(t.TempDir(), "databases"), l)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func run(t *testing.T, d *database.Databases, text string, args ...string) []string {
	t.Helper()
	cells, err := d.Run(t.Context(), crows, text, named(args))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return cells
}

func named(args []string) map[string]string {
	m := make(map[string]string)
	for i := 0; i < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return m
}

func TestValuesComeBackAsTheyAre(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{})
	run(t, d, "CREATE TABLE t (a INTEGER, b REAL, c TEXT, d BLOB, e DATE, f DATETIME, g BOOLEAN, h)")
	if got := run(t, d, "INSERT INTO t VALUES (1, 2.5, 'x,\"y', x'00ff', '2024-05-06', '2024-05-06 07:08:09', 1, NULL)"); len(got) != 0 {
		t.Errorf("INSERT answers %q", got)
	}
	want := []string{
		"a", "1", "b", "2.5", "c", "x,\"y", "d", "AP8=", "e", "2024-05-06", "f", "2024-05-06 07:08:09", "g", "1", "h", "",
	}
	if diff := cmp.Diff(want, run(t, d, "SELECT * FROM t")); diff != "" {
		t.Error(diff)
	}
	if got := run(t, d, "UPDATE t SET a = 7 RETURNING a, c"); !slices.Equal(got, []string{"a", "7", "c", "x,\"y"}) {
		t.Errorf("%q", got)
	}
}

func TestParametersAreBoundAsText(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{})
	run(t, d, "CREATE TABLE t (a TEXT)")
	run(t, d, "INSERT INTO t VALUES (:v), (@w)", "v", "'); DROP TABLE t; --", "w", "1")
	if got := run(t, d, "SELECT a, typeof(a) AS kind FROM t WHERE a = $v", "v", "'); DROP TABLE t; --"); len(got) != 4 || got[3] != "text" {
		t.Errorf("%q", got)
	}
	if _, err := d.Run(t.Context(), crows, "SELECT :missing", nil); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a parameter without value: %v", err)
	}
}

func TestEachGroupHasAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{})
	run(t, d, "CREATE TABLE t (a)")
	if _, err := d.Run(t.Context(), jays, "SELECT * FROM t", nil); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("another group sees the table: %v", err)
	}
	info, err := os.Stat(d.Path(crows))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestWhatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{})
	run(t, d, "CREATE TABLE t (a UNIQUE)")
	if _, err := d.Run(t.Context(), crows, "INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)", nil); err == nil {
		t.Fatal("the second one must fail")
	}
	if got := run(t, d, "SELECT count(*) AS n FROM t"); !slices.Equal(got, []string{"n", "0"}) {
		t.Errorf("%q", got)
	}
}

func TestTheGuardRefuses(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{})
	outside := filepath.Join(t.TempDir(), "other.db")
	for text, says := range map[string]string{
		"ATTACH '" + outside + "' AS o":        "never allowed",
		"DETACH main":                          "never allowed",
		"VACUUM INTO '" + outside + "'":        "cannot VACUUM",
		"BEGIN":                                "never allowed",
		"COMMIT":                               "never allowed",
		"SAVEPOINT s":                          "never allowed",
		"SELECT 1; ROLLBACK":                   "never allowed",
		"PRAGMA journal_mode = off":            "PRAGMA journal_mode is not allowed",
		"PRAGMA max_page_count = 1000000":      "PRAGMA max_page_count is not allowed",
		"PRAGMA writable_schema = on":          "PRAGMA writable_schema is not allowed",
		"SELECT load_extension('x')":           "load_extension",
		"CREATE VIRTUAL TABLE v USING fts5(a)": "never allowed",
		"INSERT INTO sqlite_schema VALUES ('table','x','x',0,'x')": "may not be modified",
	} {
		if _, err := d.Run(t.Context(), crows, text, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
	if _, err := os.Stat(outside); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file outside: %v", err)
	}
	run(t, d, "CREATE TABLE t (a)") // and goes on
	if got := run(t, d, "PRAGMA table_info(t)"); len(got) == 0 {
		t.Error("PRAGMA table_info tells nothing")
	}
}

func TestOnlyTheKindsOfTheSettingsAreAllowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	full := database.Open(dir, database.Limits{})
	run(t, full, "CREATE TABLE t (a); CREATE INDEX i ON t (a); ALTER TABLE t ADD COLUMN b; INSERT INTO t VALUES (1, 2);"+
		"CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER g AFTER UPDATE ON t BEGIN DELETE FROM t; END; DROP INDEX i")
	if err := full.Close(); err != nil {
		t.Fatal(err)
	}
	d := database.Open(dir, database.Limits{Statements: []string{"select", "update"}})
	defer d.Close()
	run(t, d, "SELECT * FROM v")
	for _, tt := range []struct{ text, kind string }{
		{"INSERT INTO t VALUES (1, 2)", "insert"},
		{"DELETE FROM t", "delete"},
		{"CREATE TABLE u (a)", "create"},
		{"CREATE TEMP TABLE u (a)", "create"},
		{"ALTER TABLE t RENAME TO u", "alter"},
		{"DROP TABLE t", "drop"},
		{"DROP VIEW v", "drop"},
		{"UPDATE t SET a = 3", "delete"}, // by the trigger
	} {
		if _, err := d.Run(t.Context(), crows, tt.text, nil); err == nil || !strings.Contains(err.Error(), tt.kind+" is not allowed; allowed are select, update") {
			t.Errorf("%s: %v", tt.text, err)
		}
	}
	if got := run(t, d, "SELECT a FROM t"); !slices.Equal(got, []string{"a", "1"}) {
		t.Errorf("%q", got)
	}
}

const counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

func TestWhatTakesTooLongIsStopped(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{Time: 50 * time.Millisecond})
	for _, text := range []string{
		counting + "SELECT count(*) FROM n",
		"SELECT 1 UNION ALL SELECT * FROM (" + counting + "SELECT count(*) FROM n)", // slow after its first row
	} {
		if _, err := d.Run(t.Context(), crows, text, nil); err == nil || !strings.Contains(err.Error(), "longer than 50ms") {
			t.Errorf("%s: %v", text, err)
		}
	}
	run(t, d, "SELECT 1") // and goes on
}

func TestACallerThatGoesAwayStopsItsStatement(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{Time: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := d.Run(ctx, crows, counting+"SELECT count(*) FROM n", nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

func TestAnswersAndFilesAreBounded(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{Rows: 10, AnswerSize: 1000, FileSize: 64 << 10})
	run(t, d, counting+"SELECT i FROM n LIMIT 10")
	run(t, d, "CREATE TABLE t (a)")
	for text, says := range map[string]string{
		counting + "SELECT i FROM n LIMIT 11":        "more than 10 rows",
		"SELECT hex(zeroblob(600))":                  "larger than 1000 bytes",
		"INSERT INTO t VALUES (zeroblob(100000))":    "larger than 65536 bytes",
		"SELECT length(zeroblob(1000000000))":        "too big",
		"INSERT INTO t VALUES (1); SELECT a, a FROM": "incomplete input",
	} {
		if _, err := d.Run(t.Context(), crows, text, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
	if got := run(t, d, "SELECT count(*) AS n FROM t"); !slices.Equal(got, []string{"n", "0"}) {
		t.Errorf("%q", got)
	}
	info, err := os.Stat(d.Path(crows))
	if err != nil || info.Size() > 64<<10 {
		t.Errorf("the file: %v, %v", info.Size(), err)
	}
}

func TestTemporaryTablesAreBoundedAndGoneAfterwards(t *testing.T) {
	t.Parallel()
	d := open(t, database.Limits{FileSize: 64 << 10})
	got := run(t, d, "CREATE TEMP TABLE u (a); INSERT INTO u VALUES (1), (2); SELECT count(*) AS n FROM u")
	if !slices.Equal(got, []string{"n", "2"}) {
		t.Errorf("%q", got)
	}
	for text, says := range map[string]string{
		"SELECT * FROM u": "no such table",
		"CREATE TEMP TABLE u (a); INSERT INTO u VALUES (zeroblob(100000))":        "larger than 65536 bytes",
		"CREATE TABLE temp.u AS " + counting + "SELECT hex(zeroblob(500)) FROM n": "larger than 65536 bytes",
		"CREATE TEMP VIEW v AS SELECT 1; SELECT missing":                          "no such column",
		"SELECT * FROM v": "no such table",
	} {
		if _, err := d.Run(t.Context(), crows, text, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

func TestWhatIsKeptSurvivesAndClosedIsClosed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := database.Open(dir, database.Limits{})
	run(t, d, "CREATE TABLE t (a); INSERT INTO t VALUES (5)")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Run(t.Context(), crows, "SELECT 1", nil); !errors.Is(err, database.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	again := database.Open(dir, database.Limits{})
	defer again.Close()
	if got := run(t, again, "SELECT a FROM t"); !slices.Equal(got, []string{"a", "5"}) {
		t.Errorf("%q", got)
	}
}
