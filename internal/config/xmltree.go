package config

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// element is one element of an XML document, namespaces left out.
type element struct {
	name     string
	text     string // of the element itself, blanks around it left out
	line     int
	children []*element
	used     bool // somebody looked at it
}

// maxDepth bounds the nesting of an imported document.
const maxDepth = 32

// parseXML reads a document into a tree.
func parseXML(document []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(document, []byte("\xef\xbb\xbf"))))
	var root *element
	var open []*element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := d.InputPos()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) == maxDepth {
				return nil, fmt.Errorf("line %d: elements are nested more than %d deep", line, maxDepth)
			}
			e := &element{name: token.Name.Local, line: line}
			if len(open) > 0 {
				parent := open[len(open)-1]
				parent.children = append(parent.children, e)
			} else {
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				e := open[len(open)-1]
				e.text = strings.TrimSpace(e.text + string(token))
			}
		}
	}
	if root == nil {
		return nil, errors.New("there is no XML element in it")
	}
	return root, nil
}

// child returns the first child of one of the names and marks it as used; an
// empty element that nobody will miss if there is none.
func (e *element) child(names ...string) *element {
	for _, c := range e.children {
		for _, name := range names {
			if c.name == name {
				c.used = true
				return c
			}
		}
	}
	return &element{}
}

// all returns the children of a name and marks them as used.
func (e *element) all(name string) []*element {
	var found []*element
	for _, c := range e.children {
		if c.name == name {
			c.used = true
			found = append(found, c)
		}
	}
	return found
}

// there tells whether the element is in the document.
func (e *element) there() bool { return e.name != "" }

// truth reads true, false, 1 or 0.
func (e *element) truth() bool {
	return strings.EqualFold(e.text, "true") || e.text == "1"
}

// unused lists the elements that nobody looked at, the outermost ones only,
// each with its path.
func (e *element) unused(path string, found func(path string, e *element)) {
	for _, c := range e.children {
		at := join(path, c.name)
		if c.used {
			c.unused(at, found)
		} else {
			found(at, c)
		}
	}
}
