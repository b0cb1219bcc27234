package grid

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func genMute() *rapid.Generator[Mute] {
	return rapid.Custom(func(t *rapid.T) Mute {
		m := Mute{
			Type:  MuteType(rapid.Uint8().Draw(t, "type")),
			Name:  rapid.StringMatching(`[^\x00-\x1f]{0,40}`).Draw(t, "name"),
			Flags: MuteFlags(rapid.Uint32().Draw(t, "flags")),
		}
		m.ID = genUUID().Draw(t, "id")
		return m
	})
}

func TestMuteListsSurviveTheirFile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOf(genMute()).Draw(t, "mutes")
		got, err := ParseMutes(AppendMutes(nil, want))
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v, %v; want %v", got, err, want)
		}
	})
}

func TestMuteListsAreReadAsGridsWriteThem(t *testing.T) {
	t.Parallel()
	const id = "a2e76fcd-9360-4f6d-a924-000000000003"
	file := "1 " + id + " Ada Rook|0\n" +
		"0 00000000-0000-0000-0000-000000000000 Spam Box|\n" +
		"\r\n" +
		"2 " + id + "  a|b|9\r\n" +
		"3 " + id + " No flags at all\n" +
		"4 " + id + " |15\x00"
	got, err := ParseMutes([]byte(file))
	want := []Mute{
		{MuteResident, mustUUID(id), "Ada Rook", 0},
		{MuteByName, UUID{}, "Spam Box", 0},
		{MuteObject, mustUUID(id), " a|b", MuteExceptTextChat | MuteExceptObjectSounds},
		{MuteGroup, mustUUID(id), "No flags at all", 0},
		{MuteExternal, mustUUID(id), "", MuteExceptAll},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func mustUUID(s string) UUID {
	id, err := ParseUUID(s)
	if err != nil {
		panic(err)
	}
	return id
}

func TestALineThatCannotBeReadCostsNoOther(t *testing.T) {
	t.Parallel()
	const id = "a2e76fcd-9360-4f6d-a924-000000000003"
	for bad, says := range map[string]string{
		"1":                   "want type, id, name and flags",
		"1 " + id:             "want type, id, name and flags",
		"one " + id + " x|0":  "type:",
		"-1 " + id + " x|0":   "type:",
		"256 " + id + " x|0":  "type:",
		"1 " + id[1:] + " x|": "36 characters",
		"1 " + id + " x|y":    "flags:",
	} {
		got, err := ParseMutes([]byte("1 " + id + " before|0\n" + bad + "\n1 " + id + " after|0\n"))
		if len(got) != 2 || got[0].Name != "before" || got[1].Name != "after" {
			t.Errorf("%q: read %v", bad, got)
		}
		if err == nil || !strings.Contains(err.Error(), "line 2: ") || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v does not say %q", bad, err, says)
		}
	}
}

func TestALineEndInANameEndsNoLine(t *testing.T) {
	t.Parallel()
	got, err := ParseMutes(AppendMutes(nil, []Mute{{Name: "a\n1 b\x00c"}}))
	if err != nil || len(got) != 1 || got[0].Name != "a 1 b c" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestMuteFlagsHaveWords(t *testing.T) {
	t.Parallel()
	for f, want := range map[MuteFlags]string{
		0: "Default", 1: "TextChat", 15: "All", 1 | 4: "TextChat, Particles", 8 | 1<<20: "ObjectSounds",
	} {
		if f.String() != want {
			t.Errorf("%d is %q, want %q", f, f, want)
		}
	}
	for _, word := range MuteFlagNames() {
		f, ok := ParseMuteFlag(strings.ToLower(word))
		if !ok || f.String() != word {
			t.Errorf("%s is %v, %v", word, f, ok)
		}
	}
	if _, ok := ParseMuteFlag("Texture"); ok {
		t.Error("an unknown word was read")
	}
}

func FuzzParseMutes(f *testing.F) {
	f.Add([]byte("1 a2e76fcd-9360-4f6d-a924-000000000003 Ada Rook|1\n0 00000000-0000-0000-0000-000000000000 x|\n"))
	f.Add([]byte("|\n 1 2 3\r\n\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		mutes, _ := ParseMutes(file)
		again, err := ParseMutes(AppendMutes(nil, mutes))
		if err != nil || len(again) != len(mutes) {
			t.Fatalf("%d entries became %d: %v", len(mutes), len(again), err)
		}
	})
}
