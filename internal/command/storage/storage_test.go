package storage_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"rookery/internal/command/commandtest"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line writes a command with its values escaped.
func line(name string, pairs ...string) string {
	var b strings.Builder
	b.WriteString("command=" + name)
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString("&" + pairs[i] + "=" + url.QueryEscape(pairs[i+1]))
	}
	return b.String()
}

const asPartial = "&group=" + commandtest.Partial + "&password=" + commandtest.PartialPass

func TestDatabaseKeepsWhatIsWritten(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, line("database", "SQL", "CREATE TABLE visitors (name TEXT, visits INTEGER)"))
	if answer := w.Ask(t, line("database", "SQL", "INSERT INTO visitors VALUES (:name, 3), ('Jenny', NULL)",
		"data", script.FormatCSV([]string{":name", "O'Hara, \"Al\""}))); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("%v", answer)
	}
	got := w.Do(t, line("database", "SQL", "SELECT name, visits FROM visitors ORDER BY name"))
	if want := []string{"name", "Jenny", "visits", "", "name", "O'Hara, \"Al\"", "visits", "3"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	answer := w.Fails(t, line("database", "SQL", "SELECT name FROM visitors")+asPartial, script.ErrSQLExecutionFailed)
	if !strings.Contains(answer.Get("data"), "no such table") {
		t.Errorf("another group: %v", answer)
	}
}

func TestDatabaseRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Refuses(t, []commandtest.Refusal{
		{Line: line("database"), Error: script.ErrNoSQLStringProvided, Says: "SQL is missing"},
		{Line: line("database", "SQL", "SELECT"), Error: script.ErrSQLExecutionFailed, Says: "incomplete input"},
		{Line: line("database", "SQL", "ATTACH 'x' AS y"), Error: script.ErrSQLExecutionFailed, Says: "never allowed"},
		{Line: line("database", "SQL", "SELECT :a", "data", "a"), Error: script.ErrInvalidParameter, Says: "without value"},
		{Line: line("database", "SQL", "SELECT :a", "data", "a,1,:a,2"), Error: script.ErrInvalidParameter, Says: "twice"},
		{Line: line("database", "SQL", "SELECT :a", "data", "1a,1"), Error: script.ErrInvalidParameter, Says: "no name of a parameter"},
	}...)
}
