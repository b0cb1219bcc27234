package bayes

import (
	"cmp"
	"math"
	"slices"
)

// classifier is what one group taught.
type classifier struct {
	// categories by a number that stays when they are renamed.
	categories map[int]category
	words      vocabulary
	// texts is how many were trained, size what the words take.
	texts int64
	size  int
}

// category is one of the answers.
type category struct {
	Name string `json:"name"`
	// Texts is how many were trained.
	Texts int64 `json:"texts"`
	// words is how many stood in them, repeated ones included.
	words int64
}

func newClassifier() *classifier {
	return &classifier{categories: make(map[int]category)}
}

// find finds a category by its name.
func (c *classifier) find(name string) (id int, ok bool) {
	for id, k := range c.categories {
		if k.Name == name {
			return id, true
		}
	}
	return 0, false
}

// names lists the categories, sorted.
func (c *classifier) names() []string {
	var names []string
	for _, k := range c.categories {
		names = append(names, k.Name)
	}
	slices.Sort(names)
	return names
}

// Score is how likely a category is, from 0 to 1.
type Score struct {
	Category    string
	Probability float64
}

// classify returns every category, the likeliest first; together they make 1.
// Nothing when nothing was trained. A category without texts scores 0.
func (c *classifier) classify(text string) []Score {
	if c.texts == 0 {
		return nil
	}
	// The denominators are the same for every word, so that a word costs as
	// many steps as there are categories that know it.
	likely := make(map[int]float64, len(c.categories))
	known := 0
	for w := range words(text) {
		counts := c.words.of(w)
		if len(counts) > 0 {
			known++
		}
		for _, n := range counts {
			likely[n.Category] += math.Log1p(float64(n.Times))
		}
	}
	best := math.Inf(-1)
	for id, k := range c.categories {
		likely[id] += math.Log(float64(k.Texts)/float64(c.texts)) - float64(known)*math.Log(float64(k.words)+float64(c.words.n))
		best = max(best, likely[id])
	}
	scores := make([]Score, 0, len(c.categories))
	for id, k := range c.categories {
		scores = append(scores, Score{k.Name, math.Exp(likely[id] - best)})
	}
	// Sorted before they are added up, so that the sum is always the same.
	slices.SortFunc(scores, func(x, y Score) int {
		return cmp.Or(-cmp.Compare(x.Probability, y.Probability), cmp.Compare(x.Category, y.Category))
	})
	sum := 0.0
	for _, s := range scores {
		sum += s.Probability
	}
	for i := range scores {
		scores[i].Probability /= sum
	}
	return scores
}

// apply makes a change.
func (c *classifier) apply(ch *change) {
	for id, k := range ch.categories {
		c.texts -= c.categories[id].Texts
		if k == nil {
			delete(c.categories, id)
			continue
		}
		c.categories[id] = *k
		c.texts += k.Texts
	}
	for w, counts := range ch.words {
		c.words.set(w, counts)
	}
	c.size = ch.size
}
