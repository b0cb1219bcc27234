package bayes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"rookery/grid"
	"rookery/internal/state"
	"rookery/script"
)

// Limits bound what the classifier of a group may become.
type Limits struct {
	// Categories is how many there may be. 0 means 100.
	Categories int
	// Size is what the words may take, in bytes: each its length and 16 in
	// every category that knows it. 0 means 2 MiB, some 80,000 usual words.
	Size int
	// Text is how long a text to train or to classify may be, in bytes. 0
	// means 64 KiB.
	Text int
}

func (l Limits) withDefaults() Limits {
	if l.Categories == 0 {
		l.Categories = 100
	}
	if l.Size == 0 {
		l.Size = 2 << 20
	}
	if l.Text == 0 {
		l.Text = 64 << 10
	}
	return l
}

// longestName is the longest name of a category, in characters.
const longestName = 64

// CheckName tells whether a category may have this name; the error says why not
// and what is allowed.
func CheckName(name string) error {
	switch {
	case !utf8.ValidString(name):
		return errors.New("the name is not UTF-8")
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%q: there are control characters in the name", name)
	case strings.TrimSpace(name) == "":
		return errors.New("the name is blank")
	}
	if n := utf8.RuneCountInString(name); n > longestName {
		return fmt.Errorf("the name has %d characters: at most %d are allowed", n, longestName)
	}
	return nil
}

// Options say what a [Book] works with.
type Options struct {
	// Agent is whose groups are taught.
	Agent string
	// Store keeps the classifiers across restarts; nil: they are not kept.
	Store *state.Store
	// Limits bound each group.
	Limits Limits
}

// Book is the classifiers of one agent's groups. Its methods may be called from
// any goroutine. A group has a classifier as long as it has categories.
type Book struct {
	o    Options
	kept state.Collection[row]

	changing sync.Mutex   // held from the look at what there is to its change
	mu       sync.RWMutex // held for what is not waited for
	groups   map[string]*classifier
}

// row is what is kept under one name: a category by its number, or a shelf of
// words by its own.
type row struct {
	Category *category          `json:"category,omitempty"`
	Words    map[string][]count `json:"words,omitempty"`
}

// The first letters of names in the store.
const (
	categoryRow = "c"
	wordsRow    = "w"
)

// Open returns the book with what was kept of it.
func Open(ctx context.Context, o Options) (*Book, error) {
	o.Limits = o.Limits.withDefaults()
	b := &Book{o: o, groups: make(map[string]*classifier)}
	if o.Store == nil {
		return b, nil
	}
	b.kept = state.In[row](o.Store, "bayes")
	all, err := b.kept.All(ctx, o.Agent)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if e.Value.Category == nil {
			continue
		}
		id, err := strconv.Atoi(strings.TrimPrefix(e.Name, categoryRow))
		if err != nil {
			return nil, fmt.Errorf("state of bayes: read %s: %w", e.Name, err)
		}
		c := b.groups[e.Group]
		if c == nil {
			c = newClassifier()
			b.groups[e.Group] = c
		}
		c.categories[id] = *e.Value.Category
		c.texts += e.Value.Category.Texts
	}
	for _, e := range all {
		c := b.groups[e.Group]
		if e.Value.Category != nil || c == nil {
			continue
		}
		for word, counts := range e.Value.Words {
			c.words.set(word, counts)
			for _, n := range counts {
				k := c.categories[n.Category]
				k.words += n.Times
				c.categories[n.Category] = k
				c.size += len(word) + wordCost
			}
		}
	}
	return b, nil
}

// Train adds a text to a category, which is made when there is none. It fails
// with [ErrNoWords], [ErrTooLong] and [ErrTooMuch].
func (b *Book) Train(ctx context.Context, group grid.UUID, category, text string) error {
	if err := b.checkText(text); err != nil {
		return err
	}
	return b.change(ctx, group, true, func(ch *change) error { return ch.train(category, text) })
}

// Untrain takes a text out of a category again, which stays even without texts;
// a category that is not there has none. It fails with [ErrNotTrained] when the
// category cannot have the text, and with [ErrNoWords] and [ErrTooLong].
func (b *Book) Untrain(ctx context.Context, group grid.UUID, category, text string) error {
	if err := b.checkText(text); err != nil {
		return err
	}
	return b.change(ctx, group, false, func(ch *change) error {
		id, ok := ch.of.find(category)
		if !ok {
			return nil
		}
		return ch.untrain(id, text)
	})
}

// Add makes a category without texts; there may be one of that name. It fails
// with [ErrTooMuch].
func (b *Book) Add(ctx context.Context, group grid.UUID, category string) error {
	return b.change(ctx, group, true, func(ch *change) error {
		ch.open(category)
		return nil
	})
}

// Remove forgets a category with its texts; there need not be one.
func (b *Book) Remove(ctx context.Context, group grid.UUID, category string) error {
	return b.change(ctx, group, false, func(ch *change) error {
		if id, ok := ch.of.find(category); ok {
			ch.remove(id)
		}
		return nil
	})
}

// Rename gives a category another name; there need not be one. It fails with
// [ErrExists].
func (b *Book) Rename(ctx context.Context, group grid.UUID, category, name string) error {
	return b.change(ctx, group, false, func(ch *change) error {
		id, ok := ch.of.find(category)
		if !ok {
			return nil
		}
		if _, taken := ch.of.find(name); taken {
			return ErrExists
		}
		ch.category(id).Name = name
		return nil
	})
}

// Merge moves the texts of a category to another one, and forgets the first;
// nothing happens when one of them is missing. It fails with [ErrSame].
func (b *Book) Merge(ctx context.Context, group grid.UUID, source, target string) error {
	if source == target {
		return ErrSame
	}
	return b.change(ctx, group, false, func(ch *change) error {
		from, ok := ch.of.find(source)
		to, both := ch.of.find(target)
		if ok && both {
			ch.merge(from, to)
		}
		return nil
	})
}

// List returns the categories of a group, sorted.
func (b *Book) List(group grid.UUID) []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if c := b.groups[group.String()]; c != nil {
		return c.names()
	}
	return nil
}

// Classify returns the categories of a group, the likeliest first; together
// they make 1. Nothing when the group has trained nothing. It fails with
// [ErrTooLong].
func (b *Book) Classify(group grid.UUID, text string) ([]Score, error) {
	if err := b.checkText(text); err != nil {
		return nil, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if c := b.groups[group.String()]; c != nil {
		return c.classify(text), nil
	}
	return nil, nil
}

// Sort tells what the groups that trained something make of a text: the
// likeliest category and its probability as a list, by the group's UUID. Nil
// when there are no such groups, which is found out at once.
func (b *Book) Sort(text string) map[string]string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if len(b.groups) == 0 || len(text) > b.o.Limits.Text {
		return nil
	}
	found := make(map[string]string, len(b.groups))
	for group, c := range b.groups {
		if scores := c.classify(text); len(scores) > 0 {
			found[group] = script.FormatCSV([]string{scores[0].Category, script.FormatFloat(scores[0].Probability)})
		}
	}
	return found
}

func (b *Book) checkText(text string) error {
	if len(text) > b.o.Limits.Text {
		return fmt.Errorf("%w: it has %d bytes, at most %d are allowed", ErrTooLong, len(text), b.o.Limits.Text)
	}
	return nil
}

// change makes a change of a group's classifier, keeps it and applies it: all
// of it or nothing. A group without one gets it when that is wanted; otherwise
// there is nothing to change.
func (b *Book) change(ctx context.Context, group grid.UUID, create bool, plan func(*change) error) error {
	b.changing.Lock()
	defer b.changing.Unlock()
	id := group.String()
	c := b.groups[id]
	if c == nil {
		if !create {
			return nil
		}
		c = newClassifier()
	}
	ch := c.change()
	if err := plan(ch); err != nil {
		return err
	}
	if err := ch.check(b.o.Limits); err != nil {
		return err
	}
	values, gone := ch.rows()
	if b.o.Store != nil && len(values)+len(gone) > 0 {
		// Once begun it is done, even if nobody waits for the answer any more.
		if err := b.kept.Change(context.WithoutCancel(ctx), b.owner(id), values, gone); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c.apply(ch)
	b.put(id, c)
	return nil
}

// put makes c what the group has. The caller holds both locks.
func (b *Book) put(group string, c *classifier) {
	if len(c.categories) == 0 {
		delete(b.groups, group)
	} else {
		b.groups[group] = c
	}
}

func (b *Book) owner(group string) state.Owner { return state.Owner{Agent: b.o.Agent, Group: group} }

// rows are what a change does to the store.
func (ch *change) rows() (values map[string]row, gone []string) {
	values = make(map[string]row)
	for id, k := range ch.categories {
		name := categoryRow + strconv.Itoa(id)
		if k == nil {
			gone = append(gone, name)
		} else {
			values[name] = row{Category: k}
		}
	}
	touched := make(map[int]map[string][]count)
	for word, counts := range ch.words {
		i := shelfOf(word)
		shelf, ok := touched[i]
		if !ok {
			shelf = make(map[string][]count)
			maps.Copy(shelf, ch.of.words.parts[i])
			touched[i] = shelf
		}
		if len(counts) == 0 {
			delete(shelf, word)
		} else {
			shelf[word] = counts
		}
	}
	for i, shelf := range touched {
		name := wordsRow + strconv.Itoa(i)
		if len(shelf) == 0 {
			gone = append(gone, name)
		} else {
			values[name] = row{Words: shelf}
		}
	}
	return values, gone
}
