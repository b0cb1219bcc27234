package bus

import (
	"context"
	"time"
)

// ForgetUnused forgets the durable subscriptions of an agent that had their last
// client before a time.
func (b *Bus) ForgetUnused(ctx context.Context, agent string, before time.Time) {
	h, _ := b.homes.Load(agent)
	h.(*home).keeper.forgetUnused(ctx, before)
}

// Hears tells what this side of the bus knows of a group's rights.
func (b *Bus) Hears(agent, group, kind string) bool { return b.mayHear(agent, group, kind) }

// BreakStore makes the embedded server give its store up, as it does when the disk
// is full. From now on it is looked after every millisecond.
func (b *Bus) BreakStore() error {
	b.reviveEvery = time.Millisecond
	return b.embedded.DisableJetStream()
}

// Down tells whether the store fails.
func (b *Bus) Down() bool { return b.down.Load() }
