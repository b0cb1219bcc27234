package bayes

import (
	"slices"
	"strings"
	"testing"
)

func TestWordsOfTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Hello, World! Hello?":    {"hello", "world", "hello"},
		"I don't have L$1,000.50": {"i", "don't", "have", "l", "1,000.50"},
		"ÉTÉ e\u0301te\u0301":     {"été", "été"},
		"こんにちは 世界":                {"こ", "ん", "に", "ち", "は", "世", "界"},
		":-) ... 👍":               nil,
		"bad \xff\xfe bytes":      {"bad", "bytes"},
		strings.Repeat("x", 65) + " short " + strings.Repeat("y", 64): {"short", strings.Repeat("y", 64)},
		"http://example.com/a_b":    {"http", "example.com", "a_b"},
		"\U00010400 \U0001D7D9 Ⅷ ²": {"\U00010428", "\U0001D7D9", "ⅷ", "²"},
	} {
		if got := slices.Collect(words(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// A word alone is the same word, so that what is exported can be imported.
func FuzzWords(f *testing.F) {
	for _, text := range []string{"Hello, World", "ÉTÉ İstanbul ΣΟΦΟΣ", "a\u0301\u0323 \u1100\u1161\u11a8", "don't 1,000.5 a_b", "\xff", "カタカナ ひらがな"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for w := range words(text) {
			if !isOneWord(w) {
				t.Errorf("%q in %q is %q", w, text, slices.Collect(words(w)))
			}
		}
	})
}
