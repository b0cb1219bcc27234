package script

import "strings"

// SplitName splits the name of an avatar at the first blank or dot. A missing
// last name is Resident, which is what grids store for single names.
func SplitName(name string) (first, last string) {
	name = strings.TrimSpace(name)
	first = name
	if i := strings.IndexAny(name, " \t."); i >= 0 {
		first, last = name[:i], strings.TrimSpace(name[i+1:])
	}
	if last == "" {
		last = "Resident"
	}
	return first, last
}
