package config

import (
	"errors"
	"fmt"
	"strings"

	"rookery/internal/nearest"
)

// Problem is one thing that is wrong with the settings.
type Problem struct {
	// File, Line and Column say where, from 1. Line 0: the file as a whole, or
	// an environment variable, whose name is File then.
	File         string
	Line, Column int
	// Key is the setting: tcp.tls.mode or groups[0].permissions[2].
	Key string
	// Text says what is wrong and what is allowed.
	Text string
	// Warning is whether the settings can be used all the same.
	Warning bool
}

// Error writes file:line:column: key: text.
func (p Problem) Error() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
		}
		b.WriteString(": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	if p.Key != "" {
		b.WriteString(p.Key)
		b.WriteString(": ")
	}
	b.WriteString(p.Text)
	return b.String()
}

// Problems are all problems of a configuration, in the order of the file.
type Problems []Problem

// Error writes one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Err is the problems that are not warnings, or nil.
func (ps Problems) Err() error {
	var errs Problems
	for _, p := range ps {
		if !p.Warning {
			errs = append(errs, p)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}

// AsProblems finds the problems in an error of [Load].
func AsProblems(err error) (Problems, bool) { return errors.AsType[Problems](err) }

// didYouMean suggests the name nearest to text, if one is near.
func didYouMean(text string, names []string) string {
	if name := nearest.Name(text, names); name != "" {
		return fmt.Sprintf(" (did you mean %s?)", name)
	}
	return ""
}
