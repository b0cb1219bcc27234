// Package regex searches with the regular expressions of .NET, which scripts
// write, and bounds the time that takes. Of .NET's they lack the named blocks of
// Unicode, \p{IsCyrillic}; \p{Cyrillic}, the script, is there.
package regex

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// Options are members of .NET's RegexOptions.
type Options = regexp2.RegexOptions

// IgnoreCase is the option that is asked for in Go, too; scripts give options
// by name, see [ParseOptions].
const IgnoreCase = regexp2.IgnoreCase

// options are the members by their names in lower case. What has no meaning
// here (Compiled, CultureInvariant) or changes no result (NonBacktracking) is
// accepted.
var options = map[string]Options{
	"none":                    regexp2.None,
	"ignorecase":              regexp2.IgnoreCase,
	"multiline":               regexp2.Multiline,
	"explicitcapture":         regexp2.ExplicitCapture,
	"compiled":                regexp2.None,
	"singleline":              regexp2.Singleline,
	"ignorepatternwhitespace": regexp2.IgnorePatternWhitespace,
	"righttoleft":             regexp2.RightToLeft,
	"ecmascript":              regexp2.ECMAScript,
	"cultureinvariant":        regexp2.None,
	"nonbacktracking":         regexp2.None,
}

const optionNames = "None, IgnoreCase, Multiline, ExplicitCapture, Compiled, Singleline, " +
	"IgnorePatternWhitespace, RightToLeft, ECMAScript, CultureInvariant, NonBacktracking"

// ParseOptions reads option names, in any case. A text may be a list of them
// itself, with commas between.
func ParseOptions(names []string) (Options, error) {
	var all Options
	for name := range strings.SplitSeq(strings.Join(names, ","), ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		o, ok := options[strings.ToLower(name)]
		if !ok {
			return 0, fmt.Errorf("unknown option %q: allowed are %s", name, optionNames)
		}
		all |= o
	}
	return all, nil
}

// Expression is a regular expression that compiles. It may be used by any
// goroutine.
type Expression struct {
	pattern string
	options Options
}

// maxPattern bounds a pattern, in bytes: the time to compile it is not limited
// otherwise.
const maxPattern = 32 << 10

// Parse reads a pattern of up to 32 KiB.
func Parse(pattern string, o Options) (e *Expression, err error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("the regular expression has %d bytes, at most %d are allowed", len(pattern), maxPattern)
	}
	defer func() {
		if r := recover(); r != nil { // patterns come from scripts, and the compiler is not ours
			e, err = nil, fmt.Errorf("the regular expression cannot be compiled: %v", r)
		}
	}()
	if _, err := regexp2.Compile(pattern, o); err != nil {
		return nil, err
	}
	return &Expression{pattern, o}, nil
}

// ErrSlow reports that a search was not done in time.
var ErrSlow = errors.New("the regular expression takes too long")

// defaultTime bounds searches whose context has no deadline.
const defaultTime = 2 * time.Second

// Matcher searches until the deadline of a context. The engine backtracks and
// cannot be stopped from outside, so each search gets what time is left; the
// compiled expression carries that time and belongs to one goroutine therefore.
type Matcher struct {
	re       *regexp2.Regexp
	deadline time.Time
}

// Matcher returns a matcher that searches until the context's deadline, or for
// two seconds from now if it has none.
func (e *Expression) Matcher(ctx context.Context) *Matcher {
	m := &Matcher{re: regexp2.MustCompile(e.pattern, e.options)}
	var bounded bool
	if m.deadline, bounded = ctx.Deadline(); !bounded {
		m.deadline = time.Now().Add(defaultTime)
	}
	return m
}

// Find returns the first match in a text, nil when there is none. The error is
// ErrSlow, for all methods.
func (m *Matcher) Find(text string) (*regexp2.Match, error) {
	return m.search(func() (*regexp2.Match, error) { return m.re.FindStringMatch(text) })
}

// Next returns the match after one that Find or Next returned, nil when there
// is none.
func (m *Matcher) Next(match *regexp2.Match) (*regexp2.Match, error) {
	return m.search(func() (*regexp2.Match, error) { return m.re.FindNextMatch(match) })
}

// In tells whether the expression is found in a text.
func (m *Matcher) In(text string) (bool, error) {
	match, err := m.Find(text)
	return match != nil, err
}

func (m *Matcher) search(find func() (*regexp2.Match, error)) (*regexp2.Match, error) {
	left := time.Until(m.deadline)
	if left <= 0 {
		return nil, ErrSlow
	}
	m.re.MatchTimeout = left
	match, err := find()
	if err != nil {
		return nil, ErrSlow // the only error there is
	}
	return match, nil
}
