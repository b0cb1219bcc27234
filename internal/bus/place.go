package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// placesBucket holds how far the clients of durable subscriptions have come.
const placesBucket = "ROOKERY-PLACES"

// place is how far the client of a durable subscription has come.
type place struct {
	// Next is the first sequence that was not sent to it.
	Next uint64 `json:"next"`
	// Used is when it was last there.
	Used time.Time `json:"used"`
}

// canKeep tells whether the bus has a store, and prepares it.
func (b *Bus) canKeep(ctx context.Context) bool {
	b.keeping.Lock()
	defer b.keeping.Unlock()
	if b.places != nil {
		return true
	}
	if b.embedded != nil && !b.embedded.JetStreamEnabled() {
		return false
	}
	places, err := b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket:      placesBucket,
		Description: "how far clients of durable subscriptions have come",
		Storage:     jetstream.FileStorage,
	})
	if err != nil {
		if !errors.Is(err, jetstream.ErrJetStreamNotEnabled) && !errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount) {
			b.log.Error("the store of the bus cannot be used", "error", err)
		}
		return false
	}
	b.places = places
	return true
}

// placeOf tells how far the client of a stream has come; the beginning when it
// has none.
func (b *Bus) placeOf(ctx context.Context, stream string) (place, error) {
	entry, err := b.places.Get(ctx, stream)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return place{Next: 1}, nil
	}
	if err != nil {
		return place{}, fmt.Errorf("how far a client has come: %w", err)
	}
	var p place
	if err := json.Unmarshal(entry.Value(), &p); err != nil {
		return place{}, fmt.Errorf("how far a client has come: %w", err)
	}
	return p, nil
}

func (b *Bus) putPlace(ctx context.Context, stream string, next uint64) error {
	value, err := json.Marshal(place{Next: next, Used: time.Now().UTC()})
	if err == nil {
		_, err = b.places.Put(ctx, stream, value)
	}
	if err != nil {
		return fmt.Errorf("keep how far a client has come: %w", err)
	}
	return nil
}

func (b *Bus) forgetPlace(ctx context.Context, stream string) error {
	err := b.places.Purge(ctx, stream)
	if err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
		return fmt.Errorf("forget how far a client has come: %w", err)
	}
	return nil
}

// lastUsed tells when a stream last had a client, or was made.
func (b *Bus) lastUsed(ctx context.Context, stream string) (time.Time, error) {
	p, err := b.placeOf(ctx, stream)
	if err != nil || !p.Used.IsZero() {
		return p.Used, err
	}
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return time.Time{}, err
	}
	return s.CachedInfo().Created, nil
}
