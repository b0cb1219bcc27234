package daemon

import (
	"path/filepath"

	"rookery/internal/command"
	"rookery/internal/database"
)

// databasesDir is where the groups' databases are, in the state directory.
const databasesDir = "databases"

// rooms are what commands work with beside the agents, for all of them.
type rooms struct {
	databases *database.Databases
}

// openRooms opens them.
func (d *Daemon) openRooms() {
	d.rooms.databases = database.Open(filepath.Join(d.cfg.StateDir, databasesDir), d.cfg.Database.Limits())
}

// commandRooms are those of one agent.
func (d *Daemon) commandRooms() command.Rooms {
	return command.Rooms{Database: d.rooms.databases}
}

// closeRooms closes them when nothing runs any more.
func (d *Daemon) closeRooms() {
	if d.rooms.databases == nil {
		return
	}
	if err := d.rooms.databases.Close(); err != nil {
		d.log.Warn("close the databases", "error", err)
	}
}
