package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Errors of a [Store].
var (
	// ErrNoFile reports that the settings do not come from a file.
	ErrNoFile = errors.New("the settings do not come from a file")
	// ErrNotWritten reports that the file could not be read or written.
	ErrNotWritten = errors.New("the configuration file cannot be changed")
	// ErrConfigured and ErrNotConfigured report that a group is there already,
	// or is not there.
	ErrConfigured    = errors.New("the group is configured already")
	ErrNotConfigured = errors.New("the group is not configured")
)

// Store changes the configuration file of a running program. A change that is
// not a valid configuration is refused with [Problems] and changes nothing; one
// that is gets written, comments and all, and takes effect. The methods may be
// called from any goroutine.
type Store struct {
	// Current returns the settings that hold now.
	Current func() *Config
	// Apply puts other settings in their place.
	Apply func(*Config) error

	mu sync.Mutex
}

// Read returns the text of the file. In place of each secret, in comments too,
// stand stars.
func (s *Store) Read() (string, error) {
	_, document, err := s.document()
	if err != nil {
		return "", err
	}
	c, d := decode(s.Current().path, document, nil)
	if d.places == nil {
		return "", d.problems
	}
	for _, secret := range secrets(c, d) {
		if document, err = setKey(document, secret.key, strconv.Quote(stars)); err != nil {
			return "", err
		}
	}
	if len(c.Bus.URLs) > 0 && d.places["bus.urls"] != (place{}) {
		shown := make([]string, len(c.Bus.URLs))
		for i, u := range c.Bus.URLs {
			shown[i] = u.String()
		}
		list, err := literal(shown)
		if err != nil {
			return "", err
		}
		if document, err = setKey(document, "bus.urls", list); err != nil {
			return "", err
		}
	}
	return remarkedSecret.ReplaceAllString(string(document), `$1"`+stars+`"`), nil
}

// remarkedSecret is a secret in a comment.
var remarkedSecret = regexp.MustCompile(`(?m)^(\s*#.*\b\w*(?:password|aes_key|vigenere_key|mfa_token)\s*=\s*)(?:"[^"\n]+.*|'[^'\n]+.*)$`)

// Write puts another text in place of the file. Stars in place of a secret, as
// Read gives them, stand for the secret there is now.
func (s *Store) Write(text string) error {
	return s.change(func(document []byte) ([]byte, error) {
		path := s.Current().path
		old, _ := decode(path, document, nil)
		next := []byte(text)
		c, d := decode(path, next, nil)
		if d.places == nil {
			return nil, d.problems
		}
		for _, secret := range secrets(c, d) {
			if secret.value != stars {
				continue
			}
			before, ok := old.counterpart(c, secret.key)
			if !ok || before == "" {
				return nil, Problems{{File: path, Key: secret.key, Text: noSecret}}
			}
			value, err := literal(string(before))
			if err != nil {
				return nil, err
			}
			if next, err = setKey(next, secret.key, value); err != nil {
				return nil, err
			}
		}
		return next, nil
	})
}

// secret is a secret of a document.
type secret struct{ key, value string }

// secrets lists the secrets that stand in a document, each a text of its own.
func secrets(c *Config, d *decoder) []secret {
	var found []secret
	c.each(func(key string, v reflect.Value) {
		if v.Type() != reflect.TypeFor[Secret]() {
			return
		}
		text := string(v.Interface().(Secret))
		if _, here := d.places[key]; here && text != "" {
			found = append(found, secret{key, text})
		}
	})
	return found
}

// counterpart finds the secret in c that is the key's in other: groups are told
// by their UUID and agents by their avatar, wherever they stand.
func (c *Config) counterpart(other *Config, key string) (Secret, bool) {
	list, element, _ := strings.Cut(key, "[")
	number, rest, isElement := strings.Cut(element, "]")
	if isElement {
		i, _ := strconv.Atoi(number)
		at := -1
		switch list {
		case "groups":
			at = slices.IndexFunc(c.Groups, func(g Group) bool { return g.UUID == other.Groups[i].UUID })
		case "agents":
			want := other.Agents[i]
			at = slices.IndexFunc(c.Agents, func(a Agent) bool {
				return a.Avatar == want.Avatar && a.First == want.First && a.Last == want.Last && a.Grid == want.Grid
			})
		}
		if at < 0 {
			return "", false
		}
		key = list + "[" + strconv.Itoa(at) + "]" + rest
	}
	v, err := c.field(key)
	if err != nil {
		return "", false
	}
	s, ok := v.Interface().(Secret)
	return s, ok
}

// Get returns a setting that holds now, see [Config.Get].
func (s *Store) Get(key string) (string, error) { return s.Current().Get(key) }

// Set changes one setting by its key. The text is a list as CSV, or a value as
// it would stand in the file, without quotes. Stars in place of a secret keep it.
func (s *Store) Set(key, text string) error { return s.SetAll([][2]string{{key, text}}) }

// SetAll is Set for several keys at once: all or none.
func (s *Store) SetAll(settings [][2]string) error {
	return s.change(func(document []byte) ([]byte, error) {
		for _, kv := range settings {
			if err := fromEnvironment(kv[0]); err != nil {
				return nil, err
			}
			if kept, err := s.Current().keptBy(kv[0], kv[1]); err != nil {
				return nil, err
			} else if kept {
				continue
			}
			value, err := s.Current().literalFor(kv[0], kv[1])
			if err != nil {
				return nil, err
			}
			if document, err = setKey(document, kv[0], value); err != nil {
				return nil, err
			}
		}
		return document, nil
	})
}

// Remove takes a setting out of the file, so that its default holds. One that is
// not there may be removed.
func (s *Store) Remove(key string) error {
	return s.change(func(document []byte) ([]byte, error) {
		if err := fromEnvironment(key); err != nil {
			return nil, err
		}
		v, err := s.Current().field(key)
		switch {
		case err != nil:
			return nil, err
		case isTable(v.Type()), v.Kind() == reflect.Slice && isTable(v.Type().Elem()):
			return nil, fmt.Errorf("%s is a table: remove what is in it", key)
		case strings.HasSuffix(key, "]"):
			return nil, fmt.Errorf("%s: elements of lists are set with their list", key)
		}
		at, ok := index(document)[key]
		if !ok {
			return document, nil
		}
		return removeKey(document, key, at)
	})
}

// fromEnvironment refuses a change that would not be one.
func fromEnvironment(key string) error {
	if _, set := os.LookupEnv(envName(key)); set {
		return Problems{{File: "environment " + envName(key), Key: key, Text: "the variable sets it, whatever the file says"}}
	}
	return nil
}

// keptBy tells whether a text stands for the secret that a key has.
func (c *Config) keptBy(key, text string) (bool, error) {
	v, err := c.field(key)
	if err != nil || text != stars || v.Type() != reflect.TypeFor[Secret]() {
		return false, err
	}
	if v.IsZero() {
		return false, Problems{{File: c.path, Key: key, Text: noSecret}}
	}
	return true, nil
}

const noSecret = "stars stand for the secret there is, but there is none here"

// AddGroup adds a group. It returns ErrConfigured when there is one of its name,
// in any case, or of its UUID.
func (s *Store) AddGroup(g Group) error {
	return s.change(func(document []byte) ([]byte, error) {
		for _, other := range s.Current().Groups {
			if other.UUID == g.UUID || strings.EqualFold(other.Name, g.Name) {
				return nil, ErrConfigured
			}
		}
		return appendGroup(document, g)
	})
}

// RemoveGroup removes the group of a UUID, or returns ErrNotConfigured.
func (s *Store) RemoveGroup(id uuid.UUID) error {
	return s.change(func(document []byte) ([]byte, error) {
		for i, g := range s.Current().Groups {
			if g.UUID == id {
				return removeTable(document, "groups["+strconv.Itoa(i)+"]")
			}
		}
		return nil, ErrNotConfigured
	})
}

// document reads the file and tells its path.
func (s *Store) document() (string, []byte, error) {
	path := s.Current().path
	if path == "" {
		return "", nil, ErrNoFile
	}
	document, err := os.ReadFile(path)
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	return path, document, nil
}

// change edits the file and lets the outcome take effect.
func (s *Store) change(edit func([]byte) ([]byte, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, document, err := s.document()
	if err != nil {
		return err
	}
	next, err := edit(document)
	if err != nil {
		return err
	}
	c, problems := Parse(path, next, os.Environ())
	if err := problems.Err(); err != nil {
		return err
	}
	if err := replaceFile(path, next); err != nil {
		return fmt.Errorf("%w: %w", ErrNotWritten, err)
	}
	return s.Apply(c)
}

// replaceFile writes a file whole or not at all, with the rights it had.
func replaceFile(path string, text []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(info.Mode().Perm()), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
