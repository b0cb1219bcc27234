package simgrid

import (
	"net/http"
	"slices"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/llsd"
	"rookery/grid/login"
)

// folder is a folder of an inventory.
type folder struct {
	id, parent grid.UUID
	name       string
	kind       int // the asset type it is the default folder of; -1 for none
	version    int
}

// inventory is what an account has: for now, the folders that every account
// starts with, and nothing in them. It never changes.
type inventory struct {
	owner   grid.UUID
	folders []folder // the root first
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
const rootFolder = 8

// libraryOwner owns the library, which everybody sees.
var libraryOwner = nameID("avatar", "Library Owner")

// library is what everybody has: an empty root.
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
		} `llsd:"folders"`
	}
	if err := llsd.Unmarshal(v, &ask); err != nil {
		http.Error(w, "folders to fetch: "+err.Error(), http.StatusBadRequest)
		return
	}
	folders, bad := []any{}, []any{}
	for _, want := range ask.Folders {
		inv, f := p.find(want.FolderID)
		if f == nil {
			bad = append(bad, map[string]any{"folder_id": want.FolderID, "error": "Unknown"})
			continue
		}
		folders = append(folders, inv.descendents(p.session.account.id, f, want.FetchFolders))
	}
	answer := map[string]any{"folders": folders}
	if len(bad) > 0 {
		answer["bad_folders"] = bad
	}
	caps.WriteLLSD(w, http.StatusOK, answer)
}

// find looks a folder up in the agent's inventory and in the library.
func (p *presence) find(id grid.UUID) (*inventory, *folder) {
	for _, inv := range []*inventory{p.session.account.inventory, library} {
		i := slices.IndexFunc(inv.folders, func(f folder) bool { return f.id == id })
		if i >= 0 {
			return inv, &inv.folders[i]
		}
	}
	return nil, nil
}

func (inv *inventory) descendents(agent grid.UUID, of *folder, withFolders bool) map[string]any {
	categories, n := []any{}, 0
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
	return map[string]any{
		"agent_id": agent, "owner_id": inv.owner, "folder_id": of.id, "version": of.version,
		"descendents": n, "categories": categories, "items": []any{},
	}
}

// serveFetchItems finds no items: inventories have none yet.
func serveFetchItems(p *presence, w http.ResponseWriter, r *http.Request) {
	if _, ok := caps.ReadLLSD(w, r, maxInventory); ok {
		caps.WriteLLSD(w, http.StatusOK, map[string]any{"agent_id": p.session.account.id, "items": []any{}})
	}
}
