package bayes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"rookery/grid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	ours   = grid.UUID{1}
	theirs = grid.UUID{2}
)

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t rapid.TB, o Options) *Book {
	t.Helper()
	b, err := Open(context.Background(), o)
	must(t, err)
	return b
}

func export(t rapid.TB, b *Book, group grid.UUID) string {
	t.Helper()
	text, err := b.Export(group)
	must(t, err)
	return text
}

// teach trains texts, category after category.
func teach(t rapid.TB, b *Book, texts ...string) {
	t.Helper()
	for i := 0; i < len(texts); i += 2 {
		must(t, b.Train(context.Background(), ours, texts[i], texts[i+1]))
	}
}

func best(t rapid.TB, b *Book, text string) string {
	t.Helper()
	scores, err := b.Classify(ours, text)
	must(t, err)
	if len(scores) == 0 {
		return ""
	}
	return scores[0].Category
}

func TestTextsGoToTheCategoryOfTheirWords(t *testing.T) {
	t.Parallel()
	b := open(t, Options{})
	teach(t, b,
		"greeting", "Hello there, how are you?", "greeting", "Good morning! Nice to see you.", "greeting", "¡Hola! Buenos días",
		"trade", "Selling land, cheap prices", "trade", "I buy land for L$ 200", "trade", "土地を売る",
	)
	for text, want := range map[string]string{
		"hello YOU": "greeting", "cheap land": "trade", "buenos DI\u0301AS": "greeting", "安い土地": "trade", "who buys land?": "trade",
	} {
		if got := best(t, b, text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// Two texts of one category, one of the other, by hand.
func TestScoresAreThoseOfTheTextbook(t *testing.T) {
	t.Parallel()
	b := open(t, Options{})
	teach(t, b, "a", "x x y", "a", "y z", "b", "z")
	must(t, b.Add(t.Context(), ours, "empty"))
	got, err := b.Classify(ours, "x, z? unheard")
	must(t, err)
	// a: 2/3 · (2+1)/(5+3) · (1+1)/(5+3), b: 1/3 · (0+1)/(1+3) · (1+1)/(1+3)
	a, bb := 2.0/3*3/8*2/8, 1.0/3*1/4*2/4
	want := []Score{{"a", a / (a + bb)}, {"b", bb / (a + bb)}, {"empty", 0}}
	if diff := cmp.Diff(want, got, cmp.Comparer(near)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err = b.Classify(ours, "nothing known !!!")
	must(t, err)
	if diff := cmp.Diff([]Score{{"a", 2.0 / 3}, {"b", 1.0 / 3}, {"empty", 0}}, got, cmp.Comparer(near)); diff != "" {
		t.Errorf("unknown words (-want +got):\n%s", diff)
	}
}

func near(x, y float64) bool { return math.Abs(x-y) < 1e-9 }

func TestAGroupWithoutAClassifierHasNothingToChange(t *testing.T) {
	t.Parallel()
	b := open(t, Options{})
	ctx := t.Context()
	must(t, b.Untrain(ctx, ours, "a", "x"))
	must(t, b.Remove(ctx, ours, "a"))
	must(t, b.Rename(ctx, ours, "a", "b"))
	must(t, b.Merge(ctx, ours, "a", "b"))
	scores, err := b.Classify(ours, "x")
	must(t, err)
	if len(scores) > 0 || len(b.List(ours)) > 0 || export(t, b, ours) != "" {
		t.Errorf("%v, %v, %q", scores, b.List(ours), export(t, b, ours))
	}
	must(t, b.Add(ctx, ours, "a"))
	if scores, err := b.Classify(ours, "x"); err != nil || len(scores) > 0 {
		t.Errorf("without a text: %v, %v", scores, err)
	}
	must(t, b.Remove(ctx, ours, "a"))
	if export(t, b, ours) != "" {
		t.Error("the last category went, and a classifier stayed")
	}
}

func TestGroupsAreTaughtApart(t *testing.T) {
	t.Parallel()
	b := open(t, Options{})
	teach(t, b, "a", "x")
	must(t, b.Train(t.Context(), theirs, "b", "x"))
	must(t, b.Remove(t.Context(), theirs, "a"))
	if got := best(t, b, "x"); got != "a" || !slices.Equal(b.List(ours), []string{"a"}) || !slices.Equal(b.List(theirs), []string{"b"}) {
		t.Errorf("%s of %v; the others have %v", got, b.List(ours), b.List(theirs))
	}
}

func TestRefusedChangesChangeNothing(t *testing.T) {
	t.Parallel()
	b := open(t, Options{Limits: Limits{Categories: 2, Size: 3 * (wordCost + 3), Text: 40}})
	teach(t, b, "one", "abc def", "two", "abc")
	before := export(t, b, ours)
	ctx := t.Context()
	for _, tc := range []struct {
		about string
		err   error
		want  error
		says  string
	}{
		{"a third category", b.Add(ctx, ours, "three"), ErrTooMuch, "3 categories: a group may have 2"},
		{"a third category by training", b.Train(ctx, ours, "three", "abc"), ErrTooMuch, "3 categories"},
		{"a fourth word", b.Train(ctx, ours, "two", "def"), ErrTooMuch, "76 bytes: those of a group may take 57"},
		{"a long text", b.Train(ctx, ours, "one", strings.Repeat("abc ", 11)), ErrTooLong, "44 bytes, at most 40"},
		{"a long text to untrain", b.Untrain(ctx, ours, "one", strings.Repeat("abc ", 11)), ErrTooLong, "44 bytes"},
		{"no words", b.Train(ctx, ours, "one", "?! :-)"), ErrNoWords, ""},
		{"no words to untrain", b.Untrain(ctx, ours, "one", "..."), ErrNoWords, ""},
		{"a taken name", b.Rename(ctx, ours, "one", "two"), ErrExists, ""},
		{"its own name", b.Rename(ctx, ours, "one", "one"), ErrExists, ""},
		{"into itself", b.Merge(ctx, ours, "one", "one"), ErrSame, ""},
		{"a word too often", b.Untrain(ctx, ours, "one", "abc abc"), ErrNotTrained, `"abc" is 2 times in the text, 1 times`},
		{"a text too many", b.Untrain(ctx, ours, "one", "abc"), ErrNotTrained, "0 texts would have 1 words"},
		{"an unknown word", b.Untrain(ctx, ours, "two", "xyz"), ErrNotTrained, "0 times in all"},
		{"too many categories at once", b.Import(ctx, ours, `{"a":{},"b":{},"c":{}}`), ErrTooMuch, "3 categories"},
		{"too many words at once", b.Import(ctx, ours, `{"a":{"texts":1,"words":{"a":1,"b":1,"c":1,"d":1}}}`), ErrTooMuch, "68 bytes"},
	} {
		if !errors.Is(tc.err, tc.want) || !strings.Contains(tc.err.Error(), tc.says) {
			t.Errorf("%s: %v, want %q and %q", tc.about, tc.err, tc.want, tc.says)
		}
	}
	if _, err := b.Classify(ours, strings.Repeat("abc ", 11)); !errors.Is(err, ErrTooLong) {
		t.Errorf("a long text to classify: %v", err)
	}
	if got := export(t, b, ours); got != before {
		t.Errorf("%s became %s", before, got)
	}
	// What is full can still be used and made smaller.
	must(t, b.Train(ctx, ours, "one", "abc def def"))
	must(t, b.Untrain(ctx, ours, "one", "abc def def"))
	must(t, b.Rename(ctx, ours, "two", "three"))
	must(t, b.Merge(ctx, ours, "three", "one"))
	if got, want := export(t, b, ours), `{"one":{"texts":2,"words":{"abc":2,"def":1}}}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestNamesOfCategories(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"spam": true, "Ein Wort, zwei": true, "日本": true, strings.Repeat("é", longestName): true,
		"": false, "  ": false, "a\nb": false, "\xff": false, strings.Repeat("é", longestName+1): false,
	} {
		if err := CheckName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestManyGoroutinesMayTrainAndClassify(t *testing.T) {
	t.Parallel()
	b := open(t, Options{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 20 {
				if err := b.Train(t.Context(), ours, fmt.Sprint("c", i%2), fmt.Sprintf("same w%d", j)); err != nil {
					t.Error(err)
				}
				if _, err := b.Classify(ours, "same"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	c := b.groups[ours.String()]
	if c.texts != 160 || c.words.n != 21 {
		t.Errorf("%d texts, %d words", c.texts, c.words.n)
	}
}
