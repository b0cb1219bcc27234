package state

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// Owner is whom a thing belongs to: a group of one agent. The group is a UUID
// in its 36-character form, or empty for what is the agent's own.
type Owner struct {
	Agent string
	Group string
}

// Entry is one thing of a collection.
type Entry[T any] struct {
	Owner
	Name  string
	Value T
}

// Collection holds values of one type, each under a name that is unique within
// its owner. Values are kept as JSON, so a type may gain fields later. Make it
// with [In].
type Collection[T any] struct {
	store *Store
	kind  string
}

// In returns the collection of this name. One name always stands for one type.
func In[T any](s *Store, kind string) Collection[T] { return Collection[T]{s, kind} }

// Put keeps a value under a name, in place of the one that may be there.
func (c Collection[T]) Put(ctx context.Context, o Owner, name string, value T) error {
	return c.update(ctx, "keep "+name, func(tx *sql.Tx) error { return c.put(ctx, tx, o, name, value) })
}

// Delete forgets the value of a name; there need not be one.
func (c Collection[T]) Delete(ctx context.Context, o Owner, name string) error {
	return c.update(ctx, "forget "+name, func(tx *sql.Tx) error { return c.delete(ctx, tx, o, name) })
}

// Change keeps values and forgets those of the names in gone, which need not be
// there. It is one change: a reader, and a program started after a kill, finds
// all of it done or none.
func (c Collection[T]) Change(ctx context.Context, o Owner, values map[string]T, gone []string) error {
	return c.update(ctx, "change", func(tx *sql.Tx) error {
		for _, name := range gone {
			if err := c.delete(ctx, tx, o, name); err != nil {
				return err
			}
		}
		for name, value := range values {
			if err := c.put(ctx, tx, o, name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// Replace makes values all that the owner has in the collection: what is not
// among them is forgotten. It is one change: a reader, and a program started
// after a kill, finds the old values or the new ones.
func (c Collection[T]) Replace(ctx context.Context, o Owner, values map[string]T) error {
	return c.update(ctx, "keep all", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM entries WHERE kind = ? AND agent = ? AND grp = ?",
			c.kind, o.Agent, o.Group); err != nil {
			return err
		}
		for name, value := range values {
			if err := c.put(ctx, tx, o, name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// Get returns the value of a name, and false when there is none.
func (c Collection[T]) Get(ctx context.Context, o Owner, name string) (value T, ok bool, err error) {
	var text []byte
	err = c.store.db.QueryRowContext(ctx, "SELECT value FROM entries WHERE kind = ? AND agent = ? AND grp = ? AND name = ?",
		c.kind, o.Agent, o.Group, name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return value, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &value)
	}
	if err != nil {
		return value, false, c.failed("read "+name, err)
	}
	return value, true, nil
}

// All lists what all groups of an agent have in the collection, by group and
// name.
func (c Collection[T]) All(ctx context.Context, agent string) ([]Entry[T], error) {
	rows, err := c.store.db.QueryContext(ctx, "SELECT grp, name, value FROM entries WHERE kind = ? AND agent = ? ORDER BY grp, name",
		c.kind, agent)
	if err != nil {
		return nil, c.failed("read", err)
	}
	defer rows.Close()
	var all []Entry[T]
	for rows.Next() {
		e := Entry[T]{Owner: Owner{Agent: agent}}
		var text []byte
		if err := rows.Scan(&e.Group, &e.Name, &text); err != nil {
			return nil, c.failed("read", err)
		}
		if err := json.Unmarshal(text, &e.Value); err != nil {
			return nil, c.failed("read "+e.Name, err)
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, c.failed("read", err)
	}
	return all, nil
}

func (c Collection[T]) put(ctx context.Context, tx *sql.Tx, o Owner, name string, value T) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO entries (kind, agent, grp, name, value) VALUES (?, ?, ?, ?, ?) "+
		"ON CONFLICT DO UPDATE SET value = excluded.value", c.kind, o.Agent, o.Group, name, text)
	return err
}

func (c Collection[T]) delete(ctx context.Context, tx *sql.Tx, o Owner, name string) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM entries WHERE kind = ? AND agent = ? AND grp = ? AND name = ?",
		c.kind, o.Agent, o.Group, name)
	return err
}

func (c Collection[T]) update(ctx context.Context, doing string, f func(*sql.Tx) error) error {
	if err := c.store.update(ctx, f); err != nil {
		return c.failed(doing, err)
	}
	return nil
}

func (c Collection[T]) failed(doing string, err error) error {
	return fmt.Errorf("state of %s: %s: %w", c.kind, doing, explain(err))
}
