package main

import (
	"strings"
	"testing"

	"rookery/internal/command/catalog"
)

func TestCommandsAreListedAndExplainedWithoutAConnection(t *testing.T) {
	t.Parallel()
	list, _, code := invoke(t, newCommandsCmd(), "")
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	lines := strings.Split(strings.TrimSpace(list), "\n")
	for i, c := range catalog.New().All() {
		if i >= len(lines) || !strings.HasPrefix(lines[i], c.Name+" ") || !strings.HasSuffix(lines[i], c.Summary) {
			t.Errorf("%s is not listed in its place", c.Name)
		}
	}
	help, _, code := invoke(t, newCommandsCmd(), "", "GetAvatarData")
	if code != exitOK || !strings.HasPrefix(help, "getavatardata (profile)\n") || !strings.Contains(help, "See also: getavatarsdata (plural)\n") {
		t.Errorf("exit code %d, %s", code, help)
	}
	for name, says := range map[string]string{
		"avatarsdata": `there is no command "avatarsdata": did you mean getavatarsdata?`,
		"getstatsu":   `there is no command "getstatsu": did you mean getstatus?`,
		"frobnicate":  "'rookery commands' lists them all",
		"":            "'rookery commands' lists them all",
	} {
		out, diag, code := invoke(t, newCommandsCmd(), "", name)
		if code != exitUsage || out != "" || !strings.Contains(diag, says) {
			t.Errorf("%q: exit code %d, %q, %q", name, code, out, diag)
		}
	}
}
