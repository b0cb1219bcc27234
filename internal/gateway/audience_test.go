package gateway

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/internal/bus"
)

func TestAudienceHearsOnlyWhatWasGranted(t *testing.T) {
	t.Parallel()
	var a Audience[string]
	a.Add("ann", Admission{Grant: bus.Grant{GroupID: "g1", Types: []string{"local", "message"}}})
	a.Add("bob", Admission{Grant: bus.Grant{GroupID: "g2", Types: []string{"local"}}})
	a.Add("cat", Admission{Grant: bus.Grant{GroupID: "g2", Types: []string{"group"}}})
	a.Add("bob", Admission{Grant: bus.Grant{GroupID: "g2", Types: []string{"local"}}})

	hear := func(kind, group string) []string {
		var got []string
		a.Each(bus.Notification{Type: kind, Group: group}, func(s string) { got = append(got, s) })
		slices.Sort(got)
		return got
	}
	check := func(kind, group string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, hear(kind, group)); diff != "" {
			t.Errorf("%s for %s (-want +got):\n%s", kind, group, diff)
		}
	}
	check("local", bus.EveryGroup, "ann", "bob")
	check("local", "g2", "bob")
	check("message", bus.EveryGroup, "ann")
	check("group", "g1")
	check("alert", bus.EveryGroup)

	a.Remove("ann")
	check("local", bus.EveryGroup, "bob")
	check("message", bus.EveryGroup)
	a.Remove("nobody")
}
