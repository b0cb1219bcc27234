package notify

import "slices"

// sorts are the notifications whose text groups may sort, by name.
var sorts = func() map[string]bool {
	all := make(map[string]bool)
	for _, k := range kinds {
		all[k.Name] = slices.Contains(k.Keys, keyBayes)
	}
	return all
}()
