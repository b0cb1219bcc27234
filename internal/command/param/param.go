// Package param has the parameters of commands by type: each reads its value
// from a call, and describes itself.
//
// A parameter is made with the constructor of its type and refined:
//
//	position := param.Vector("position", "where to, in region coordinates").Fails(script.ErrInvalidPosition).Required()
//	vicinity := param.Float("vicinity", "metres that count as there", 0, 256).Or(2)
//
// Of reads the value when the command asks for it. An empty value is no value.
// A value that cannot be read is an error that says what is wrong and what is
// allowed, whether or not the parameter is required; nothing is clipped or
// replaced in silence.
package param

import (
	"fmt"
	"strings"

	"rookery/grid"
	"rookery/internal/command"
	"rookery/script"
)

// Param is a parameter given by one key and read without asking the grid.
type Param[T any] struct {
	info     command.Info
	parse    func(text string) (T, error)
	anything bool // no value is wrong
	fallback func(*command.Call) T
	fails    *script.Error // for wrong and missing values, if the type's own does not say enough
}

// Fails sets the error that a wrong or missing value gives, in place of
// "invalid parameter" and "missing parameter".
func (p Param[T]) Fails(e *script.Error) Param[T] {
	p.fails = e
	return p
}

// Required makes leaving the parameter out an error.
func (p Param[T]) Required() Param[T] {
	p.info.Required = true
	return p
}

// RequiredFor is [Param.Required] for a parameter that only some uses of the
// command read, with words for them: "get", "set and add".
func (p Param[T]) RequiredFor(uses string) Param[T] {
	p.info.RequiredFor = uses
	return p.Required()
}

// Or sets what holds when the parameter is left out.
func (p Param[T]) Or(value T) Param[T] {
	p.info.Default = describe(value)
	p.info.Required = false
	p.fallback = func(*command.Call) T { return value }
	return p
}

// OrElse is [Param.Or] for a value that depends on the call, with words for it.
func (p Param[T]) OrElse(words string, value func(*command.Call) T) Param[T] {
	p.info.Default = words
	p.info.Required = false
	p.fallback = value
	return p
}

// Infos describes the parameter.
func (p Param[T]) Infos() []command.Info {
	info := p.info
	if info.Required {
		info.Errors = append(info.Errors, p.error(script.ErrMissingParameter))
	}
	if !p.anything && (!info.Required || p.fails == nil) {
		info.Errors = append(info.Errors, p.error(script.ErrInvalidParameter))
	}
	if info.RequiredFor != "" {
		info.Required = false
	}
	return []command.Info{info}
}

// Given tells whether the call brings a value.
func (p Param[T]) Given(c *command.Call) bool { return c.Value(p.info.Name) != "" }

// Of reads the value.
func (p Param[T]) Of(c *command.Call) (T, error) {
	text := c.Value(p.info.Name)
	if text == "" {
		return p.absent(c)
	}
	value, err := p.parse(text)
	if err != nil {
		return value, command.Explain(p.error(script.ErrInvalidParameter), "%s: %v", p.info.Name, err)
	}
	return value, nil
}

func (p Param[T]) absent(c *command.Call) (T, error) {
	var zero T
	switch {
	case p.info.Required:
		return zero, command.Explain(p.error(script.ErrMissingParameter), "%s is missing: %s", p.info.Name, p.wanted())
	case p.fallback != nil:
		return p.fallback(c), nil
	}
	return zero, nil
}

func (p Param[T]) wanted() string {
	if len(p.info.Values) > 0 {
		return allowed(p.info.Values)
	}
	article := "a "
	if strings.ContainsRune("aeio", rune(p.info.Type[0])) { // but a UUID
		article = "an "
	}
	return "want " + article + p.info.Type + " (" + p.info.About + ")"
}

func (p Param[T]) error(general *script.Error) *script.Error {
	if p.fails != nil {
		return p.fails
	}
	return general
}

func describe(value any) string {
	switch v := value.(type) {
	case bool:
		return script.FormatBool(v)
	case float32:
		return script.FormatFloat32(v)
	case grid.Vector3:
		return script.Vector3(v).String()
	}
	return fmt.Sprint(value)
}

// allowed tells which words are.
func allowed(words []string) string {
	if len(words) == 1 {
		return "allowed is " + words[0]
	}
	return "allowed are " + join(words)
}
