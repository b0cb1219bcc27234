package group

import (
	"context"
	"strconv"

	"rookery/agent"
	"rookery/internal/command"
	"rookery/internal/rights"
)

// GetGroupInvites lists the invitations into groups that wait.
func GetGroupInvites() command.Command {
	return command.Command{
		Name:       "getgroupinvites",
		Permission: rights.Group,
		Summary:    "Lists the invitations into groups that wait for an answer.",
		Notes: []string{
			"Those of masters into groups that cost nothing are accepted at once. At most 100 wait; the oldest are forgotten.",
			"The avatar that invites and the group are told by the grid in other forms; what it does not say when asked is empty.",
		},
		Result: "firstname, lastname, agent, group (its name), id (its UUID), session and fee, each followed by its value, for each, the oldest first",
		Run: func(ctx context.Context, c *command.Call) (command.Data, error) {
			ctx, cancel := c.Wait(ctx)
			defer cancel()
			var cells []string
			for _, i := range c.Agent.Invitations() {
				name := agent.ParseName(i.FromName)
				by := ""
				if id, err := c.Agent.AvatarID(ctx, name); err == nil {
					by = id.String()
				}
				group, err := c.Agent.GroupName(ctx, i.Group)
				if err != nil {
					c.Log.Debug("the name of a group is missing", "error", err)
				}
				cells = append(cells, "firstname", name.First, "lastname", name.Last, "agent", by, "group", group,
					"id", i.Group.String(), "session", i.Session.String(), "fee", strconv.Itoa(int(i.Fee)))
			}
			return command.List(cells...), nil
		},
	}
}
