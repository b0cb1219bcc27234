package chat_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rookery/grid"
	"rookery/internal/command/commandtest"
	"rookery/script"
	"rookery/simgrid"
)

// keep puts a file among those of the chat log.
func keep(t *testing.T, w *commandtest.World, file, text string) {
	t.Helper()
	path := filepath.Join(w.ChatLogs, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// row is a message as logs answers it, without the times that tests do not know.
func row(cells ...string) []string { return cells }

func TestLogsFindsWhatWasWritten(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	keep(t, w, "local/Rookery.log", `[05-05-2024 10:00:00] Jenny Nest (Normal) : good morning
[06-05-2024 10:00:00] Wren Thicket (Shout) : c++ & more
	[07-05-2024 10:00:00] Jenny Nest (Normal) : never said
[13-05-2024 10:00:00] Lamp (Whisper) : click
`)
	keep(t, w, "local/Heronry.log.1", "[04-05-2024 10:00:00] Wren Thicket (Normal) : far away\n")
	keep(t, w, "im/Jenny Nest.log", "[05-05-2024 10:00:00] Jenny Nest : hello\n[05-05-2024 10:00:01] Test Bot : \"hi\", Jenny\n")
	keep(t, w, "im/0a0a0a0a-0000-4000-8000-000000000001.log", "[05-05-2024 09:00:00] Post Box (0a0a0a0a-0000-4000-8000-000000000001) : mail\n")
	keep(t, w, "conference/Table.log", "[05-05-2024 10:00:00] Jenny Nest : pass the salt\n")
	keep(t, w, "region/Rookery.log", "[05-05-2024 10:00:00] Estate Manager : restart\n")
	keep(t, w, "group/My Group.log", "[05-05-2024 10:00:00] Jenny Nest : our business\n")
	keep(t, w, "group/Partial.log", "[05-05-2024 10:00:00] Jenny Nest : their business\n")

	local := func(day int, region, kind, first, last, text string) []string {
		return row("time", fmt.Sprintf("2024-05-%02dT10:00:00.000000Z", day), "region", region, "type", kind, "firstname", first, "lastname", last, "message", text)
	}
	far := local(4, "Heronry", "Normal", "Wren", "Thicket", "far away")
	morning := local(5, "Rookery", "Normal", "Jenny", "Nest", "good morning")
	more := local(6, "Rookery", "Shout", "Wren", "Thicket", "c++ & more\n[07-05-2024 10:00:00] Jenny Nest (Normal) : never said")
	click := local(13, "Rookery", "Whisper", "Lamp", "", "click")
	at := func(second string) string { return "2024-05-05T" + second + ".000000Z" }
	const partial = "&group=" + commandtest.Partial + "&password=" + commandtest.PartialPass
	for _, tt := range []struct {
		line string
		want [][]string
	}{
		{"entity=local&action=get", [][]string{far, morning, more, click}},
		{"entity=LOCAL&action=GET&from=2024-05-05&to=2024-05-06T10:00:00Z", [][]string{morning, more}},
		{"entity=local&action=get&from=05/13/2024", [][]string{click}}, // days above 12
		{"entity=local&action=get&firstname=^WREN$&region=Rook", [][]string{more}},
		{"entity=local&action=get&message=c%5C%2B%5C%2B+%26", [][]string{more}}, // decoded once
		{"entity=local&action=get&message=Good", nil},
		{"entity=local&action=get&type=^(Whisper|Shout)$", [][]string{more, click}},
		{"entity=local&action=search&data=(?<%3Dgood )morning", [][]string{morning}},
		{"entity=local&action=search&data=Heron", [][]string{far}},
		{"entity=message&action=get", [][]string{
			{"time", at("09:00:00"), "firstname", "Post", "lastname", "Box (0a0a0a0a-0000-4000-8000-000000000001)", "message", "mail"},
			{"time", at("10:00:00"), "firstname", "Jenny", "lastname", "Nest", "message", "hello"},
			{"time", at("10:00:01"), "firstname", "Test", "lastname", "Bot", "message", `"hi", Jenny`},
		}},
		{"entity=message&action=get&region=nowhere&type=none&lastname=bot", [][]string{
			{"time", at("10:00:01"), "firstname", "Test", "lastname", "Bot", "message", `"hi", Jenny`},
		}},
		{"entity=conference&action=search&data=salt", [][]string{{"time", at("10:00:00"), "firstname", "Jenny", "lastname", "Nest", "message", "pass the salt"}}},
		{"entity=region&action=get", [][]string{{"time", at("10:00:00"), "region", "Rookery", "firstname", "Estate", "lastname", "Manager", "message", "restart"}}},
		{"entity=group&action=get", [][]string{{"time", at("10:00:00"), "firstname", "Jenny", "lastname", "Nest", "message", "our business"}}},
		{"entity=group&action=search&data=business&target=Partial", [][]string{{"time", at("10:00:00"), "firstname", "Jenny", "lastname", "Nest", "message", "our business"}}},
		{"entity=group&action=get" + partial, [][]string{{"time", at("10:00:00"), "firstname", "Jenny", "lastname", "Nest", "message", "their business"}}},
	} {
		var want []string
		for _, r := range tt.want {
			want = append(want, r...)
		}
		if diff := cmp.Diff(want, w.Do(t, "command=logs&"+tt.line)); diff != "" {
			t.Errorf("%s: %s", tt.line, diff)
		}
	}
}

func TestLogsFindsWhatIsSaidNow(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	ada := w.Inhabitant(t, simgrid.InhabitantConfig{First: "Ada", Last: "Rook", Answers: simgrid.AnswerNone, Reply: func(simgrid.Heard, bool) string { return "" }})
	if err := ada.Say(grid.ChatShout, 0, "hear, hear\nall"); err != nil {
		t.Fatal(err)
	}
	w.Do(t, "command=tell&entity=local&message=I+do")
	tick, late := time.NewTicker(10*time.Millisecond), time.After(commandtest.Patience)
	defer tick.Stop()
	for len(w.Do(t, "command=logs&entity=local&action=search&data=^I+do$")) == 0 {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("never written")
		}
	}
	got := w.Do(t, "command=logs&entity=local&action=get")
	if len(got) != 24 || strings.Join(got[2:12], "|") != "region|Rookery|type|Shout|firstname|Ada|lastname|Rook|message|hear, hear\nall" ||
		strings.Join(got[14:], "|") != "region|Rookery|type|Normal|firstname|Test|lastname|Bot|message|I do" {
		t.Errorf("%q", got)
	}
}

func TestLogsRefuses(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	keep(t, w, "im/Jenny Nest.log", "[05-05-2024 10:00:00] Jenny Nest : "+strings.Repeat("a", 50)+"!\n")
	keep(t, w, "conference", "no folder")
	w.Refuses(t, []commandtest.Refusal{
		{Line: "command=logs&action=get", Error: script.ErrUnknownEntity, Says: "entity is missing"},
		{Line: "command=logs&entity=ownersay&action=get", Error: script.ErrUnknownEntity, Says: "group, message, conference, local, region"},
		{Line: "command=logs&entity=local", Error: script.ErrUnknownAction, Says: "get, search"},
		{Line: "command=logs&entity=local&action=get&from=yesterday", Error: script.ErrInvalidParameter, Says: `from: "yesterday": want a time such as`},
		{Line: "command=logs&entity=local&action=get&from=2024-05-06&to=2024-05-05", Error: script.ErrInvalidParameter, Says: "to is before from"},
		{Line: "command=logs&entity=local&action=get&firstname=(", Error: script.ErrCouldNotCompileRegularExpression, Says: "firstname"},
		{Line: "command=logs&entity=message&action=get&type=(", Error: script.ErrCouldNotCompileRegularExpression, Says: "type"},
		{Line: "command=logs&entity=local&action=search", Error: script.ErrNoPatternProvided, Says: "data is missing"},
		{Line: "command=logs&entity=local&action=search&data=[", Error: script.ErrCouldNotCompileRegularExpression, Says: "data"},
		{Line: "command=logs&entity=conference&action=get", Error: script.ErrFailedToReadLogFile},
		{Line: "command=logs&timeout=200&entity=message&action=search&data=^(a%2B)%2B$", Error: script.ErrTimeout},
	}...)
}
