package command

import (
	"context"
	"slices"

	"rookery/internal/rights"
	"rookery/script"
)

// Command is one thing that scripts may ask for.
type Command struct {
	// Name is what scripts call it, in lower case; see [ParseName].
	Name string
	// Topic is the folder it stands in; filled by the registry's builder.
	Topic string
	// Permission is what the group must hold: all of the set, nothing for 0.
	Permission rights.Permission
	// Summary says in one sentence what it does.
	Summary string
	// Notes are further sentences for users: what differs, what to know.
	Notes []string
	// Params are its parameters in the order in which they are checked.
	Params []Parameter
	// Result says what the key data holds; empty when there is never any.
	Result string
	// Errors are the errors it answers besides those of its parameters and
	// "no Corrade permissions".
	Errors []*script.Error
	// Run does the work. Data may be returned together with an error. An error
	// that is no [script.Error] is logged and answered as a general one.
	Run func(ctx context.Context, c *Call) (Data, error)
}

// Parameter is a typed parameter of a command; package param has them. One
// parameter may be given by several keys, an avatar by UUID or by names for
// example.
type Parameter interface {
	Infos() []Info
}

// Info is what users may know of one key of a parameter.
type Info struct {
	// Name is the key, matched exactly.
	Name string
	// Type names the form of the value: "uuid", "vector", "list" …
	Type string
	// Required tells whether leaving it out is an error.
	Required bool
	// RequiredFor names the uses of the command that it is required for, when
	// others need it not; Required is false then.
	RequiredFor string
	// Default is what holds when it is left out, in words; may be empty.
	Default string
	// Values are the words allowed, when only certain ones are.
	Values []string
	// About says what it is for.
	About string
	// Errors are those that a missing or wrong value gives.
	Errors []*script.Error
}

// Infos lists every key of every parameter.
func (c *Command) Infos() []Info {
	var infos []Info
	for _, p := range c.Params {
		infos = append(infos, p.Infos()...)
	}
	return infos
}

// AllErrors lists every error the command may answer of its own accord:
// rights first, then its parameters' in the order of the checks, then its own.
func (c *Command) AllErrors() []*script.Error {
	var all []*script.Error
	add := func(errs ...*script.Error) {
		for _, e := range errs {
			if !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	if c.Permission != 0 {
		add(script.ErrNoCorradePermissions)
	}
	for _, i := range c.Infos() {
		add(i.Errors...)
	}
	add(c.Errors...)
	return all
}
