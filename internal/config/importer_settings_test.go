package config

import (
	_ "embed"
	"encoding/xml"
	"slices"
	"strings"
	"testing"
)

//go:embed testdata/corrade_settings.tsv
var corradeSettings string

// corradeSetting is one line of the list: a setting by its path in the file of a
// release, with a value.
type corradeSetting struct{ release, path, value string }

func everyCorradeSetting(t *testing.T) []corradeSetting {
	t.Helper()
	var all []corradeSetting
	for line := range strings.Lines(corradeSettings) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 3 {
			t.Fatalf("%q", line)
		}
		all = append(all, corradeSetting{cells[0], cells[1], cells[2]})
	}
	return all
}

// document writes a file of these settings. Those whose paths begin alike share
// their outer elements.
func document(root string, settings []corradeSetting) string {
	var b strings.Builder
	var open []string
	cut := func(n int) {
		for i := len(open) - 1; i >= n; i-- {
			b.WriteString("</" + open[i] + ">\n")
		}
		open = open[:n]
	}
	b.WriteString("<" + root + ">\n")
	for _, s := range settings {
		parts := strings.Split(s.path, ".")
		outer := parts[:len(parts)-1]
		same := 0
		for same < min(len(open), len(outer)) && open[same] == outer[same] {
			same++
		}
		cut(same)
		for _, name := range outer[same:] {
			b.WriteString("<" + name + ">")
			open = append(open, name)
		}
		b.WriteString("<" + parts[len(parts)-1] + ">")
		_ = xml.EscapeText(&b, []byte(s.value))
		b.WriteString("</" + parts[len(parts)-1] + ">\n")
	}
	cut(0)
	return b.String() + "</" + root + ">\n"
}

// silent are settings that go without a word: they set nothing.
var silent = []string{"Version"}

func TestEverySettingOfCorradeHasItsPlaceOrAReasonWhyNot(t *testing.T) {
	t.Parallel()
	for release, root := range map[string]string{"9": "Configuration", "11": "CorradeConfiguration"} {
		var settings []corradeSetting
		for _, s := range everyCorradeSetting(t) {
			if s.release == release {
				settings = append(settings, s)
			}
		}
		text, notes, err := Import([]byte(document(root, settings)))
		if err != nil {
			t.Fatal(err)
		}
		c, problems := Parse("rookery.toml", []byte(text), nil)
		for _, p := range problems {
			if !p.Warning && !strings.HasSuffix(p.Key, ".certificate") { // there are no such files
				t.Errorf("release %s: %v\n%s", release, p, text)
			}
		}
		if c == nil {
			t.Fatal(text)
		}
		for i, s := range settings {
			without, _, err := Import([]byte(document(root, slices.Delete(slices.Clone(settings), i, i+1))))
			if err != nil {
				t.Errorf("without %s: %v", s.path, err)
			}
			reason := ""
			for _, n := range notes {
				if (s.path == n.Setting || strings.HasPrefix(s.path, n.Setting+".")) && n.Text != unknownSetting {
					reason = n.Text
				}
			}
			placed := without != text
			switch {
			case slices.Contains(silent, s.path):
			case !placed && reason == "":
				t.Errorf("release %s: %s has neither a place nor a reason", release, s.path)
			}
		}
	}
}

func TestWhatIsNoSettingOfCorradeIsSaid(t *testing.T) {
	t.Parallel()
	_, notes, err := Import([]byte("<Configuration>\n<Colour>red</Colour>\n<NucleusServerPrefix/>\n<Groups><Group><UUID>01234567-89ab-cdef-0123-456789abcdef</UUID><Colour>red</Colour></Group></Groups><Password>x</Password></Configuration>"))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, n := range notes {
		said = append(said, n.String())
	}
	want := []string{"line 2: Colour: " + unknownSetting, "line 4: Groups.Group.Colour: " + unknownSetting}
	if !slices.Equal(said, want) {
		t.Errorf("said %q", said)
	}
}
