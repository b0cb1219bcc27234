package agent

import (
	"context"
	"net/url"

	"rookery/grid"
	"rookery/grid/message"
)

// FriendshipOffers returns the offers of friendship that wait for an answer,
// the oldest first: the latest of each avatar, at most 100.
func (a *Agent) FriendshipOffers() []FriendshipOffered {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.offers.friendships.all()
}

// AcceptFriendship accepts the offer of an avatar; the error is ErrNoOffer when
// there is none. It returns when the region has heard of it.
func (a *Agent) AcceptFriendship(ctx context.Context, from grid.UUID) error {
	return answer(a, &a.offers.friendships, from, func(offer FriendshipOffered) error {
		if done, err := a.answerStoredFriendship(ctx, "AcceptFriendship", offer); done {
			return err
		}
		s, err := a.online()
		if err != nil {
			return err
		}
		m := &message.AcceptFriendship{
			AgentData:        message.AcceptFriendshipAgentData{AgentID: s.id, SessionID: s.secret},
			TransactionBlock: message.AcceptFriendshipTransactionBlock{TransactionID: offer.Session},
		}
		if folder := s.folders.of(grid.AssetCallingCard); folder != (grid.UUID{}) {
			m.FolderData = []message.AcceptFriendshipFolderData{{FolderID: folder}}
		}
		return a.confirm(ctx, m)
	})
}

// DeclineFriendship declines the offer of an avatar; see AcceptFriendship.
func (a *Agent) DeclineFriendship(ctx context.Context, from grid.UUID) error {
	return answer(a, &a.offers.friendships, from, func(offer FriendshipOffered) error {
		if done, err := a.answerStoredFriendship(ctx, "DeclineFriendship", offer); done {
			return err
		}
		s, err := a.online()
		if err != nil {
			return err
		}
		return a.confirm(ctx, &message.DeclineFriendship{
			AgentData:        message.DeclineFriendshipAgentData{AgentID: s.id, SessionID: s.secret},
			TransactionBlock: message.DeclineFriendshipTransactionBlock{TransactionID: offer.Session},
		})
	})
}

// answerStoredFriendship answers an offer that waited for the login by a
// capability: Second Life knows such an offer by who made it. It returns false
// when the offer, or the region, is not of that kind.
func (a *Agent) answerStoredFriendship(ctx context.Context, name string, offer FriendshipOffered) (done bool, err error) {
	if !offer.Offline || !a.HasCapability(name) {
		return false, nil
	}
	s, addr, err := a.capability(ctx, name)
	if err != nil {
		return true, err
	}
	query := url.Values{"from": {offer.From.String()}, "agent_name": {`"` + a.Self().Name.String() + `"`}}
	_, err = s.client().Get(ctx, addr+"?"+query.Encode())
	return true, err
}
