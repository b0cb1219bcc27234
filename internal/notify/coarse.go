package notify

import (
	"context"

	"rookery/agent"
	"rookery/grid"
	"rookery/script"
)

// coarse is avatars coming to a region or leaving it, however far away. Their
// names may have to be asked for.
var coarse = Kind{
	Name:    "coarse",
	Summary: "Avatars came to a region or left it, as its map shows.",
	Keys: []Key{
		{"region", "name of the region"},
		{"new", "name, UUID and position of each avatar that came; the name is empty when the grid does not tell it"},
		{"old", "name and UUID of each avatar that left"},
	},
	makers: []maker{asking(func(ctx context.Context, n *Notifier, e agent.CoarseLocations) script.Pairs {
		var ids []grid.UUID
		for _, l := range e.New {
			ids = append(ids, l.ID)
		}
		for _, l := range e.Old {
			ids = append(ids, l.ID)
		}
		if len(ids) == 0 {
			return nil
		}
		names := n.names(ctx, ids...)
		var came, left []string
		for _, l := range e.New {
			came = append(came, name(names, l.ID), l.ID.String(), script.Vector3(l.Position).String())
		}
		for _, l := range e.Old {
			left = append(left, name(names, l.ID), l.ID.String())
		}
		var b build
		b.text("region", n.region(e.Region))
		b.list("new", came)
		b.list("old", left)
		return b.pairs()
	})},
}

func name(names map[grid.UUID]agent.Name, id grid.UUID) string {
	if n, ok := names[id]; ok {
		return n.String()
	}
	return ""
}
