package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"rookery/internal/access"
	"rookery/internal/config"
)

// invoke runs one command and gives what it printed and its exit code.
func invoke(t *testing.T, cmd *cobra.Command, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, diag bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&out)
	cmd.SetErr(&diag)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		code = exitUsage
		if coded, ok := errors.AsType[*codedError](err); ok {
			code = coded.code
		}
		diag.WriteString(err.Error())
	}
	return out.String(), diag.String(), code
}

func TestInitWritesAFileThatPassesTheCheckWithThePasswordItShows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rookery.toml")
	_, stderr, code := invoke(t, newConfigCmd(), "", "init", "--group", "Test Rooks", path)
	shown := regexp.MustCompile(`group "Test Rooks" is ([A-Z2-7]{26})\n`).FindStringSubmatch(stderr)
	if code != exitOK || shown == nil {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if g := c.Groups[0]; g.Name != "Test Rooks" || !access.VerifyPassword(string(g.Password), shown[1]) {
		t.Errorf("group %+v does not open with %s", g, shown[1])
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others may read it", info.Mode(), err)
	}
	if stdout, stderr, code := invoke(t, newConfigCmd(), "", "check", "--strict", path); code != exitOK || !strings.Contains(stdout, "no problems") {
		t.Errorf("exit %d, %s, %s", code, stdout, stderr)
	}
	if _, stderr, code := invoke(t, newConfigCmd(), "", "init", path); code != exitUsage || !strings.Contains(stderr, "--force") {
		t.Errorf("overwrites: exit %d, %s", code, stderr)
	}
	if _, stderr, code := invoke(t, newConfigCmd(), "", "init", "--force", path); code != exitOK {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestInitTakesThePasswordFromStandardInput(t *testing.T) {
	t.Parallel()
	const id = "01234567-89ab-cdef-0123-456789abcdef"
	stdout, stderr, code := invoke(t, newConfigCmd(), "my secret\r\n", "init", "--password-stdin", "--uuid", id)
	if code != exitOK || stderr != "" || strings.Contains(stdout, "my secret") {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	c, problems := config.Parse("x.toml", []byte(stdout), nil)
	if len(problems) > 0 || c.Groups[0].UUID.String() != id || !access.VerifyPassword(string(c.Groups[0].Password), "my secret") {
		t.Errorf("%v, %+v", problems, c.Groups)
	}
	for _, args := range [][]string{{"--password-stdin"}, {"--uuid", "x"}, {"--group", " "}} {
		if _, stderr, code := invoke(t, newConfigCmd(), "\n", append([]string{"init"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit %d, %s", args, code, stderr)
		}
	}
}

func TestCheckPrintsEveryProblemWithItsPlace(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rookery.toml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("rnage = 64\n[log]\nlevel = \"loud\"\n")
	stdout, stderr, code := invoke(t, newConfigCmd(), "", "check", "--config", path)
	for _, want := range []string{
		path + ":1:1: rnage: unknown setting (did you mean range?)",
		path + `:3:1: log.level: "loud" is not allowed here: allowed are debug, info, warn, error`,
		path + ": agents: there is no agent",
		path + ": warning: groups: there is no group",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("missing %q in\n%s", want, stdout)
		}
	}
	if code != exitUsage || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}

	write("[[agents]]\ngrid = \"secondlife\"\navatar = \"A B\"\npassword = \"hush\"\n")
	if stdout, _, code := invoke(t, newConfigCmd(), "", "check", path); code != exitOK || !strings.Contains(stdout, "warning") {
		t.Errorf("warnings only: exit %d, %s", code, stdout)
	}
	if _, _, code := invoke(t, newConfigCmd(), "", "check", "--strict", path); code != exitUsage {
		t.Errorf("warnings only, strictly: exit %d", code)
	}
	stdout, _, code = invoke(t, newConfigCmd(), "", "check", "--show", path)
	if code != exitOK || strings.Contains(stdout, "hush") || !strings.Contains(stdout, "avatar = 'A B'") {
		t.Errorf("exit %d, %s", code, stdout)
	}
	if _, stderr, code := invoke(t, newConfigCmd(), "", "check", path+".none"); code != exitUsage || !strings.Contains(stderr, "config init") {
		t.Errorf("no file: exit %d, %s", code, stderr)
	}
}

func TestHashesOpenWithThePassword(t *testing.T) {
	t.Parallel()
	stdout, _, code := invoke(t, newConfigCmd(), "grüße\n", "hash-password")
	hash := strings.TrimSpace(stdout)
	if form, err := access.StoredForm(hash); code != exitOK || form != access.Argon2id || err != nil || !access.VerifyPassword(hash, "grüße") {
		t.Errorf("exit %d, %s", code, stdout)
	}
	if stdout, _, _ := invoke(t, newConfigCmd(), "mypassword", "hash-password", "--sha1"); stdout != "91dfd9ddb4198affc5c194cd8ce6d338fde470e2\n" {
		t.Errorf("got %s", stdout)
	}
	if _, stderr, code := invoke(t, newConfigCmd(), "", "hash-password"); code != exitUsage || !strings.Contains(stderr, "empty") {
		t.Errorf("nothing: exit %d, %s", code, stderr)
	}
}

func TestImportBringsACorradeConfigurationOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from, to := filepath.Join(dir, "Corrade.ini"), filepath.Join(dir, "rookery.toml")
	const document = `<Configuration><FirstName>Robin</FirstName><Password>$1$59bcc3ad6775562f845953cf01624225</Password>
<EnableSIML>true</EnableSIML>
<Groups><Group><Name>G</Name><UUID>01234567-89ab-cdef-0123-456789abcdef</UUID><Password>plain</Password></Group></Groups></Configuration>`
	if err := os.WriteFile(from, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := invoke(t, newConfigCmd(), "", "import", from, to)
	if code != exitOK || stdout != "" || !strings.Contains(stderr, from+":2: not carried over: EnableSIML: ") ||
		!strings.Contains(stderr, "warning: groups[0].password: the password is not hashed") {
		t.Errorf("exit %d, %s, %s", code, stdout, stderr)
	}
	if c, err := config.Load(to); err != nil || c.Agents[0].Name != "Robin Resident" {
		t.Errorf("%v, %v", c, err)
	}
	if _, stderr, code := invoke(t, newConfigCmd(), "", "import", from, to); code != exitUsage || !strings.Contains(stderr, "--force") {
		t.Errorf("overwrites: exit %d, %s", code, stderr)
	}
	if stdout, _, code := invoke(t, newConfigCmd(), "", "import", from); code != exitOK || !strings.Contains(stdout, "[[agents]]") {
		t.Errorf("exit %d, %s", code, stdout)
	}
	for _, args := range [][]string{{to}, {dir}, {}, {from, to, to}} {
		if _, stderr, code := invoke(t, newConfigCmd(), "", append([]string{"import"}, args...)...); code != exitUsage || stderr == "" {
			t.Errorf("%v: exit %d, %s", args, code, stderr)
		}
	}
}
