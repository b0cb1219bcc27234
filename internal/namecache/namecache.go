// Package namecache keeps the names of avatars that an agent knows in a file.
package namecache

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"rookery/agent"
	"rookery/grid"
)

// Save writes the names that an agent knows to a file, whole or not at all.
func Save(path string, a *agent.Agent) error {
	names := make(map[grid.UUID]string)
	for id, name := range a.KnownNames() {
		names[id] = name.First + " " + name.Last
	}
	data, err := json.MarshalIndent(names, "", "\t")
	if err != nil {
		return fmt.Errorf("save names: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("save names: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("save names: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("save names: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("save names: %w", err)
	}
	return nil
}

// Load makes an agent remember the names in a file. No file is no error.
func Load(path string, a *agent.Agent) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("load names: %w", err)
	}
	var texts map[grid.UUID]string
	if err := json.Unmarshal(data, &texts); err != nil {
		return fmt.Errorf("load names: %s: %w", path, err)
	}
	names := make(map[grid.UUID]agent.Name, len(texts))
	for id, text := range texts {
		names[id] = agent.ParseName(text)
	}
	a.RememberNames(names)
	return nil
}
