// Command cmd regenerates the Go code of the message package; go generate
// runs it in that package's directory.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"rookery/grid/message/internal/msggen"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "msggen:", err)
		os.Exit(1)
	}
}

func run() error {
	template, err := os.Open("template.txt")
	if err != nil {
		return err
	}
	defer template.Close()
	files, err := msggen.Generate(template)
	if err != nil {
		return err
	}
	old, err := filepath.Glob("*_gen.go")
	if err != nil {
		return err
	}
	for _, name := range old {
		if files[name] == nil {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	for name, src := range files {
		if err := os.WriteFile(name, src, 0o644); err != nil {
			return err
		}
	}
	return nil
}
