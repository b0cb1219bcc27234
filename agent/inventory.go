package agent

import (
	"context"

	"rookery/grid"
	"rookery/grid/login"
	"rookery/grid/message"
)

// folders are the default folders of the agent's inventory by what they are
// for, as the login told them. It does not change.
type folders map[grid.AssetType]grid.UUID

func newFolders(resp *login.Response) folders {
	f := folders{grid.AssetFolder: resp.InventoryRoot}
	for _, folder := range resp.Inventory {
		t := grid.AssetType(folder.Type)
		if _, ok := f[t]; !ok && t != grid.AssetUnknown {
			f[t] = folder.ID
		}
	}
	return f
}

// of returns the folder for a type; the root for those without one.
func (f folders) of(t grid.AssetType) grid.UUID {
	if id, ok := f[t]; ok {
		return id
	}
	return f[grid.AssetFolder]
}

// InventoryOffers returns the offers of inventory that wait for an answer, the
// oldest first; at most 100.
func (a *Agent) InventoryOffers() []InventoryOffered {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.offers.inventory.all()
}

// AcceptInventory accepts an offer, given by its session, and tells so whoever
// offered. The item goes to a folder; the null UUID means the folder for its
// type. What an avatar offers is in the inventory before it is accepted; it is
// moved to the folder when one is given. AcceptInventory returns when the region
// has heard of it; the error is ErrNoOffer when there is no such offer.
func (a *Agent) AcceptInventory(ctx context.Context, session, folder grid.UUID) error {
	return answer(a, &a.offers.inventory, session, func(offer InventoryOffered) error {
		s, err := a.online()
		if err != nil {
			return err
		}
		to := folder
		if to == (grid.UUID{}) {
			to = s.folders.of(offer.Type)
		}
		if err := a.confirmMessage(ctx, s.inventoryAnswer(offer, true, to)); err != nil {
			return err
		}
		if folder == (grid.UUID{}) || offer.Item == (grid.UUID{}) || offer.Type == grid.AssetFolder {
			return nil
		}
		return a.confirm(ctx, &message.MoveInventoryItem{
			AgentData:     message.MoveInventoryItemAgentData{AgentID: s.id, SessionID: s.secret},
			InventoryData: []message.MoveInventoryItemInventoryData{{ItemID: offer.Item, FolderID: folder, NewName: message.Bytes("")}},
		})
	})
}

// DeclineInventory declines an offer, and tells so whoever offered; what was in
// the inventory already goes to the trash. See AcceptInventory.
func (a *Agent) DeclineInventory(ctx context.Context, session grid.UUID) error {
	return answer(a, &a.offers.inventory, session, func(offer InventoryOffered) error {
		s, err := a.online()
		if err != nil {
			return err
		}
		return a.confirmMessage(ctx, s.inventoryAnswer(offer, false, grid.UUID{}))
	})
}

// ForgetInventory drops an offer without an answer; it returns whether there
// was one.
func (a *Agent) ForgetInventory(session grid.UUID) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, err := a.offers.inventory.take(session)
	return err == nil
}

// inventoryAnswer makes the answer to an offer: its dialog is that of the offer
// and one for yes, two for no.
func (s *session) inventoryAnswer(offer InventoryOffered, accept bool, folder grid.UUID) OutgoingMessage {
	m := OutgoingMessage{To: offer.From, Dialog: offer.Dialog + 2, Session: offer.Session}
	if accept {
		m.Dialog, m.Bucket = offer.Dialog+1, folder[:]
	}
	return m
}
