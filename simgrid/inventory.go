package simgrid

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
	"rookery/grid/login"
	"rookery/grid/message"
)

var inventoryRoutes = []route{
	onRoot(handleMoveInventoryItem),
}

// folder is a folder of an inventory.
type folder struct {
	id, parent grid.UUID
	name       string
	kind       int // the asset type it is the default folder of; -1 for none
	version    int
}

// Item is an item of an inventory.
type Item struct {
	ID          grid.UUID // made when null
	Name        string    // 1 to 63 bytes
	Description string
	Type        grid.AssetType
	Asset       grid.UUID
	Creator     grid.UUID
	// Folder is where it is; the folder for its type when null. Parent is the
	// folder's name, as AddItem and Items tell it.
	Folder grid.UUID
	Parent string
}

// itemLimit is how many items an inventory may have.
const itemLimit = 10000

// inventory is what an account has: the folders that every account starts
// with, and items in them. Guarded by Grid.mu.
type inventory struct {
	owner   grid.UUID
	folders []folder // the root first
	items   []Item
}

// systemFolders are the folders of a new account, under the root.
var systemFolders = []struct {
	name string
	kind int
}{
	{"Textures", 0},
	{"Sounds", 1},
	{"Calling Cards", 2},
	{"Landmarks", 3},
	{"Clothing", 5},
	{"Objects", 6},
	{"Notecards", 7},
	{"Scripts", 10},
	{"Body Parts", 13},
	{"Trash", 14},
	{"Photo Album", 15},
	{"Lost And Found", 16},
	{"Animations", 20},
	{"Gestures", 21},
	{"Favorites", 23},
	{"Current Outfit", 46},
	{"My Outfits", 48},
	{"Settings", 56},
	{"Materials", 57},
}

// rootFolder is the folder type of an inventory's root.
const rootFolder = int(grid.AssetFolder)

// libraryOwner owns the library, which everybody sees.
var libraryOwner = nameID("avatar", "Library Owner")

// library is what everybody has: an empty root. It never changes.
var library = &inventory{owner: libraryOwner, folders: []folder{{
	id: nameID("folder", "library"), name: "Library", kind: rootFolder, version: 1,
}}}

func newInventory(owner grid.UUID) *inventory {
	root := folder{id: nameID("folder", owner.String()), name: "My Inventory", kind: rootFolder, version: len(systemFolders)}
	inv := &inventory{owner: owner, folders: []folder{root}}
	for _, f := range systemFolders {
		inv.folders = append(inv.folders, folder{
			id: nameID("folder", owner.String()+"/"+f.name), parent: root.id, name: f.name, kind: f.kind, version: 1,
		})
	}
	return inv
}

// fill writes the folders into a login answer.
func (inv *inventory) fill(r *login.Response) {
	list := func(inv *inventory) []login.Folder {
		out := make([]login.Folder, len(inv.folders))
		for i, f := range inv.folders {
			out[i] = login.Folder{ID: f.id, Parent: f.parent, Name: f.name, Type: f.kind, Version: f.version}
		}
		return out
	}
	r.InventoryRoot, r.Inventory = inv.folders[0].id, list(inv)
	r.LibraryRoot, r.LibraryOwner, r.Library = library.folders[0].id, library.owner, list(library)
}

// maxInventory is how long a request for inventory may be.
const maxInventory = 1 << 20

// serveDescendents tells what is in folders.
func serveDescendents(p *presence, w http.ResponseWriter, r *http.Request) {
	v, ok := caps.ReadLLSD(w, r, maxInventory)
	if !ok {
		return
	}
	var ask struct {
		Folders []struct {
			FolderID     grid.UUID `llsd:"folder_id"`
			FetchFolders bool      `llsd:"fetch_folders"`
			FetchItems   bool      `llsd:"fetch_items"`
		} `llsd:"folders"`
	}
	if err := llsd.Unmarshal(v, &ask); err != nil {
		http.Error(w, "folders to fetch: "+err.Error(), http.StatusBadRequest)
		return
	}
	folders, bad := []any{}, []any{}
	g := p.region.g
	g.mu.Lock()
	for _, want := range ask.Folders {
		inv, f := p.find(want.FolderID)
		if f == nil {
			bad = append(bad, map[string]any{"folder_id": want.FolderID, "error": "Unknown"})
			continue
		}
		folders = append(folders, inv.descendents(p.session.account.id, f, want.FetchFolders, want.FetchItems))
	}
	g.mu.Unlock()
	answer := map[string]any{"folders": folders}
	if len(bad) > 0 {
		answer["bad_folders"] = bad
	}
	caps.WriteLLSD(w, http.StatusOK, answer)
}

// find looks a folder up in the agent's inventory and in the library.
func (p *presence) find(id grid.UUID) (*inventory, *folder) {
	for _, inv := range []*inventory{p.session.account.inventory, library} {
		if f := inv.folder(id); f != nil {
			return inv, f
		}
	}
	return nil, nil
}

// folder returns the folder with that id, or nil.
func (inv *inventory) folder(id grid.UUID) *folder {
	i := slices.IndexFunc(inv.folders, func(f folder) bool { return f.id == id })
	if i < 0 {
		return nil
	}
	return &inv.folders[i]
}

// folderFor returns the default folder of a type; the root when there is none.
func (inv *inventory) folderFor(t grid.AssetType) *folder {
	i := slices.IndexFunc(inv.folders, func(f folder) bool { return f.kind == int(t) })
	return &inv.folders[max(i, 0)]
}

func (inv *inventory) descendents(agent grid.UUID, of *folder, withFolders, withItems bool) map[string]any {
	categories, items, n := []any{}, []any{}, 0
	for _, f := range inv.folders {
		if f.parent != of.id {
			continue
		}
		n++
		if withFolders {
			categories = append(categories, map[string]any{
				"agent_id": inv.owner, "category_id": f.id, "folder_id": f.id, "parent_id": f.parent,
				"name": f.name, "type_default": f.kind, "version": f.version,
			})
		}
	}
	for _, i := range inv.items {
		if i.Folder != of.id {
			continue
		}
		n++
		if withItems {
			items = append(items, i.encode(inv.owner))
		}
	}
	return map[string]any{
		"agent_id": agent, "owner_id": inv.owner, "folder_id": of.id, "version": of.version,
		"descendents": n, "categories": categories, "items": items,
	}
}

// encode writes an item as the capabilities do.
func (i Item) encode(owner grid.UUID) map[string]any {
	return map[string]any{
		"item_id": i.ID, "parent_id": i.Folder, "asset_id": i.Asset, "agent_id": owner,
		"name": i.Name, "desc": i.Description, "type": int(i.Type), "inv_type": int(i.Type), "flags": 0, "created_at": 0,
		"permissions": map[string]any{
			"creator_id": i.Creator, "owner_id": owner, "group_id": grid.UUID{}, "last_owner_id": owner, "is_owner_group": false,
			"base_mask": permAll, "owner_mask": permAll, "group_mask": 0, "everyone_mask": 0, "next_owner_mask": permAll,
		},
		"sale_info": map[string]any{"sale_type": 0, "sale_price": 0},
	}
}

// serveFetchItems tells about items by their ids.
func serveFetchItems(p *presence, w http.ResponseWriter, r *http.Request) {
	v, ok := caps.ReadLLSD(w, r, maxInventory)
	if !ok {
		return
	}
	var ask struct {
		Items []struct {
			ItemID grid.UUID `llsd:"item_id"`
		} `llsd:"items"`
	}
	if err := llsd.Unmarshal(v, &ask); err != nil {
		http.Error(w, "items to fetch: "+err.Error(), http.StatusBadRequest)
		return
	}
	a, g := p.session.account, p.region.g
	items := []any{}
	g.mu.Lock()
	for _, want := range ask.Items {
		if i := a.inventory.item(want.ItemID); i != nil {
			items = append(items, i.encode(a.id))
		}
	}
	g.mu.Unlock()
	caps.WriteLLSD(w, http.StatusOK, map[string]any{"agent_id": a.id, "items": items})
}

// item returns the item with that id, or nil.
func (inv *inventory) item(id grid.UUID) *Item {
	i := slices.IndexFunc(inv.items, func(i Item) bool { return i.ID == id })
	if i < 0 {
		return nil
	}
	return &inv.items[i]
}

// Items returns the items of an avatar's inventory, in the order in which they
// came.
func (g *Grid) Items(avatar grid.UUID) []Item {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.accounts[avatar]
	if a == nil {
		return nil
	}
	return slices.Clone(a.inventory.items)
}

// AddItem puts an item into an avatar's inventory, and tells its agent when it
// is in the grid. It returns the item as it is there.
func (g *Grid) AddItem(avatar grid.UUID, i Item) (Item, error) {
	if err := i.check(); err != nil {
		return Item{}, err
	}
	a := g.AccountByID(avatar)
	if a == nil {
		return Item{}, fmt.Errorf("item %q: there is no avatar %s", i.Name, avatar)
	}
	return g.place(a, i)
}

func (i *Item) check() error {
	if i.Name == "" || len(i.Name) > 63 || strings.ContainsAny(i.Name, "|\x00") {
		return fmt.Errorf("item name %q: want 1 to 63 bytes without a bar", i.Name)
	}
	return nil
}

// place puts an item into an inventory. No region's lock may be held.
func (g *Grid) place(a *Account, i Item) (Item, error) {
	if i.ID == (grid.UUID{}) {
		i.ID = uuid.New()
	}
	if i.Creator == (grid.UUID{}) {
		i.Creator = a.id
	}
	inv := a.inventory
	g.mu.Lock()
	f := inv.folder(i.Folder)
	switch {
	case i.Folder == (grid.UUID{}):
		f = inv.folderFor(i.Type)
	case f == nil:
		g.mu.Unlock()
		return Item{}, fmt.Errorf("item %q: %s has no folder %s", i.Name, a.Name(), i.Folder)
	}
	if inv.item(i.ID) != nil || len(inv.items) >= itemLimit {
		g.mu.Unlock()
		return Item{}, fmt.Errorf("item %q: %s has it already, or has %d items", i.Name, a.Name(), itemLimit)
	}
	i.Folder, i.Parent = f.id, f.name
	f.version++
	inv.items = append(inv.items, i)
	g.mu.Unlock()
	g.tellItem(a.id, i)
	g.hub.emit(ItemPlaced{Agent: a.id, Item: i})
	return i, nil
}

// move puts an item of an inventory into another of its folders. No region's
// lock may be held.
func (g *Grid) move(a *Account, item, folder grid.UUID, name string) {
	g.mu.Lock()
	i, f := a.inventory.item(item), a.inventory.folder(folder)
	if i == nil || f == nil {
		g.mu.Unlock()
		return
	}
	if old := a.inventory.folder(i.Folder); old != nil {
		old.version++
	}
	f.version++
	i.Folder, i.Parent = f.id, f.name
	if name != "" {
		i.Name = truncated(name, 63)
	}
	moved := *i
	g.mu.Unlock()
	g.hub.emit(ItemPlaced{Agent: a.id, Item: moved})
}

func handleMoveInventoryItem(r *Region, p *presence, m *message.MoveInventoryItem) {
	for _, d := range m.InventoryData {
		r.later(func() { r.g.move(p.session.account, d.ItemID, d.FolderID, message.String(d.NewName)) })
	}
}

// tellItem tells an agent that is in the grid of an item that came into its
// inventory.
func (g *Grid) tellItem(agent grid.UUID, i Item) {
	_ = g.withRoot(agent, "item", func(_ *Region, p *presence) {
		p.sendReliable(&message.BulkUpdateInventory{
			AgentData:  message.BulkUpdateInventoryAgentData{AgentID: agent},
			FolderData: []message.BulkUpdateInventoryFolderData{{Type: -1, Name: message.Bytes("")}}, // none
			ItemData: []message.BulkUpdateInventoryItemData{{
				ItemID: i.ID, FolderID: i.Folder, CreatorID: i.Creator, OwnerID: agent, AssetID: i.Asset,
				Type: int8(i.Type), InvType: int8(i.Type), BaseMask: permAll, OwnerMask: permAll, NextOwnerMask: permAll,
				Name: message.Bytes(i.Name), Description: message.Bytes(truncated(i.Description, 127)),
			}},
		})
	})
}
