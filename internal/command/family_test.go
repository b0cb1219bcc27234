package command_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/internal/command"
	"rookery/internal/command/param"
)

// registry has commands of these names that do nothing.
func registry(t *testing.T, names ...string) *command.Registry {
	t.Helper()
	var all []command.Command
	for _, name := range names {
		all = append(all, command.Command{
			Name: name, Topic: "test", Summary: "Does nothing.", Result: "nothing",
			Params: []command.Parameter{param.Query([]string{"A"})},
			Run:    func(context.Context, *command.Call) (command.Data, error) { return command.Data{}, nil },
		})
	}
	r, err := command.NewRegistry(all...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// families writes the families of a registry, by command.
func families(r *command.Registry) map[string]string {
	found := make(map[string]string)
	for _, c := range r.All() {
		var all []string
		for _, relative := range r.Family(c) {
			all = append(all, relative.Name+" ("+relative.Kin+")")
		}
		if len(all) > 0 {
			found[c.Name] = strings.Join(all, ", ")
		}
	}
	return found
}

func TestFamiliesAreFoundByTheGrammarOfNames(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		about string
		names []string
		want  map[string]string
	}{
		{"singular, plural and named plural", []string{"getavatardata", "getavatarsdata", "batchgetavatardata"}, map[string]string{
			"getavatardata":      "batchgetavatardata (named plural), getavatarsdata (plural)",
			"getavatarsdata":     "batchgetavatardata (named plural), getavatardata (singular)",
			"batchgetavatardata": "getavatardata (singular), getavatarsdata (plural)",
		}},
		{"data form", []string{"getcurrentgroups", "getcurrentgroupsdata"}, map[string]string{
			"getcurrentgroups":     "getcurrentgroupsdata (data form)",
			"getcurrentgroupsdata": "getcurrentgroups (plain form)",
		}},
		{"plural without the data of the singular", []string{"getavatarpicks", "getavatarpickdata"}, map[string]string{
			"getavatarpicks":    "getavatarpickdata (singular, data form)",
			"getavatarpickdata": "getavatarpicks (plural, plain form)",
		}},
		{"named plural with an s", []string{"setprimitivename", "batchsetprimitivenames"}, map[string]string{
			"setprimitivename":       "batchsetprimitivenames (named plural)",
			"batchsetprimitivenames": "setprimitivename (singular)",
		}},
		{"plural of a named plural", []string{"getavatarnamedata", "getavatarsnamedata", "batchgetavatarsnamedata"}, map[string]string{
			"getavatarnamedata":       "batchgetavatarsnamedata (named plural), getavatarsnamedata (plural)",
			"getavatarsnamedata":      "batchgetavatarsnamedata (named plural), getavatarnamedata (singular)",
			"batchgetavatarsnamedata": "getavatarnamedata (singular), getavatarsnamedata (plural)",
		}},
		{"several plurals, and those of different terms are not the same", []string{"getavatarseat", "getavatarsseat", "getavatarseats", "getavatarsseats"}, map[string]string{
			"getavatarseat":   "getavatarseats (plural), getavatarsseat (plural), getavatarsseats (plural)",
			"getavatarsseat":  "getavatarseat (singular), getavatarsseats (plural)",
			"getavatarseats":  "getavatarseat (singular), getavatarsseats (plural)",
			"getavatarsseats": "getavatarseat (singular), getavatarseats (singular), getavatarsseat (singular)",
		}},
		{"an s that is none", []string{
			"getstatus", "getstate", "status", "getgroupsdata", "getmutes", "mute", "mutes", "sit", "it", "pass", "database", "base", "batchlure", "batches",
		}, map[string]string{"mute": "mutes (plural)", "mutes": "mute (singular)"}},
		{"prefix and suffix alone are no terms", []string{"getdata", "get", "sdata", "s", "batchs"}, map[string]string{
			"get": "getdata (data form)", "getdata": "get (plain form)",
			"s": "batchs (named plural), sdata (data form)", "sdata": "batchs (named plural, plain form), s (plain form)",
			"batchs": "s (singular), sdata (singular, data form)",
		}},
	} {
		if diff := cmp.Diff(tc.want, families(registry(t, tc.names...))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.about, diff)
		}
	}
}
