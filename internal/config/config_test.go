package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"rookery/internal/access"
	"rookery/internal/rights"
	"rookery/script"
)

const hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

// minimal is a document without problems, to which tests add theirs.
const minimal = `
[[agents]]
grid = "embedded"
avatar = "Robin Rook"

[[groups]]
name = "My Group"
uuid = "01234567-89ab-cdef-0123-456789abcdef"
password = "` + hash + `"
`

func TestInitialConfigurationRunsAsItStands(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rookery.toml")
	text := Init(InitOptions{GroupName: `The "Good" \ Group`, Password: hash})
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	problems, err := Check(path)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v, %v", problems, err)
	}
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if a := c.Agents[0]; a.Name != "Robin Rook" || !a.Embedded() || a.LoginURI() != "" || !a.AutoLogin || a.Range != 64 {
		t.Errorf("agent %+v", a)
	}
	if g := c.Groups[0]; g.Name != `The "Good" \ Group` || g.Rights().Has(rights.System) || g.Rights().Has(rights.Execute) ||
		!g.Rights().Has(rights.Talk|rights.Movement) || len(g.Hears()) != len(rights.NotificationNames()) || g.Workers != 5 {
		t.Errorf("group %+v", g)
	}
	if _, err := access.New(c.Access()); err != nil {
		t.Error(err)
	}
	if in, out, err := c.Filters.Chains(); err != nil || len(in) != 1 || !out.FormEncoded() {
		t.Errorf("filters %v, %v, %v", in, out, err)
	}
	if want := filepath.Join(filepath.Dir(path), "state"); c.StateDir != want || c.Path() != path {
		t.Errorf("state in %s, want %s", c.StateDir, want)
	}
}

// commented is a default that the template shows.
var commented = regexp.MustCompile(`(?m)^#([a-z0-9_]+ = .*)$`)

func TestTemplateShowsEverySettingWithItsDefault(t *testing.T) {
	t.Parallel()
	// Defaults of settings that follow others are shown by example.
	text := strings.NewReplacer("#name = \"Robin Rook\"\n", "#name = \"\"\n").Replace(Init(InitOptions{Password: hash}))
	plain, d := decode("x.toml", []byte(text), nil)
	if d.problems != nil {
		t.Fatal(d.problems)
	}
	shown, d := decode("x.toml", []byte(commented.ReplaceAllString(text, "$1")), nil)
	if d.problems != nil {
		t.Fatal(d.problems)
	}
	shown.Agents[0].Range = 0 // shown as the general one
	if diff := cmp.Diff(plain, shown, cmp.AllowUnexported(Config{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the template shows other defaults than there are: %s", diff)
	}
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, key string) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			name := f.Tag.Get("toml")
			switch {
			case name == "":
			case f.Type.Kind() == reflect.Struct:
				walk(f.Type, join(key, name))
			case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
				walk(f.Type.Elem(), join(key, name))
			case strings.HasSuffix(name, "_file"), name == "first", name == "last":
				// The text explains them once.
			case !regexp.MustCompile(`(?m)^#?` + name + ` = `).MatchString(text):
				t.Errorf("the template does not show %s", join(key, name))
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
}

func TestEveryProblemIsFoundAndSaysWhere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, document string
		want           []string // beginnings of problems, in order
	}{
		{"no TOML", "a = ", []string{"x.toml:1:4: expected value"}},
		{"a setting twice", "range = 1\nrange = 2", []string{"x.toml:2:1: "}},
		{"unknown settings", minimal + "[tcp]\nadress = \"x\"\nfoo = 1\n[zoo]\n", []string{
			`x.toml:11:1: tcp.adress: unknown setting (did you mean address?): allowed here are enabled, address, tls`,
			`x.toml:12:1: tcp.foo: unknown setting: allowed here are`,
			`x.toml:13:2: zoo: unknown setting`,
		}},
		{"wrong kinds", minimal + "[tcp]\nenabled = \"yes\"\nmax_connections = 1.5\naddress = 8095\ntls = 1\nmax_line = []\n", []string{
			`x.toml:11:1: tcp.enabled: want true or false, not "yes"`,
			`x.toml:12:1: tcp.max_connections: want a whole number, not 1.5`,
			`x.toml:13:1: tcp.address: want a text in quotes, not a whole number`,
			`x.toml:14:1: tcp.tls: want a table, [tcp.tls], not a whole number`,
			`x.toml:15:1: tcp.max_line: want a text in quotes, not a list`,
		}},
		{"wrong kinds of lists", "masters = \"a\"\nagents = 1\ngroups = [1]\n" + `filters = { input = ["RFC1738", 1] }`, []string{
			`x.toml:1:1: masters: want a list`,
			`x.toml:2:1: agents: want tables, [[agents]], not a whole number`,
			`x.toml:3:11: groups[0]: want a table, [[groups]], not a whole number`,
			`x.toml:3:11: groups[0].name: want the name of the group`,
			`x.toml:3:11: groups[0].uuid: want the UUID`,
			`x.toml:3:11: groups[0].password: want the password`,
			`x.toml:4:33: filters.input[1]: want a text in quotes`,
		}},
		{"wrong words", minimal + "[log]\nlevel = \"loud\"\nformat=\"xml\"\n[tcp]\neol=\"cr\"\noverflow=\"wait\"\n[tcp.tls]\nmode=\"on\"\nmin_version=\"ssl3\"\nmax_version=\"2\"", []string{
			`x.toml:11:1: log.level: "loud" is not allowed here: allowed are debug, info, warn, error`,
			`x.toml:12:1: log.format: "xml" is not allowed here: allowed are text, json`,
			`x.toml:14:1: tcp.eol: "cr" is not allowed here: allowed are crlf, lf`,
			`x.toml:15:1: tcp.overflow: "wait" is not allowed here: allowed are disconnect, drop-newest, drop-oldest`,
			`x.toml:17:1: tcp.tls.mode: "on" is not allowed here: allowed are generated, pfx, pem, off`,
			`x.toml:18:1: tcp.tls.min_version: TLS version "ssl3" is broken and not offered: allowed are 1.2, 1.3`,
			`x.toml:19:1: tcp.tls.max_version: "2" is not a TLS version: allowed are 1.2, 1.3`,
		}},
		{"hosts of pages that are none", minimal + "[websocket]\norigins = [\"http://[::1]:3000\", \"*.example.com:*\", \"https://localhost:3000\", \"*\",\n\"\",\n\"https://example.com/\",\n\"[ab\",\n\"http://\"]", []string{
			`x.toml:12:1: websocket.origins[4]: "" is no host of pages: allowed are "example.com", "*.example.com", "localhost:3000", "[::1]:3000", any of them behind https:// or http://, and "*"`,
			`x.toml:13:1: websocket.origins[5]: "https://example.com/" is no host of pages: allowed are "example.com", "*.example.com", "localhost:3000", "[::1]:3000", any of them behind https:// or http://, and "*"`,
			`x.toml:14:1: websocket.origins[6]: "[ab" is no host of pages: allowed are "example.com", "*.example.com", "localhost:3000", "[::1]:3000", any of them behind https:// or http://, and "*"`,
			`x.toml:15:1: websocket.origins[7]: "http://" is no host of pages: allowed are "example.com", "*.example.com", "localhost:3000", "[::1]:3000", any of them behind https:// or http://, and "*"`,
		}},
		{"an HTTP door for none", minimal + "[http]\nmax_connections = 0\norigins = [\"https://example.com/page\"]", []string{
			`x.toml:11:1: http.max_connections: 0 is out of range: allowed are 1 to 100000`,
			`x.toml:12:12: http.origins[0]: "https://example.com/page" is no host of pages: allowed are "example.com", "*.example.com", "localhost:3000", "[::1]:3000", any of them behind https:// or http://, and "*"`,
		}},
		{"numbers out of range", "range = 0\n" + minimal + "workers = 0\nschedules = -1\n[tcp]\nmax_line = \"1B\"\nqueue_bytes = 1\nmax_connections = 0\ncommands_in_flight = 0\nhandshake_timeout = \"0s\"\n[timeouts]\ndata = \"-1s\"\ncommand = \"10\"\nservices = 10", []string{
			`x.toml:1:1: range: 0 m is out of range: allowed are 1 to 4096`,
			`x.toml:11:1: groups[0].workers: 0 is out of range: allowed are 1 to 1000`,
			`x.toml:12:1: groups[0].schedules: -1 is out of range`,
			`x.toml:14:1: tcp.max_line: "1B" is not a size: want a number of bytes or one such as "64KiB"`,
			`x.toml:15:1: tcp.queue_bytes: 1 is out of range: allowed are 16KiB to 1GiB`,
			`x.toml:16:1: tcp.max_connections: 0 is out of range`,
			`x.toml:17:1: tcp.commands_in_flight: 0 is out of range`,
			`x.toml:18:1: tcp.handshake_timeout: want a time span above 0`,
			`x.toml:20:1: timeouts.data: "-1s" is not a time span`,
			`x.toml:21:1: timeouts.command: "10" is not a time span: want one such as "60s"`,
			`x.toml:22:1: timeouts.services: want a text in quotes, not a whole number`,
		}},
		{"agents", `
[[agents]]
[[agents]]
grid = "secondlive"
avatar = "Robin Rook"
first = "Robin"
password = "$1$123"
start = ["last", "a/b/c/d"]
range = -1
mac = "00:11"
[[agents]]
grid = "http://grid.example:8002/"
last = "Rook"
[[agents]]
name = "robin rook"
grid = "embedded"
avatar = "A B"
tcp_address = "8095"
[[agents]]
avatar = "Robin Rook"
grid = "embedded"
`, []string{
			`warning: groups: there is no group`,
			`x.toml:2:3: agents[0]: want the avatar's name`,
			`x.toml:2:3: agents[0].grid: "" is not a grid: allowed are secondlife, secondlife-beta, embedded and login URIs`,
			`x.toml:2:3: agents[0].password: want the password`,
			`x.toml:3:3: warning: agents[1].tcp_address: this agent has no TCP door`,
			`x.toml:4:1: agents[1].grid: "secondlive" is not a grid: allowed are secondlife, secondlife-beta, embedded and login URIs such as http://grid.example:8002/ (did you mean secondlife?)`,
			`x.toml:5:1: agents[1].avatar: both avatar and first or last are set`,
			`x.toml:7:1: agents[1].password: behind $1$ want 32 hex digits`,
			`x.toml:8:18: agents[1].start[1]: `,
			`x.toml:9:1: agents[1].range: -1 m is out of range`,
			`x.toml:10:1: agents[1].mac: "00:11": want 32 hex digits`,
			`x.toml:11:3: agents[2].password: want the password`,
			`x.toml:11:3: warning: agents[2].tcp_address`,
			`x.toml:13:1: agents[2].last: a last name without first`,
			`x.toml:18:1: agents[3].tcp_address: "8095": want HOST:PORT`,
			`x.toml:19:3: agents[4].name: two agents are called "Robin Rook"`,
			`x.toml:19:3: warning: agents[4].tcp_address`,
		}},
		{"groups", minimal + `
permissions = ["talk", "moovement", "Movement"]
notifications = [
  "local", # comment
  "locale",
]
[[groups]]
name = "MY GROUP"
uuid = "01234567-89ab-cdef-0123-456789abcdef"
password = "plain"
[[groups]]
uuid = "0123"
password = "$argon2id$x"
`, []string{
			`x.toml:11:24: groups[0].permissions[1]: "moovement" is no permission: allowed are movement, economy`,
			`x.toml:14:3: groups[0].notifications[1]: "locale" is no notification: allowed are alert`,
			`x.toml:17:1: groups[1].name: two groups are called "MY GROUP"`,
			`x.toml:18:1: groups[1].uuid: two groups have the UUID`,
			`x.toml:19:1: warning: groups[1].password: the password is not hashed`,
			`x.toml:20:3: groups[2].name: want the name`,
			`x.toml:21:1: groups[2].uuid: "0123" is not a UUID`,
			`x.toml:22:1: groups[2].password: an argon2id hash looks like`,
		}},
		{"filters", minimal + "[filters]\ninput = [\"rfc1738\", \"RFC1378\", \"VIGENERE\"]\noutput = [\"RFC1738\", \"ATBASH\"]", []string{
			`x.toml:11:21: filters.input[1]: unknown filter "RFC1378": allowed are none, RFC1738`,
			`x.toml:11:32: filters.input[2]: filter VIGENERE: the key is empty`,
		}},
		{"filters that break lines", minimal + "[filters]\noutput = [\"BASE64\"]", []string{
			`x.toml:11:1: warning: filters.output: values with & or = in them break the lines`,
		}},
		{"no filters", minimal + "[filters]\noutput = []", []string{`x.toml:11:1: warning: filters.output`}},
		{"the door", minimal + "[tcp]\naddress = \"localhost\"\n[tcp.tls]\nmode = \"pfx\"\nkey = \"none.pem\"\nmin_version = \"1.3\"\nmax_version = \"1.2\"\nrequire_client_certificate = true\nhosts = [\"a b\"]", []string{
			`x.toml:11:1: tcp.address: "localhost": want HOST:PORT, such as 127.0.0.1:8095`,
			`x.toml:12:6: tcp.tls.certificate: want the path of the pfx file`,
			`x.toml:15:1: tcp.tls.min_version: 1.3 is above max_version 1.2`,
			`x.toml:17:1: tcp.tls.require_client_certificate: needs client_ca`,
			`x.toml:18:10: tcp.tls.hosts[0]: "a b": want a host name`,
		}},
		{"files that are not there", minimal + "[tcp.tls]\nmode = \"pem\"\ncertificate = \"none.pem\"\nclient_ca=\"none\"\n[bus]\nurls = [\"nats://a\", \"http://user:secret@b\"]\ncredentials=\"none\"", []string{
			`x.toml:12:1: tcp.tls.certificate: open none.pem: no such file`,
			`x.toml:13:1: tcp.tls.client_ca: open none: no such file`,
			`x.toml:15:21: bus.urls[1]: want a URL such as nats://`,
			`x.toml:16:1: bus.credentials: open none: no such file`,
		}},
		{"open to all without encryption", minimal + "[tcp]\naddress = \"0.0.0.0:8095\"\ntls.mode = \"off\"", []string{
			`x.toml:12:5: warning: tcp.tls.mode: passwords will cross the network unencrypted`,
		}},
		{"a door of this machine only may be plain", minimal + "[tcp]\naddress = \"[::1]:0\"\ntls = { mode = \"OFF\" }", nil},
		{"empty paths", "state_dir = \"\"\nmasters = [\" \"]\n" + minimal + "[bus]\nstore = \"\"", []string{
			`x.toml:1:1: state_dir: want`, `x.toml:2:12: masters[0]: want the name`, `x.toml:13:1: bus.store: want`,
		}},
	} {
		_, problems := Parse("x.toml", []byte(tt.document), nil)
		for i := range max(len(tt.want), len(problems)) {
			switch {
			case i >= len(problems):
				t.Errorf("%s: missing %q", tt.name, tt.want[i])
			case i >= len(tt.want):
				t.Errorf("%s: unexpected %v", tt.name, problems[i])
			case !strings.HasPrefix(strings.TrimPrefix(problems[i].Error(), "x.toml: "), tt.want[i]):
				t.Errorf("%s: got %q, want %q", tt.name, problems[i], tt.want[i])
			}
		}
	}
}

func TestInitQuotesWhateverNameAGroupHas(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a\"b\\c\x00\x7f\n\t", "\u00e4\u2028\U0001F426"} {
		c, problems := Parse("x.toml", []byte(Init(InitOptions{GroupName: name, Password: hash})), nil)
		if len(problems) > 0 || c.Groups[0].Name != name {
			t.Errorf("%q: %v", name, problems)
		}
	}
}

func TestMissingFileSaysHowToMakeOne(t *testing.T) {
	t.Parallel()
	if _, err := Load(filepath.Join(t.TempDir(), "none.toml")); err == nil || !strings.Contains(err.Error(), "rookery config init") {
		t.Errorf("got %v", err)
	}
}

func TestWarningsDoNotKeepFromRunning(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rookery.toml")
	if err := os.WriteFile(path, []byte(strings.Replace(minimal, hash, "plain", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err != nil {
		t.Error(err)
	}
	if problems, err := Check(path); err != nil || len(problems) != 1 || !problems[0].Warning || problems.Err() != nil {
		t.Errorf("%v, %v", problems, err)
	}
	if err := os.WriteFile(path, []byte("range = 0"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(path)
	if problems, ok := AsProblems(err); !ok || len(problems) != 2 {
		t.Errorf("%v", err)
	}
}

func TestEnvironmentOverridesTheFile(t *testing.T) {
	t.Parallel()
	c, problems := Parse("x.toml", []byte(minimal+"[tcp]\naddress = \"127.0.0.1:1\"\nmax_line = 1024"), []string{
		"ROOKERY_RANGE=128.5",
		"ROOKERY_MASTERS=Juno Fox,Solo",
		"ROOKERY_MASTER_PASSWORD=" + hash,
		"ROOKERY_TCP_ADDRESS=127.0.0.1:2",
		"ROOKERY_TCP_ENABLED=False",
		"ROOKERY_TCP_MAX_CONNECTIONS=7",
		"ROOKERY_TCP_TLS_MODE=off",
		"ROOKERY_TCP_QUEUE_BYTES=2MiB",
		"ROOKERY_AGENTS_0_AVATAR=Other Rook",
		"ROOKERY_AGENTS_1_AVATAR=Third Rook",
		"ROOKERY_AGENTS_1_GRID=embedded",
		"ROOKERY_GROUPS_0_PERMISSIONS=talk,movement",
		"ROOKERY_GROUPS_0_UUID=11234567-89ab-cdef-0123-456789abcdef",
		"ROOKERY_LOG_LEVEL=debug",
		"ROOKERY_FILTERS_OUTPUT=",
		"ROOKERY_CONFIG=/etc/rookery.toml",
		"HOME=/root",
	})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	got := []any{
		c.Range, c.Masters, string(c.MasterPassword), c.TCP.Address, c.TCP.Enabled, c.TCP.MaxConnections, c.TCP.TLS.Mode,
		c.TCP.QueueBytes, c.TCP.MaxLine, c.Agents[0].Name, c.Agents[1].Name, c.Agents[1].AutoLogin,
		c.Groups[0].Rights(), c.Groups[0].UUID, c.Log.Level.Level(), len(c.Filters.Output),
	}
	want := []any{
		float32(128.5),
		[]string{"Juno Fox", "Solo Resident"},
		hash, "127.0.0.1:2", false, 7, TLSOff,
		Size(2 << 20), Size(1024), "Other Rook", "Third Rook", true,
		rights.Talk | rights.Movement, uuid.MustParse("11234567-89ab-cdef-0123-456789abcdef"), slog.LevelDebug, 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestProblemsOfTheEnvironmentNameTheVariable(t *testing.T) {
	t.Parallel()
	_, problems := Parse("x.toml", []byte(minimal), []string{
		"ROOKERY_RANGE=far", "ROOKERY_TCP_ENABLED=yes", "ROOKERY_GROUPS_0_PERMISSIONS=talk,fly", "ROOKERY_AGENTS_0_PASSWORD=$1$x",
		"ROOKERY_PORT=tcp://10.0.0.1:80", "ROOKERY_TCP_MAX_CONNECTIONS=0",
	})
	got := problems.Error()
	for _, want := range []string{
		`environment ROOKERY_RANGE: range: want a number, not "far"`,
		`environment ROOKERY_TCP_ENABLED: tcp.enabled: want true or false, not "yes"`,
		`environment ROOKERY_GROUPS_0_PERMISSIONS: groups[0].permissions[1]: "fly" is no permission`,
		`environment ROOKERY_AGENTS_0_PASSWORD: agents[0].password: behind $1$`,
		`environment ROOKERY_TCP_MAX_CONNECTIONS: tcp.max_connections: 0 is out of range`,
		`environment ROOKERY_PORT: warning: sets nothing`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing %q in\n%s", want, got)
		}
	}
	if len(problems) != 6 {
		t.Errorf("%d problems:\n%s", len(problems), got)
	}
}

func TestSecretsMayComeFromFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("agent", "avatar secret\r\n")
	write("group", hash+"\n")
	write("empty", "\n")
	write("large", strings.Repeat("x", maxSecretFile+1))
	path := filepath.Join(dir, "rookery.toml")
	c, problems := Parse(path, []byte(`
[[agents]]
grid = "secondlife"
avatar = "Robin Rook"
password_file = "agent"
[[groups]]
name = "G"
uuid = "01234567-89ab-cdef-0123-456789abcdef"
password_file = "`+filepath.Join(dir, "group")+`"
`), nil)
	if len(problems) > 0 || string(c.Agents[0].Password) != "avatar secret" || string(c.Groups[0].Password) != hash {
		t.Errorf("%v, %q, %q", problems, string(c.Agents[0].Password), string(c.Groups[0].Password))
	}
	for file, says := range map[string]string{"none": "no such file", "empty": "is empty", "large": "larger than", "agent": "both password and"} {
		document := strings.Replace(minimal, "[[groups]]", "[[groups]]\npassword_file = \""+file+"\"", 1)
		if file != "agent" {
			document = strings.Replace(document, "password = ", "#", 1)
		}
		_, problems := Parse(path, []byte(document), nil)
		if len(problems) != 1 || !strings.Contains(problems[0].Error(), says) ||
			!strings.HasPrefix(problems[0].Error(), path+":7:1: groups[0].password_file") {
			t.Errorf("%s: %v", file, problems)
		}
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	c, problems := Parse("x.toml", []byte(`
master_password = "hush1"
[[agents]]
grid = "secondlife"
avatar = "Robin Rook"
password = "hush2"
mfa_token = "hush3"
[[groups]]
name = "G"
uuid = "01234567-89ab-cdef-0123-456789abcdef"
password = "hush4"
[filters]
aes_key = "hush5"
vigenere_key = "hush"
[tcp.tls]
password = "hush6"
[bus]
urls = ["nats://user:hush7@bus.example:4222"]
`), nil)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if c.Bus.Servers()[0] != "nats://user:hush7@bus.example:4222" {
		t.Errorf("got %q", c.Bus.Servers())
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "config", c, "value", *c, "group", c.Groups[0], "url", c.Bus.URLs[0], "secret", c.MasterPassword)
	slog.New(slog.NewTextHandler(&log, nil)).Info("settings", "config", c, "value", *c, "agent", c.Agents[0], "url", c.Bus.URLs[0], "secret", c.MasterPassword)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for name, shown := range map[string]string{
		"String": c.String(), "%v": fmt.Sprintf("%v", *c), "%+v": fmt.Sprintf("%+v", *c), "%#v": fmt.Sprintf("%#v", *c),
		"Sprint": fmt.Sprint(c.Agents[0].Password), "JSON": string(asJSON), "log": log.String(), "problems": problems.Error(),
	} {
		if strings.Contains(shown, "hush") {
			t.Errorf("%s shows a secret: %s", name, shown)
		}
	}
	if !strings.Contains(c.String(), "password = '***'") || !strings.Contains(c.String(), "bus.example") {
		t.Errorf("got %s", c)
	}
}

func TestValuesReadBackAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Size{"0": 0, "1023": 1023, "64KiB": 64 << 10, "1 MiB": 1 << 20, "2GiB": 2 << 30} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s: %d, %v", text, s, err)
		}
		var again Size
		if err := again.UnmarshalText([]byte(s.String())); err != nil || again != s {
			t.Errorf("%s: %d, %v", s, again, err)
		}
	}
	for _, text := range []string{"", "-1", "1.5MiB", "1KB", "9999999999GiB"} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is the size %d", text, s)
		}
	}
	for text, want := range map[string]TLSVersion{"1.2": TLS12, "Tls12": TLS12, "1.3": TLS13, "tls13": TLS13} {
		var v TLSVersion
		if err := v.UnmarshalText([]byte(text)); err != nil || v != want {
			t.Errorf("%s: %s, %v", text, v, err)
		}
	}
	if CRLF.Bytes() != "\r\n" || LF.Bytes() != "\n" {
		t.Error("wrong line ends")
	}
	if uri := (Agent{Grid: SecondLife}).LoginURI(); !strings.HasPrefix(uri, "https://login.agni.") {
		t.Errorf("got %s", uri)
	}
}

func TestDefaultsAreUsableButForAgents(t *testing.T) {
	t.Parallel()
	_, problems := Parse("", nil, nil)
	if len(problems) != 2 || !strings.Contains(problems.Error(), "no agent") || !strings.Contains(problems.Error(), "no group") {
		t.Errorf("%v", problems)
	}
	if input, _, err := Default().Filters.Chains(); err != nil || input[0] != script.RFC1738 {
		t.Errorf("%v, %v", input, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(minimal), "RANGE", "1")
	f.Add([]byte(Init(InitOptions{Password: hash})), "AGENTS_1_GRID", "x")
	f.Add([]byte("agents = [{grid = 1}, 2]\n[groups]\na.b.c = [[1], {x = []}]"), "GROUPS_0_WORKERS", "\x00")
	f.Add([]byte("[[agents]]\n[agents.x.y]\n[[agents.z]]\n[[agents]]\n[agents.z]"), "TCP", "")
	f.Fuzz(func(t *testing.T, document []byte, name, value string) {
		if strings.Contains(string(document), "_file") || strings.Contains(strings.ToLower(name), "_file") {
			t.Skip("reads files")
		}
		c, problems := Parse("x.toml", document, []string{"ROOKERY_" + name + "=" + value})
		if problems.Err() == nil {
			if _, err := access.New(c.Access()); err != nil {
				t.Errorf("passes the check and not %v", err)
			}
		}
		_ = c.String()
	})
}
