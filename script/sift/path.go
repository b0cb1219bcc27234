package sift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
	"github.com/ohler55/ojg/jp"
	"github.com/ohler55/ojg/oj"

	"rookery/script"
)

// makeJSONPath finds elements in data that is JSON. Texts are taken as they
// are, other values as JSON.
func makeJSONPath(argument string) (stepFunc, error) {
	if strings.TrimSpace(argument) == "" {
		return nil, errors.New("argument: want a JSONPath such as $.name")
	}
	path, err := guard(func() (jp.Expr, error) { return jp.ParseString(argument) })
	if err != nil {
		return nil, fmt.Errorf("argument %q: %w", argument, err)
	}
	return func(ctx context.Context, data string, limits Limits) (string, error) {
		return bounded(ctx, func() (string, error) {
			doc, err := oj.ParseString(data)
			if err != nil {
				return "", fmt.Errorf("data is not JSON: %w", err)
			}
			var cells []string
			for _, v := range path.Get(doc) {
				cell, err := jsonCell(v)
				if err != nil {
					return "", err
				}
				cells = append(cells, cell)
			}
			return script.FormatCSV(cells), nil
		})
	}, nil
}

func jsonCell(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// makeXPath finds nodes in data that is XML (XPath 1.0). Elements with
// elements in them are taken as XML, all else as text; an expression that
// comes to a number, a text or a truth value gives one cell.
func makeXPath(argument string) (stepFunc, error) {
	if strings.TrimSpace(argument) == "" {
		return nil, errors.New("argument: want an XPath such as //name")
	}
	if _, err := guard(func() (*xpath.Expr, error) { return xpath.Compile(argument) }); err != nil {
		return nil, fmt.Errorf("argument %q: %w", argument, err)
	}
	return func(ctx context.Context, data string, _ Limits) (string, error) {
		return bounded(ctx, func() (string, error) {
			// An expression keeps its place while it runs: one for each run.
			expr, err := xpath.Compile(argument)
			if err != nil {
				return "", err
			}
			doc, err := xmlquery.Parse(strings.NewReader(data))
			if err != nil {
				return "", fmt.Errorf("data is not XML: %w", err)
			}
			switch v := expr.Evaluate(xmlquery.CreateXPathNavigator(doc)).(type) {
			case *xpath.NodeIterator:
				var cells []string
				for v.MoveNext() {
					nav, ok := v.Current().(*xmlquery.NodeNavigator)
					if !ok {
						continue
					}
					cells = append(cells, xmlCell(nav))
				}
				return script.FormatCSV(cells), nil
			case bool:
				return script.FormatBool(v), nil
			case float64:
				return script.FormatFloat(v), nil
			case string:
				return script.FormatCSV([]string{v}), nil
			default:
				return "", fmt.Errorf("the expression gives a %T", v)
			}
		})
	}, nil
}

func xmlCell(nav *xmlquery.NodeNavigator) string {
	if nav.NodeType() == xpath.ElementNode {
		for child := nav.Current().FirstChild; child != nil; child = child.NextSibling {
			if child.Type == xmlquery.ElementNode {
				return nav.Current().OutputXML(true)
			}
		}
	}
	return nav.Value()
}

// guard turns a panic of a library into an error.
func guard[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v", r)
		}
	}()
	return f()
}

// slots are as many path evaluations as may run at a time. Neither library can
// be stopped: one that overruns its time keeps its slot until it is done, so
// that careless paths cost at most the processors there are and no more.
var slots = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))

// bounded runs f and waits for it as long as the context lasts.
func bounded(ctx context.Context, f func() (string, error)) (string, error) {
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-slots }()
		text, err := guard(f)
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
