package sift

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2"

	"rookery/script"
)

// regexOptions are the members of .NET's RegexOptions, in lower case. What has
// no meaning here (Compiled, CultureInvariant) or changes no result
// (NonBacktracking) is accepted.
var regexOptions = map[string]regexp2.RegexOptions{
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

const regexOptionNames = "None, IgnoreCase, Multiline, ExplicitCapture, Compiled, Singleline, " +
	"IgnorePatternWhitespace, RightToLeft, ECMAScript, CultureInvariant, NonBacktracking"

// parseRegexOptions reads option names. A cell may be a list of them itself,
// quoted as a whole.
func parseRegexOptions(names []string) (regexp2.RegexOptions, error) {
	var options regexp2.RegexOptions
	for name := range strings.SplitSeq(strings.Join(names, ","), ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		o, ok := regexOptions[strings.ToLower(name)]
		if !ok {
			return 0, fmt.Errorf("unknown option %q: allowed are %s", name, regexOptionNames)
		}
		options |= o
	}
	return options, nil
}

// expression is a regular expression that compiles.
type expression struct {
	pattern string
	options regexp2.RegexOptions
}

// parseExpression reads the argument of match and count in all its forms. It
// returns nil for an empty one, with which both do nothing.
func parseExpression(argument string) (*expression, error) {
	pattern, options, err := splitRegex(argument)
	if err != nil || pattern == "" {
		return nil, err
	}
	if _, err := regexp2.Compile(pattern, options); err != nil {
		return nil, fmt.Errorf("argument %q: %w", pattern, err)
	}
	return &expression{pattern, options}, nil
}

// splitRegex tells pattern and options apart. The pattern is never unescaped
// again: a + or % in it stays. It may hold & and = in every form.
func splitRegex(argument string) (string, regexp2.RegexOptions, error) {
	if rest, ok := strings.CutPrefix(argument, "pattern="); ok {
		pattern, list := rest, ""
		if i := strings.LastIndex(rest, "&options="); i >= 0 {
			pattern, list = rest[:i], rest[i+len("&options="):]
		}
		options, err := parseRegexOptions(script.ParseCSV(list))
		return pattern, options, err
	}
	if rest, ok := strings.CutPrefix(argument, "options="); ok {
		if list, pattern, ok := strings.Cut(rest, "&pattern="); ok {
			options, err := parseRegexOptions(script.ParseCSV(list))
			return pattern, options, err
		}
	}
	// A list only if everything behind the first cell is an option: before
	// release 10 the whole argument was the expression, commas and all.
	if cells := script.ParseCSV(argument); len(cells) > 1 {
		if options, err := parseRegexOptions(cells[1:]); err == nil {
			return cells[0], options, nil
		}
	}
	return argument, regexp2.None, nil
}

// matcher searches within the time of a context. The engine backtracks and
// cannot be stopped from outside, so each search gets what time is left; the
// compiled expression carries that time and belongs to one run therefore.
type matcher struct {
	re       *regexp2.Regexp
	deadline time.Time
}

func (e *expression) newMatcher(ctx context.Context) *matcher {
	m := &matcher{re: regexp2.MustCompile(e.pattern, e.options)}
	m.deadline, _ = ctx.Deadline()
	return m
}

var errNoTime = errors.New("the regular expression takes too long")

func (m *matcher) search(find func() (*regexp2.Match, error)) (*regexp2.Match, error) {
	left := time.Until(m.deadline)
	if left <= 0 {
		return nil, errNoTime
	}
	m.re.MatchTimeout = left
	match, err := find()
	if err != nil {
		return nil, errNoTime // the only error there is
	}
	return match, nil
}

func makeMatch(argument string) (stepFunc, error) {
	expr, err := parseExpression(argument)
	if err != nil || expr == nil {
		return keepData, err
	}
	return func(ctx context.Context, data string, limits Limits) (string, error) {
		m := expr.newMatcher(ctx)
		var cells []string
		size := 0
		match, err := m.search(func() (*regexp2.Match, error) { return m.re.FindStringMatch(data) })
		for ; match != nil; match, err = m.search(func() (*regexp2.Match, error) { return m.re.FindNextMatch(match) }) {
			for _, group := range match.Groups()[1:] {
				for i := range group.Captures {
					cell := group.Captures[i].String()
					if size += len(cell) + 1; size > limits.Size {
						return "", fmt.Errorf("more than %d bytes of captures", limits.Size)
					}
					cells = append(cells, cell)
				}
			}
		}
		return script.FormatCSV(cells), err
	}, nil
}

func makeCount(argument string) (stepFunc, error) {
	expr, err := parseExpression(argument)
	if err != nil || expr == nil {
		return keepData, err
	}
	return func(ctx context.Context, data string, _ Limits) (string, error) {
		m := expr.newMatcher(ctx)
		n := 0
		for _, cell := range script.ParseCSV(data) {
			match, err := m.search(func() (*regexp2.Match, error) { return m.re.FindStringMatch(cell) })
			if err != nil {
				return "", err
			}
			if match != nil {
				n++
			}
		}
		return strconv.Itoa(n), nil
	}, nil
}

// keepData is the step that changes nothing.
func keepData(_ context.Context, data string, _ Limits) (string, error) { return data, nil }
