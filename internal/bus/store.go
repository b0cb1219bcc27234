package bus

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

const (
	// reviveEvery is how often a store that failed is looked after.
	reviveEvery = 5 * time.Second
	// probeSize is how much must fit onto the disk before the store is used
	// again, in bytes.
	probeSize = 1 << 20
)

// lost notes that a notification was not kept. From now on nothing waits for the
// store, which is looked after until it works again.
func (b *Bus) lost(err error) {
	b.missed.Add(1)
	if b.done.Err() != nil || !b.down.CompareAndSwap(false, true) {
		return
	}
	b.log.Error("the store of the bus fails: durable subscriptions miss what happens", "error", err)
	b.running.Go(func() {
		look := time.NewTicker(b.reviveEvery)
		defer look.Stop()
		for {
			select {
			case <-b.done.Done():
				return
			case <-look.C:
			}
			if err := b.revive(b.done); err != nil {
				b.log.Debug("the store of the bus fails still", "error", err)
				continue
			}
			b.log.Warn("the store of the bus works again", "missed", b.missed.Swap(0))
			b.down.Store(false)
			return
		}
	})
}

// revive makes a store that failed work again, if it can. What the embedded
// server could not write it gives up for good, so its store is opened anew; not
// before there is room on the disk, for that was most likely missing.
func (b *Bus) revive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, takeTimeout)
	defer cancel()
	if b.embedded != nil {
		if err := b.probe(); err != nil {
			return fmt.Errorf("write to %s: %w", b.store, err)
		}
		if b.embedded.JetStreamEnabled() {
			if err := b.embedded.DisableJetStream(); err != nil {
				return err
			}
		}
		if err := b.embedded.EnableJetStream(&server.JetStreamConfig{StoreDir: b.store}); err != nil {
			return err
		}
	}
	return b.putPlace(ctx, "probe", 1)
}

// probe finds out whether the disk takes anything.
func (b *Bus) probe() error {
	f, err := os.CreateTemp(filepath.Clean(b.store), ".probe-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, probeSize))
	if end := f.Close(); err == nil {
		err = end
	}
	return err
}
