// Package catalog holds every command there is, by topic.
package catalog

import (
	"fmt"

	"rookery/internal/command"
	"rookery/internal/command/appearance"
	"rookery/internal/command/automation"
	"rookery/internal/command/bridge"
	"rookery/internal/command/chat"
	"rookery/internal/command/directory"
	"rookery/internal/command/movement"
	"rookery/internal/command/notification"
	"rookery/internal/command/profile"
	"rookery/internal/command/region"
	"rookery/internal/command/storage"
	"rookery/internal/command/system"
	"rookery/internal/command/teleport"
)

// topics are the folders beside this one.
var topics = []struct {
	name     string
	commands func() []command.Command
}{
	{"appearance", appearance.Commands},
	{"automation", automation.Commands},
	{"bridge", bridge.Commands},
	{"chat", chat.Commands},
	{"directory", directory.Commands},
	{"movement", movement.Commands},
	{"notification", notification.Commands},
	{"profile", profile.Commands},
	{"region", region.Commands},
	{"storage", storage.Commands},
	{"system", system.Commands},
	{"teleport", teleport.Commands},
}

// New returns a registry of every command. It panics when a declaration is not
// as it should be, which the tests of this package rule out.
func New() *command.Registry {
	var all []command.Command
	for _, topic := range topics {
		for _, c := range topic.commands() {
			c.Topic = topic.name
			all = append(all, c)
		}
	}
	registry, err := command.NewRegistry(all...)
	if err != nil {
		panic(fmt.Sprintf("commands: %v", err))
	}
	return registry
}
