package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInitialConfigurationHasNoProblems(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rookery.toml")
	if err := os.WriteFile(path, []byte(Init(InitOptions{Password: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"})), 0o600); err != nil {
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
	if a := c.Agents[0]; a.Name != "Robin Rook" || !a.Embedded() || !a.AutoLogin || a.Range != 64 {
		t.Errorf("agent %+v", a)
	}
	if strings.Contains(c.String(), "argon2id") {
		t.Errorf("a secret is shown: %s", c)
	}
}
