package agent

import "rookery/grid"

// offered takes in an instant message that is an offer or the answer to one; it
// returns false for others, and for offers that make no sense. Called with a.mu
// held.
func (s *session) offered(im InstantMessage) bool {
	a := s.a
	switch im.Dialog {
	case grid.IMFriendshipOffered:
		e := FriendshipOffered{im}
		a.offers.friendships.put(im.From, e)
		a.emit(e)
	case grid.IMRequestTeleport:
		e := LureReceived{im}
		a.offers.lures.put(im.Session, e)
		a.emit(e)
	case grid.IMGroupInvitation:
		b, ok := grid.ParseInvitationBucket(im.Bucket)
		if !ok {
			return false
		}
		e := GroupInvited{InstantMessage: im, Group: im.From, Role: b.Role, Fee: b.Fee}
		a.offers.invitations.put(im.Session, e)
		a.emit(e)
	case grid.IMInventoryOffered, grid.IMTaskInventoryOffered:
		e, ok := inventoryOffer(im)
		if !ok {
			return false
		}
		a.offers.inventory.put(im.Session, e)
		a.emit(e)
	case grid.IMFriendshipAccepted, grid.IMFriendshipDeclined:
		a.emit(FriendshipAnswered{im, im.Dialog == grid.IMFriendshipAccepted})
	case grid.IMInventoryAccepted, grid.IMInventoryDeclined, grid.IMTaskInventoryAccepted, grid.IMTaskInventoryDeclined:
		a.emit(InventoryAnswered{im, im.Dialog == grid.IMInventoryAccepted || im.Dialog == grid.IMTaskInventoryAccepted})
	default:
		return false
	}
	return true
}

func inventoryOffer(im InstantMessage) (InventoryOffered, bool) {
	b, ok := grid.ParseOfferBucket(im.Bucket)
	e := InventoryOffered{InstantMessage: im, Type: b.Type, Item: b.Item, Object: im.Dialog == grid.IMTaskInventoryOffered}
	return e, ok && (e.Object || e.Item != grid.UUID{})
}

// turnAway does with a message of somebody muted what must not be left undone:
// inventory that is offered is declined, or it would stay.
func (s *session) turnAway(im InstantMessage) {
	switch im.Dialog {
	case grid.IMInventoryOffered, grid.IMTaskInventoryOffered:
		if offer, ok := inventoryOffer(im); ok && s.root != nil {
			s.reply(s.root, s.im(s.inventoryAnswer(offer, false, grid.UUID{})))
		}
	}
}
