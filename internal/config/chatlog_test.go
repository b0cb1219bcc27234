package config

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestChatLogSettingsAreChecked(t *testing.T) {
	t.Parallel()
	_, problems := Parse("x.toml", []byte(minimal+`[chatlog]
directory = ""
zone = "Vulcan"
max_size = "1KiB"
keep = 101
max_total = "1MiB"
max_answer = 0
timeout = "0s"
`), nil)
	var got []string
	for _, p := range problems {
		got = append(got, p.Error())
	}
	want := []string{
		`x.toml:11:1: chatlog.directory: want the path of a directory`,
		`x.toml:12:1: chatlog.zone: "Vulcan" is not a time zone that this machine knows: want UTC, Local or a name such as Europe/Vienna`,
		`x.toml:13:1: chatlog.max_size: 1KiB is out of range: allowed are 64KiB to 1GiB`,
		`x.toml:14:1: chatlog.keep: 101 is out of range: allowed are 0 to 100`,
		`x.toml:16:1: chatlog.max_answer: 0 is out of range: allowed are 64KiB to 64MiB`,
		`x.toml:17:1: chatlog.timeout: want a time span above 0`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, problems = Parse("x.toml", []byte(minimal+"[chatlog]\nmax_size = \"8MiB\"\nmax_total = \"4MiB\"\n"), nil)
	if err := problems.Err(); err == nil || !strings.Contains(err.Error(), "chatlog.max_total: 4MiB is out of range: allowed are 8MiB to 1024GiB") {
		t.Errorf("%v", err)
	}
	dir := t.TempDir()
	c, problems := Parse(filepath.Join(dir, "x.toml"), []byte(minimal+"chat_log = false\n[chatlog]\nenabled = true\nzone = \"local\"\ndirectory = \"talk\"\n"), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if l := c.ChatLog; l.Directory != filepath.Join(dir, "talk") || l.Zone != "Local" || !l.Local || c.Groups[0].ChatLog {
		t.Errorf("%+v, %+v", l, c.Groups[0])
	}
	if !Default().ChatLog.Message || Default().ChatLog.Enabled {
		t.Errorf("default %+v", Default().ChatLog)
	}
}

func TestMessageLogsOfCorradeAreBroughtOver(t *testing.T) {
	t.Parallel()
	const agent = "<FirstName>A</FirstName><LastName>B</LastName><Password>x</Password>"
	group := func(name, enabled string) string {
		return "<Group><Name>" + name + "</Name><UUID>01234567-89ab-cdef-0123-4567" + strings.Repeat(name, 8) + "</UUID><Password>x</Password>" +
			"<ChatLog>logs/groups/" + name + ".log</ChatLog><ChatLogEnabled>" + enabled + "</ChatLogEnabled></Group>"
	}
	for _, tt := range []struct {
		name, document string
		want           func(*ChatLog)
		groups         []bool
		notes          []string
	}{
		{
			"the file that comes with it", `<InstantMessageLogEnabled>true</InstantMessageLogEnabled><InstantMessageLogDirectory>logs/im</InstantMessageLogDirectory>
<LocalMessageLogEnabled>true</LocalMessageLogEnabled><LocalMessageLogDirectory>logs\local</LocalMessageLogDirectory>
<ConferenceMessageLogEnabled>true</ConferenceMessageLogEnabled><ConferenceMessageLogDirectory>logs/conference</ConferenceMessageLogDirectory>
<RegionMessageLogEnabled>false</RegionMessageLogEnabled><RegionMessageLogDirectory>logs/region</RegionMessageLogDirectory>
<OwnerSayMessageLogEnabled>true</OwnerSayMessageLogEnabled><OwnerSayMessageLogDirectory>logs/ownersay/</OwnerSayMessageLogDirectory>
<Groups>` + group("a", "true") + group("b", "false") + `</Groups>`,
			func(l *ChatLog) { l.Region = false },
			[]bool{true, false},
			[]string{`Groups.Group.ChatLog: the file is in the folder group of chatlog.directory, called after the group: move what is in "logs/groups/a.log" there`},
		},
		{
			"directories all over the place", `<InstantMessageLogEnabled>true</InstantMessageLogEnabled><InstantMessageLogDirectory>/var/talk/im</InstantMessageLogDirectory>
<LocalMessageLogEnabled>true</LocalMessageLogEnabled><LocalMessageLogDirectory>chat</LocalMessageLogDirectory>
<RegionMessageLogEnabled>false</RegionMessageLogEnabled><RegionMessageLogDirectory>x</RegionMessageLogDirectory>`,
			func(l *ChatLog) { l.Directory, l.Region, l.Group = "/var/talk", false, false },
			nil,
			[]string{`LocalMessageLogDirectory: these files are in the folder local of chatlog.directory: move what is in "chat" there`},
		},
		{
			"none", `<InstantMessageLogEnabled>false</InstantMessageLogEnabled><InstantMessageLogDirectory>logs/im</InstantMessageLogDirectory>`,
			func(l *ChatLog) { *l = defaultChatLog() },
			nil, nil,
		},
		{"release 11", `<MessageLogging>1</MessageLogging>`, func(*ChatLog) {}, nil, nil},
		{"release 11 without", `<MessageLogging>0</MessageLogging>`, func(l *ChatLog) { *l = defaultChatLog() }, nil, nil},
	} {
		text, notes, err := Import([]byte("<Configuration>" + agent + tt.document + "</Configuration>"))
		if err != nil {
			t.Fatal(err)
		}
		c, problems := Parse("rookery.toml", []byte(text), nil)
		if problems.Err() != nil {
			t.Fatalf("%s: %v\n%s", tt.name, problems, text)
		}
		want := defaultChatLog()
		want.Enabled, want.Zone = true, "Local"
		tt.want(&want)
		if diff := cmp.Diff(want, c.ChatLog); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		for i, on := range tt.groups {
			if c.Groups[i].ChatLog != on {
				t.Errorf("%s: group %d: %v", tt.name, i, c.Groups[i].ChatLog)
			}
		}
		var said []string
		for _, n := range notes {
			said = append(said, n.Setting+": "+n.Text)
		}
		if diff := cmp.Diff(tt.notes, said); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
