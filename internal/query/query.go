// Package query answers questions for members of a structure by their names.
//
// Scripts ask for data by name ("data=Name,Position,Stats.FPS") in commands
// and in notifications. The structures behind the names are snapshots of what
// an agent knows; a [Table] says which names there are and where each value
// comes from, and [Cells] says how values are written.
package query

import (
	"fmt"
	"strings"
)

// Object is anything that has members by name. Values of tables may be
// objects themselves; a dotted path descends into them.
type Object interface {
	// Member returns the value of a member by its exact name, and false when
	// there is no such member.
	Member(name string) (value any, ok bool)
	// Names lists the members in the order of the table.
	Names() []string
}

// Member is one row of a [Table]: a name and where its value comes from. A nil
// value, an empty text and an empty list count as no value.
type Member[T any] struct {
	Name string
	Of   func(T) any
}

// Table lists the members of a T under the names that scripts use.
type Table[T any] struct {
	members []Member[T]
	index   map[string]int
}

// NewTable returns a table of these members. It panics when a name occurs
// twice, holds a dot or is empty: tables are written by hand, and such a row
// could never be asked for.
func NewTable[T any](members ...Member[T]) *Table[T] {
	t := &Table[T]{members: members, index: make(map[string]int, len(members))}
	for i, m := range members {
		if _, twice := t.index[m.Name]; twice || m.Name == "" || strings.Contains(m.Name, ".") {
			panic(fmt.Sprintf("query: bad or repeated member name %q", m.Name))
		}
		t.index[m.Name] = i
	}
	return t
}

// Promote returns the members of inner as members of an outer structure, for
// structures whose parts may be asked for without naming the part.
func Promote[T, U any](inner *Table[U], of func(T) U) []Member[T] {
	out := make([]Member[T], len(inner.members))
	for i, m := range inner.members {
		out[i] = Member[T]{m.Name, func(v T) any { return m.Of(of(v)) }}
	}
	return out
}

// Names lists the members in the order of the table.
func (t *Table[T]) Names() []string {
	names := make([]string, len(t.members))
	for i, m := range t.members {
		names[i] = m.Name
	}
	return names
}

// Of returns v as an [Object].
func (t *Table[T]) Of(v T) Object { return bound[T]{t, v} }

// Ask returns name, value[, value…] for each asked name, in the order asked.
// A name may be a dotted path. Unknown names and members without a value are
// left out.
func (t *Table[T]) Ask(v T, names []string) []string { return Ask(t.Of(v), names) }

// Ask is [Table.Ask] for any object.
func Ask(o Object, names []string) []string {
	var cells []string
	for _, name := range names {
		value, ok := find(o, name)
		if !ok {
			continue
		}
		if values := Cells(value); len(values) > 0 {
			cells = append(cells, name)
			cells = append(cells, values...)
		}
	}
	return cells
}

func find(o Object, path string) (any, bool) {
	for {
		name, rest, deeper := strings.Cut(path, ".")
		value, ok := o.Member(name)
		if !ok || !deeper {
			return value, ok
		}
		if o, ok = value.(Object); !ok {
			return nil, false
		}
		path = rest
	}
}

type bound[T any] struct {
	table *Table[T]
	value T
}

func (b bound[T]) Member(name string) (any, bool) {
	i, ok := b.table.index[name]
	if !ok {
		return nil, false
	}
	return b.table.members[i].Of(b.value), true
}

func (b bound[T]) Names() []string { return b.table.Names() }
