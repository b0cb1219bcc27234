package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"

	"github.com/pelletier/go-toml/v2"

	"rookery/internal/access"
)

// maxSecretFile bounds a file that holds a secret, in bytes.
const maxSecretFile = 64 << 10

// Load reads the settings of a file and of the environment. What is wrong with
// them comes back as [Problems], all of it at once; a file that cannot be read
// as another error. Warnings are no error: [Check] gives them.
func Load(path string) (*Config, error) {
	c, problems, err := load(path)
	if err != nil {
		return nil, err
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

// Check reads the settings as [Load] does and returns all problems, warnings
// too. The error tells that the file could not be read.
func Check(path string) (Problems, error) {
	_, problems, err := load(path)
	return problems, err
}

func load(path string) (*Config, Problems, error) {
	document, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("no configuration file %s (rookery config init writes one): %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the configuration: %w", err)
	}
	c, problems := Parse(path, document, os.Environ())
	return c, problems, nil
}

// Parse reads a document and an environment, a list of NAME=VALUE. Path is
// named in problems, and relative paths in the document are relative to its
// directory. The settings are usable if the problems hold no error.
func Parse(path string, document []byte, environ []string) (*Config, Problems) {
	c, d := decode(path, document, environ)
	if d.places == nil { // not even TOML
		return c, d.problems
	}
	c.check(d)
	return c, d.sorted()
}

// resolve makes a path of the file absolute with regard to the file's place.
func (c *Config) resolve(path string) string {
	if path == "" || filepath.IsAbs(path) || c.path == "" {
		return path
	}
	return filepath.Join(filepath.Dir(c.path), path)
}

// secret reads a secret from its file if it has one. A line end behind it does
// not count.
func (c *Config) secret(d *decoder, dst *Secret, file *string, key string) {
	if *file == "" {
		return
	}
	fileKey := key + "_file"
	*file = c.resolve(*file)
	if *dst != "" {
		d.problem(fileKey, "both %s and %s are set: want one of them", last(key), last(fileKey))
		return
	}
	f, err := os.Open(*file)
	if err != nil {
		d.problem(fileKey, "%v", err)
		return
	}
	defer f.Close()
	b := make([]byte, maxSecretFile+1)
	n, _ := f.Read(b)
	text := bytes.TrimRight(b[:n], "\r\n")
	switch {
	case len(text) == 0:
		d.problem(fileKey, "%s is empty", *file)
	case n > maxSecretFile:
		d.problem(fileKey, "%s is larger than %d bytes", *file, maxSecretFile)
	default:
		*dst = Secret(text)
	}
}

// Access is what the groups may do, for [access.New].
func (c *Config) Access() access.Settings {
	s := access.Settings{MasterPassword: string(c.MasterPassword)}
	for _, g := range c.Groups {
		s.Groups = append(s.Groups, access.Group{
			Name:          g.Name,
			ID:            g.UUID,
			Password:      string(g.Password),
			Permissions:   g.Rights(),
			Notifications: g.Hears(),
			Workers:       g.Workers,
			Schedules:     g.Schedules,
		})
	}
	return s
}

// String writes the settings as TOML, secrets masked.
func (c *Config) String() string {
	shown := reflect.New(reflect.TypeFor[Config]()).Elem()
	masked(shown, reflect.ValueOf(c).Elem())
	b, err := toml.Marshal(shown.Interface())
	if err != nil {
		return "configuration: " + err.Error()
	}
	return string(b)
}

// masked copies settings and masks their secrets. The TOML encoder takes texts
// as they are and does not ask them how they want to be shown.
func masked(dst, src reflect.Value) {
	switch {
	case src.Type() == reflect.TypeFor[Secret](), src.Type() == reflect.TypeFor[URL]():
		dst.SetString(src.Interface().(fmt.Stringer).String())
	case src.Kind() == reflect.Struct:
		for i := range src.NumField() {
			if src.Type().Field(i).IsExported() {
				masked(dst.Field(i), src.Field(i))
			}
		}
	case src.Kind() == reflect.Slice:
		dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			masked(dst.Index(i), src.Index(i))
		}
	default:
		dst.Set(src)
	}
}
