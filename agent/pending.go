package agent

import (
	"errors"
	"slices"

	"rookery/grid"
)

// maxPending is how many offers of one kind wait for an answer. A new one then
// takes the place of the oldest.
const maxPending = 100

// pending keeps offers that wait for an answer, the oldest first. A repeated
// one takes the place of the one before. Guarded by a.mu.
type pending[T any] struct {
	keys   []grid.UUID
	offers map[grid.UUID]T
}

func (p *pending[T]) put(key grid.UUID, offer T) {
	if p.offers == nil {
		p.offers = make(map[grid.UUID]T)
	}
	p.drop(key)
	if len(p.keys) >= maxPending {
		p.drop(p.keys[0])
	}
	p.keys, p.offers[key] = append(p.keys, key), offer
}

func (p *pending[T]) drop(key grid.UUID) {
	if i := slices.Index(p.keys, key); i >= 0 {
		p.keys = slices.Delete(p.keys, i, i+1)
		delete(p.offers, key)
	}
}

// take returns an offer and drops it, so that nobody answers it twice.
func (p *pending[T]) take(key grid.UUID) (T, error) {
	offer, ok := p.offers[key]
	if !ok {
		return offer, ErrNoOffer
	}
	p.drop(key)
	return offer, nil
}

func (p *pending[T]) all() []T {
	list := make([]T, len(p.keys))
	for i, key := range p.keys {
		list[i] = p.offers[key]
	}
	return list
}

// offers are all that wait.
type offers struct {
	friendships pending[FriendshipOffered] // by who offered
	lures       pending[LureReceived]      // by session, like those below
	invitations pending[GroupInvited]
	inventory   pending[InventoryOffered]
}

// answer takes an offer and sends what do makes of it. When that fails it waits
// on, unless the grid itself said no. The lists are the agent's, not the
// session's, so that a broken connection loses none.
func answer[T any](a *Agent, list *pending[T], key grid.UUID, do func(offer T) error) error {
	a.mu.Lock()
	offer, err := list.take(key)
	a.mu.Unlock()
	if err != nil {
		return err
	}
	err = do(offer)
	var refused *TeleportError
	if err == nil || errors.As(err, &refused) {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, newer := list.offers[key]; !newer {
		list.put(key, offer)
	}
	return err
}
