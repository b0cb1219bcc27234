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
