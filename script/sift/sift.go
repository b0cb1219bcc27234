// Package sift reduces the data of an answer before it is sent: the parameter
// sift names steps, each with an argument, that are applied in turn.
//
//	sift=take,10,match,"Item Cost ([0-9]+)",sort,numeric
//
// Data is a list (RFC 4180) unless a step says otherwise. Steps are applied in
// the order given and may be repeated; names are matched without case; each
// argument is what arrives after the input filters decoded the message, once.
//
//	take      N: the first N cells
//	skip      N: all but the first N cells
//	each      N: the cells 0, N, 2N and so on
//	permute   N: the list rotated by N to the right, to the left if negative
//	reverse   the list backwards
//	random    one cell; a whole number as argument makes the choice repeatable
//	distinct  without repetitions; unique is the same
//	sort      in order: any of ascending, descending, numeric, ignorecase
//	select    TEXT: the cells that follow a cell equal to TEXT
//	match     REGEX on the whole text: every capture of every group but 0
//	count     REGEX: the number of cells in which it is found
//	js        SOURCE: the value of the last expression; data is the text
//	jsonpath  PATH: what it finds in the text, which is JSON
//	xpath     PATH: what it finds in the text, which is XML
//	md5, sha1, sha256   the hash of the whole text, in lower-case hex
//
// Regular expressions are .NET's. The argument of match and count is the
// expression itself, or a list of the expression and names of RegexOptions
// ("item ([0-9]+)",IgnoreCase), or pattern=EXPRESSION&options=LIST.
//
// The steps js, jsonpath and xpath, and searches in long texts, run in a process
// of their own, which is the program started anew: their engines can be neither
// stopped nor held to an amount of memory otherwise.
//
// A step that leaves nothing ends with empty text; further steps see that. A
// name that is not known is [script.ErrUnknownSift], an argument that cannot
// be used is [script.ErrSiftFailed] with a text that names the step; both are
// found by [Parse], before anything runs.
package sift

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rookery/script"
)

// Limits bound what the steps of one answer may cost. Zero values stand for
// the defaults.
type Limits struct {
	Time   time.Duration // of all regular expressions, scripts and paths together; default 2 s
	Memory int           // of one script, in bytes; default 32 MiB
	Size   int           // of the data before and after each step, in bytes; default 8 MiB
}

func (l Limits) withDefaults() Limits {
	if l.Time <= 0 {
		l.Time = 2 * time.Second
	}
	if l.Memory <= 0 {
		l.Memory = 32 << 20
	}
	if l.Size <= 0 {
		l.Size = 8 << 20
	}
	return l
}

// Sift is a list of steps, ready to be applied by any goroutine, as often as
// needed. The zero value changes nothing.
type Sift struct {
	limits Limits
	steps  []step
}

type step struct {
	name, argument string
	run            stepFunc
}

// stepFunc changes data. The context ends with the time limit.
type stepFunc func(ctx context.Context, data string, limits Limits) (string, error)

// makers lists every step by its name. Each maker checks the argument.
var makers = map[string]func(argument string) (stepFunc, error){
	"take":     makeTake,
	"skip":     makeSkip,
	"each":     makeEach,
	"permute":  makePermute,
	"reverse":  makeReverse,
	"random":   makeRandom,
	"distinct": makeDistinct,
	"unique":   makeDistinct,
	"sort":     makeSort,
	"select":   makeSelect,
	"match":    makeMatch,
	"count":    makeCount,
	"js":       makeJS,
	"jsonpath": makeJSONPath,
	"xpath":    makeXPath,
	"md5":      makeMD5,
	"sha1":     makeSHA1,
	"sha256":   makeSHA256,
}

// names is every step in the order of the documentation.
const names = "take, skip, each, permute, reverse, random, distinct, unique, sort, select, match, count, js, " +
	"jsonpath, xpath, md5, sha1, sha256"

// Names returns the names of all steps.
func Names() []string { return strings.Split(names, ", ") }

// maxSteps bounds the number of steps of one sift.
const maxSteps = 64

// Parse reads the value of the parameter sift: a list of alternating names and
// arguments. The argument of the last step may be missing.
func Parse(text string, limits Limits) (*Sift, error) {
	s := &Sift{limits: limits.withDefaults()}
	cells := script.ParseCSV(text)
	if len(cells) > 2*maxSteps {
		return nil, failed("sift: %d steps, at most %d are allowed", (len(cells)+1)/2, maxSteps)
	}
	for ; len(cells) > 0; cells = cells[min(2, len(cells)):] {
		name, argument := strings.ToLower(strings.TrimSpace(cells[0])), ""
		if len(cells) > 1 {
			argument = cells[1]
		}
		if name == "" && argument == "" {
			continue
		}
		maker, ok := makers[name]
		if !ok {
			return nil, unknown(cells[0])
		}
		run, err := maker(argument)
		if err != nil {
			return nil, failed("sift %s: %v", name, err)
		}
		s.steps = append(s.steps, step{name, argument, run})
	}
	return s, nil
}

// Apply runs the steps over data. It returns the context's error if the
// context ends first.
func (s *Sift) Apply(ctx context.Context, data string) (string, error) {
	if len(s.steps) == 0 {
		return data, nil
	}
	limits := s.limits.withDefaults()
	within, cancel := context.WithTimeout(ctx, limits.Time)
	defer cancel()
	for _, st := range s.steps {
		if len(data) > limits.Size {
			return "", failed("sift %s: %d bytes of data, at most %d are allowed", st.name, len(data), limits.Size)
		}
		out, err := st.apply(within, data, limits)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case within.Err() != nil:
			return "", failed("sift %s: not done within %v", st.name, limits.Time)
		case err != nil:
			return "", failed("sift %s: %v", st.name, err)
		}
		data = out
	}
	if len(data) > limits.Size {
		return "", failed("sift: %d bytes of data, at most %d are allowed", len(data), limits.Size)
	}
	return data, nil
}

// apply runs the step, apart where that is needed.
func (st step) apply(ctx context.Context, data string, limits Limits) (string, error) {
	if runsApart(st.name, st.argument, data) {
		return runApart(ctx, job{st.name, st.argument, data, limits})
	}
	return st.run(ctx, data, limits)
}

// failed is [script.ErrSiftFailed] with a text that says what failed, for
// scripts to see.
func failed(format string, args ...any) error {
	return &script.Error{Status: script.ErrSiftFailed.Status, Text: shorten(fmt.Sprintf(format, args...))}
}

// unknown is [script.ErrUnknownSift] with a text that says which, for scripts to
// see.
func unknown(name string) error {
	e := *script.ErrUnknownSift
	e.Text += ": " + shorten(strconv.Quote(name)) + ": allowed are " + names
	return &e
}

// maxErrorText bounds the text of an error in bytes: libraries repeat the whole
// argument in theirs.
const maxErrorText = 400

// shorten leaves out the middle of a long text.
func shorten(text string) string {
	if len(text) <= maxErrorText {
		return text
	}
	half := maxErrorText / 2
	return strings.ToValidUTF8(text[:half], "") + " … " + strings.ToValidUTF8(text[len(text)-half:], "")
}
