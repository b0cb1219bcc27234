package config

import (
	_ "embed"
	"fmt"
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

// quote writes a basic string of TOML.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
