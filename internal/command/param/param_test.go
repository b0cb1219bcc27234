package param_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
	"rookery/internal/access"
	"rookery/internal/bus"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/script"
)

// read runs a command that reads one parameter of a call with this value and
// answers what it read.
func read[T any](t *testing.T, p param.Param[T], pairs script.Pairs) (value T, given bool, answer script.Pairs) {
	t.Helper()
	registry, err := command.NewRegistry(command.Command{
		Name: "read", Topic: "test", Summary: "Reads.", Params: []command.Parameter{p},
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			var err error
			value, err = p.Of(c)
			given = p.Given(c)
			return command.Data{}, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := agent.New(agent.Config{LoginURI: "http://127.0.0.1:1/", Login: login.Params{First: "Test", Last: "Bot", Password: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := access.New(access.Settings{Groups: []access.Group{{Name: "G", ID: uuid.UUID{1}, Password: "p", Workers: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	pairs = append(script.Pairs{{Key: "command", Value: "read"}, {Key: "group", Value: "G"}, {Key: "password", Value: "p"}}, pairs...)
	answer = command.NewDispatcher(command.Options{Agent: a, Access: groups, Registry: registry}).
		Execute(t.Context(), bus.Request{Pairs: pairs}).Pairs
	return value, given, answer
}

func reads[T comparable](t *testing.T, p param.Param[T], text string, want T) {
	t.Helper()
	name := p.Infos()[0].Name
	got, _, answer := read(t, p, script.Pairs{{Key: name, Value: text}})
	if answer.Get("success") != "True" || got != want {
		t.Errorf("%s=%q: %v, %v; want %v", name, text, got, answer, want)
	}
}

func refuses[T any](t *testing.T, p param.Param[T], text string, want *script.Error, says string) {
	t.Helper()
	name := p.Infos()[0].Name
	_, _, answer := read(t, p, script.Pairs{{Key: name, Value: text}})
	if answer.Get("status") != fmt.Sprint(want.Status) || !strings.Contains(answer.Get("error"), says) || !strings.Contains(answer.Get("error"), name) {
		t.Errorf("%s=%q: %v; want %v saying %q", name, text, answer, want, says)
	}
}

func TestValuesAreReadByType(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("870b5fa9-0b32-491e-8848-465666ae1151")
	reads(t, param.Text("message", "m"), " as it is ", " as it is ")
	reads(t, param.UUID("item", "i"), " 870B5FA9-0b32-491e-8848-465666ae1151 ", id)
	reads(t, param.Bool("fly", "f"), "TRUE", true)
	reads(t, param.Bool("fly", "f"), "false", false)
	reads(t, param.Int("index", "i", -5, 5), "-5", -5)
	reads(t, param.Float("range", "r", 0, 96), "1.5e1", 15)
	reads(t, param.Millis("duration", "d", time.Hour), "1500", 1500*time.Millisecond)
	reads(t, param.Vector("position", "p"), "<1, 2.5,3>", grid.Vector3{X: 1, Y: 2.5, Z: 3})
	reads(t, param.Vector("position", "p"), "1,2.5,3", grid.Vector3{X: 1, Y: 2.5, Z: 3})
	reads(t, param.GlobalVector("position", "p"), "<256128.25, 256000.5, 3>", grid.Vector3d{X: 256128.25, Y: 256000.5, Z: 3})
	reads(t, param.Point("position", "p"), "<1,2>", grid.Vector3{X: 1, Y: 2})
	reads(t, param.Rotation("rotation", "r"), "<0,0,1,0>", grid.Quaternion{Z: 1})
	reads(t, param.OneOf("action", "a", script.ErrUnknownAction, "start", "Stop"), "sToP", "Stop")
	reads(t, param.Enum("type", "t", grid.ChatTypes()), "shout", grid.ChatShout)
}

func TestWrongValuesSayWhatIsAllowed(t *testing.T) {
	t.Parallel()
	refuses(t, param.UUID("item", "i"), "870b5fa9", script.ErrInvalidParameter, "36 characters")
	refuses(t, param.UUID("item", "i").Fails(script.ErrNoItemSpecified), "870b5fa9", script.ErrNoItemSpecified, "36 characters")
	refuses(t, param.Bool("fly", "f").Or(true), "1", script.ErrInvalidParameter, "True and False")
	refuses(t, param.Int("index", "i", 0, 5), "6", script.ErrInvalidParameter, "from 0 to 5")
	refuses(t, param.Float("range", "r", 0, 96), "97", script.ErrInvalidParameter, "from 0 to 96")
	refuses(t, param.Float("range", "r", -math.MaxFloat32, math.MaxFloat32), "NaN", script.ErrInvalidParameter, "not a number")
	refuses(t, param.Millis("duration", "d", time.Minute), "60001", script.ErrInvalidParameter, "from 1 to 60000")
	refuses(t, param.Vector("position", "p").Fails(script.ErrInvalidPosition), "1,2", script.ErrInvalidPosition, "<128, 64, 21>")
	refuses(t, param.Rotation("rotation", "r").Fails(script.ErrInvalidRotation), "1,2,3", script.ErrInvalidRotation, "3 numbers")
	refuses(t, param.OneOf("action", "a", script.ErrUnknownAction, "start", "stop"), "go", script.ErrUnknownAction, `"go" is none of start, stop`)
	refuses(t, param.OneOf("action", "a", script.ErrUnknownAction, "start", "stop"), "", script.ErrUnknownAction, "allowed are start, stop")
	refuses(t, param.Enum("type", "t", grid.ChatTypes()), "sing", script.ErrInvalidParameter, "Whisper, Normal")
	refuses(t, param.StartLocation("location", "l"), "A/b/c", script.ErrInvalidParameter, "")
	refuses(t, param.Text("message", "m").Required(), "", script.ErrMissingParameter, "message is missing: want a text (m)")
	refuses(t, param.Int("index", "which one", 0, 5).RequiredFor("remove"), "", script.ErrMissingParameter, "want an integer (which one)")
	refuses(t, param.OneOf("action", "a", script.ErrUnknownAction, "detect"), "dtect", script.ErrUnknownAction, `"dtect": allowed is detect`)
	refuses(t, param.OneOf("action", "a", script.ErrUnknownAction, "start", "stop"), "strat", script.ErrUnknownAction, "(did you mean start?)")
	refuses(t, param.Text("message", "m").Required().Fails(script.ErrNoMessageProvided), "", script.ErrNoMessageProvided, "missing")
}

// word is an enumeration with members that differ in case only.
type word string

func (w word) String() string { return string(w) }

func TestEnumsMatchExactlyFirst(t *testing.T) {
	t.Parallel()
	p := param.Enum("type", "t", []word{"Look", "LOOK", "Point"})
	reads(t, p, "LOOK", "LOOK")
	reads(t, p, "Look", "Look")
	reads(t, p, "POINT", "Point")
	refuses(t, p, "look", script.ErrInvalidParameter, "fits both Look and LOOK")
}

func TestAbsentValues(t *testing.T) {
	t.Parallel()
	for _, pairs := range []script.Pairs{nil, {{Key: "range", Value: ""}}, {{Key: "Range", Value: "5"}}} { // names match exactly
		if v, given, answer := read(t, param.Float("range", "r", 0, 96).Or(20), pairs); v != 20 || given || answer.Get("success") != "True" {
			t.Errorf("%v: %v, %v, %v", pairs, v, given, answer)
		}
	}
	if v, _, _ := read(t, param.Within(), nil); v != 64 {
		t.Errorf("the configured range: %v", v)
	}
	if v, given, answer := read(t, param.UUID("item", "i"), nil); v != (grid.UUID{}) || given || answer.Get("success") != "True" {
		t.Errorf("nothing at all: %v, %v, %v", v, given, answer)
	}
	if v, given, _ := read(t, param.Text("name", "n"), script.Pairs{{Key: "name", Value: "x"}}); v != "x" || !given {
		t.Errorf("given: %v, %v", v, given)
	}
}

func TestListsAreOneRecordOfCSV(t *testing.T) {
	t.Parallel()
	got, _, _ := read(t, param.List("avatars", "a"), script.Pairs{{Key: "avatars", Value: `"Ada, Rook","say ""hi""",,x`}})
	if want := []string{"Ada, Rook", `say "hi"`, "", "x"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDescriptionsTellTheDefault(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		p         command.Parameter
		otherwise string
		needed    bool
		errors    []*script.Error
	}{
		{param.Bool("fly", "f").Or(false), "False", false, []*script.Error{script.ErrInvalidParameter}},
		{param.Float("range", "r", 0, 9).Or(2.5), "2.5", false, []*script.Error{script.ErrInvalidParameter}},
		{param.Enum("type", "t", grid.ChatTypes()).Or(grid.ChatNormal), "Normal", false, []*script.Error{script.ErrInvalidParameter}},
		{param.Vector("position", "p").Fails(script.ErrInvalidPosition).Required(), "", true, []*script.Error{script.ErrInvalidPosition}},
		{param.Vector("offset", "o").Or(grid.Vector3{Z: 0.5}), "<0, 0, 0.5>", false, []*script.Error{script.ErrInvalidParameter}},
		{param.Text("name", "n").RequiredFor("remove"), "", false, []*script.Error{script.ErrMissingParameter}},
		{param.UUID("item", "i").Required(), "", true, []*script.Error{script.ErrMissingParameter, script.ErrInvalidParameter}},
		{param.Text("message", "m"), "", false, nil},
		{param.OneOf("action", "a", script.ErrUnknownAction, "x").Or("x"), "x", false, []*script.Error{script.ErrUnknownAction}},
	} {
		i := tt.p.Infos()[0]
		if i.Default != tt.otherwise || i.Required != tt.needed || !slices.Equal(i.Errors, tt.errors) {
			t.Errorf("%s: %+v", i.Name, i)
		}
	}
}

func TestTargetIsAGroupThatIsConfigured(t *testing.T) {
	t.Parallel()
	target := param.Target{}
	for text, want := range map[string]grid.UUID{
		"":                                     {1},
		"g":                                    {1},
		"870b5fa9-0b32-491e-8848-465666ae1151": uuid.MustParse("870b5fa9-0b32-491e-8848-465666ae1151"),
	} {
		var got grid.UUID
		var err error
		read(t, probe(func(c *command.Call) { got, err = target.Of(c) }), script.Pairs{{Key: "target", Value: text}})
		if err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", text, got, err, want)
		}
	}
	var err error
	read(t, probe(func(c *command.Call) { _, err = target.Of(c) }), script.Pairs{{Key: "target", Value: "H"}})
	if !errors.Is(err, script.ErrGroupNotFound) {
		t.Errorf("unknown group: %v", err)
	}
}

// probe is a parameter that hands the call to f: a key nobody sends, so that
// its default is asked for.
func probe(f func(*command.Call)) param.Param[string] {
	return param.Text("name", "n").OrElse("nothing", func(c *command.Call) string { f(c); return "" })
}
