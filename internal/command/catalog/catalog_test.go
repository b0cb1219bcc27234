package catalog_test

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/internal/command"
	"rookery/internal/command/catalog"
)

var update = flag.Bool("update", false, "write the reference anew")

const reference = "../../../docs/commands.md"

func TestReferenceIsUpToDate(t *testing.T) {
	t.Parallel()
	want := catalog.New().Markdown()
	if *update {
		if err := os.WriteFile(reference, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is out of date; run go test ./internal/command/catalog -update (-want +got):\n%s", reference, diff)
	}
}

func TestEveryCommandOfThisVersionIsThere(t *testing.T) {
	t.Parallel()
	registry := catalog.New()
	for _, name := range []string{
		"version", "listcommands", "getcommand", "tell", "getselfdata", "getregiondata", "getavatarsdata", "getavatardata",
		"getavatarpositions", "batchavatarkeytoname", "batchavatarnametokey", "teleport", "walkto", "autopilot", "flyto", "nudge",
		"turn", "turnto", "fly", "crouch", "jump", "sit", "stand", "away", "busy", "typing", "getmovementdata", "getcameradata",
		"logout", "login", "mute", "getmutes", "batchmute",
		"getfriendshiprequests", "replytofriendshiprequest", "getteleportlures", "replytoteleportlure", "getgroupinvites", "replytogroupinvite",
		"getinventoryoffers", "replytoinventoryoffer", "notify", "database", "at", "readfile", "writefile", "execute",
		"configuration", "getconfigurationdata", "setconfigurationdata", "addconfigurationgroup", "removeconfigurationgroup",
		"filter", "cache", "language", "getheartbeatdata", "getnetworkdata", "getstatus",
	} {
		if _, ok := registry.Lookup(name); !ok {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestEveryCommandIsKnownByName(t *testing.T) {
	t.Parallel()
	for _, c := range catalog.New().All() {
		if !command.IsKnownName(c.Name) {
			t.Errorf("%s is missing in names.txt", c.Name)
		}
	}
}
