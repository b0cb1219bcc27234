package sift

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
	"github.com/ohler55/ojg/jp"
	"github.com/ohler55/ojg/oj"

	"rookery/script"
)

// maxPath bounds a path, in bytes.
const maxPath = 32 << 10

// checkPath refuses what is no path in any language.
func checkPath(argument, example string) error {
	switch {
	case strings.TrimSpace(argument) == "":
		return fmt.Errorf("argument: want %s", example)
	case len(argument) > maxPath:
		return fmt.Errorf("argument: %d bytes, at most %d are allowed", len(argument), maxPath)
	}
	return nil
}

// makeJSONPath finds elements in data that is JSON. Texts are taken as they
// are, other values as JSON.
func makeJSONPath(argument string) (stepFunc, error) {
	if err := checkPath(argument, "a JSONPath such as $.name"); err != nil {
		return nil, err
	}
	path, err := guard(func() (jp.Expr, error) { return jp.ParseString(argument) })
	if err != nil {
		return nil, fmt.Errorf("argument %q: %w", argument, err)
	}
	return func(_ context.Context, data string, _ Limits) (string, error) {
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
	}, nil
}

func jsonCell(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // LSL reads no \u003c
	err := enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// makeXPath finds nodes in data that is XML (XPath 1.0). Elements with
// elements in them are taken as XML, all else as text; an expression that
// comes to a number, a text or a truth value gives one cell.
func makeXPath(argument string) (stepFunc, error) {
	if err := checkPath(argument, "an XPath such as //name"); err != nil {
		return nil, err
	}
	if _, err := guard(func() (*xpath.Expr, error) { return xpath.Compile(argument) }); err != nil {
		return nil, fmt.Errorf("argument %q: %w", argument, err)
	}
	return func(_ context.Context, data string, _ Limits) (string, error) {
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
