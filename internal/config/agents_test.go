package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHowAgentsAreTowardsTheGridIsChecked(t *testing.T) {
	t.Parallel()
	_, problems := Parse("x.toml", []byte(`
[[agents]]
grid = "embedded"
avatar = "Robin Rook"
language = "no language"
bind = "::1"
[throttle]
wind = 399
task = 7999
land = 100000001
[log]
heartbeat = "900ms"
`), nil)
	var got []string
	for _, p := range problems {
		if !p.Warning {
			got = append(got, p.Error())
		}
	}
	want := []string{
		`x.toml:5:1: agents[0].language: "no language": want the code of a language, such as en or pt-br`,
		`x.toml:6:1: agents[0].bind: "::1": want an IPv4 address of this machine, such as 192.0.2.7`,
		`x.toml:8:1: throttle.wind: 399 is out of range: allowed are 400 to 100000000`,
		`x.toml:9:1: throttle.task: 7999 is out of range: allowed are 8000 to 100000000`,
		`x.toml:10:1: throttle.land: 100000001 is out of range: allowed are 8000 to 100000000`,
		`x.toml:12:1: log.heartbeat: 900ms is too often: want 1s or more, or 0s for none`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHowAnAgentIsTowardsTheGridIsBroughtOver(t *testing.T) {
	t.Parallel()
	const begin = "<Configuration><FirstName>A</FirstName><LastName>B</LastName><Password>x</Password>\n"
	for _, tt := range []struct {
		document string
		agent    func(*Agent)
		throttle func(*Throttle)
		beat     time.Duration
		notes    string
	}{
		{
			"<ClientLanguage>de</ClientLanguage><AdvertiseClientLanguage>false</AdvertiseClientLanguage>" +
				"<MultipleSimulatorConnections>false</MultipleSimulatorConnections><BindIPAddress>192.0.2.7</BindIPAddress>" +
				"<ThrottleTask>2500000</ThrottleTask><ThrottleWind>500</ThrottleWind><HeartbeatLogInterval>60000</HeartbeatLogInterval>",
			func(a *Agent) { a.Language, a.LanguagePublic, a.Neighbours, a.Bind = "de", false, false, "192.0.2.7" },
			func(t *Throttle) { t.Task, t.Wind = 2500000, 500 },
			time.Minute, "",
		},
		{
			"<Language>en</Language><PublishLanguage>1</PublishLanguage><MultipleSimulatorConnections>1</MultipleSimulatorConnections><HeartbeatLogInterval>0</HeartbeatLogInterval>",
			func(a *Agent) { a.Language = "en" }, func(*Throttle) {}, 0, "",
		},
		{
			"<BindIPAddress>here</BindIPAddress>\n<ThrottleTask>0</ThrottleTask>\n<HeartbeatLogInterval>5</HeartbeatLogInterval>",
			func(*Agent) {}, func(*Throttle) {}, time.Hour,
			"line 2: BindIPAddress: \"here\" is no IPv4 address: the one that leads to the grid is used\n" +
				"line 3: ThrottleTask: \"0\": allowed are 8000 to 100000000, the default is used\n" +
				"line 4: HeartbeatLogInterval: \"5\": want a second or more, or 0 for none, the default is used",
		},
	} {
		text, notes, err := Import([]byte(begin + tt.document + "</Configuration>"))
		if err != nil {
			t.Fatal(err)
		}
		c, problems := Parse("rookery.toml", []byte(text), nil)
		if problems.Err() != nil {
			t.Fatalf("%v\n%s", problems, text)
		}
		a, throttle := defaultAgent(), defaultThrottle()
		tt.agent(&a)
		tt.throttle(&throttle)
		got := c.Agents[0]
		if got.Language != a.Language || got.LanguagePublic != a.LanguagePublic || got.Neighbours != a.Neighbours || got.Bind != a.Bind ||
			c.Throttle != throttle || c.Log.Heartbeat.D() != tt.beat {
			t.Errorf("%s: %+v, %+v, %v", tt.document, got, c.Throttle, c.Log.Heartbeat)
		}
		var said []string
		for _, n := range notes {
			said = append(said, n.String())
		}
		if got := strings.Join(said, "\n"); got != tt.notes {
			t.Errorf("%s: said\n%s", tt.document, got)
		}
	}
}
