package bus

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/nats-io/nats.go"
)

// Rights tell what each group of an agent may hear: names of notifications by
// the group's UUID. A group that is missing may hear nothing.
type Rights map[string][]string

func rightsSubject(agent string) string { return "rookery.rights." + token(agent) }

// Revise tells every door of the named agent what its groups may hear from now
// on. It counts for what is subscribed already: see [Notification.MayHear].
// Before the first revision, what was granted holds.
func (b *Bus) Revise(agent string, r Rights) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("revise the rights: %w", err)
	}
	b.rights.Store(agent, r)
	if h, ok := b.homes.Load(agent); ok {
		h.(*home).keeper.revise(r)
	}
	if err := b.conn.Publish(rightsSubject(agent), data); err != nil {
		return fmt.Errorf("revise the rights: %w", err)
	}
	return nil
}

// followRights learns what the groups of an agent may hear that lives in
// another process.
func (b *Bus) followRights(agent string) (*nats.Subscription, error) {
	return b.conn.Subscribe(rightsSubject(agent), func(m *nats.Msg) {
		if _, here := b.local.Load(agent); here {
			return // known already, and maybe newer
		}
		var r Rights
		if err := json.Unmarshal(m.Data, &r); err != nil {
			b.log.Warn("rights cannot be read", "agent", agent, "error", err)
			return
		}
		b.rights.Store(agent, r)
	})
}

func (b *Bus) rightsOf(agent string) Rights {
	r, _ := b.rights.Load(agent)
	rights, _ := r.(Rights)
	return rights
}

// MayHear tells whether a group, by its UUID, may hear the notification at the
// moment it was received. What was granted once may be revoked later.
func (n Notification) MayHear(group string) bool {
	return n.Concerns(group) && n.rights.allow(group, n.Type)
}

// mayHear is [Notification.MayHear] for a notification of this moment.
func (b *Bus) mayHear(agent, group, kind string) bool { return b.rightsOf(agent).allow(group, kind) }

func (r Rights) allow(group, kind string) bool {
	return r == nil || slices.Contains(r[group], kind)
}
