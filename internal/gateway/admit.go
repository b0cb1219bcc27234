package gateway

import (
	"context"

	"rookery/internal/bus"
)

// Admit checks a group's password without asking for particular notifications:
// the grant names all that the group may hear, which may be none. It is for
// doors whose clients choose later and more than once.
func (d *Desk) Admit(ctx context.Context, group, password, remote string) bus.Grant {
	grant, err := d.Bus.Authorize(ctx, d.Agent, bus.Authorization{Group: group, Password: password, All: true, Remote: remote, Door: d.Door})
	if err != nil {
		d.Log.Warn("a handshake got no answer", "remote", remote, "error", err)
		grant = bus.Grant{Error: busError(err)}
	}
	d.Metrics.Handshake(grant.Error == nil)
	return grant
}
