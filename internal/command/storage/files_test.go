package storage_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rookery/internal/command/commandtest"
	"rookery/script"
)

func TestFilesAreWrittenAndRead(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, commandtest.Line("writefile", "path", "notes.txt", "action", "create", "data", "a, \"b\"\n"))
	w.Do(t, commandtest.Line("writefile", "path", "notes.txt", "action", "Append", "data", "ç & d"))
	got, err := os.ReadFile(filepath.Join(w.Files.Directory, "notes.txt"))
	if err != nil || string(got) != "a, \"b\"\nç & d" {
		t.Errorf("on the disk: %q, %v", got, err)
	}
	if answer := w.Ask(t, commandtest.Line("readfile", "path", "notes.txt")); answer.Get("data") != "a, \"b\"\nç & d" {
		t.Errorf("%v", answer)
	}
	if err := os.WriteFile(filepath.Join(w.Files.Directory, "empty.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if answer := w.Ask(t, commandtest.Line("readfile", "path", "empty.txt")); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("an empty file: %v", answer)
	}
	answer := w.Fails(t, commandtest.Line("readfile", "path", "missing.txt"), script.ErrUnableToReadFile)
	if !strings.Contains(answer.Get("data"), "no such file") {
		t.Errorf("%v", answer)
	}
}

func TestFileRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=readfile", Error: script.ErrNoPathProvided},
		{Line: commandtest.Line("readfile", "path", "../x"), Error: script.ErrUnableToReadFile, Says: "leads out of the directory"},
		{Line: commandtest.Line("readfile", "path", "/etc/passwd"), Error: script.ErrUnableToReadFile, Says: "leads out of the directory"},
		{Line: "command=writefile", Error: script.ErrNoPathProvided},
		{Line: "command=writefile&path=x", Error: script.ErrNoDataProvided},
		{Line: "command=writefile&path=x&data=y", Error: script.ErrUnknownAction, Says: "append, create"},
		{Line: "command=writefile&path=x&data=y&action=delete", Error: script.ErrUnknownAction, Says: `"delete"`},
		{Line: commandtest.Line("writefile", "path", "../x", "data", "y", "action", "create"), Error: script.ErrUnableToWriteFile, Says: "leads out of the directory"},
		{Line: commandtest.Line("writefile", "path", "x", "data", strings.Repeat("y", 5000), "action", "create"), Error: script.ErrUnableToWriteFile, Says: "at most 4096"},
	}...)
}
