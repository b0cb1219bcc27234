package command

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"rookery/internal/nearest"
	"rookery/internal/rights"
	"rookery/script"
)

// Registry holds commands by name. It does not change after it was made.
type Registry struct {
	byName map[string]*Command
	sorted []*Command
	// families are the relatives of each command, by its name.
	families map[string][]Relative
}

// NewRegistry checks and collects commands; the error names every one that is
// not as it should be.
func NewRegistry(commands ...Command) (*Registry, error) {
	r := &Registry{byName: make(map[string]*Command, len(commands))}
	var errs []error
	for i := range commands {
		c := &commands[i]
		if err := check(c); err != nil {
			errs = append(errs, fmt.Errorf("command %q: %w", c.Name, err))
			continue
		}
		if _, twice := r.byName[c.Name]; twice {
			errs = append(errs, fmt.Errorf("command %q: declared twice", c.Name))
			continue
		}
		r.byName[c.Name] = c
		r.sorted = append(r.sorted, c)
	}
	slices.SortFunc(r.sorted, func(a, b *Command) int { return strings.Compare(a.Name, b.Name) })
	r.findFamilies()
	return r, errors.Join(errs...)
}

// Lookup finds a command by its name in any case.
func (r *Registry) Lookup(name string) (*Command, bool) {
	c, ok := r.byName[strings.ToLower(name)]
	return c, ok
}

// NotFound is the error for the name of a command that there is not. It tells
// one that is known from elsewhere from a misspelt one.
func (r *Registry) NotFound(name string) error {
	name = strings.TrimSpace(name)
	if name == "" {
		return Explain(script.ErrCommandNotFound, "command is missing: listcommands lists those there are")
	}
	if _, known := knownCommands[strings.ToLower(name)]; known {
		return Explain(script.ErrCommandNotFound, "%s is not available in this version", name)
	}
	names := make([]string, len(r.sorted))
	for i, c := range r.sorted {
		names[i] = c.Name
	}
	if near := nearest.Name(name, names); near != "" {
		return Explain(script.ErrCommandNotFound, "%q: did you mean %s? listcommands lists those there are", name, near)
	}
	return Explain(script.ErrCommandNotFound, "%.64q: listcommands lists those there are", name)
}

// All lists the commands by name.
func (r *Registry) All() []*Command { return r.sorted }

// Allowed lists the commands that a group with these permissions may give, by
// name.
func (r *Registry) Allowed(held rights.Permission) []*Command {
	var allowed []*Command
	for _, c := range r.sorted {
		if held.Has(c.Permission) {
			allowed = append(allowed, c)
		}
	}
	return allowed
}

var parameterName = regexp.MustCompile(`^[A-Za-z]+$`)

// check holds a declaration against the grammar of names and against what
// documentation, help and the dispatcher build on.
func check(c *Command) error {
	name, err := ParseName(c.Name)
	if err != nil {
		return err
	}
	switch {
	case c.Topic == "":
		return errors.New("no topic")
	case c.Run == nil:
		return errors.New("nothing to run")
	case !strings.HasSuffix(c.Summary, "."):
		return errors.New("the summary is not a sentence")
	}
	keys := make(map[string]string)
	for _, i := range c.Infos() {
		switch {
		case !parameterName.MatchString(i.Name):
			return fmt.Errorf("parameter %q: names are letters only", i.Name)
		case keys[i.Name] != "":
			return fmt.Errorf("parameter %q: declared twice", i.Name)
		case !IsKnownName(i.Name):
			return fmt.Errorf("parameter %q: missing in names.txt, so it would come back as afterburn", i.Name)
		case i.About == "" || i.Type == "":
			return fmt.Errorf("parameter %q: no description or no type", i.Name)
		}
		keys[i.Name] = i.Type
	}
	if name.Data && keys["data"] == "" {
		return errors.New("a data command needs the parameter data")
	}
	if name.Data && strings.HasPrefix(name.Body, "get") && c.Result == "" {
		return errors.New("a data command that gets needs a result")
	}
	if name.Batch && !slices.Contains(slices.Collect(maps.Values(keys)), TypeList) {
		return errors.New("a batch command needs a list to act on")
	}
	return nil
}

// TypeList is the type of parameters that are lists; see [Info].
const TypeList = "list"
