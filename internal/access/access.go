// Package access knows the configured groups: it checks their passwords and
// tells what they may do and hear.
package access

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/internal/attempts"
	"rookery/internal/rights"
	"rookery/script"
)

// Group is a configured group.
type Group struct {
	Name          string
	ID            grid.UUID // not null
	Password      string    // in one of the forms of [StoredForm]
	Permissions   rights.Permission
	Notifications []string // proper names
	Workers       int      // commands at the same time, at least 1
	Schedules     int      // scheduled commands the group may keep, 0 for none
}

// Settings are the groups and what holds for all of them.
type Settings struct {
	Groups []Group
	// MasterPassword opens every group, in one of the forms of [StoredForm].
	// Empty: there is none.
	MasterPassword string
}

// Access answers who may do what. Its methods may be called from any
// goroutine.
type Access struct {
	table    atomic.Pointer[table]
	verifier *verifier
	attempts *attempts.Attempts
}

// table is one state of the settings, never changed.
type table struct {
	master string
	groups []Group
	byName map[string]int // lower case
	byID   map[grid.UUID]int
	// decoy is checked in place of the password of a group that is not there,
	// so that the time taken does not tell which groups are.
	decoy string
}

var decoy = sync.OnceValue(func() string { return HashPassword(rand.Text()) })

// New returns the access to the groups of s. It fails on groups that cannot
// be told apart and on passwords that cannot be checked.
func New(s Settings) (*Access, error) {
	a := &Access{verifier: newVerifier(), attempts: attempts.New(time.Now)}
	if err := a.Update(s); err != nil {
		return nil, err
	}
	return a, nil
}

// Update puts other settings in place of those there are. What runs goes on
// with what it was granted. On an error nothing changes.
func (a *Access) Update(s Settings) error {
	t := &table{
		master: s.MasterPassword,
		groups: make([]Group, len(s.Groups)),
		byName: make(map[string]int, len(s.Groups)),
		byID:   make(map[grid.UUID]int, len(s.Groups)),
	}
	if s.MasterPassword != "" {
		if _, err := StoredForm(s.MasterPassword); err != nil {
			return fmt.Errorf("master password: %w", err)
		}
	}
	for i, g := range s.Groups {
		name := strings.ToLower(g.Name)
		_, sameName := t.byName[name]
		_, sameID := t.byID[g.ID]
		switch {
		case g.Name == "":
			return fmt.Errorf("group %d: no name", i+1)
		case g.ID == uuid.Nil:
			return fmt.Errorf("group %q: no UUID", g.Name)
		case sameName:
			return fmt.Errorf("group %q: two groups of this name, which is compared without case", g.Name)
		case sameID:
			return fmt.Errorf("group %q: two groups of the UUID %s", g.Name, g.ID)
		}
		form, err := StoredForm(g.Password)
		if err != nil {
			return fmt.Errorf("group %q: %w", g.Name, err)
		}
		if form == Argon2id {
			t.decoy = decoy()
		}
		g.Notifications = slices.Clone(g.Notifications)
		g.Workers = max(g.Workers, 1)
		t.groups[i], t.byName[name], t.byID[g.ID] = g, i, i
	}
	a.table.Store(t)
	return nil
}

// find finds a group by UUID if nameOrID is one, else by name in any case.
func (t *table) find(nameOrID string) (Group, bool) {
	var i int
	var ok bool
	if id, err := grid.ParseUUID(nameOrID); err == nil {
		i, ok = t.byID[id]
	} else {
		i, ok = t.byName[strings.ToLower(nameOrID)]
	}
	if !ok {
		return Group{}, false
	}
	return t.groups[i], true
}

func (g Group) caller() rights.Caller {
	return rights.Caller{
		Name:          g.Name,
		ID:            g.ID,
		Permissions:   g.Permissions,
		Notifications: g.Notifications,
		Workers:       g.Workers,
		Schedules:     g.Schedules,
	}
}

// Authenticate finds the group by its name (any case) or UUID and checks its
// password, or the master password. An unknown group and a wrong password are
// both [script.ErrAccessDenied]. After too many failures from the same remote
// (an address with or without port, or whatever names the asker; empty for
// none) it is [script.ErrTooManyAttempts] for a while, right or wrong.
func (a *Access) Authenticate(ctx context.Context, group, password, remote string) (rights.Caller, error) {
	if err := ctx.Err(); err != nil {
		return rights.Caller{}, err
	}
	if !a.attempts.Allowed(remote) {
		return rights.Caller{}, script.ErrTooManyAttempts
	}
	t := a.table.Load()
	g, found := t.find(group)
	stored := g.Password
	if !found {
		stored = t.decoy
	}
	right := password != "" && (a.verifier.verify(stored, password) || t.master != "" && a.verifier.verify(t.master, password))
	if !a.attempts.Settle(remote, right && found) {
		return rights.Caller{}, script.ErrTooManyAttempts
	}
	if right && found {
		return g.caller(), nil
	}
	return rights.Caller{}, script.ErrAccessDenied
}

// Group finds a configured group without a password.
func (a *Access) Group(nameOrID string) (rights.Caller, bool) {
	g, ok := a.table.Load().find(nameOrID)
	if !ok {
		return rights.Caller{}, false
	}
	return g.caller(), true
}

// Groups lists the configured groups in their order.
func (a *Access) Groups() []rights.Caller {
	t := a.table.Load()
	callers := make([]rights.Caller, len(t.groups))
	for i, g := range t.groups {
		callers[i] = g.caller()
	}
	return callers
}
