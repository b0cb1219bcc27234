package param

import (
	"slices"

	"rookery/agent"
	"rookery/grid"
	"rookery/internal/command"
	"rookery/script"
)

// Folder is a folder of the agent's inventory, given as UUID or as a path such
// as /My Inventory/Notecards; names match exactly, and of several the first
// counts.
type Folder struct{ text Param[string] }

// NewFolder returns the parameter; about says what the folder is for.
func NewFolder(name, about string) Folder {
	return Folder{Text(name, about+", by UUID or path such as /My Inventory/Notecards").Fails(script.ErrFolderNotFound)}
}

// Infos describes the key.
func (p Folder) Infos() []command.Info {
	infos := p.text.Infos()
	infos[0].Type = "folder"
	infos[0].Errors = []*script.Error{script.ErrFolderNotFound}
	return infos
}

// Of returns the UUID of the folder, null when none is given. Known are the
// folders that were there at the login.
func (p Folder) Of(c *command.Call) (grid.UUID, error) {
	text, err := p.text.Of(c)
	if err != nil || text == "" {
		return grid.UUID{}, err
	}
	folders := c.Agent.InventoryFolders()
	if len(folders) == 0 {
		return grid.UUID{}, agent.ErrOffline
	}
	path, err := script.ParsePath(text)
	if err != nil {
		return grid.UUID{}, command.Explain(script.ErrFolderNotFound, "%v", err)
	}
	at, parts := folders[0], path.Parts
	switch {
	case path.Absolute && len(parts) == 0:
		return grid.UUID{}, command.Explain(script.ErrFolderNotFound, "%q: want the name of the inventory first, /%s", text, at.Name)
	case path.Absolute && parts[0].Name != at.Name && parts[0].ID != at.ID:
		return grid.UUID{}, command.Explain(script.ErrFolderNotFound, "%q: the inventory is called %q", text, at.Name)
	case path.Absolute:
		parts = parts[1:]
	case len(parts) == 1 && parts[0].IsID():
		i := slices.IndexFunc(folders, func(f agent.InventoryFolder) bool { return f.ID == parts[0].ID })
		if i < 0 {
			return grid.UUID{}, command.Explain(script.ErrFolderNotFound, "the inventory had no folder %s at the login", text)
		}
		return folders[i].ID, nil
	}
	for _, part := range parts {
		i := slices.IndexFunc(folders, func(f agent.InventoryFolder) bool {
			return f.Parent == at.ID && (part.IsID() && f.ID == part.ID || f.Name == part.Name)
		})
		if i < 0 {
			return grid.UUID{}, command.Explain(script.ErrFolderNotFound, "%q: the folder %q had no %q in it at the login", text, at.Name, part.Name)
		}
		at = folders[i]
	}
	return at.ID, nil
}
