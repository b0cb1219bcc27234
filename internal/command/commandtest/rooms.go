package commandtest

import (
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"rookery/internal/access"
	"rookery/internal/bridge"
	"rookery/internal/command"
	"rookery/internal/database"
	"rookery/internal/files"
	"rookery/internal/process"
	"rookery/internal/reach"
	"rookery/internal/schedule"
	"rookery/internal/state"
)

// newRooms opens what commands work with, in directories of the test.
func newRooms(t *testing.T, groups *access.Access) command.Rooms {
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
	brokers, err := bridge.Open(t.Context(), bridge.Options{
		Agent: "Test Bot", Store: store, Group: groups.Group, Reach: reach.NewPolicy(here(t)), Backoff: 10 * time.Millisecond,
		Limits: bridge.Limits{Subscriptions: 5, MaxPayload: 64 << 10}, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return command.Rooms{Bridge: brokers, Database: databases, Schedules: schedules, Files: &files.Folder{Directory: filepath.Join(t.TempDir(), "files"), MaxSize: 4096}, Programs: &process.Limits{MaxOutput: 4096}}
}
