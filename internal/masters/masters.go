// Package masters accepts for an agent what its masters offer: friendship,
// teleports, inventory, and invitations into groups that cost nothing.
//
// A master is known by the name that the grid gives for the id of who offers:
// offers bear names too, but OpenSimulator passes on whatever name a client
// writes, and an object is called what its maker likes. Group invitations alone
// name who invites and do not tell the id; there the grid writes the name.
//
// Two things are left to commands: an invitation that costs money, which is not
// a master's to spend, and a lure that waited for the login, since whoever sent
// it has long been elsewhere.
package masters

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"rookery/agent"
	"rookery/grid"
)

// queue is how many offers may wait to be accepted. When it is full, further
// ones are left to commands, with a log line.
const queue = 64

// Options say what to work with. All are needed.
type Options struct {
	Agent *agent.Agent
	// Names lists the masters, "First Last", as they are now.
	Names func() []string
	Log   *slog.Logger
}

// offer is something that somebody offers the agent.
type offer struct {
	what string
	from grid.UUID  // who offers, or the owner of the object that does
	name agent.Name // instead of from
	// accept accepts it.
	accept func(context.Context) error
}

// Start accepts what masters offer from now on, until stop is called. Offers are
// accepted one after the other, in their order.
func Start(o Options) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	waiting := make(chan offer, queue)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case offer := <-waiting:
				o.consider(ctx, offer)
			}
		}
	})
	unsubscribe := o.Agent.Subscribe(func(e agent.Event) {
		offer, ok := o.offered(e)
		if !ok || len(o.Names()) == 0 {
			return
		}
		select {
		case waiting <- offer:
		default:
			o.Log.Warn("an offer is left unanswered: too many wait", "offer", offer.what, "from", offer.from)
		}
	})
	return func() {
		unsubscribe()
		cancel()
		running.Wait()
	}
}

// offered tells what an event offers that may be accepted from masters.
func (o Options) offered(e agent.Event) (offer, bool) {
	a := o.Agent
	switch e := e.(type) {
	case agent.FriendshipOffered:
		return offer{what: "friendship", from: e.From, accept: func(ctx context.Context) error {
			return a.AcceptFriendship(ctx, e.From)
		}}, true
	case agent.LureReceived:
		return offer{what: "teleport", from: e.From, accept: func(ctx context.Context) error {
			return a.AcceptLure(ctx, e.Session)
		}}, !e.Offline
	case agent.GroupInvited:
		return offer{what: "group", name: agent.ParseName(e.FromName), accept: func(ctx context.Context) error {
			return a.AcceptGroupInvitation(ctx, e.Session)
		}}, e.Fee == 0
	case agent.InventoryOffered:
		return offer{what: "inventory", from: e.From, accept: func(ctx context.Context) error {
			return a.AcceptInventory(ctx, e.Session, agent.InventoryPlace{})
		}}, true
	}
	return offer{}, false
}

// consider accepts an offer when it comes from a master.
func (o Options) consider(ctx context.Context, offer offer) {
	log := o.Log.With("offer", offer.what)
	if offer.from != (grid.UUID{}) {
		var err error
		if offer.name, err = o.Agent.AvatarName(ctx, offer.from); err != nil {
			log.Debug("nobody's offer is left unanswered", "from", offer.from, "error", err)
			return
		}
	}
	if !slices.ContainsFunc(o.Names(), func(name string) bool { return agent.ParseName(name).Equal(offer.name) }) {
		return
	}
	switch err := offer.accept(ctx); {
	case err == nil:
		log.Info("accepted what a master offered", "master", offer.name.String())
	case ctx.Err() == nil:
		log.Warn("what a master offered could not be accepted", "master", offer.name.String(), "error", err)
	}
}
