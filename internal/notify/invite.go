package notify

import (
	"context"
	"strconv"

	"rookery/agent"
	"rookery/script"
)

// invite is an invitation into a group. Grids tell the name of who invites and
// the id of the group; the others are asked for.
var invite = Kind{
	Name:    "invite",
	Summary: "Somebody invited the agent into a group.",
	Keys: []Key{
		{"firstname", "first name of who invites"},
		{"lastname", "its last name, Resident when it has none"},
		{"agent", "UUID of who invites, when the grid tells it"},
		{"group", "UUID of the group"},
		{"session", "what the command replytogroupinvite wants"},
		{"name", "name of the group, when the grid tells it"},
		{"id", "UUID of the group"},
		{"fee", "what joining costs, L$"},
		{"message", "text of the invitation"},
	},
	makers: []maker{asking(func(ctx context.Context, n *Notifier, e agent.GroupInvited) script.Pairs {
		ctx, cancel := context.WithTimeout(ctx, n.o.Timeout)
		defer cancel()
		var b build
		b.avatar(e.FromName)
		if id, err := n.o.Agent.AvatarID(ctx, agent.ParseName(e.FromName)); err == nil {
			b.id("agent", id)
		}
		b.id("group", e.Group)
		b.id("session", e.Session)
		if name, err := n.o.Agent.GroupName(ctx, e.Group); err == nil {
			b.text("name", name)
		}
		b.id("id", e.Group)
		b.text("fee", strconv.Itoa(int(e.Fee)))
		b.text("message", e.Message)
		return b.pairs()
	})},
}
