// Package state keeps what survives a restart of the program.
//
// It is one SQLite file. What is written has reached the disk when the call
// returns, and a program that is killed at any moment leaves either all of a
// call's changes or none of them. One program at a time has the file.
//
// Rooms keep their things in a [Collection]: values of one type, each under a
// name that belongs to an agent and a group.
//
//	schedules := state.In[Schedule](store, "schedules")
//	err := schedules.Put(ctx, state.Owner{Agent: "Robin Rook", Group: id}, "7", s)
package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// FileName is what the file is called in the state directory.
const FileName = "rookery.db"

// Errors of [Open] and, the first two, of everything else.
var (
	// ErrDamaged reports that the file is no database or that parts of it are
	// broken.
	ErrDamaged = errors.New("the state file is damaged: move it away, together with the files -wal and -shm beside it, to start without what it held")
	// ErrLocked reports that another program has the file.
	ErrLocked = errors.New("the state file is in use: another Rookery runs with the same state directory")
	// ErrForeign reports a database that another program made.
	ErrForeign = errors.New("the file is a database of another program")
	// ErrNewer reports that a later version of Rookery wrote the file.
	ErrNewer = errors.New("the state file was written by a newer version of Rookery")
)

// lockPatience is how long [Open] waits for a program that is about to end.
const lockPatience = 3 * time.Second

// applicationID marks the file as Rookery's ("Rook").
const applicationID = 0x526f6f6b

// Store is an open file. Its methods, and those of its collections, may be
// called from any goroutine.
type Store struct {
	db   *sql.DB
	path string
}

// Open opens the file, and makes it and its directory when they are not there.
// It waits up to 3 s for another program to let go of it.
func Open(path string) (*Store, error) {
	s, err := open(path, lockPatience)
	if err != nil {
		return nil, fmt.Errorf("state in %s: %w", path, err)
	}
	return s, nil
}

func open(path string, patience time.Duration) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// URLs in it may hold secrets; SQLite gives its other files the same mode.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", source(path, patience))
	if err != nil {
		return nil, err
	}
	// One connection: an exclusive lock has one holder.
	db.SetMaxOpenConns(1)
	s := &Store{db: db, path: path}
	if err := s.prepare(); err != nil {
		_ = db.Close()
		return nil, explain(err)
	}
	return s, nil
}

// source names the file with the settings of each connection to it: exclusive,
// so that two programs never mix their states; with a write-ahead log synced at
// every commit, so that neither a kill nor a power cut loses or halves one.
func source(path string, patience time.Duration) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()),
		"locking_mode(exclusive)",
		"journal_mode(wal)",
		"synchronous(full)",
		"trusted_schema(off)",
	}}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String()
}

// prepare checks the file and brings it to the form of this version.
func (s *Store) prepare() error {
	var health string
	if err := s.db.QueryRow("PRAGMA quick_check(1)").Scan(&health); err != nil {
		return err
	}
	if health != "ok" {
		return fmt.Errorf("%w (%s)", ErrDamaged, health)
	}
	return s.migrate()
}

// Close lets go of the file.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("state in %s: %w", s.path, explain(err))
	}
	return nil
}

// update runs f in a transaction. A context that ends meanwhile undoes it.
func (s *Store) update(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// explain puts what a user can do something about into words.
func explain(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	// The low byte is the kind of an extended result code.
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	}
	return err
}
