package notify

import (
	"reflect"
	"slices"
	"strings"

	"rookery/grid"
	"rookery/internal/query"
)

// Raw fields are what an event is made of, under names that scripts may ask
// for in place of the usual keys. Dots descend, as in IM.Message.

// rawTable is the fields of one type of event.
type rawTable struct {
	event  reflect.Type
	names  []string // as documentation shows them
	fields func(*Notifier, any) query.Object
}

// occurrence is an event with the notifier, which knows the agent's world.
type occurrence[E any] struct {
	event E
	n     *Notifier
}

// row is a field, and the names of its members if it is a structure.
type row[E any] struct {
	query.Member[occurrence[E]]
	inner []string
}

func raw[E any](rows ...row[E]) rawTable {
	var members []query.Member[occurrence[E]]
	table := rawTable{event: reflect.TypeFor[E]()}
	for _, r := range rows {
		members = append(members, r.Member)
		name := r.Name
		if len(r.inner) > 0 {
			name += ".{" + strings.Join(r.inner, ", ") + "}"
		}
		table.names = append(table.names, name)
	}
	t := query.NewTable(members...)
	table.fields = func(n *Notifier, e any) query.Object { return t.Of(occurrence[E]{e.(E), n}) }
	return table
}

// field is a row with a plain value.
func field[E any](name string, of func(E) any) row[E] {
	return row[E]{Member: query.Member[occurrence[E]]{Name: name, Of: func(o occurrence[E]) any { return of(o.event) }}}
}

// part is a row with a structure.
func part[E any, T any](name string, members *query.Table[T], of func(E) T) row[E] {
	r := field(name, func(e E) any { return members.Of(of(e)) })
	r.inner = members.Names()
	return r
}

// place is a row with the region that an event is about.
func place[E any](name string, of func(E) grid.RegionHandle) row[E] {
	return row[E]{
		Member: query.Member[occurrence[E]]{Name: name, Of: func(o occurrence[E]) any { return o.n.simulator(of(o.event)) }},
		inner:  simulatorFields.Names(),
	}
}

// here is a row with the region that the agent stands in: instant messages
// come from there.
func here[E any](name string) row[E] {
	return row[E]{
		Member: query.Member[occurrence[E]]{Name: name, Of: func(o occurrence[E]) any {
			if r, ok := o.n.o.Agent.Region(); ok {
				return simulatorFields.Of(r)
			}
			return nil
		}},
		inner: simulatorFields.Names(),
	}
}

// simulator finds a region the agent is connected to; of one that it has left
// already only the handle is known.
func (n *Notifier) simulator(handle grid.RegionHandle) any {
	if handle == 0 {
		return nil
	}
	for _, r := range n.o.Agent.Regions() {
		if r.Handle == handle {
			return simulatorFields.Of(r)
		}
	}
	return leftFields.Of(handle)
}

// rawOf returns the fields of an event, nil when it has none.
func (n *Notifier) rawOf(e any) query.Object {
	if t, ok := rawTables[reflect.TypeOf(e)]; ok {
		return t.fields(n, e)
	}
	return nil
}

// rawNames lists the fields of all events that a notification is made of.
func (k Kind) rawNames() []string {
	var names []string
	for _, m := range k.makers {
		for _, name := range rawTables[m.event].names {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
