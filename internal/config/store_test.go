package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"rookery/internal/config"
)

const stored = `# My own remarks.
state_dir = "here" # and behind a value

# The first avatar.
[[agents]]
grid = "embedded"
avatar = "Robin Rook"
password = "pa#ss" # secret
#master_password = "an old one"

# Speakers.
[[groups]]
name = "Speakers"
uuid = "11111111-1111-4111-8111-111111111111"
password = "s"
permissions = [
	"talk", # one
	"movement",
]

# Listeners.
[[groups]]
name = "Listeners"
uuid = "22222222-2222-4222-8222-222222222222"
password = "l"

# Doors.
[tcp]
#address = "127.0.0.1:8095"
enabled = true

[tcp.tls]
mode = "off"
`

// open writes a file and returns a store of it, which applies by itself.
func open(t *testing.T, text string) (*config.Store, func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rookery.toml")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	s := &config.Store{Current: func() *config.Config { return c }, Apply: func(next *config.Config) error { c = next; return nil }}
	return s, func() string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		return string(b)
	}
}

func TestASettingIsChangedInItsPlace(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ key, value, old, want string }{
		{"state_dir", "there", `state_dir = "here" # and`, `state_dir = "there" # and`},
		{"range", "96", "# The first avatar.", "range = 96"},
		{"agents[0].password", `new "one"`, `password = "pa#ss" # secret`, `password = 'new "one"' # secret`},
		{"groups[0].permissions", "talk,land", "permissions = [\n\t\"talk\", # one\n\t\"movement\",\n]\n\n# L", "permissions = ['talk', 'land']\n\n# L"},
		{"groups[1].workers", "7", "# Listeners.\n[[groups]]\n", "# Listeners.\n[[groups]]\nworkers = 7\n"},
		{"tcp.address", "127.0.0.1:9000", "#address = \"127.0.0.1:8095\"\n", "#address = \"127.0.0.1:8095\"\naddress = '127.0.0.1:9000'\n"},
		{"tcp.enabled", "False", "enabled = true", "enabled = false"},
		{"log.level", "debug", "mode = \"off\"\n", "mode = \"off\"\n\n[log]\nlevel = 'debug'\n"},
	} {
		s, text := open(t, stored)
		if err := s.Set(tc.key, tc.value); err != nil {
			t.Errorf("%s: %v", tc.key, err)
			continue
		}
		got := text()
		want := strings.ReplaceAll(tc.want, `"there"`, "'there'")
		if !strings.Contains(got, want) || tc.key != "range" && strings.Replace(got, want, tc.old, 1) != stored {
			t.Errorf("%s: the file is now\n%s", tc.key, got)
		}
		back, err := s.Get(tc.key)
		switch tc.key {
		case "agents[0].password":
			tc.value = "***"
		case "state_dir": // absolute once loaded
			back = filepath.Base(back)
		}
		if err != nil || back != tc.value {
			t.Errorf("%s: Get gives %q, %v", tc.key, back, err)
		}
	}
}

func TestASettingIsRemovedWithItsComment(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"state_dir":             strings.Replace(stored, "state_dir = \"here\" # and behind a value\n", "", 1),
		"agents[0].password":    strings.Replace(stored, "password = \"pa#ss\" # secret\n", "", 1),
		"groups[0].permissions": strings.Replace(stored, "permissions = [\n\t\"talk\", # one\n\t\"movement\",\n]\n", "", 1),
		"tcp.tls.mode":          strings.Replace(stored, "mode = \"off\"\n", "", 1),
		"log.level":             stored, // it is not there
	} {
		s, text := open(t, stored)
		if err := s.Remove(key); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if diff := cmp.Diff(want, text()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	s, text := open(t, stored)
	for key, says := range map[string]string{
		"agents[0].grid": "grid", "groups[1].uuid": "uuid", "tcp": "table", "groups": "table", "groups[0]": "table",
		"tcp.enable": "did you mean tcp.enabled?", "groups[0].permissions[0]": "with their list", "": "no such setting",
	} {
		if err := s.Remove(key); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q in it", key, err, says)
		}
	}
	if diff := cmp.Diff(stored, text()); diff != "" {
		t.Errorf("the file changed (-want +got):\n%s", diff)
	}
	inline := strings.Replace(stored, "[tcp]\n#address = \"127.0.0.1:8095\"\nenabled = true\n\n[tcp.tls]\nmode = \"off\"\n", "tcp = { enabled = true }\n", 1)
	inline = "tcp = { enabled = true }\n" + strings.Replace(inline, "tcp = { enabled = true }\n", "", 1)
	s, _ = open(t, inline)
	if err := s.Remove("tcp.enabled"); err == nil || !strings.Contains(err.Error(), "one line") {
		t.Errorf("in a table of one line: %v", err)
	}
}

func TestStarsKeepASecret(t *testing.T) {
	t.Parallel()
	s, text := open(t, stored)
	if err := s.Set("groups[0].password", "***"); err != nil {
		t.Error(err)
	}
	if err := s.SetMembers([]string{"Password", "***", "Range", "32", "Range", "33"}); err != nil {
		t.Error(err)
	}
	if err := s.Set("master_password", "***"); err == nil || !strings.Contains(err.Error(), "there is none here") {
		t.Errorf("stars for no secret: %v", err)
	}
	if got := strings.Replace(text(), "range = 32\n", "", 1); got != stored {
		t.Errorf("the file is now\n%s", got)
	}
}

func TestTablesAreToldAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	s, _ := open(t, stored)
	if got, err := s.Get("groups"); err != nil || !strings.HasPrefix(got, "[[groups]]\nname = 'Speakers'\n") || !strings.Contains(got, "\n[[groups]]\nname = 'Listeners'\n") {
		t.Errorf("%s, %v", got, err)
	}
}

func TestWhatIsNoConfigurationChangesNothing(t *testing.T) {
	t.Parallel()
	s, text := open(t, stored)
	for _, tc := range []struct{ key, value, says string }{
		{"tcp.colour", "red", "no such setting"},
		{"groups[7].name", "x", "no such setting"},
		{"tcp", "x", "table"},
		{"tcp.enabled", "maybe", "true or false"},
		{"log.level", "loud", "log.level"},
		{"groups[1].name", "speakers", "Speakers"},
		{"groups[0].permissions[0]", "land", "list"},
	} {
		err := s.Set(tc.key, tc.value)
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(tc.says)) {
			t.Errorf("%s: %v, want %q in it", tc.key, err, tc.says)
		}
	}
	if err := s.Write("this is no TOML"); err == nil {
		t.Error("a text that is no TOML was written")
	}
	if diff := cmp.Diff(stored, text()); diff != "" {
		t.Errorf("the file changed (-want +got):\n%s", diff)
	}
}

func TestReadMasksSecretsAndWriteKnowsThemAgain(t *testing.T) {
	t.Parallel()
	s, text := open(t, stored)
	shown, err := s.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"pa#ss", "an old one", `password = "s"`, `password = "l"`} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is shown", secret)
		}
	}
	if !strings.Contains(shown, `password = "***" # secret`) || !strings.Contains(shown, "# My own remarks.") {
		t.Errorf("read gives\n%s", shown)
	}
	// The groups change places, and a setting changes.
	head, rest, _ := strings.Cut(shown, "# Speakers.\n")
	speakers, rest, _ := strings.Cut(rest, "# Listeners.\n")
	listeners, tail, _ := strings.Cut(rest, "# Doors.\n")
	if err := s.Write(head + listeners + speakers + tail + "[log]\nlevel = \"warn\"\n"); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"groups[0].name": "Listeners", "log.level": "warn"} {
		if got, _ := s.Get(key); got != want {
			t.Errorf("%s is %q", key, got)
		}
	}
	c := s.Current()
	if c.Groups[0].Password != "l" || c.Groups[1].Password != "s" || c.Agents[0].Password != "pa#ss" {
		t.Errorf("the secrets are lost:\n%s", text())
	}
	if err := s.Write(shown + "\n[[groups]]\nname = \"New\"\nuuid = \"33333333-3333-4333-8333-333333333333\"\npassword = \"***\"\n"); err == nil {
		t.Error("stars became a password")
	}
}

func TestGroupsComeAndGo(t *testing.T) {
	t.Parallel()
	s, text := open(t, stored)
	g := config.Group{
		Name: "New", UUID: uuid.MustParse("33333333-3333-4333-8333-333333333333"), Password: "p",
		Permissions: []config.PermissionName{"talk"}, Notifications: []config.NotificationName{"local"}, Workers: 3,
	}
	if err := s.AddGroup(g); err != nil {
		t.Fatal(err)
	}
	if got := s.Current().Groups; len(got) != 3 || got[2].Name != "New" || got[2].Password != "p" || got[2].Workers != 3 || len(got[2].Hears()) != 1 {
		t.Errorf("%+v", got)
	}
	if !strings.HasPrefix(text(), strings.TrimRight(stored, "\n")) {
		t.Errorf("the file is now\n%s", text())
	}
	g.UUID = uuid.MustParse("44444444-4444-4444-8444-444444444444")
	g.Name = "NEW"
	if err := s.AddGroup(g); !errors.Is(err, config.ErrConfigured) {
		t.Errorf("a second one of the name: %v", err)
	}
	if err := s.RemoveGroup(g.UUID); !errors.Is(err, config.ErrNotConfigured) {
		t.Errorf("remove a stranger: %v", err)
	}
	for _, id := range []string{"33333333-3333-4333-8333-333333333333", "11111111-1111-4111-8111-111111111111"} {
		if err := s.RemoveGroup(uuid.MustParse(id)); err != nil {
			t.Fatal(err)
		}
	}
	head, _, _ := strings.Cut(stored, "[[groups]]\nname = \"Speakers\"")
	if got := text(); !strings.HasPrefix(got, head) || !strings.Contains(got, "# Listeners.\n[[groups]]\nname = \"Listeners\"") || strings.Contains(got, "Speakers\"") {
		t.Errorf("the file is now\n%s", got)
	}
}

func TestSettingsWithoutAFileAreNotChanged(t *testing.T) {
	t.Parallel()
	c := config.Default()
	s := &config.Store{Current: func() *config.Config { return c }, Apply: func(*config.Config) error { return nil }}
	if err := s.Set("log.level", "debug"); !errors.Is(err, config.ErrNoFile) {
		t.Error(err)
	}
	if _, err := s.Read(); !errors.Is(err, config.ErrNoFile) {
		t.Error(err)
	}
}
