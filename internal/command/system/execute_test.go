//go:build unix

package system_test

import (
	"testing"

	"rookery/internal/command/commandtest"
	"rookery/script"
)

func TestExecuteRunsAProgram(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for _, tt := range []struct{ line, want string }{
		{"file=echo&parameter=one+%22two++three%22+%24HOME", "one two  three $HOME\n"},
		{"file=%2Fbin%2Fsh&parameter=-c+%22echo+failed+%3E%262%3B+exit+1%22", "failed\n"},
		{"file=sh&parameter=-c+%22echo+good%3B+echo+bad+%3E%262%22&shell=false&window=True", "good\n"},
		{"file=true", ""},
	} {
		if answer := w.Ask(t, "command=execute&"+tt.line); answer.Get("success") != "True" || answer.Get("data") != tt.want {
			t.Errorf("%s: %v, want %q", tt.line, answer, tt.want)
		}
	}
}

func TestExecuteKillsWhatGoesTooFar(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	answer := w.Fails(t, "command=execute&file=sh&parameter=-c+%22echo+begun%3B+sleep+1000%22&timeout=200", script.ErrTimeoutWaitingForExecution)
	if answer.Get("data") != "begun\n" {
		t.Errorf("%v", answer)
	}
	if answer := w.Fails(t, "command=execute&file=yes", script.ErrBusy); len(answer.Get("data")) != 4096 {
		t.Errorf("%d bytes", len(answer.Get("data")))
	}
}

func TestExecuteRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=execute", Error: script.ErrNoExecutableFileProvided},
		{Line: "command=execute&file=no-such-program", Error: script.ErrCouldNotStartProcess, Says: "not found"},
		{Line: "command=execute&file=echo&shell=true", Error: script.ErrCouldNotStartProcess, Says: "allowed is False"},
		{Line: "command=execute&file=echo&window=maybe", Error: script.ErrInvalidParameter, Says: "window"},
		{Line: "command=execute&file=echo&parameter=%22", Error: script.ErrInvalidParameter, Says: "not closed"},
	}...)
}
