package agent

import (
	"context"
	"slices"

	"rookery/grid"
	"rookery/grid/login"
	"rookery/grid/message"
)

// InventoryFolder is a folder of the agent's inventory.
type InventoryFolder struct {
	ID, Parent grid.UUID // the root has no parent
	Name       string
	Type       grid.AssetType // what it is the default folder of; AssetUnknown for none
}

// InventoryFolders returns the folders of the agent's inventory, the root first,
// as the login told them.
func (a *Agent) InventoryFolders() []InventoryFolder {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.session == nil {
		return nil
	}
	return slices.Clone(a.session.folders)
}

// folders are those of the agent's inventory, the root first. They do not
// change.
type folders []InventoryFolder

func newFolders(resp *login.Response) folders {
	f := make(folders, 0, len(resp.Inventory)+1)
	f = append(f, InventoryFolder{ID: resp.InventoryRoot, Name: "My Inventory", Type: grid.AssetFolder})
	for _, folder := range resp.Inventory {
		next := InventoryFolder{ID: folder.ID, Parent: folder.Parent, Name: folder.Name, Type: grid.AssetType(folder.Type)}
		if next.ID == resp.InventoryRoot {
			f[0] = next
		} else {
			f = append(f, next)
		}
	}
	return f
}

// of returns the folder for a type; the root for those without one.
func (f folders) of(t grid.AssetType) grid.UUID {
	i := slices.IndexFunc(f, func(folder InventoryFolder) bool { return folder.Type == t })
	if t == grid.AssetUnknown {
		i = 0
	}
	return f[max(i, 0)].ID
}

// InventoryOffers returns the offers of inventory that wait for an answer, the
// oldest first; at most 100.
func (a *Agent) InventoryOffers() []InventoryOffered {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.offers.inventory.all()
}

// InventoryPlace is where an accepted item goes.
type InventoryPlace struct {
	Folder grid.UUID // null: the folder for its type
	Name   string    // empty: the name it has
}

// AcceptInventory accepts an offer, given by its session, and tells so whoever
// offered. What an avatar offers is in the inventory before it is accepted; an
// item is moved and renamed then, a folder stays as it is. AcceptInventory
// returns when the region has heard of it; the error is ErrNoOffer when there is
// no such offer.
func (a *Agent) AcceptInventory(ctx context.Context, session grid.UUID, at InventoryPlace) error {
	return answer(a, &a.offers.inventory, session, func(offer InventoryOffered) error {
		s, err := a.online()
		if err != nil {
			return err
		}
		to, item := at.Folder, offer.Item
		if to == (grid.UUID{}) {
			to = s.folders.of(offer.Type)
		}
		var arrival *waiter
		if offer.Object && at.Name != "" {
			arrival = s.expectItem(to, &item)
		}
		if err := a.confirmMessage(ctx, s.inventoryAnswer(offer, true, to)); err != nil {
			if arrival != nil {
				s.forget(arrival)
			}
			return err
		}
		if arrival != nil {
			limited, cancel := context.WithTimeout(ctx, a.timeouts.Load().data)
			defer cancel()
			if s.await(limited, arrival, 0, 0) != nil {
				item = session // OpenSimulator tells of no arrival, and calls the offer by the item
			}
		}
		if offer.Type == grid.AssetFolder || item == (grid.UUID{}) || at == (InventoryPlace{}) {
			return nil
		}
		return a.confirm(ctx, &message.MoveInventoryItem{
			AgentData:     message.MoveInventoryItemAgentData{AgentID: s.id, SessionID: s.secret},
			InventoryData: []message.MoveInventoryItemInventoryData{{ItemID: item, FolderID: to, NewName: message.Bytes(at.Name)}},
		})
	})
}

// expectItem waits for an item that comes into a folder, and notes its id.
func (s *session) expectItem(folder grid.UUID, item *grid.UUID) *waiter {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	return s.expect(func(_ *region, m message.Message) progress {
		switch m := m.(type) {
		case *message.BulkUpdateInventory:
			for _, i := range m.ItemData {
				if i.FolderID == folder {
					*item = i.ItemID
					return complete
				}
			}
		case *message.UpdateCreateInventoryItem:
			for _, i := range m.InventoryData {
				if i.FolderID == folder {
					*item = i.ItemID
					return complete
				}
			}
		}
		return waiting
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
