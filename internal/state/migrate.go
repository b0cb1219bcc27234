package state

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations bring a file from the version that is their index to the next
// one. They are never changed once released, only added to.
var migrations = []string{
	`CREATE TABLE entries (
		kind  TEXT NOT NULL, -- the collection
		agent TEXT NOT NULL,
		grp   TEXT NOT NULL, -- UUID of a configured group, empty for the agent itself
		name  TEXT NOT NULL,
		value BLOB NOT NULL, -- JSON
		PRIMARY KEY (kind, agent, grp, name)
	) STRICT, WITHOUT ROWID`,
}

// migrate brings the file to the newest version, all steps or none.
func (s *Store) migrate() error {
	return s.update(context.Background(), func(tx *sql.Tx) error {
		var id, version, tables int
		for pragma, dst := range map[string]*int{
			"PRAGMA application_id":              &id,
			"PRAGMA user_version":                &version,
			"SELECT count(*) FROM sqlite_schema": &tables,
		} {
			if err := tx.QueryRow(pragma).Scan(dst); err != nil {
				return err
			}
		}
		switch {
		case id != applicationID && (id != 0 || tables > 0):
			return ErrForeign
		case version > len(migrations):
			return fmt.Errorf("%w (form %d, this one knows %d)", ErrNewer, version, len(migrations))
		case version == len(migrations):
			return nil
		}
		for i, step := range migrations[version:] {
			if _, err := tx.Exec(step); err != nil {
				return fmt.Errorf("migration to form %d: %w", version+i+1, err)
			}
		}
		// Pragmas take no parameters; both are numbers of this program.
		_, err := tx.Exec(fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(migrations)))
		return err
	})
}
