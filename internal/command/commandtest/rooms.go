package commandtest

import (
	"log/slog"
	"path/filepath"
	"testing"

	"rookery/internal/access"
	"rookery/internal/bayes"
	"rookery/internal/bus"
	"rookery/internal/command"
	"rookery/internal/database"
	"rookery/internal/files"
	"rookery/internal/process"
	"rookery/internal/schedule"
	"rookery/internal/state"
)

// newRooms opens what commands work with, in directories of the test.
func newRooms(t *testing.T, groups *access.Access) (*bus.Bus, command.Rooms) {
	t.Helper()
	store, err := state.Open(filepath.Join(t.TempDir(), state.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	databases := database.Open(filepath.Join(t.TempDir(), "databases"), database.Limits{})
	t.Cleanup(func() {
		if err := databases.Close(); err != nil {
			t.Error(err)
		}
	})
	schedules, err := schedule.Open(t.Context(), schedule.Options{
		Agent: "Test Bot", Store: store, Group: groups.Group, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := bus.Open(bus.Config{Store: filepath.Join(t.TempDir(), "bus")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	classifiers, err := bayes.Open(t.Context(), bayes.Options{Agent: "Test Bot", Store: store})
	if err != nil {
		t.Fatal(err)
	}
	return b, command.Rooms{
		Database:    databases,
		Schedules:   schedules,
		Classifiers: classifiers,
		Durables:    b.Durables("Test Bot"),
		Files:       &files.Folder{Directory: filepath.Join(t.TempDir(), "files"), MaxSize: 4096},
		Programs:    &process.Limits{MaxOutput: 4096},
	}
}
