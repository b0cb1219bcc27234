package chatlog

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rookery/grid"
)

func uuidOf(text string) grid.UUID {
	id, err := grid.ParseUUID(text)
	if err != nil {
		panic(err)
	}
	return id
}

func TestFilesAreCalledAfterNamesAndStayInTheirFolder(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Jenny Nest":               "Jenny Nest",
		"Zoë Früh":                 "Zoë Früh",
		"Zoe\u0308 Fru\u0308h":     "Zoë Früh", // the same, decomposed
		"日本 (2)":                   "日本 (2)",
		"Jo Hill @grid.test:8002":  "Jo Hill @grid.test%3A8002",
		"../../etc/passwd":         "%2E.%2F..%2Fetc%2Fpasswd",
		`..\x`:                     "%2E.%5Cx",
		"/etc/passwd":              "%2Fetc%2Fpasswd",
		"..":                       "%2E%2E",
		".":                        "%2E",
		".hidden":                  "%2Ehidden",
		"trailing.":                "trailing%2E",
		" blanks ":                 "blanks",
		"a\x00b":                   "a%00b",
		"a\nb":                     "a%0Ab",
		"50%":                      "50%25",
		"%2E":                      "%252E",
		"\u202Egnp.exe":            "%E2%80%AEgnp.exe", // written from right to left
		"CON":                      "~CON",
		"con.fig":                  "~con.fig",
		"Com1":                     "~Com1",
		"lpt²":                     "lpt%C2%B2",
		"Conrad":                   "Conrad",
		"~CON":                     "%7ECON",
		"":                         "%",
		"a:b*c?d\"e<f>g|h":         "a%3Ab%2Ac%3Fd%22e%3Cf%3Eg%7Ch",
		"rookery.log":              "rookery.log",
		"01234567-89ab-cdef-0123-": "01234567-89ab-cdef-0123-",
	} {
		if got := FileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
		if back := nameOf(want); name != "" && foldName(FileName(back)) != foldName(want) {
			t.Errorf("%q is read as %q", want, back)
		}
	}
	long := strings.Repeat("a", 500)
	if a, b := FileName(long+"1"), FileName(long+"2"); a == b || len(a) > longestName {
		t.Errorf("long names: %q and %q", a, b)
	}
}

func TestNoNameLeavesItsFolderOrTakesAnothersFile(t *testing.T) {
	t.Parallel()
	names := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune(`./\:%~ con1`))))
	rapid.Check(t, func(t *rapid.T) {
		a, b := names.Draw(t, "a"), names.Draw(t, "b")
		for _, name := range []string{a, b, strings.Repeat(a, 20)} {
			file := fileOf(FileName(name), 0)
			if !fs.ValidPath(file) || filepath.Base(file) != file || !filepath.IsLocal(file) || len(file) > 200 || file[0] == '.' {
				t.Fatalf("%q: %q", name, file)
			}
			if back, age, ok := splitFile(file); !ok || age != 0 || back != FileName(name) {
				t.Fatalf("%q is read as %q, %d, %v", file, back, age, ok)
			}
		}
		// What is folded here is what grids and users take for the same name.
		if fa, fb := FileName(a), FileName(b); fa == fb && foldName(nameOf(fa)) != foldName(nameOf(fb)) {
			t.Fatalf("%q and %q share %q", a, b, fa)
		}
		if same := func(s string) string { return nameOf(FileName(s)) }; len(FileName(a)) < longestName && a == same(a) && b == same(b) &&
			foldName(FileName(a)) == foldName(FileName(b)) && foldName(a) != foldName(b) {
			t.Fatalf("%q and %q share a file", a, b)
		}
	})
}

func FuzzFileName(f *testing.F) {
	f.Add("../x")
	f.Fuzz(func(t *testing.T, name string) {
		if file := FileName(name); !filepath.IsLocal(file) || filepath.Base(file) != file || len(file) > longestName {
			t.Errorf("%q: %q", name, file)
		}
		_ = nameOf(name)
		_, _, _ = splitFile(name)
	})
}
