// Package nearest finds the name that somebody meant who misspelt it.
package nearest

import "strings"

// longest bounds what is compared, in bytes: nobody means anything we have by
// more.
const longest = 64

// Name returns the name nearest to text in any case, or nothing when none is
// near, or when text is one of them.
func Name(text string, names []string) string {
	if len(text) > longest {
		return ""
	}
	best, bestDistance := "", len(text)/3+1
	for _, name := range names {
		if name == text {
			return ""
		}
		if d := distance(strings.ToLower(text), strings.ToLower(name)); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance counts the letters to insert, remove, replace or swap with their
// neighbour to get from a to b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
