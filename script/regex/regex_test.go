package regex_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"
	"go.uber.org/goleak"

	"rookery/script/regex"
)

// stoppingClock stops the clock that regular expressions share.
type stoppingClock struct{ m *testing.M }

func (s stoppingClock) Run() int {
	defer regexp2.StopTimeoutClock()
	return s.m.Run()
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(stoppingClock{m}) }

func TestExpressionsAreDotNets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern string
		options regex.Options
		text    string
		want    bool
	}{
		{"^ada$", 0, "Ada", false},
		{"^ada$", regex.IgnoreCase, "Ada", true},
		{`(?<=\$)\d+(?! euro)`, 0, "it costs $120", true},
		{`(?<name>a)\k<name>`, 0, "baab", true},
		{"", 0, "anything", true},
		{`\p{Lu}`, 0, "übel", false},
	} {
		e, err := regex.Parse(tt.pattern, tt.options)
		if err != nil {
			t.Errorf("%s: %v", tt.pattern, err)
			continue
		}
		if got, err := e.Matcher(t.Context()).In(tt.text); got != tt.want || err != nil {
			t.Errorf("%s in %q: %v, %v", tt.pattern, tt.text, got, err)
		}
	}
	if _, err := regex.Parse("(", 0); err == nil {
		t.Error("an open bracket compiles")
	}
	if _, err := regex.ParseOptions([]string{"Multiline,Loud"}); err == nil || !strings.Contains(err.Error(), "allowed are None, IgnoreCase") {
		t.Errorf("unknown options: %v", err)
	}
}

func TestSearchesEndInTime(t *testing.T) {
	t.Parallel()
	e, err := regex.Parse(`^(a+)+$`, 0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	m := e.Matcher(ctx)
	for range 2 { // and once more when the time is over
		if _, err := m.In(strings.Repeat("a", 40) + "!"); !errors.Is(err, regex.ErrSlow) {
			t.Errorf("a search without end: %v", err)
		}
	}
}
