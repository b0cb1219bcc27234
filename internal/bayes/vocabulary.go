package bayes

import (
	"hash/crc32"
	"iter"
)

// shelves is how many parts a vocabulary is kept in. A change writes the
// shelves that it touches: with one for all, each word that is learned would
// write megabytes; with one for each word, a merger would write tens of
// thousands.
const shelves = 1024

// vocabulary is what the categories of a group know, by word. The slices are
// never changed. The zero value is empty and ready.
type vocabulary struct {
	parts [shelves]map[string][]count
	n     int
}

// count says how often a word stood in the texts of a category.
type count struct {
	Category int   `json:"c"`
	Times    int64 `json:"n"`
}

// shelfOf finds the shelf of a word. It is the same for ever, because it names
// what is kept.
func shelfOf(word string) int { return int(crc32.ChecksumIEEE([]byte(word)) % shelves) }

func (v *vocabulary) of(word string) []count { return v.parts[shelfOf(word)][word] }

// set says what is known of a word; without counts it is forgotten.
func (v *vocabulary) set(word string, counts []count) {
	i := shelfOf(word)
	before := len(v.parts[i])
	switch {
	case len(counts) == 0:
		delete(v.parts[i], word)
	case v.parts[i] == nil:
		v.parts[i] = map[string][]count{word: counts}
	default:
		v.parts[i][word] = counts
	}
	v.n += len(v.parts[i]) - before
}

// all are the words in any order.
func (v *vocabulary) all() iter.Seq2[string, []count] {
	return func(yield func(string, []count) bool) {
		for _, shelf := range v.parts {
			for word, counts := range shelf {
				if !yield(word, counts) {
					return
				}
			}
		}
	}
}
