//go:build unix

package process_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"rookery/internal/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLinesAreSplitAsDotNetDoes(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		``:                nil,
		"  \t ":           nil,
		`a  b`:            {"a", "b"},
		`"a b" c`:         {"a b", "c"},
		`a" "b`:           {"a b"},
		`"" x`:            {"", "x"},
		`"a""b"`:          {`a"b`},
		`\"a\"`:           {`"a"`},
		`C:\dir\ x`:       {`C:\dir\`, "x"},
		`"C:\dir\\" x`:    {`C:\dir\`, "x"},
		`a\\\"b`:          {`a\"b`},
		`$HOME; *.go | x`: {"$HOME;", "*.go", "|", "x"},
	} {
		if got, err := process.Split(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", line, got, err, want)
		}
	}
	if _, err := process.Split(`a "b`); !errors.Is(err, process.ErrQuote) {
		t.Errorf("%v", err)
	}
}

// quote writes an argument so that Split reads it back.
func quote(arg string) string {
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for i := range len(arg) {
		switch arg[i] {
		case '\\':
			slashes++
			continue
		case '"':
			b.WriteString(strings.Repeat(`\`, 2*slashes+1))
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes = 0
		b.WriteByte(arg[i])
	}
	b.WriteString(strings.Repeat(`\`, 2*slashes) + `"`)
	return b.String()
}

func TestWhatIsQuotedIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOf(rapid.StringMatching(`[a "\\\t]{0,6}`)).Draw(t, "args")
		quoted := make([]string, len(args))
		for i, arg := range args {
			quoted[i] = quote(arg)
		}
		if got, err := process.Split(strings.Join(quoted, " ")); err != nil || !slices.Equal(got, args) {
			t.Fatalf("%q -> %q: %q, %v", args, quoted, got, err)
		}
	})
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{`a "b c" \\\"d`, `"`, `\`, `"\"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args, err := process.Split(line)
		if err == nil && len(strings.Join(args, "")) > len(line) {
			t.Errorf("%q became more: %q", line, args)
		}
	})
}

func run(t *testing.T, args ...string) (process.Result, error) {
	t.Helper()
	return process.Run(t.Context(), process.Limits{MaxOutput: 1000}, args[0], args[1:]...)
}

func TestProgramsRunWithoutAShellAndWithoutSecrets(t *testing.T) {
	t.Setenv("ROOKERY_GROUPS_0_PASSWORD", "hushhush")
	if r, err := run(t, "echo", "$HOME", "; ls", "*"); err != nil || r.Output != "$HOME ; ls *\n" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := run(t, "env"); err != nil || strings.Contains(r.Output, "hushhush") || !strings.Contains(r.Output, "PATH=") {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := run(t, "sh", "-c", "echo out; echo err >&2; exit 3"); err != nil || r != (process.Result{Output: "out\n", Errors: "err\n", Code: 3}) {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := run(t, "cat"); err != nil || r.Code != 0 {
		t.Errorf("a program that reads: %+v, %v", r, err)
	}
}

func TestWhatIsNoProgramCannotBeStarted(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"no-such-program", "/", "/etc/hostname", ""} {
		if _, err := run(t, name); !errors.Is(err, process.ErrStart) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAProgramThatTakesTooLongIsKilledWithItsChildren(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	pid := filepath.Join(t.TempDir(), "pid")
	r, err := process.Run(ctx, process.Limits{MaxOutput: 1000}, "sh", "-c", "sleep 1000 & echo $! > "+pid+"; echo begun; wait")
	if !errors.Is(err, process.ErrTimedOut) || r.Output != "begun\n" {
		t.Errorf("%+v, %v", r, err)
	}
	child, err := os.ReadFile(pid)
	if err != nil {
		t.Fatal(err)
	}
	if state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(child)) + "/cmdline"); err == nil && len(state) > 0 {
		t.Errorf("the child lives: %q", state)
	}
}

func TestAProgramThatWritesTooMuchIsKilled(t *testing.T) {
	t.Parallel()
	r, err := run(t, "yes")
	if !errors.Is(err, process.ErrTooMuch) || len(r.Output) != 1000 {
		t.Errorf("%d bytes, %v", len(r.Output), err)
	}
}
