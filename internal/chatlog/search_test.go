package chatlog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rookery/script/regex"
)

func expression(t *testing.T, pattern string, o regex.Options) *regex.Expression {
	t.Helper()
	if pattern == "" {
		return nil
	}
	e, err := regex.Parse(pattern, o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestMessagesAreFoundByTimeAndByWhatTheyHold(t *testing.T) {
	t.Parallel()
	st := newStore(Settings{Directory: t.TempDir()})
	at := func(minute int) time.Time { return time.Date(2024, 5, 6, 12, minute, 0, 0, time.UTC) }
	for _, m := range []struct {
		region string
		Entry
	}{
		{"Rookery", Entry{at(1), "Jenny Nest", "Normal", "one"}},
		{"Heronry", Entry{at(2), "Wren Thicket", "Shout", "two Rookery"}},
		{"Rookery", Entry{at(4), "Wren Thicket", "Whisper", "four"}},
		{"Rookery", Entry{at(3), "Jenny Nest", "Normal", "three"}}, // late
		{"Rookery", Entry{at(5), "Lamp", "Normal", "five"}},
	} {
		mustAppend(t, st, Local, m.region, m.Entry)
	}
	for _, tt := range []struct {
		name                                    string
		q                                       Query
		first, last, message, region, typ, some string
		want                                    string
	}{
		{name: "all, by time", want: "one,two Rookery,three,four,five"},
		{name: "from", q: Query{From: at(3).Add(900 * time.Millisecond)}, want: "three,four,five"},
		{name: "to", q: Query{To: at(2)}, want: "one,two Rookery"},
		{name: "both", q: Query{From: at(2), To: at(4)}, want: "two Rookery,three,four"},
		{name: "neither", q: Query{From: at(4), To: at(2)}, want: ""},
		{name: "first name", first: "^jenny$", want: "one,three"},
		{name: "no last name", last: "^$", want: "five"},
		{name: "text", message: "^[of]", want: "one,four,five"},
		{name: "text and name", message: "^[of]", last: "nest", want: "one"},
		{name: "region", region: "^Her", want: "two Rookery"},
		{name: "type", typ: "^Whisper|Shout$", want: "two Rookery,four"},
		{name: "anything", some: "Rookery", want: "one,two Rookery,three,four,five"},
		{name: "anything, a name", some: "Thicket", want: "two Rookery,four"},
		{name: "anything, a type", some: "Shout", want: "two Rookery"},
		{name: "nothing", some: "^nothing$", want: ""},
		{name: "one name", q: Query{Name: "HERONRY"}, want: "two Rookery"},
		{name: "an unknown name", q: Query{Name: "../local/Heronry"}, want: ""},
	} {
		tt.q.Kind = Local
		tt.q.First, tt.q.Last = expression(t, tt.first, regex.IgnoreCase), expression(t, tt.last, regex.IgnoreCase)
		tt.q.Message, tt.q.Region, tt.q.Type = expression(t, tt.message, 0), expression(t, tt.region, 0), expression(t, tt.typ, 0)
		tt.q.Any = expression(t, tt.some, 0)
		found, err := st.search(t.Context(), tt.q)
		var texts []string
		for _, f := range found {
			texts = append(texts, f.Text)
		}
		if got := strings.Join(texts, ","); got != tt.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
	}
	found, err := st.search(t.Context(), Query{Kind: Local, To: at(1)})
	want := []Found{{Entry: Entry{at(1), "Jenny Nest", "Normal", "one"}, First: "Jenny", Last: "Nest", Name: "Rookery"}}
	if diff := cmp.Diff(want, found); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestAnAnswerHoldsTheLatestThatFit(t *testing.T) {
	t.Parallel()
	st := newStore(Settings{Directory: t.TempDir(), MaxAnswer: 10000})
	for n := range 1000 {
		mustAppend(t, st, Message, fmt.Sprintf("Avatar %d", n%7), say(n))
	}
	found, err := st.search(t.Context(), Query{Kind: Message})
	if err != nil || len(found) < 80 || len(found) > 120 {
		t.Fatalf("%d found, %v", len(found), err)
	}
	for i, f := range found {
		if want := say(1000 - len(found) + i).Text; f.Text != want {
			t.Errorf("found %q, want %q", f.Text, want)
		}
	}
}

func TestSearchesTakeOnlySoLong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := newStore(Settings{Directory: dir, Time: 100 * time.Millisecond})
	mustAppend(t, st, Message, "Jenny Nest", Entry{noon, "Jenny Nest", "", strings.Repeat("a", 60) + "!"})
	q := Query{Kind: Message, Message: expression(t, "^(a+)+$", 0)}
	if found, err := st.search(t.Context(), q); !errors.Is(err, ErrSlow) || !strings.Contains(err.Error(), "100ms are allowed") {
		t.Errorf("%v, %v", found, err)
	}
	// Much to read.
	text := strings.Repeat("[06-05-2024 12:07:08] Jenny Nest : x\n", 1<<20)
	if err := os.WriteFile(filepath.Join(dir, "im", "Large.log"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := st.search(t.Context(), Query{Kind: Message}); !errors.Is(err, ErrSlow) {
		t.Errorf("much to read: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := st.search(ctx, Query{Kind: Message}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := newStore(Settings{}).search(t.Context(), Query{}); !errors.Is(err, ErrOff) {
		t.Errorf("without a directory: %v", err)
	}
}
