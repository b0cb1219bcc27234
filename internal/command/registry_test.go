package command_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
	"rookery/script/sift"
)

func TestRegistryRefusesDeclarationsThatLie(t *testing.T) {
	t.Parallel()
	run := func(context.Context, *command.Call) (command.Data, error) { return command.Data{}, nil }
	good := command.Command{Name: "good", Topic: "test", Summary: "Does good.", Run: run}
	with := func(change func(*command.Command)) command.Command {
		c := good
		change(&c)
		return c
	}
	for _, tt := range []struct {
		says string
		c    command.Command
	}{
		{"no lower-case letter", with(func(c *command.Command) { c.Name = "getRegion" })},
		{"no lower-case letter", with(func(c *command.Command) { c.Name = "at2" })},
		{"nothing between", with(func(c *command.Command) { c.Name = "batchdata" })},
		{"nothing between", with(func(c *command.Command) { c.Name = "" })},
		{"no topic", with(func(c *command.Command) { c.Topic = "" })},
		{"nothing to run", with(func(c *command.Command) { c.Run = nil })},
		{"not a sentence", with(func(c *command.Command) { c.Summary = "does good" })},
		{"needs the parameter data", with(func(c *command.Command) { c.Name = "getgooddata" })},
		{"needs a result", with(func(c *command.Command) {
			c.Name, c.Params = "getgooddata", []command.Parameter{param.Query([]string{"A"})}
		})},
		{"needs a list", with(func(c *command.Command) { c.Name = "batchgood" })},
		{"declared twice", with(func(c *command.Command) {
			c.Params = []command.Parameter{param.Text("item", "a"), param.UUID("item", "b")}
		})},
		{"letters only", with(func(c *command.Command) { c.Params = []command.Parameter{param.Text("my_item", "a")} })},
		{"missing in names.txt", with(func(c *command.Command) { c.Params = []command.Parameter{param.Text("frobnicator", "a")} })},
		{"no description", with(func(c *command.Command) { c.Params = []command.Parameter{param.Text("item", "")} })},
	} {
		if _, err := command.NewRegistry(tt.c); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: %v, want %q", tt.c.Name, err, tt.says)
		}
	}
	if _, err := command.NewRegistry(good, good); err == nil || !strings.Contains(err.Error(), "declared twice") {
		t.Errorf("twice: %v", err)
	}
	if _, err := command.NewRegistry(good); err != nil {
		t.Errorf("a good one: %v", err)
	}
}

func TestNamesAreTakenApartByTheirGrammar(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]command.Name{
		"version":                      {Body: "version"},
		"getavatarsdata":               {Body: "getavatars", Data: true},
		"batchgetavatarsnamedata":      {Batch: true, Body: "getavatarsname", Data: true},
		"batchlure":                    {Batch: true, Body: "lure"},
		"database":                     {Body: "database"},
		"batchgetavatarappearancedata": {Batch: true, Body: "getavatarappearance", Data: true},
	} {
		got, err := command.ParseName(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v %q, %v", text, got, got, err)
		}
	}
}

func TestSyntaxShowsWhatIsSent(t *testing.T) {
	t.Parallel()
	c := command.Command{
		Name: "walk",
		Params: []command.Parameter{
			param.OneOf("direction", "d", script.ErrUnknownDirection, "back", "forward"),
			param.Vector("position", "p").Fails(script.ErrInvalidPosition).Required(),
			param.Float("vicinity", "v", 0, 9).Or(2),
			param.NewAvatar("who"),
			param.NewRegion("where"),
		},
	}
	const want = "<command=walk>&<group=<UUID|STRING>>&<password=<STRING>>&<direction=<back|forward>>&<position=<VECTOR>>&" +
		"[vicinity=<NUMBER>]&[agent=<UUID>]&[firstname=<STRING>]&[lastname=<STRING>]&[region=<UUID|STRING>]&" +
		"[timeout=<INTEGER>]&[sift=<LIST>]&[callback=<URL>]"
	if got := c.Syntax(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestErrorsAreDerivedFromParameters(t *testing.T) {
	t.Parallel()
	c := command.Command{
		Permission: rights.Movement,
		Params: []command.Parameter{
			param.Vector("position", "p").Fails(script.ErrInvalidPosition).Required(),
			param.Bool("fly", "f"),
			param.Text("message", "m"),
		},
		Errors: []*script.Error{script.ErrTeleportFailed, script.ErrInvalidPosition},
	}
	want := []*script.Error{script.ErrNoCorradePermissions, script.ErrInvalidPosition, script.ErrInvalidParameter, script.ErrTeleportFailed}
	got := c.AllErrors()
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestReferenceTellsOfEverySift(t *testing.T) {
	t.Parallel()
	r, err := command.NewRegistry()
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(r.Markdown(), "\n## Sifts\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, name := range sift.Names() {
		if !regexp.MustCompile("(?m)^\\| [^|]*`" + name + "`").MatchString(section) {
			t.Errorf("no line for %s", name)
		}
	}
}
