package storage_test

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"rookery/internal/command/commandtest"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const asPartial = "&group=" + commandtest.Partial + "&password=" + commandtest.PartialPass

func TestDatabaseKeepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, commandtest.Line("database", "SQL", "CREATE TABLE visitors (name TEXT, visits INTEGER)"))
	if answer := w.Ask(t, commandtest.Line("database", "SQL", "INSERT INTO visitors VALUES (:name, 3), ('Jenny', NULL)",
		"data", script.FormatCSV([]string{":name", "O'Hara, \"Al\""}))); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("%v", answer)
	}
	got := w.Do(t, commandtest.Line("database", "SQL", "SELECT name, visits FROM visitors ORDER BY name"))
	if want := []string{"name", "Jenny", "visits", "", "name", "O'Hara, \"Al\"", "visits", "3"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	answer := w.Fails(t, commandtest.Line("database", "SQL", "SELECT name FROM visitors")+asPartial, script.ErrSQLExecutionFailed)
	if !strings.Contains(answer.Get("data"), "no such table") {
		t.Errorf("another group: %v", answer)
	}
}

func TestDatabaseRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Refuses(t, []commandtest.Refusal{
		{Line: commandtest.Line("database"), Error: script.ErrNoSQLStringProvided, Says: "SQL is missing"},
		{Line: commandtest.Line("database", "SQL", "SELECT"), Error: script.ErrSQLExecutionFailed, Says: "incomplete input"},
		{Line: commandtest.Line("database", "SQL", "ATTACH 'x' AS y"), Error: script.ErrSQLExecutionFailed, Says: "never allowed"},
		{
			Line:  commandtest.Line("database", "timeout", "50", "SQL", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"),
			Error: script.ErrSQLExecutionFailed, Says: "took longer than 50ms",
		},
		{Line: commandtest.Line("database", "SQL", "SELECT :a", "data", "a"), Error: script.ErrInvalidParameter, Says: "without value"},
		{Line: commandtest.Line("database", "SQL", "SELECT :a", "data", "a,1,:a,2"), Error: script.ErrInvalidParameter, Says: "twice"},
		{Line: commandtest.Line("database", "SQL", "SELECT :a", "data", "1a,1"), Error: script.ErrInvalidParameter, Says: "no name of a parameter"},
	}...)
}
