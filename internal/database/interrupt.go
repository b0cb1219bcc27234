package database

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"time"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// interval is the time between two attempts to stop a statement.
const interval = 5 * time.Millisecond

// interruptAfter stops whatever runs on the connection when ctx ends. The
// driver does so only until the first row: a statement whose second row takes
// for ever would hold its connection for ever. The connection must not be
// closed before done returned.
func interruptAfter(ctx context.Context, conn *sql.Conn) (done func(), err error) {
	var handle uintptr
	err = conn.Raw(func(c any) error {
		// The driver does not give it away.
		field := reflect.Indirect(reflect.ValueOf(c)).FieldByName("db")
		if !field.IsValid() || field.Kind() != reflect.Uintptr {
			return errors.New("this SQLite cannot be interrupted")
		}
		handle = uintptr(field.Uint())
		return nil
	})
	if err != nil {
		return nil, err
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-stop:
		case <-ctx.Done():
			tls := libc.NewTLS()
			defer tls.Close()
			// Again, for between two statements it would go unheard.
			again := time.NewTicker(interval)
			defer again.Stop()
			for {
				sqlite3.Xsqlite3_interrupt(tls, handle)
				select {
				case <-stop:
					return
				case <-again.C:
				}
			}
		}
	}()
	return func() { close(stop); <-stopped }, nil
}
