// Package database runs the SQL of scripts on SQLite files, one for each group.
//
// A statement sees the file of its group and nothing else: no other file can
// be attached, no extension loaded, and only the kinds of statements that the
// settings allow are compiled, wherever they stand, in a trigger or a view for
// example. Each call is one transaction, and bounded in time, in what it
// answers, and in how large it makes the file.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"rookery/grid"
)

// Limits bound what one call may cost.
type Limits struct {
	// Statements are the kinds that are allowed; nil means all of
	// [Statements].
	Statements []string
	// FileSize is how large the file of a group may become, in bytes. 0 means
	// 64 MiB.
	FileSize int64
	// Rows and AnswerSize are how many rows and bytes a statement may answer.
	// 0 means 10,000 and 1 MiB.
	Rows       int
	AnswerSize int
	// Time is how long a call may take. 0 means 10 s.
	Time time.Duration
}

func (l Limits) withDefaults() Limits {
	if l.Statements == nil {
		l.Statements = Statements()
	}
	if l.FileSize == 0 {
		l.FileSize = 64 << 20
	}
	if l.Rows == 0 {
		l.Rows = 10000
	}
	if l.AnswerSize == 0 {
		l.AnswerSize = 1 << 20
	}
	if l.Time == 0 {
		l.Time = 10 * time.Second
	}
	return l
}

const (
	// idle is how long a file stays open that nobody asks.
	idle = time.Minute
	// lockPatience is how long a call waits for another program that has the
	// file.
	lockPatience = 2 * time.Second
	pageSize     = 4096
	// maxValue bounds a single value, in bytes.
	maxValue = 16 << 20
)

// Databases are the files of all groups, in one directory. Its methods may be
// called from any goroutine; calls of one group run one after the other.
type Databases struct {
	dir    string
	limits Limits

	mu     sync.Mutex
	files  map[grid.UUID]*sql.DB
	closed bool
}

// Open returns the databases in a directory, which is made when the first one
// is.
func Open(dir string, limits Limits) *Databases {
	return &Databases{dir: dir, limits: limits.withDefaults(), files: make(map[grid.UUID]*sql.DB)}
}

// ErrClosed reports a call after [Databases.Close].
var ErrClosed = errors.New("the databases are closed")

// Close closes the files. Calls that run are waited for.
func (d *Databases) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	var errs []error
	for _, db := range d.files {
		errs = append(errs, db.Close())
	}
	clear(d.files)
	return errors.Join(errs...)
}

// Path is where the file of a group is.
func (d *Databases) Path(group grid.UUID) string {
	return filepath.Join(d.dir, group.String()+".db")
}

// file opens the file of a group, or finds it open.
func (d *Databases) file(group grid.UUID) (*sql.DB, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, ErrClosed
	}
	if db := d.files[group]; db != nil {
		return db, nil
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(d.Path(group))
	if err != nil {
		return nil, err
	}
	// SQLite would make it readable for everybody.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", d.source(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetConnMaxIdleTime(idle)
	d.files[group] = db
	return db, nil
}

func (d *Databases) source(path string) string {
	pages := max(d.limits.FileSize/pageSize, 1)
	q := url.Values{"_txlock": {"deferred"}, "_defensive": {"1"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", lockPatience.Milliseconds()),
		fmt.Sprintf("page_size(%d)", pageSize),
		fmt.Sprintf("max_page_count(%d)", pages),
		fmt.Sprintf("temp.page_size(%d)", pageSize),
		fmt.Sprintf("temp.max_page_count(%d)", pages),
		"trusted_schema(off)",
		"cell_size_check(on)",
	}}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: q.Encode()}).String()
}

// Run runs the statements of a text in one transaction, and returns the column
// names and values of the rows of the last one, a name and a value for each
// cell, row after row. Temporary tables, views and triggers are gone after it. Named parameters (":name", "@name" or "$name") get the
// texts of args. When anything fails nothing is changed.
func (d *Databases) Run(ctx context.Context, group grid.UUID, text string, args map[string]string) ([]string, error) {
	db, err := d.file(group)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, d.limits.Time, fmt.Errorf("the statement took longer than %v", d.limits.Time))
	defer cancel()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, late(ctx, err)
	}
	defer conn.Close()
	g := newGuard(d.limits.Statements)
	if err := prepare(conn, g); err != nil {
		return nil, err
	}
	defer func() {
		if g.temporary {
			discard(conn)
		}
	}()
	// The transaction does not know of the end of ctx: it would be rolled back
	// while the statement is still being stopped.
	calm := context.WithoutCancel(ctx)
	tx, err := conn.BeginTx(calm, nil)
	if err != nil {
		return nil, err
	}
	stop, err := interruptAfter(ctx, conn)
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	g.armed = true
	cells, err := d.query(calm, tx, text, args)
	g.armed = false
	stop()
	if err != nil {
		if tx.Rollback() != nil {
			// Nobody should get the connection with the transaction in it.
			discard(conn)
		}
		if g.refused != "" {
			return nil, errors.New(g.refused)
		}
		return nil, late(ctx, explain(err, d.limits))
	}
	if err := tx.Commit(); err != nil {
		return nil, explain(err, d.limits)
	}
	return cells, nil
}

// discard closes a connection and what belongs to it alone.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}

// late says that the time was up where that is why err happened.
func late(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func explain(err error, l Limits) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_FULL {
		return fmt.Errorf("the database would become larger than %d bytes", l.FileSize)
	}
	return err
}

// prepare sets what holds for one connection.
func prepare(conn *sql.Conn, g *guard) error {
	for id, most := range map[int]int{
		sqlite3.SQLITE_LIMIT_LENGTH:   maxValue,
		sqlite3.SQLITE_LIMIT_ATTACHED: 0,
	} {
		if _, err := sqlite.Limit(conn, id, most); err != nil {
			return err
		}
	}
	return conn.Raw(func(c any) error {
		r, ok := c.(sqlite.AuthorizerRegisterer)
		if !ok {
			return errors.New("this SQLite cannot be guarded")
		}
		return r.RegisterAuthorizer(g.authorize)
	})
}

func (d *Databases) query(ctx context.Context, tx *sql.Tx, text string, args map[string]string) ([]string, error) {
	named := make([]any, 0, len(args))
	for name, value := range args {
		named = append(named, sql.Named(name, value))
	}
	rows, err := tx.QueryContext(ctx, text, named...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	values := make([]any, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var cells []string
	size := 0
	for n := 1; rows.Next(); n++ {
		if n > d.limits.Rows {
			return nil, fmt.Errorf("more than %d rows: let the statement say LIMIT", d.limits.Rows)
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		for i, v := range values {
			cell := format(v, columns[i].DatabaseTypeName())
			cells = append(cells, columns[i].Name(), cell)
			size += len(columns[i].Name()) + len(cell)
		}
		if size > d.limits.AnswerSize {
			return nil, fmt.Errorf("the answer is larger than %d bytes: let the statement say LIMIT", d.limits.AnswerSize)
		}
	}
	return cells, rows.Err()
}
