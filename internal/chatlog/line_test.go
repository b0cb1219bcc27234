package chatlog

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var noon = time.Date(2024, 5, 6, 12, 7, 8, 900e6, time.UTC)

func TestLinesAreThoseOfCorrade(t *testing.T) {
	t.Parallel()
	const id = "01234567-89ab-cdef-0123-456789abcdef"
	for _, tt := range []struct {
		e    Entry
		want string
	}{
		{Entry{noon, "Jenny Nest", "", "hello there"}, "[06-05-2024 12:07:08] Jenny Nest : hello there\n"},
		{Entry{noon, "Jenny Nest", "Shout", "hello : there"}, "[06-05-2024 12:07:08] Jenny Nest (Shout) : hello : there\n"},
		{Entry{noon, object("Post Box", uuidOf(id)), "", "mail"}, "[06-05-2024 12:07:08] Post Box (" + id + ") : mail\n"},
		{Entry{noon, object("Post Box", uuidOf(id)), "OwnerSay", "mail"}, "[06-05-2024 12:07:08] Post Box (" + id + ") (OwnerSay) : mail\n"},
		// What would be read as something else.
		{Entry{noon, "A : B\n : ", "", "x"}, "[06-05-2024 12:07:08] A: B: : x\n"},
		{
			Entry{noon, "Eve Nest", "", "one\r\n[06-05-2024 12:07:08] Jenny Nest : two\rthree\n"},
			"[06-05-2024 12:07:08] Eve Nest : one\n\t[06-05-2024 12:07:08] Jenny Nest : two\n\tthree\n\t\n",
		},
		{Entry{noon, "Lamp :", "Normal", "x"}, "[06-05-2024 12:07:08] Lamp: (Normal) : x\n"},
		{Entry{noon, "Eve \x00Nest\xff", "", "\xff"}, "[06-05-2024 12:07:08] Eve  Nest\uFFFD : \uFFFD\n"},
	} {
		if got := string(appendEntry(nil, tt.e, time.UTC)); got != tt.want {
			t.Errorf("%+v is\n%q, want\n%q", tt.e, got, tt.want)
		}
	}
	vienna := time.FixedZone("", 2*60*60)
	if got := string(appendEntry(nil, Entry{noon, "A B", "", "x"}, vienna)); got != "[06-05-2024 14:07:08] A B : x\n" {
		t.Errorf("in another zone: %q", got)
	}
}

// scanned reads all messages of a text.
func scanned(t rapid.TB, text string, typed bool, zone *time.Location) []Entry {
	var all []Entry
	err := scan(context.Background(), strings.NewReader(text), typed, zone, func(e Entry) bool {
		all = append(all, e)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestFilesOfCorradeAreRead(t *testing.T) {
	t.Parallel()
	text := "\uFEFFa line without a message before it\r\n" +
		"[06-05-2024 14:07:08] Jenny Nest (Normal) : a line\r\n" +
		"and one more\r\n" +
		"\r\n" +
		"[31-12-2023 23:59:59] Wren Thicket (Say) : C:\\new\\table\r\n" +
		"[32-12-2023 23:59:59] Wren Thicket (Say) : no such day\r\n" +
		"[31-12-2023 23:59:59] Wren Thicket (Sing) : no such type\r\n" +
		"[31-12-2023 23:59:59] Wren Thicket : no type\r\n" +
		"[31-12-2023 23:59:59] Lamp (old) (Whisper) : " // cut off
	want := []Entry{
		{noon.Truncate(time.Second), "Jenny Nest", "Normal", "a line\nand one more\n"},
		{time.Date(2023, 12, 31, 21, 59, 59, 0, time.UTC), "Wren Thicket", "Say", "C:\\new\\table" +
			"\n[32-12-2023 23:59:59] Wren Thicket (Say) : no such day" +
			"\n[31-12-2023 23:59:59] Wren Thicket (Sing) : no such type" +
			"\n[31-12-2023 23:59:59] Wren Thicket : no type"},
		{time.Date(2023, 12, 31, 21, 59, 59, 0, time.UTC), "Lamp (old)", "Whisper", ""},
	}
	if diff := cmp.Diff(want, scanned(t, text, true, time.FixedZone("", 2*60*60))); diff != "" {
		t.Error(diff)
	}
}

func TestMessagesComeBackWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.Bool().Draw(t, "typed")
		var want []Entry
		var file []byte
		for range rapid.IntRange(1, 5).Draw(t, "messages") {
			e := Entry{
				Time: time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "time"), 0).UTC(),
				Who:  rapid.StringMatching(`[A-Za-z0-9:()\[\] ]{1,30}`).Draw(t, "who"),
				Text: rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\r\n\t:[] ()")))).Draw(t, "text"),
			}
			if typed {
				e.Type = rapid.SampledFrom([]string{"Normal", "Shout", "OwnerSay", "RegionSayTo"}).Draw(t, "type")
			}
			if plainWho(e.Who) == "" {
				continue
			}
			file = appendEntry(file, e, time.UTC)
			e.Who, e.Text = plainWho(e.Who), plainText(e.Text)
			want = append(want, e)
		}
		if diff := cmp.Diff(want, scanned(t, string(file), typed, time.UTC)); diff != "" {
			t.Fatalf("%s\n%q", diff, file)
		}
	})
}

func FuzzScan(f *testing.F) {
	f.Add("[06-05-2024 12:07:08] Jenny Nest (Shout) : hello\n\tthere\n", true)
	f.Add("[06-05-2024 12:07:08] Jenny Nest : hello : there\r\nxx", false)
	f.Fuzz(func(t *testing.T, text string, typed bool) {
		// What was read and is written again reads the same.
		var file []byte
		first := scanned(t, text, typed, time.UTC)
		for _, e := range first {
			if plainWho(e.Who) != e.Who || plainText(e.Text) != e.Text {
				return // another program wrote it
			}
			file = appendEntry(file, e, time.UTC)
		}
		if diff := cmp.Diff(first, scanned(t, string(file), typed, time.UTC)); diff != "" {
			t.Errorf("%s\n%q", diff, file)
		}
	})
}
