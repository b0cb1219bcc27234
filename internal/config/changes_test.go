package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rookery/internal/config"
)

func TestChangesNameTheSettingsThatDiffer(t *testing.T) {
	t.Parallel()
	parse := func(text string) *config.Config {
		c, problems := config.Parse("x.toml", []byte(text+"\n[[agents]]\ngrid = \"embedded\"\navatar = \"Robin Rook\"\npassword = \"x\"\n"), nil)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	const group = "[[groups]]\nname = \"A\"\nuuid = \"11111111-1111-4111-8111-111111111111\"\npassword = \"p\"\n"
	base := parse(group)
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"nothing":          {group + "# a comment\n", nil},
		"a default set":    {group + "[log]\nlevel = \"info\"\n", nil},
		"in a table":       {group + "[log]\nlevel = \"debug\"\n[tcp.tls]\nmode = \"off\"\n", []string{"tcp.tls.mode", "log.level"}},
		"of a group":       {group + "workers = 9\npermissions = [\"talk\"]\n", []string{"groups[0].permissions", "groups[0].workers"}},
		"number of groups": {"", []string{"groups"}},
		"a list":           {"masters = [\"Ada Rook\"]\n" + group, []string{"masters"}},
	} {
		if diff := cmp.Diff(tc.want, config.Changes(base, parse(tc.text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
