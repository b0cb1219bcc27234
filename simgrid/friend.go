package simgrid

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/login"
	"rookery/grid/message"
)

var friendRoutes = []route{
	onRoot(handleAcceptFriendship),
	onRoot(handleDeclineFriendship),
	onRoot(handleTerminateFriendship),
}

// friendOffer is an offer of friendship that waits for its answer.
type friendOffer struct{ from, session grid.UUID }

// offerLimit is how many offers of one kind wait for one account; the oldest
// are forgotten.
const offerLimit = 100

// Friends returns the friends of an avatar, in the order in which they became
// friends.
func (g *Grid) Friends(avatar grid.UUID) []grid.UUID {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a := g.accounts[avatar]; a != nil {
		return slices.Clone(a.friends)
	}
	return nil
}

// OfferFriendship offers friendship to an avatar anywhere in the grid. Its
// answer shows as FriendshipFormed or FriendshipDeclined.
func (in *Inhabitant) OfferFriendship(to grid.UUID, text string) {
	in.do(func(r *Region, _ *avatar) {
		im := in.im(to, grid.IMFriendshipOffered, uuid.New(), text)
		r.later(func() { in.g.offerFriendship(in.account, im) })
	})
}

func (g *Grid) offerFriendship(from *Account, im message.ImprovedInstantMessage) {
	if g.cfg.OpenSim { // where there is one offer of an avatar at a time
		im.MessageBlock.ID = from.id
	}
	g.mu.Lock()
	to := g.accounts[im.MessageBlock.ToAgentID]
	if to == nil || to == from || slices.Contains(to.friends, from.id) {
		g.mu.Unlock()
		return
	}
	to.friendOffers = slices.DeleteFunc(to.friendOffers, func(o friendOffer) bool { return o.from == from.id })
	to.friendOffers = append(to.friendOffers, friendOffer{from.id, im.MessageBlock.ID})
	if len(to.friendOffers) > offerLimit {
		to.friendOffers = to.friendOffers[1:]
	}
	g.mu.Unlock()
	g.deliver(im)
}

func handleAcceptFriendship(r *Region, p *presence, m *message.AcceptFriendship) {
	id := m.TransactionBlock.TransactionID
	r.later(func() { r.g.answerFriendship(p.session.account, id, true) })
}

func handleDeclineFriendship(r *Region, p *presence, m *message.DeclineFriendship) {
	id := m.TransactionBlock.TransactionID
	r.later(func() { r.g.answerFriendship(p.session.account, id, false) })
}

// serveFriendship answers offers that waited for the agent to log in, which
// are known by who made them.
func serveFriendship(accept bool) capability {
	return func(p *presence, w http.ResponseWriter, r *http.Request) {
		from, err := grid.ParseUUID(r.URL.Query().Get("from"))
		done := err == nil && p.region.g.answerFriendship(p.session.account, from, accept)
		caps.WriteLLSD(w, http.StatusOK, map[string]any{"success": done})
	}
}

// answerFriendship answers the offer with that session, or from that avatar. No
// region's lock may be held.
func (g *Grid) answerFriendship(to *Account, id grid.UUID, accept bool) bool {
	g.mu.Lock()
	i := slices.IndexFunc(to.friendOffers, func(o friendOffer) bool { return o.session == id || o.from == id })
	if i < 0 {
		g.mu.Unlock()
		return false
	}
	offer := to.friendOffers[i]
	to.friendOffers = slices.Delete(to.friendOffers, i, i+1)
	from := g.accounts[offer.from]
	if accept {
		to.friends, from.friends = append(to.friends, from.id), append(from.friends, to.id)
	}
	g.mu.Unlock()
	dialog := grid.IMFriendshipDeclined
	if accept {
		dialog = grid.IMFriendshipAccepted
	}
	g.deliver(message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: to.id},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			ToAgentID: from.id, Dialog: uint8(dialog), ID: offer.session,
			FromAgentName: message.Bytes(to.Name()), Message: message.Bytes(""), BinaryBucket: []byte{0},
		},
	})
	if !accept {
		g.hub.emit(FriendshipDeclined{From: from.id, By: to.id})
		return true
	}
	g.tellOnline(from, to)
	g.tellOnline(to, from)
	g.hub.emit(FriendshipFormed{From: from.id, By: to.id})
	return true
}

// tellOnline tells an agent that a friend is in the grid, if it is.
func (g *Grid) tellOnline(agent, friend *Account) {
	if !friend.inhabitant && g.session(friend.id) == nil {
		return
	}
	// Who is away is told at its next login.
	_ = g.withRoot(agent.id, "online", func(_ *Region, p *presence) {
		p.sendReliable(&message.OnlineNotification{
			AgentBlock: []message.OnlineNotificationAgentBlock{{AgentID: friend.id}},
		})
	})
}

func handleTerminateFriendship(r *Region, p *presence, m *message.TerminateFriendship) {
	a, other := p.session.account, m.ExBlock.OtherID
	r.later(func() {
		g := r.g
		g.mu.Lock()
		friend := g.accounts[other]
		if friend == nil || !slices.Contains(a.friends, other) {
			g.mu.Unlock()
			return
		}
		without := func(list []grid.UUID, id grid.UUID) []grid.UUID {
			return slices.DeleteFunc(list, func(f grid.UUID) bool { return f == id })
		}
		a.friends, friend.friends = without(a.friends, other), without(friend.friends, a.id)
		g.mu.Unlock()
		_ = g.withRoot(other, "end of a friendship", func(_ *Region, p *presence) {
			p.sendReliable(&message.TerminateFriendship{
				AgentData: message.TerminateFriendshipAgentData{AgentID: other, SessionID: p.session.id},
				ExBlock:   message.TerminateFriendshipExBlock{OtherID: a.id},
			})
		})
		g.hub.emit(FriendshipEnded{By: a.id, With: other})
	})
}

// Rights of friends: each sees the other online.
const friendSeesOnline = 1

// buddies lists an account's friends as login answers do. Called with g.mu held.
func (a *Account) buddies() []login.Buddy {
	list := make([]login.Buddy, len(a.friends))
	for i, id := range a.friends {
		list[i] = login.Buddy{ID: id, RightsGiven: friendSeesOnline, RightsHas: friendSeesOnline}
	}
	return list
}
