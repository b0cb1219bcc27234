package automation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rookery/internal/command/commandtest"
	"rookery/script"
)

func train(category, text string) string {
	return commandtest.Line("bayes", "action", "train", "category", category, "data", text)
}

func TestBayesSortsTexts(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for _, text := range []string{"Hello there, how are you?", "Good morning & welcome"} {
		if answer := w.Ask(t, train("small talk", text)); answer.Has("data") || answer.Get("success") != "True" {
			t.Fatalf("%v", answer)
		}
	}
	w.Do(t, train("trade", "Selling cheap land"))
	w.Do(t, commandtest.Line("bayes", "action", "ADD", "category", "unused"))

	got := w.Do(t, commandtest.Line("bayes", "action", "classify", "data", "who sells CHEAP LAND this morning?"))
	if len(got) != 6 || got[0] != "trade" || got[2] != "small talk" || got[4] != "unused" || got[5] != "0" {
		t.Fatalf("%q", got)
	}
	sum := 0.0
	for i := 1; i < len(got); i += 2 {
		p, err := script.ParseFloat(got[i])
		if err != nil || p < 0 || p > 1 {
			t.Errorf("probability %q: %v", got[i], err)
		}
		sum += p
	}
	if sum < 1-1e-9 || sum > 1+1e-9 {
		t.Errorf("%q make %v", got, sum)
	}
	if got := w.Do(t, commandtest.Line("bayes", "action", "list")); !slices.Equal(got, []string{"small talk", "trade", "unused"}) {
		t.Errorf("%q", got)
	}
	if answer := w.Ask(t, commandtest.Line("bayes", "action", "list")+asPartial); answer.Has("data") {
		t.Errorf("another group: %v", answer)
	}
}

func TestBayesGoesOverInJSON(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	w.Do(t, train("spam", "Cheap pills, cheap!"))
	w.Do(t, train("spam", "cheap"))
	w.Do(t, commandtest.Line("bayes", "action", "untrain", "category", "spam", "data", "CHEAP"))
	w.Do(t, train("ham", "dinner"))
	exported := w.Ask(t, commandtest.Line("bayes", "action", "export")).Get("data")
	if want := `{"ham":{"texts":1,"words":{"dinner":1}},"spam":{"texts":1,"words":{"cheap":2,"pills":1}}}`; exported != want {
		t.Errorf("%s, want %s", exported, want)
	}
	w.Do(t, train("other", "is replaced")+asPartial)
	w.Do(t, commandtest.Line("bayes", "action", "import", "data", exported)+asPartial)
	if got := w.Ask(t, commandtest.Line("bayes", "action", "export")+asPartial).Get("data"); got != exported {
		t.Errorf("%s became %s", exported, got)
	}

	w.Do(t, commandtest.Line("bayes", "action", "rename", "source", "ham", "target", "meals"))
	w.Do(t, commandtest.Line("bayes", "action", "merge", "source", "meals", "target", "spam"))
	w.Do(t, commandtest.Line("bayes", "action", "merge", "source", "meals", "target", "spam"))
	want := `{"spam":{"texts":2,"words":{"cheap":2,"dinner":1,"pills":1}}}`
	if got := w.Ask(t, commandtest.Line("bayes", "action", "export")).Get("data"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	w.Do(t, commandtest.Line("bayes", "action", "remove", "category", "spam"))
	if answer := w.Ask(t, commandtest.Line("bayes", "action", "export")); answer.Has("data") || answer.Get("success") != "True" {
		t.Errorf("%v", answer)
	}
}

func TestBayesWithoutAClassifierDoesNothing(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for _, l := range []string{
		commandtest.Line("bayes", "action", "list"), commandtest.Line("bayes", "action", "export"),
		commandtest.Line("bayes", "action", "classify", "data", "x"), commandtest.Line("bayes", "action", "untrain", "category", "a", "data", "x"),
		commandtest.Line("bayes", "action", "remove", "category", "a"), commandtest.Line("bayes", "action", "merge", "source", "a", "target", "b"),
		commandtest.Line("bayes", "action", "rename", "source", "a", "target", "b"),
	} {
		if answer := w.Ask(t, l); answer.Has("data") || answer.Get("success") != "True" {
			t.Errorf("%s: %v", l, answer)
		}
	}
	if answer := w.Ask(t, commandtest.Line("bayes", "action", "list")); answer.Has("data") {
		t.Errorf("%v", answer)
	}
}

func TestBayesRefusals(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	refusals := []commandtest.Refusal{
		{Line: "command=bayes", Error: script.ErrUnknownAction, Says: "train, classify, list"},
		{Line: "command=bayes&action=forget", Error: script.ErrUnknownAction},
		{Line: "command=bayes&action=train&data=x", Error: script.ErrNoCategoryProvided, Says: "category is missing"},
		{Line: "command=bayes&action=train&category=a", Error: script.ErrNoDataProvided, Says: "data is missing"},
		{Line: "command=bayes&action=untrain", Error: script.ErrNoCategoryProvided},
		{Line: "command=bayes&action=untrain&category=a", Error: script.ErrNoDataProvided},
		{Line: "command=bayes&action=classify", Error: script.ErrNoDataProvided},
		{Line: "command=bayes&action=add", Error: script.ErrNoCategoryProvided},
		{Line: "command=bayes&action=remove", Error: script.ErrNoCategoryProvided},
		{Line: "command=bayes&action=merge&target=b", Error: script.ErrNoSourceSpecified, Says: "source is missing"},
		{Line: "command=bayes&action=merge&source=a", Error: script.ErrNoTargetSpecified, Says: "target is missing"},
		{Line: "command=bayes&action=rename&target=b", Error: script.ErrNoSourceSpecified},
		{Line: "command=bayes&action=rename&source=a", Error: script.ErrNoTargetSpecified},
		{Line: "command=bayes&action=merge&source=a&target=a", Error: script.ErrInvalidParameter, Says: "same category"},
		{Line: "command=bayes&action=import", Error: script.ErrNoDataProvided},
		{Line: commandtest.Line("bayes", "action", "import", "data", "spam"), Error: script.ErrInvalidParameter, Says: `data: want {"category":{"texts":1`},
		{Line: commandtest.Line("bayes", "action", "import", "data", `{"a":{"texts":1,"words":{"A B":1}}}`), Error: script.ErrInvalidParameter, Says: "not one word"},
		{Line: train("a\nb", "x"), Error: script.ErrInvalidParameter, Says: "control characters"},
		{Line: train(strings.Repeat("x", 65), "x"), Error: script.ErrInvalidParameter, Says: "at most 64"},
		{Line: train("a", "?!"), Error: script.ErrInvalidParameter, Says: "no word in it"},
		{Line: train("a", strings.Repeat("x", 64<<10+1)), Error: script.ErrInvalidParameter, Says: "at most 65536"},
		{Line: commandtest.Line("bayes", "action", "classify", "data", strings.Repeat("x", 64<<10+1)), Error: script.ErrInvalidParameter, Says: "at most 65536"},
	}
	w.Refuses(t, refusals...) // without a classifier
	w.Do(t, train("known", "one word"))
	w.Do(t, train("known too", "one"))
	w.Refuses(t, append(refusals,
		commandtest.Refusal{Line: commandtest.Line("bayes", "action", "rename", "source", "known", "target", "known too"), Error: script.ErrInvalidParameter, Says: "target: there is such a category"},
		commandtest.Refusal{Line: commandtest.Line("bayes", "action", "untrain", "category", "known too", "data", "word"), Error: script.ErrInvalidParameter, Says: "data: the text was not trained"},
	)...)
	want := `{"known":{"texts":1,"words":{"one":1,"word":1}},"known too":{"texts":1,"words":{"one":1}}}`
	if got := w.Ask(t, commandtest.Line("bayes", "action", "export")).Get("data"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBayesHasRoomForAHundredCategories(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	for i := range 100 {
		w.Do(t, commandtest.Line("bayes", "action", "add", "category", fmt.Sprint("category ", i)))
	}
	w.Refuses(t, commandtest.Refusal{Line: train("one more", "x"), Error: script.ErrBusy, Says: "a group may have 100"})
	w.Do(t, train("category 99", "x"))
}
