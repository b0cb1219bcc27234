package command

import (
	"rookery/internal/bridge"
	"rookery/internal/database"
	"rookery/internal/files"
	"rookery/internal/process"
	"rookery/internal/schedule"
)

// Rooms are what commands work with beside the agent. What is nil is not
// there, and the commands that need it say so.
type Rooms struct {
	// Bridge is the groups' connections to brokers.
	Bridge *bridge.Book
	// Database holds the SQL databases of the groups.
	Database *database.Databases
	// Schedules are the commands that run later.
	Schedules *schedule.Book
	// Files is where files are read and written.
	Files *files.Folder
	// Programs bounds the programs that are run.
	Programs *process.Limits
}
