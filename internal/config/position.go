package config

import (
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// place is a position in the file, from 1.
type place struct{ line, column int }

// index finds the place of every key and value of a TOML document. Keys are
// written a.b and list elements a[0]. It must be a valid document.
func index(document []byte) map[string]place {
	x := indexer{places: map[string]place{}, lengths: map[string]int{}}
	x.parser.KeepComments = false
	x.parser.Reset(document)
	for x.parser.NextExpression() {
		e := x.parser.Expression()
		switch e.Kind {
		case unstable.Table:
			x.table = x.resolve(e.Key(), false)
		case unstable.ArrayTable:
			x.table = x.resolve(e.Key(), true)
		case unstable.KeyValue:
			x.keyValue(x.table, e)
		}
	}
	return x.places
}

type indexer struct {
	parser  unstable.Parser
	places  map[string]place
	lengths map[string]int // how many tables each array of tables has so far
	table   string         // the table that keys belong to
}

func join(table, key string) string {
	if table == "" {
		return key
	}
	return table + "." + key
}

// resolve follows the keys of a table header; a name of an array of tables
// stands for its last element, or for a new one at the end of the header.
func (x *indexer) resolve(keys unstable.Iterator, appends bool) string {
	path := ""
	for keys.Next() {
		key := keys.Node()
		path = join(path, string(key.Data))
		switch {
		case appends && keys.IsLast():
			x.set(path, key.Raw, false)
			x.lengths[path]++
			path += "[" + strconv.Itoa(x.lengths[path]-1) + "]"
		case x.lengths[path] > 0:
			path += "[" + strconv.Itoa(x.lengths[path]-1) + "]"
		}
		x.set(path, key.Raw, false)
	}
	return path
}

func (x *indexer) set(path string, at unstable.Range, over bool) {
	if _, known := x.places[path]; known && !over {
		return
	}
	start := x.parser.Shape(at).Start
	x.places[path] = place{start.Line, start.Column}
}

func (x *indexer) keyValue(table string, e *unstable.Node) {
	path := table
	keys := e.Key()
	for keys.Next() {
		path = join(path, string(keys.Node().Data))
		x.set(path, keys.Node().Raw, false)
	}
	x.value(path, e.Value())
}

// value notes where the elements of a value are. A scalar's own place stays
// that of its key, unless it is an element of a list.
func (x *indexer) value(path string, v *unstable.Node) {
	switch v.Kind {
	case unstable.Array:
		elements := v.Children()
		for i := 0; elements.Next(); {
			e := elements.Node()
			if e.Kind == unstable.Comment {
				continue
			}
			at := path + "[" + strconv.Itoa(i) + "]"
			if e.Raw.Length > 0 {
				x.set(at, e.Raw, false)
			} else if p, ok := x.places[path]; ok {
				x.places[at] = p
			}
			x.value(at, e)
			i++
		}
	case unstable.InlineTable:
		members := v.Children()
		for members.Next() {
			if members.Node().Kind == unstable.KeyValue {
				x.keyValue(path, members.Node())
			}
		}
	}
}

// find gives the place of a key, or of the nearest one above it.
func find(places map[string]place, key string) place {
	for key != "" {
		if p, ok := places[key]; ok {
			return p
		}
		cut := strings.LastIndexAny(key, ".[")
		if cut < 0 {
			break
		}
		key = key[:cut]
	}
	return place{}
}
