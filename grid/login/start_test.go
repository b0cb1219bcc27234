package login_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rookery/grid"
	"rookery/grid/login"
)

func place(region string, x, y, z float32) login.Start {
	return login.Start{Place: login.InRegion, Region: region, Position: grid.Vector3{X: x, Y: y, Z: z}}
}

func onGrid(host string, s login.Start) login.Start { s.Grid = host; return s }

func TestStartLocationsAreReadInEveryForm(t *testing.T) {
	t.Parallel()
	pelican := place("Pelican Bay", 12, 34, 56)
	tests := []struct {
		text string
		want login.Start
		wire string
	}{
		{"", login.Start{}, "last"},
		{" Last ", login.Start{}, "last"},
		{"HOME", login.Start{Place: login.Home}, "home"},
		{"uri:Pelican Bay&12&34&56", pelican, "uri:Pelican Bay&12&34&56"},
		{"uri:Pelican Bay&12.5&34.4&56", place("Pelican Bay", 12.5, 34.4, 56), "uri:Pelican Bay&13&34&56"},
		{"URI:100% Fun&1&2&3", place("100% Fun", 1, 2, 3), "uri:100% Fun&1&2&3"},
		{"uri:Pelican Bay", place("Pelican Bay", 128, 128, 0), "uri:Pelican Bay&128&128&0"},
		{"Pelican Bay/12/34/56", pelican, ""},
		{"Pelican%20Bay/12/34/56/", pelican, ""},
		{"Pelican Bay", place("Pelican Bay", 128, 128, 0), ""},
		{"Pelican Bay/12/34", place("Pelican Bay", 12, 34, 0), ""},
		{"secondlife://Pelican%20Bay/12/34/56", pelican, ""},
		{"SecondLife://Pelican Bay/12/34/56/", pelican, ""},
		{"secondlife:///app/teleport/Pelican%20Bay/12/34/56", pelican, ""},
		{"secondlife://maps.example.org/secondlife/Pelican%20Bay/12/34/56", onGrid("maps.example.org", pelican), ""},
		{"http://maps.secondlife.com/secondlife/Pelican%20Bay/12/34/56", pelican, ""},
		{"https://maps.secondlife.com/secondlife/Pelican%20Bay/12/34/56/?title=Shop&msg=Hi", pelican, ""},
		{"http://slurl.com/secondlife/Pelican%20Bay/12/34/56/", pelican, ""},
		{"hop://grid.example.org:8002/Pelican%20Bay/12/34/56", onGrid("grid.example.org:8002", pelican), ""},
		{"hop://grid.example.org:8002/Pelican%20Bay", onGrid("grid.example.org:8002", place("Pelican Bay", 128, 128, 0)), ""},
		{"hop://grid.example.org:8002/app/teleport/Pelican%20Bay/12/34/56", onGrid("grid.example.org:8002", pelican), ""},
		{"x-grid-info://grid.example.org/region/Pelican%20Bay/12/34/56", onGrid("grid.example.org", pelican), ""},
		{"x-grid-location-info://grid.example.org/region/Pelican%20Bay/12/34/56", onGrid("grid.example.org", pelican), ""},
		{"secondlife://Große Insel/4000/1/2", place("Große Insel", 4000, 1, 2), ""},
	}
	for _, tt := range tests {
		got, err := login.ParseStart(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("%q: got %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
		if tt.wire != "" && got.String() != tt.wire {
			t.Errorf("%q: got %q on the wire, want %q", tt.text, got, tt.wire)
		}
	}
}

func TestBadStartLocationsAreRefusedWithTheReason(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"Pelican/a/2/3", `x is "a"; want a number of metres from 0 to 65535`},
		{"Pelican/1/-2/3", `y is "-2"; want a number of metres from 0 to 65535`},
		{"Pelican/1/2/20000", `z is "20000"; want a number of metres from 0 to 10000`},
		{"Pelican/1/2/NaN", `z is "NaN"`},
		{"uri:&1&2&3", "the region's name is missing"},
		{"uri:A&1&2&3&4", `"1/2/3/4" follows the region's name; three coordinates at most`},
		{"/1/2/3", "the region's name is missing"},
		{"secondlife://", "want secondlife:///app/teleport/Region/x/y/z"},
		{"secondlife:///app/agent/x/about", "want secondlife:///app/teleport/Region/x/y/z"},
		{"https://example.com/secondlife/A/1/2/3", "begin with maps.secondlife.com or slurl.com, not example.com"},
		{"https://maps.secondlife.com/", "want https://maps.secondlife.com/secondlife/Region/x/y/z"},
		{"https://maps.secondlife.com/other/A/1/2/3", "want https://maps.secondlife.com/secondlife/Region/x/y/z"},
		{"hop:///Region/1/2/3", "the grid is missing"},
		{"hop://grid:8002", "the region's name is missing"},
		{"ftp://A/1/2/3", `scheme "ftp" is not one of`},
		{"A%zz/1/2/3", `"\"%zz\"" is not a percent escape`},
		{"A%26B/1/2/3", "holds a character that no region has"},
		{"A%0AB/1/2/3", "holds a character that no region has"},
		{"x-grid-info://grid/place/A", "want x-grid-info://grid/region/Region/x/y/z"},
	}
	for _, tt := range tests {
		_, err := login.ParseStart(tt.text)
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "start location ") {
			t.Errorf("%q: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestAStartLocationReadsBackFromItsOwnForms(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := place(
			rapid.StringMatching(`[A-Za-z0-9'\-äé][A-Za-z0-9'\- äé%?#]{0,20}[A-Za-z0-9]`).Draw(t, "region"),
			float32(rapid.IntRange(0, 65535).Draw(t, "x")), float32(rapid.IntRange(0, 65535).Draw(t, "y")), float32(rapid.IntRange(0, 10000).Draw(t, "z")),
		)
		for _, text := range []string{s.String(), s.SLURL(), onGrid("grid:8002", s).SLURL()} {
			got, err := login.ParseStart(text)
			got.Grid = ""
			if err != nil || got != s {
				t.Fatalf("%q: got %+v, %v; want %+v", text, got, err, s)
			}
		}
	})
}

func FuzzParseStart(f *testing.F) {
	f.Add("secondlife://Pelican%20Bay/12/34/56")
	f.Add("hop://grid:8002/A")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := login.ParseStart(text)
		if err != nil {
			return
		}
		again, err := login.ParseStart(s.String())
		if err != nil || again.String() != s.String() {
			t.Fatalf("%q became %q, which became %q, %v", text, s, again, err)
		}
	})
}
