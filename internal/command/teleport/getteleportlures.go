package teleport

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/rights"
	"rookery/script"
)

// GetTeleportLures lists the teleports that were offered and wait.
func GetTeleportLures() command.Command {
	return command.Command{
		Name:       "getteleportlures",
		Permission: rights.Movement,
		Summary:    "Lists the teleports that were offered and wait for an answer.",
		Notes:      []string{"Those of masters are accepted at once. At most 100 wait; the oldest are forgotten."},
		Result:     "firstname, lastname, UUID and session, each followed by its value, for each, the oldest first",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			var cells []string
			for _, l := range c.Agent.Lures() {
				first, last := script.SplitName(l.FromName)
				cells = append(cells, "firstname", first, "lastname", last, "UUID", l.From.String(), "session", l.Session.String())
			}
			return command.List(cells...), nil
		},
	}
}
