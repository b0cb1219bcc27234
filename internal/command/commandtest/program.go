package commandtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rookery/internal/access"
	"rookery/internal/command"
	"rookery/internal/config"
	"rookery/internal/vitals"
	"rookery/script"
)

// settings begins the configuration file of the program under test; the groups
// of [New] follow.
const settings = `# Kept.
masters = ["Ada Rook"]

[[agents]]
grid = "embedded"
avatar = "Test Bot"
password = "secret"
`

const settingsGroup = `
# %[1]s.
[[groups]]
name = %[1]q
uuid = %[2]q
password = %[3]q
permissions = ["%[4]s"]
notifications = ["%[5]s"]
workers = %[6]d
`

// newProgram writes a configuration file and returns what commands about the
// program work with. Changed groups count at once.
func newProgram(t *testing.T, groups *access.Access) command.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rookery.toml")
	passwords := map[string]string{Group: Password, Powerless: PowerlessPass, Partial: PartialPass}
	text := settings
	for _, g := range groups.Groups() {
		entry := fmt.Sprintf(settingsGroup, g.Name, g.ID, passwords[g.Name],
			strings.Join(g.Permissions.Names(), `", "`), strings.Join(g.Notifications, `", "`), g.Workers)
		text += strings.ReplaceAll(entry, `[""]`, `[]`)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	current, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return command.Program{
		Configuration: &config.Store{
			Current: func() *config.Config { return current },
			Apply: func(next *config.Config) error {
				current = next
				return groups.Update(next.Access())
			},
		},
		Input:  script.NewLive(script.DefaultFilters()),
		Output: script.NewLive(script.DefaultFilters()),
		Vitals: vitals.New(),
		Names:  filepath.Join(t.TempDir(), "cache", "names.json"),
	}
}

// Settings returns the text of the configuration file.
func (w *World) Settings(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(w.Program.Configuration.Current().Path())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}
