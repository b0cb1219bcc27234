package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rookery/internal/feed"
)

func TestFeedSettingsAreRead(t *testing.T) {
	t.Parallel()
	c, problems := Parse("x.toml", []byte("[feeds]\ninterval = \"5m\"\nmax_size = \"1MiB\"\nmost = 7\n"), nil)
	if all := problems.Error(); strings.Contains(all, "feeds") {
		t.Error(all)
	}
	want := feed.Limits{Interval: 5 * time.Minute, Timeout: 30 * time.Second, MaxSize: 1 << 20, Most: 7}
	if diff := cmp.Diff(want, c.Feeds.Limits()); diff != "" {
		t.Error(diff)
	}
}

func TestWrongFeedSettingsAreTold(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`interval = "999ms"`: "feeds.interval: 999ms is out of range: allowed are 1s and more",
		`timeout = "0s"`:     "feeds.timeout: want a time span above 0",
		`max_size = "1GiB"`:  "feeds.max_size: 1GiB is out of range: allowed are 1KiB to 16MiB",
		`most = 0`:           "feeds.most: 0 is out of range: allowed are 1 to 10000",
	} {
		_, problems := Parse("x.toml", []byte("[feeds]\n"+text), nil)
		if all := problems.Error(); !strings.Contains(all, want) {
			t.Errorf("%s\ngives %s\nwant %s", text, all, want)
		}
	}
}

func TestTheIntervalOfFeedsIsBroughtOverFromCorrade(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"90000": "1m30s", "10": "1m0s", "soon": "1m0s"} {
		document, notes, err := Import([]byte(`<Configuration><FirstName>Robin</FirstName><Password>x</Password><FeedsUpdateInterval>` + text + `</FeedsUpdateInterval></Configuration>`))
		if err != nil {
			t.Fatal(err)
		}
		c, problems := Parse("rookery.toml", []byte(document), nil)
		if problems.Err() != nil {
			t.Fatalf("%v\n%s", problems, document)
		}
		if got := c.Feeds.Interval.String(); got != want {
			t.Errorf("%s is %s", text, got)
		}
		if told := len(notes) > 0 && strings.Contains(notes[0].String(), "not a time from 1000 ms"); told != (want == "1m0s") {
			t.Errorf("%s: %v", text, notes)
		}
	}
}
