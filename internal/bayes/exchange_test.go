package bayes

import (
	"errors"
	"strings"
	"testing"
)

func TestImportSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := open(t, Options{})
	teach(t, b, "kept", "word")
	before := export(t, b, ours)
	for text, says := range map[string]string{
		"":                                       "EOF",
		"spam":                                   "at byte 1 of 4",
		`{"a":{"texts":1,"words":{"x":1}}`:       "unexpected EOF",
		`{"a":{"texts":1,"words":{"x":1}}} more`: "more behind it",
		"null":                                   "not null",
		"[]":                                     "not array",
		`{"a":null}`:                             `category "a": it is null`,
		`{"a":{"texts":1,"tokens":{"x":1}}}`:     `unknown field "tokens"`,
		`{"a":{"texts":"1"}}`:                    "not string for",
		`{"a":{"texts":1.5}}`:                    "number 1.5",
		`{"a":{"texts":-1}}`:                     "texts is -1",
		`{"a":{"texts":2000000000000000}}`:       "allowed are 0 to 1000000000000000",
		`{"a":{"texts":1,"words":{"X":1}}}`:      `"X" is not one word in lower case`,
		`{"a":{"texts":1,"words":{"x y":1}}}`:    `"x y" is not one word`,
		`{"a":{"texts":1,"words":{"":1}}}`:       `"" is not one word`,
		`{"a":{"texts":1,"words":{"x":0}}}`:      `"x" is 0`,
		`{"a":{"texts":1,"words":{"x":1e15,"y":1}}}`:             "1e15",
		`{"a":{"texts":1,"words":{"x":1000000000000000,"y":1}}}`: `"y" is 1`,
		`{"a":{"texts":2,"words":{"x":1}}}`:                      "2 texts cannot have 1 words",
		`{"a":{"words":{"x":1}}}`:                                "0 texts cannot have 1 words",
		`{" ":{}}`:                                               "blank",
	} {
		err := b.Import(t.Context(), ours, text)
		if !errors.Is(err, ErrForm) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
	if got := export(t, b, ours); got != before {
		t.Errorf("%s became %s", before, got)
	}
	must(t, b.Import(t.Context(), ours, ` {} `))
	if got := export(t, b, ours); got != "" {
		t.Errorf("nothing imported: %s", got)
	}
}

func FuzzImport(f *testing.F) {
	for _, text := range []string{
		`{"a":{"texts":1,"words":{"x":1}}}`, `{"a":{"texts":2,"words":{"don't":3,"語":1}},"b <&>":{"texts":0,"words":{}}}`, `{"a":{}}`, "{}", "null", `{"a":null}`,
		`{"a":{"texts":1,"words":{"X":1}}}`, `{"a":{"texts":1e3}}`, `{"a":{"texts":1,"words":{"x":9223372036854775807,"y":9223372036854775807}}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := open(t, Options{})
		if err := b.Import(t.Context(), ours, text); err != nil {
			if !errors.Is(err, ErrForm) && !errors.Is(err, ErrTooMuch) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		sound(t, b, ours)
		first := export(t, b, ours)
		if first == "" {
			return
		}
		must(t, b.Import(t.Context(), ours, first))
		if second := export(t, b, ours); second != first {
			t.Fatalf("%s became %s", first, second)
		}
		if _, err := b.Classify(ours, first); err != nil && !errors.Is(err, ErrTooLong) {
			t.Fatal(err)
		}
	})
}
