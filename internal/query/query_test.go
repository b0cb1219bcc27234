package query_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"rookery/grid"
	"rookery/internal/query"
)

type engine struct {
	power float32
	tags  []string
}

type boat struct {
	name   string
	length float64
	afloat bool
	engine engine
	crew   []grid.UUID
}

var engines = query.NewTable(
	query.Member[engine]{Name: "Power", Of: func(e engine) any { return e.power }},
	query.Member[engine]{Name: "Tags", Of: func(e engine) any { return e.tags }},
)

var boats = query.NewTable(append([]query.Member[boat]{
	{Name: "Name", Of: func(b boat) any { return b.name }},
	{Name: "Length", Of: func(b boat) any { return b.length }},
	{Name: "Afloat", Of: func(b boat) any { return b.afloat }},
	{Name: "Crew", Of: func(b boat) any { return b.crew }},
	{Name: "Engine", Of: func(b boat) any { return engines.Of(b.engine) }},
	{Name: "Never", Of: func(boat) any { return nil }},
}, query.Promote(engines, func(b boat) engine { return b.engine })...)...)

func TestAskKeepsTheOrderAsked(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("870b5fa9-0b32-491e-8848-465666ae1151")
	b := boat{name: "Argo", length: 28.5, afloat: true, engine: engine{power: 0.1}, crew: []grid.UUID{id}}
	for _, tt := range []struct {
		promise string
		names   []string
		want    []string
	}{
		{"order as asked", []string{"Afloat", "Name"}, []string{"Afloat", "true", "Name", "Argo"}},
		{"the same twice", []string{"Name", "Name"}, []string{"Name", "Argo", "Name", "Argo"}},
		{"unknown names are left out", []string{"Nmae", "name", "Length", ""}, []string{"Length", "28.5"}},
		{"members without a value are left out", []string{"Never", "Name"}, []string{"Name", "Argo"}},
		{"a dotted path descends", []string{"Engine.Power"}, []string{"Engine.Power", "0.1"}},
		{"a promoted member needs no path", []string{"Power"}, []string{"Power", "0.1"}},
		{"a path through a plain value finds nothing", []string{"Name.Power", "Engine.Power.X", "Engine."}, nil},
		{"a structure writes its members", []string{"Engine"}, []string{"Engine", "Power", "0.1"}},
		{"identifiers in lists are two cells", []string{"Crew"}, []string{"Crew", "Index", "0", "Guid", id.String()}},
	} {
		if diff := cmp.Diff(tt.want, boats.Ask(b, tt.names)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.promise, diff)
		}
	}
}

func TestCellsWriteEachKindOfValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		value any
		want  []string
	}{
		{nil, nil},
		{"", nil},
		{"a, b", []string{"a, b"}},
		{false, []string{"false"}},
		{int16(-3), []string{"-3"}},
		{uint64(1 << 63), []string{"9223372036854775808"}},
		{float32(0.1), []string{"0.1"}},
		{float64(2), []string{"2"}},
		{grid.Vector3{X: 1.5, Y: -2, Z: 0}, []string{"<1.5, -2, 0>"}},
		{grid.Vector3d{X: 256128}, []string{"<256128, 0, 0>"}},
		{grid.Identity, []string{"<0, 0, 0, 1>"}},
		{grid.ChatShout, []string{"Shout"}},
		{grid.ControlFly | grid.ControlAtPos, []string{"AtPos", "Fly"}},
		{grid.Control(0), nil},
		{time.Date(2024, 5, 6, 9, 8, 9, 123456789, time.FixedZone("", 3600)), []string{"2024-05-06T08:08:09.123456Z"}},
		{time.Time{}, nil},
		{[]string{}, nil},
		{[]string{"a", ""}, []string{"Index", "0", "a", "Index", "1", ""}},
		{[2]float32{1, 2}, []string{"Index", "0", "1", "Index", "1", "2"}},
		{[]byte{7}, []string{"Index", "0", "7"}},
		{(*int)(nil), nil},
		{struct{ a grid.UUID }{}.a, []string{"00000000-0000-0000-0000-000000000000"}},
	} {
		if diff := cmp.Diff(tt.want, query.Cells(tt.value)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tt.value, diff)
		}
	}
}

func TestTableRefusesNamesThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	of := func(int) any { return nil }
	for _, members := range [][]query.Member[int]{
		{{"A", of}, {"A", of}},
		{{"A.B", of}},
		{{"", of}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v: accepted", members)
				}
			}()
			query.NewTable(members...)
		}()
	}
}
