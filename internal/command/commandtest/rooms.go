package commandtest

import (
	"path/filepath"
	"testing"

	"rookery/internal/command"
	"rookery/internal/database"
)

// newRooms opens what commands work with, in directories of the test.
func newRooms(t *testing.T) command.Rooms {
	t.Helper()
	databases := database.Open(filepath.Join(t.TempDir(), "databases"), database.Limits{})
	t.Cleanup(func() {
		if err := databases.Close(); err != nil {
			t.Error(err)
		}
	})
	return command.Rooms{Database: databases}
}
