package config

import (
	_ "embed"
	"strings"

	"github.com/google/uuid"
)

//go:embed rookery.toml
var template string

// InitOptions fill in [Init].
type InitOptions struct {
	GroupName string // default My Group
	// GroupID of the group; null: a new one.
	GroupID uuid.UUID
	// Password is the stored form of the group's password, best a hash.
	Password string
}

// Init returns a commented configuration that runs as it stands: an agent in
// the embedded grid and one group that may do nearly everything with it.
func Init(o InitOptions) string {
	if o.GroupName == "" {
		o.GroupName = "My Group"
	}
	if o.GroupID == uuid.Nil {
		o.GroupID = uuid.New()
	}
	return strings.NewReplacer(
		"@GROUP@", quote(o.GroupName),
		"@UUID@", quote(o.GroupID.String()),
		"@PASSWORD@", quote(o.Password),
	).Replace(template)
}

var tomlEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func quote(text string) string { return `"` + tomlEscapes.Replace(text) + `"` }
