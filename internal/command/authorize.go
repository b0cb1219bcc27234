package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rookery/internal/bus"
	"rookery/internal/rights"
	"rookery/script"
)

// Authorize checks a group, its password and the notifications it asks to
// hear. It is all or nothing: one unknown or forbidden name, and nothing is
// granted.
func (d *Dispatcher) Authorize(ctx context.Context, a bus.Authorization) bus.Grant {
	begun := d.begin(bus.Request{Door: a.Door, Identifier: a.Remote})
	caller, err := d.o.Access.Authenticate(ctx, a.Group, a.Password, asker(a.Door, a.Remote))
	if err != nil {
		d.audit(begun, answer{group: a.Group, err: refusal(err)}, err)
		err = refusal(err)
	} else if a.All {
		a.Types = slices.Clone(caller.Notifications)
	} else {
		if a.Types, err = hearable(caller, a.Types); err != nil {
			d.audit(begun, answer{group: caller.Name, err: err}, err)
		}
	}
	if err != nil {
		e, _ := seen(err)
		return bus.Grant{Error: e}
	}
	if a.All {
		d.o.Log.Info(fmt.Sprintf("%s : let in", caller.Name), "remote", a.Remote)
	} else {
		d.o.Log.Info(fmt.Sprintf("%s : hears %s", caller.Name, strings.Join(a.Types, ",")), "remote", a.Remote)
	}
	return bus.Grant{GroupName: caller.Name, GroupID: caller.ID.String(), Types: a.Types}
}

// hearable returns the proper names of the notifications asked for, each once.
func hearable(caller rights.Caller, asked []string) ([]string, error) {
	var types []string
	for _, name := range asked {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		n, err := rights.ParseNotification(name)
		if err != nil {
			return nil, Explain(script.ErrInvalidNotificationTypes, "%v", err)
		}
		if !caller.Hears(n.Name) {
			return nil, Explain(script.ErrNotificationNotAllowed, "%s", n.Name)
		}
		if !slices.Contains(types, n.Name) {
			types = append(types, n.Name)
		}
	}
	if len(types) == 0 {
		return nil, Explain(script.ErrNoTypeProvided, "type is a list of notifications; allowed are %s", strings.Join(caller.Notifications, ", "))
	}
	return types, nil
}
