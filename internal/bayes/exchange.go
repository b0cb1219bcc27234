package bayes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"rookery/grid"
)

// ErrForm reports a text that is no classifier.
var ErrForm = errors.New(`want {"category":{"texts":1,"words":{"word":1}}}`)

// exported is a category in the form in which classifiers are exchanged: an
// object with a category for each name.
type exported struct {
	Texts int64            `json:"texts"`
	Words map[string]int64 `json:"words"`
}

// Export returns the classifier of a group as JSON; empty when it has none.
func (b *Book) Export(group grid.UUID) (string, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	c := b.groups[group.String()]
	if c == nil {
		return "", nil
	}
	return c.export()
}

// Import makes what was exported the classifier of the group, in place of the
// one there is. It fails with [ErrForm] and [ErrTooMuch].
func (b *Book) Import(ctx context.Context, group grid.UUID, text string) error {
	ch, err := parse(text, b.o.Limits.Categories)
	if err != nil {
		return err
	}
	if err := ch.check(b.o.Limits); err != nil {
		return err
	}
	b.changing.Lock()
	defer b.changing.Unlock()
	id := group.String()
	if b.o.Store != nil {
		values, _ := ch.rows()
		if err := b.kept.Replace(context.WithoutCancel(ctx), b.owner(id), values); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	ch.of.apply(ch)
	b.put(id, ch.of)
	return nil
}

// export writes the same text for the same content.
func (c *classifier) export() (string, error) {
	all := make(map[int]exported, len(c.categories))
	for id, k := range c.categories {
		all[id] = exported{Texts: k.Texts, Words: make(map[string]int64)}
	}
	for word, counts := range c.words.all() {
		for _, n := range counts {
			all[n.Category].Words[word] = n.Times
		}
	}
	named := make(map[string]exported, len(all))
	for id, e := range all {
		named[c.categories[id].Name] = e
	}
	var b bytes.Buffer
	w := json.NewEncoder(&b)
	w.SetEscapeHTML(false)
	err := w.Encode(named)
	return string(bytes.TrimSpace(b.Bytes())), err
}

// parse reads what export writes, with at most so many categories, as the change
// from nothing to it.
func parse(text string, categories int) (*change, error) {
	var named map[string]*exported
	r := json.NewDecoder(bytes.NewReader([]byte(text)))
	r.DisallowUnknownFields()
	if err := r.Decode(&named); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, place(text, err))
	}
	if _, err := r.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: there is more behind it, at byte %d", ErrForm, r.InputOffset())
	}
	if named == nil {
		return nil, fmt.Errorf("%w, not null", ErrForm)
	}
	if len(named) > categories {
		return nil, fmt.Errorf("%w: there are %d categories: a group may have %d", ErrTooMuch, len(named), categories)
	}
	ch := newClassifier().change()
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if err := ch.load(name, named[name]); err != nil {
			return nil, err
		}
	}
	return ch, nil
}

// load adds a category that was exported.
func (ch *change) load(name string, e *exported) error {
	if err := CheckName(name); err != nil {
		return fmt.Errorf("%w: category %q: %w", ErrForm, name, err)
	}
	if e == nil {
		return fmt.Errorf("%w: category %q: it is null", ErrForm, name)
	}
	if e.Texts < 0 || e.Texts > most {
		return fmt.Errorf("%w: category %q: texts is %d: allowed are 0 to %d", ErrForm, name, e.Texts, int64(most))
	}
	id, k := ch.open(name)
	k.Texts = e.Texts
	for _, word := range slices.Sorted(maps.Keys(e.Words)) {
		n := e.Words[word]
		switch {
		case !isOneWord(word):
			return fmt.Errorf("%w: category %q: %q is not one word in lower case, of at most %d characters", ErrForm, name, word, longestWord)
		case n < 1 || n > most-k.words:
			return fmt.Errorf("%w: category %q: %q is %d: allowed is 1 at least, and %d for all words together", ErrForm, name, word, n, int64(most))
		}
		ch.add(word, id, n)
	}
	if k.words < k.Texts || k.Texts == 0 && k.words > 0 {
		return fmt.Errorf("%w: category %q: %d texts cannot have %d words: each has at least one", ErrForm, name, k.Texts, k.words)
	}
	return nil
}

// place says where JSON is wrong.
func place(text string, err error) error {
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%w, at byte %d of %d", err, e.Offset, len(text))
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		what := e.Value
		if e.Field != "" {
			what += " for " + e.Field
		}
		return fmt.Errorf("not %s, at byte %d of %d", what, e.Offset, len(text))
	}
	return err
}
