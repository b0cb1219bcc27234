package sift

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"rookery/script"
	"rookery/script/regex"
)

// parseExpression reads the argument of match and count in all its forms. It
// returns nil for an empty one, with which both do nothing.
func parseExpression(argument string) (*regex.Expression, error) {
	pattern, options, err := splitRegex(argument)
	if err != nil || pattern == "" {
		return nil, err
	}
	e, err := regex.Parse(pattern, options)
	if err != nil {
		return nil, fmt.Errorf("argument %q: %w", pattern, err)
	}
	return e, nil
}

// splitRegex tells pattern and options apart. The pattern is never unescaped
// again: a + or % in it stays. It may hold & and = in every form.
func splitRegex(argument string) (string, regex.Options, error) {
	if rest, ok := strings.CutPrefix(argument, "pattern="); ok {
		pattern, list := rest, ""
		if i := strings.LastIndex(rest, "&options="); i >= 0 {
			pattern, list = rest[:i], rest[i+len("&options="):]
		}
		options, err := regex.ParseOptions(script.ParseCSV(list))
		return pattern, options, err
	}
	if rest, ok := strings.CutPrefix(argument, "options="); ok {
		if list, pattern, ok := strings.Cut(rest, "&pattern="); ok {
			options, err := regex.ParseOptions(script.ParseCSV(list))
			return pattern, options, err
		}
	}
	// A list only if everything behind the first cell is an option: before
	// release 10 the whole argument was the expression, commas and all.
	if cells := script.ParseCSV(argument); len(cells) > 1 {
		if options, err := regex.ParseOptions(cells[1:]); err == nil {
			return cells[0], options, nil
		}
	}
	return argument, 0, nil
}

func makeMatch(argument string) (stepFunc, error) {
	expr, err := parseExpression(argument)
	if err != nil || expr == nil {
		return keepData, err
	}
	return func(ctx context.Context, data string, limits Limits) (string, error) {
		m := expr.Matcher(ctx)
		var cells []string
		size := 0
		match, err := m.Find(data)
		for ; match != nil; match, err = m.Next(match) {
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
		m := expr.Matcher(ctx)
		n := 0
		for _, cell := range script.ParseCSV(data) {
			found, err := m.In(cell)
			if err != nil {
				return "", err
			}
			if found {
				n++
			}
		}
		return strconv.Itoa(n), nil
	}, nil
}

// keepData is the step that changes nothing.
func keepData(_ context.Context, data string, _ Limits) (string, error) { return data, nil }
