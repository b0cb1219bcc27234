package bayes

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rookery/grid"
	"rookery/internal/state"
)

// sound holds what is reckoned beforehand against what it is reckoned from.
func sound(t rapid.TB, b *Book, group grid.UUID) {
	t.Helper()
	c := b.groups[group.String()]
	if c == nil {
		return
	}
	want := newClassifier()
	for id, k := range c.categories {
		want.categories[id] = category{Name: k.Name, Texts: k.Texts}
		want.texts += k.Texts
	}
	n := 0
	for word, counts := range c.words.all() {
		n++
		for _, n := range counts {
			k, ok := want.categories[n.Category]
			if !ok || n.Times < 1 {
				t.Fatalf("%q: %+v", word, n)
			}
			k.words += n.Times
			want.categories[n.Category] = k
			want.size += len(word) + wordCost
		}
	}
	if !maps.Equal(want.categories, c.categories) || want.texts != c.texts || want.size != c.size || n != c.words.n {
		t.Fatalf("%+v %d %d, want %+v %d %d", c.categories, c.texts, c.size, want.categories, want.texts, want.size)
	}
}

var (
	someName = rapid.SampledFrom([]string{"one", "two", "three", `"four", 4`})
	someText = rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"Ah", "be", "BE", "ça", "des", "éte\u0301", "語", "...", "don't"}), 1, 6).Draw(t, "words"), " ") + " end"
	})
)

// taught is a book with some texts in it.
func taught(t *rapid.T) *Book {
	b := open(t, Options{})
	for range rapid.IntRange(0, 8).Draw(t, "texts") {
		teach(t, b, someName.Draw(t, "category"), someText.Draw(t, "text"))
	}
	return b
}

func TestUntrainingUndoesTraining(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := taught(t)
		name, text := someName.Draw(t, "category"), someText.Draw(t, "text")
		must(t, b.Add(t.Context(), ours, name)) // stays when it is empty
		before := export(t, b, ours)
		teach(t, b, name, text)
		if export(t, b, ours) == before {
			t.Fatal("nothing was learned")
		}
		must(t, b.Untrain(t.Context(), ours, name, text))
		if after := export(t, b, ours); after != before {
			t.Fatalf("%s\nbecame\n%s", before, after)
		}
		sound(t, b, ours)
	})
}

func TestMergingIsTrainingBoth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		apart, together := open(t, Options{}), open(t, Options{})
		for range rapid.IntRange(1, 12).Draw(t, "texts") {
			name, text := someName.Draw(t, "category"), someText.Draw(t, "text")
			teach(t, apart, name, text)
			if name == "one" {
				name = "two"
			}
			teach(t, together, name, text)
		}
		names := apart.List(ours)
		must(t, apart.Merge(t.Context(), ours, "one", "two"))
		if slices.Contains(names, "one") && !slices.Contains(names, "two") {
			must(t, apart.Rename(t.Context(), ours, "one", "two")) // nothing was merged
		}
		if x, y := export(t, apart, ours), export(t, together, ours); x != y {
			t.Fatalf("%s\nand together\n%s", x, y)
		}
		sound(t, apart, ours)
	})
}

// reference scores a text the slow way, with products of fractions.
func reference(t rapid.TB, exported, text string) map[string]float64 {
	t.Helper()
	ch, err := parse(exported, 100)
	must(t, err)
	vocabulary := float64(len(ch.words))
	texts := int64(0)
	for _, k := range ch.categories {
		texts += k.Texts
	}
	scores, sum := make(map[string]float64), 0.0
	for id, k := range ch.categories {
		p := float64(k.Texts) / float64(texts)
		for word := range words(text) {
			if len(ch.words[word]) > 0 {
				p *= float64(ch.times(word, id)+1) / (float64(k.words) + vocabulary)
			}
		}
		scores[k.Name] = p
		sum += p
	}
	for name := range scores {
		scores[name] /= sum
	}
	return scores
}

func TestScoresMakeOneAndAreInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := taught(t)
		teach(t, b, "one", "end")
		must(t, b.Add(t.Context(), ours, "never"))
		text := someText.Draw(t, "to classify")
		scores, err := b.Classify(ours, text)
		must(t, err)
		got, sum := make(map[string]float64), 0.0
		for i, s := range scores {
			if i > 0 && s.Probability > scores[i-1].Probability {
				t.Fatalf("out of order: %v", scores)
			}
			got[s.Category] = s.Probability
			sum += s.Probability
		}
		if !near(sum, 1) {
			t.Fatalf("%v make %v", scores, sum)
		}
		if diff := cmp.Diff(reference(t, export(t, b, ours), text), got, cmp.Comparer(near)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// After any changes the book is sound, and what is exported, and what is there
// after a restart, is the same.
func TestWhatWasTaughtSurvivesARestartAndAnExport(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), state.FileName)
	store, err := state.Open(path)
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	rounds := 0
	rapid.Check(t, func(t *rapid.T) {
		rounds++
		o := Options{Agent: fmt.Sprint("Robin Rook ", rounds), Store: store, Limits: Limits{Categories: 3, Size: 400}}
		b := open(t, o)
		ctx := t.Context()
		allowed := func(err error) {
			if err != nil && !errors.Is(err, ErrTooMuch) && !errors.Is(err, ErrExists) && !errors.Is(err, ErrNotTrained) && !errors.Is(err, ErrSame) {
				t.Fatal(err)
			}
		}
		group := rapid.SampledFrom([]grid.UUID{ours, theirs})
		t.Repeat(map[string]func(*rapid.T){
			"train": func(t *rapid.T) {
				allowed(b.Train(ctx, group.Draw(t, "group"), someName.Draw(t, "category"), someText.Draw(t, "text")))
			},
			"untrain": func(t *rapid.T) {
				allowed(b.Untrain(ctx, group.Draw(t, "group"), someName.Draw(t, "category"), someText.Draw(t, "text")))
			},
			"add":    func(t *rapid.T) { allowed(b.Add(ctx, group.Draw(t, "group"), someName.Draw(t, "category"))) },
			"remove": func(t *rapid.T) { allowed(b.Remove(ctx, group.Draw(t, "group"), someName.Draw(t, "category"))) },
			"rename": func(t *rapid.T) {
				allowed(b.Rename(ctx, group.Draw(t, "group"), someName.Draw(t, "category"), someName.Draw(t, "name")))
			},
			"merge": func(t *rapid.T) {
				allowed(b.Merge(ctx, group.Draw(t, "group"), someName.Draw(t, "category"), someName.Draw(t, "target")))
			},
			"exchange": func(t *rapid.T) {
				from, to := group.Draw(t, "from"), group.Draw(t, "to")
				text := export(t, b, from)
				if text == "" {
					text = "{}"
				}
				must(t, b.Import(ctx, to, text))
				if got := export(t, b, to); got != text && text != "{}" {
					t.Fatalf("%s became %s", text, got)
				}
			},
			"restart": func(t *rapid.T) {
				again := open(t, o)
				for _, g := range []grid.UUID{ours, theirs} {
					if x, y := export(t, b, g), export(t, again, g); x != y {
						t.Fatalf("%s\nafter a restart\n%s", x, y)
					}
				}
				b = again
			},
			"": func(t *rapid.T) {
				sound(t, b, ours)
				sound(t, b, theirs)
			},
		})
	})
}

func TestManyWordsSurviveARestart(t *testing.T) {
	t.Parallel()
	store, err := state.Open(filepath.Join(t.TempDir(), state.FileName))
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	o := Options{Agent: "Robin Rook", Store: store}
	b := open(t, o)
	var all, half strings.Builder
	for i := range 3 * shelves {
		fmt.Fprintf(&all, "w%d ", i)
		if i%2 == 0 {
			fmt.Fprintf(&half, "w%d ", i)
		}
	}
	teach(t, b, "one", all.String(), "one", half.String(), "two", half.String())
	must(t, b.Untrain(t.Context(), ours, "one", all.String()))
	sound(t, b, ours)
	again := open(t, o)
	sound(t, again, ours)
	if x, y := export(t, b, ours), export(t, again, ours); x != y {
		t.Fatalf("%s\nafter a restart\n%s", x, y)
	}
	if n := again.groups[ours.String()].words.n; n != 3*shelves/2 {
		t.Errorf("%d words", n)
	}
	must(t, again.Remove(t.Context(), ours, "one"))
	must(t, again.Remove(t.Context(), ours, "two"))
	if all, err := again.kept.All(t.Context(), o.Agent); err != nil || len(all) > 0 {
		t.Errorf("%d parts are kept of nothing, %v", len(all), err)
	}
}
