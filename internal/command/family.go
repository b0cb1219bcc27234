package command

import (
	"slices"
	"strings"
)

// Relative is another command with a name of the same family: singular, plural,
// named plural or data form of one thing.
type Relative struct {
	*Command
	// Kin says what it is to the command whose relative it is: "singular",
	// "plural", "named plural", "data form", "plain form", or two of these with
	// a comma.
	Kin string
}

// Family lists the relatives of a command, by name. It is derived from the
// names that are registered and never guessed: the terms of a name are not
// kept apart, so an s is a plural only where the name without it is a command
// as well.
func (r *Registry) Family(c *Command) []Relative { return r.families[c.Name] }

// findFamilies links the commands of each family.
func (r *Registry) findFamilies() {
	// All names of a family are the same without any s.
	clans := make(map[string][]*Command)
	names := make(map[string]Name, len(r.sorted))
	for _, c := range r.sorted {
		n, err := ParseName(c.Name)
		if err != nil {
			continue // checked before
		}
		names[c.Name] = n
		clan := strings.ReplaceAll(n.Body, "s", "")
		clans[clan] = append(clans[clan], c)
	}
	r.families = make(map[string][]Relative)
	for _, clan := range clans {
		// A body is a plural when the clan has its singular, in whatever form.
		plural := func(n Name) bool {
			return slices.ContainsFunc(clan, func(c *Command) bool { return isPlural(n.Body, names[c.Name].Body) })
		}
		for _, c := range clan {
			for _, other := range clan {
				mine, its := names[c.Name], names[other.Name]
				if c != other && (mine.Body == its.Body || isPlural(mine.Body, its.Body) || isPlural(its.Body, mine.Body)) {
					r.families[c.Name] = append(r.families[c.Name], Relative{other, kin(mine, its, plural)})
				}
			}
		}
	}
}

// kin says what the second name is to the first.
func kin(mine, its Name, plural func(Name) bool) string {
	var is []string
	switch {
	case its.Batch && !mine.Batch:
		is = append(is, "named plural")
	case mine.Batch == its.Batch && mine.Body == its.Body:
	case mine.Batch == its.Batch && isPlural(its.Body, mine.Body), mine.Batch && !its.Batch && plural(its):
		is = append(is, "plural")
	default:
		is = append(is, "singular")
	}
	switch {
	case its.Data && !mine.Data:
		is = append(is, "data form")
	case mine.Data && !its.Data:
		is = append(is, "plain form")
	}
	return strings.Join(is, ", ")
}

// isPlural tells whether a body is another one with an s behind one or several
// of its terms. No term is empty, so the first letter is never such an s.
func isPlural(body, of string) bool {
	if len(body) <= len(of) || of == "" {
		return false
	}
	at := 0
	for i := range len(body) {
		switch {
		case at < len(of) && body[i] == of[at]:
			at++
		case body[i] != 's' || i == 0:
			return false
		}
	}
	return at == len(of)
}
