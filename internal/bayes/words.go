package bayes

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	uax29 "github.com/clipperhouse/uax29/v2/words"
	"golang.org/x/text/unicode/norm"
)

// longestWord is the longest word that counts, in characters. What is longer is
// no word but a code, and would never be met again.
const longestWord = 64

// words are the words of a text in their order: what stands between two word
// boundaries (UAX #29) and has a letter or a digit in it, in lower case and
// composed (NFC).
func words(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		between := uax29.FromString(plain(text))
		for between.Next() {
			w := between.Value()
			if isWord(w) && !yield(w) {
				return
			}
		}
	}
}

// plain writes what is the same for a reader in one way only. Lower case may
// make new pairs that compose.
func plain(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	return norm.NFC.String(strings.ToLower(norm.NFC.String(text)))
}

func isWord(w string) bool {
	return strings.IndexFunc(w, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }) >= 0 &&
		utf8.RuneCountInString(w) <= longestWord
}

// isOneWord tells whether w is a word as words writes it.
func isOneWord(w string) bool {
	for first := range words(w) {
		return first == w
	}
	return false
}

// tally counts the words of a text.
func tally(text string) map[string]int64 {
	counted := make(map[string]int64)
	for w := range words(text) {
		counted[w]++
	}
	return counted
}
