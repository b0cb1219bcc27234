package message_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"rookery/grid/message/internal/msggen"
)

func TestGeneratedFilesMatchTheTemplate(t *testing.T) {
	t.Parallel()
	template, err := os.Open("template.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer template.Close()
	want, err := msggen.Generate(template)
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range want {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Errorf("%v; run go generate", err)
		} else if !bytes.Equal(got, src) {
			t.Errorf("%s is out of date; run go generate", name)
		}
	}
	files, err := filepath.Glob("*_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if want[name] == nil {
			t.Errorf("%s is no longer generated; run go generate", name)
		}
	}
}
