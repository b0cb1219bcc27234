package bayes

import (
	"errors"
	"fmt"
	"slices"
)

// Errors of changes; nothing is changed then.
var (
	// ErrTooMuch reports that the classifier would become larger than it may.
	ErrTooMuch = errors.New("the classifier would be too large")
	// ErrTooLong reports a text that is longer than it may be.
	ErrTooLong = errors.New("the text is too long")
	// ErrExists reports that there is a category of the new name already.
	ErrExists = errors.New("there is such a category already")
	// ErrNotTrained reports a text that was not trained in the category.
	ErrNotTrained = errors.New("the text was not trained in this category")
	// ErrNoWords reports a text that nothing can be learned of.
	ErrNoWords = errors.New("there is no word in it")
	// ErrSame reports a category to be merged into itself.
	ErrSame = errors.New("source and target are the same category")
)

// most bounds each number, far from where sums overflow.
const most = 1e15

// wordCost is what a word takes in each category that knows it, besides its
// letters, in bytes.
const wordCost = 16

// change is what becomes of a classifier, without touching it yet.
type change struct {
	of *classifier
	// categories that become others, nil those that go.
	categories map[int]*category
	// words that become others, empty those that go.
	words map[string][]count
	size  int
}

func (c *classifier) change() *change {
	return &change{of: c, categories: make(map[int]*category), words: make(map[string][]count), size: c.size}
}

// category returns a category for changing.
func (ch *change) category(id int) *category {
	k, ok := ch.categories[id]
	if !ok {
		old := ch.of.categories[id]
		k = &old
		ch.categories[id] = k
	}
	return k
}

// open finds a category, or makes it, for changing.
func (ch *change) open(name string) (id int, k *category) {
	if id, ok := ch.of.find(name); ok {
		return id, ch.category(id)
	}
	for used := range ch.of.categories {
		id = max(id, used)
	}
	for used := range ch.categories {
		id = max(id, used)
	}
	id++
	k = &category{Name: name}
	ch.categories[id] = k
	return id, k
}

func (ch *change) counts(word string) []count {
	if counts, ok := ch.words[word]; ok {
		return counts
	}
	return ch.of.words.of(word)
}

// add counts a word n times more in a category, or less.
func (ch *change) add(word string, id int, n int64) {
	counts := slices.Clone(ch.counts(word))
	i := slices.IndexFunc(counts, func(c count) bool { return c.Category == id })
	if i < 0 {
		counts = append(counts, count{Category: id})
		i = len(counts) - 1
		ch.size += len(word) + wordCost
	}
	counts[i].Times += n
	if counts[i].Times == 0 {
		counts = slices.Delete(counts, i, i+1)
		ch.size -= len(word) + wordCost
	}
	ch.words[word] = counts
	ch.category(id).words += n
}

// times tells how often a word was counted in a category.
func (ch *change) times(word string, id int) int64 {
	for _, c := range ch.counts(word) {
		if c.Category == id {
			return c.Times
		}
	}
	return 0
}

func (ch *change) train(name, text string) error {
	counted := tally(text)
	if len(counted) == 0 {
		return ErrNoWords
	}
	id, k := ch.open(name)
	k.Texts++
	for word, n := range counted {
		ch.add(word, id, n)
	}
	return nil
}

func (ch *change) untrain(id int, text string) error {
	counted := tally(text)
	if len(counted) == 0 {
		return ErrNoWords
	}
	k := ch.category(id)
	k.Texts--
	for word, n := range counted {
		if has := ch.times(word, id); has < n {
			return fmt.Errorf("%w: %q is %d times in the text, %d times in all texts of the category", ErrNotTrained, word, n, has)
		}
		ch.add(word, id, -n)
	}
	// Every text has a word, and every word comes from a text.
	if k.Texts < 0 || k.words < k.Texts || k.Texts == 0 && k.words > 0 {
		return fmt.Errorf("%w: without it, %d texts would have %d words", ErrNotTrained, k.Texts, k.words)
	}
	return nil
}

func (ch *change) remove(id int) {
	for word, counts := range ch.of.words.all() {
		for _, c := range counts {
			if c.Category == id {
				ch.add(word, id, -c.Times)
			}
		}
	}
	ch.categories[id] = nil
}

func (ch *change) merge(source, target int) {
	for word, counts := range ch.of.words.all() {
		for _, c := range counts {
			if c.Category == source {
				ch.add(word, target, c.Times)
			}
		}
	}
	ch.category(target).Texts += ch.of.categories[source].Texts
	ch.remove(source)
}

// check holds the change against the limits. What does not grow may be larger:
// limits change.
func (ch *change) check(l Limits) error {
	categories := len(ch.of.categories)
	for id, k := range ch.categories {
		_, old := ch.of.categories[id]
		switch {
		case k == nil && old:
			categories--
		case k != nil && !old:
			categories++
		}
		if k != nil && max(k.Texts, k.words) > most {
			return fmt.Errorf("%w: %q would have %d texts with %d words: at most %d each", ErrTooMuch, k.Name, k.Texts, k.words, int64(most))
		}
	}
	if categories > l.Categories && categories > len(ch.of.categories) {
		return fmt.Errorf("%w: there would be %d categories: a group may have %d", ErrTooMuch, categories, l.Categories)
	}
	if ch.size > l.Size && ch.size > ch.of.size {
		return fmt.Errorf("%w: the words would take %d bytes: those of a group may take %d, each its length and %d in every category",
			ErrTooMuch, ch.size, l.Size, wordCost)
	}
	return nil
}
