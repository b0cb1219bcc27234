package catalog_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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
		"getinventoryoffers", "replytoinventoryoffer", "notify", "subscription", "feed", "http", "database", "at", "bayes",
		"readfile", "writefile", "execute",
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

func TestHelpTellsEverythingAndFitsATerminal(t *testing.T) {
	t.Parallel()
	registry := catalog.New()
	for _, c := range registry.All() {
		help := registry.Help(c)
		for line := range strings.Lines(help) {
			if utf8.RuneCountInString(strings.TrimRight(line, "\n")) > 80 && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%s: a line is too long: %q", c.Name, line)
			}
		}
		words := strings.Join(strings.Fields(help), " ")
		wanted := append([]string{c.Name + " (" + c.Topic + ")", c.Summary, c.Result}, c.Notes...)
		wanted = append(wanted, c.Permission.Names()...)
		for _, i := range c.Infos() {
			wanted = append(wanted, i.Name+": "+i.About, i.Name+"=")
			wanted = append(wanted, i.Values...)
		}
		for _, e := range c.AllErrors() {
			wanted = append(wanted, fmt.Sprintf("%s (%d)", e.Text, e.Status))
		}
		for _, relative := range registry.Family(c) {
			wanted = append(wanted, relative.Name+" ("+relative.Kin+")")
		}
		for _, text := range wanted {
			if !strings.Contains(words, strings.Join(strings.Fields(text), " ")) {
				t.Errorf("%s: the help does not say %q:\n%s", c.Name, text, help)
			}
		}
	}
}

func TestFamiliesAreMutual(t *testing.T) {
	t.Parallel()
	registry := catalog.New()
	for _, c := range registry.All() {
		for _, relative := range registry.Family(c) {
			found, ok := registry.Lookup(relative.Name)
			if !ok || found == c || relative.Kin == "" || !slices.ContainsFunc(registry.Family(found), func(back command.Relative) bool { return back.Name == c.Name }) {
				t.Errorf("%s: %s is its %q", c.Name, relative.Name, relative.Kin)
			}
		}
	}
	avatars, _ := registry.Lookup("getavatarsdata")
	if family := registry.Family(avatars); !slices.ContainsFunc(family, func(r command.Relative) bool { return r.Name == "getavatardata" && r.Kin == "singular" }) {
		t.Errorf("getavatarsdata: %v", family)
	}
	for _, alone := range []string{"getstatus", "getselfdata", "database", "busy", "readfile"} {
		c, _ := registry.Lookup(alone)
		if family := registry.Family(c); len(family) > 0 {
			t.Errorf("%s: %v", alone, family)
		}
	}
	for text, says := range map[string]string{
		registry.Markdown():               "See also: [`getavatardata`](#getavatardata) (singular).",
		string(registry.OpenAPI("1.2.3")): "See also: getavatardata (singular).",
	} {
		if !strings.Contains(text, says) {
			t.Errorf("the reference does not say %q", says)
		}
	}
}
