package simgrid

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/message"
)

// gift is an item that was offered and waits for the answer. What an avatar
// gives is in the receiver's inventory from the start, and so is in
// OpenSimulator what an object gives; in Second Life that comes when it is
// accepted.
type gift struct {
	session, to grid.UUID
	item        Item
	task        bool // from an object
	placed      bool
}

// Give offers an item to an avatar anywhere in the grid. The avatar gets a copy
// of it, in the folder for its type; a declined one goes to its trash. The
// answer comes back as an instant message (MessageSent with the dialog
// InventoryAccepted or InventoryDeclined). It returns the session of the offer.
func (in *Inhabitant) Give(to grid.UUID, i Item) (grid.UUID, error) {
	var im message.ImprovedInstantMessage
	in.do(func(*Region, *avatar) { im = in.im(to, grid.IMInventoryOffered, uuid.New(), i.Name) })
	return in.g.give(im, i, false)
}

// Give is what llGiveInventory does: it offers an item to an avatar in the name
// of the prim, on behalf of its owner. The answer comes back to the owner.
func (o *Prim) Give(to grid.UUID, i Item) (grid.UUID, error) {
	var im message.ImprovedInstantMessage
	err := o.with(func(r *Region) {
		at := o.cfg.Position
		im = message.ImprovedInstantMessage{
			AgentData: message.ImprovedInstantMessageAgentData{AgentID: o.cfg.Owner},
			MessageBlock: message.ImprovedInstantMessageMessageBlock{
				ToAgentID: to, ParentEstateID: 1, RegionID: r.cfg.ID, Position: at,
				Dialog: uint8(grid.IMTaskInventoryOffered), ID: uuid.New(), Timestamp: uint32(time.Now().Unix()),
				FromAgentName: message.Bytes(o.cfg.Name),
				Message:       message.Bytes(fmt.Sprintf("'%s' ( http://slurl.com/secondlife/%s/%d/%d/%d )", i.Name, r.cfg.Name, int(at.X), int(at.Y), int(at.Z))),
			},
		}
	})
	if err != nil {
		return grid.UUID{}, err
	}
	return o.region.g.give(im, i, true)
}

// giveOwn takes an offer that an agent makes of an item of its own.
func (g *Grid) giveOwn(from *Account, im message.ImprovedInstantMessage) {
	b, ok := grid.ParseOfferBucket(im.MessageBlock.BinaryBucket)
	g.mu.Lock()
	found := from.inventory.item(b.Item)
	var item Item
	if found != nil {
		item = *found
	}
	g.mu.Unlock()
	if !ok || found == nil {
		_ = g.AgentAlert(from.id, "Can't find item to give. Nothing given.", false)
		return
	}
	// Who is no longer there, or has no room, gets nothing.
	_, _ = g.give(im, item, false)
}

// give sends an offer on its way; the item's id and folder are not the
// receiver's.
func (g *Grid) give(im message.ImprovedInstantMessage, i Item, task bool) (grid.UUID, error) {
	b := &im.MessageBlock
	if err := i.check(); err != nil {
		return grid.UUID{}, err
	}
	to := g.AccountByID(b.ToAgentID)
	if to == nil {
		return grid.UUID{}, fmt.Errorf("give %q: there is no avatar %s", i.Name, b.ToAgentID)
	}
	if i.Creator == (grid.UUID{}) {
		i.Creator = im.AgentData.AgentID
	}
	i.ID, i.Folder = uuid.New(), grid.UUID{}
	placed := !task || g.cfg.OpenSim
	if placed {
		var err error
		if i, err = g.place(to, i); err != nil {
			return grid.UUID{}, err
		}
	}
	if g.cfg.OpenSim { // where the item itself is the session
		b.ID = i.ID
	}
	b.BinaryBucket = []byte{byte(i.Type)}
	if !task {
		b.BinaryBucket = grid.AppendOfferBucket(nil, grid.OfferBucket{Type: i.Type, Item: i.ID})
	}
	g.mu.Lock()
	if len(g.gifts) >= offerLimit {
		g.gifts = slices.Delete(g.gifts, 0, 1)
	}
	g.gifts = append(g.gifts, gift{b.ID, to.id, i, task, placed})
	g.mu.Unlock()
	g.deliver(im)
	return b.ID, nil
}

// answerGift takes the answer to an offer and passes it on to who made it. An
// accepted item goes to the folder that the answer names. No region's lock may
// be held.
func (g *Grid) answerGift(from *Account, im message.ImprovedInstantMessage) {
	b := &im.MessageBlock
	g.mu.Lock()
	i := slices.IndexFunc(g.gifts, func(o gift) bool { return o.session == b.ID && o.to == from.id })
	if i < 0 {
		g.mu.Unlock()
		return
	}
	offer := g.gifts[i]
	g.gifts = slices.Delete(g.gifts, i, i+1)
	trash := from.inventory.folderFor(grid.AssetTrash).id
	var folder grid.UUID
	if len(b.BinaryBucket) >= len(folder) {
		copy(folder[:], b.BinaryBucket)
	}
	g.mu.Unlock()
	dialog := grid.IMDialog(b.Dialog)
	accepted := dialog == grid.IMInventoryAccepted || dialog == grid.IMTaskInventoryAccepted
	switch {
	case accepted && !offer.placed:
		offer.item.Folder = folder
		if _, err := g.place(from, offer.item); err != nil {
			_ = g.Alert(from.id, "Unable to create the item: "+err.Error())
			return
		}
	case accepted && offer.task && folder != (grid.UUID{}):
		g.move(from, offer.item.ID, folder, "")
	case !accepted && offer.placed:
		g.move(from, offer.item.ID, trash, "")
	}
	g.deliver(im)
}
