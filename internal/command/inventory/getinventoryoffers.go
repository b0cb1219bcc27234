package inventory

import (
	"context"

	"rookery/internal/command"
	"rookery/internal/rights"
	"rookery/script"
)

// GetInventoryOffers lists the offers of inventory that wait.
func GetInventoryOffers() command.Command {
	return command.Command{
		Name:       "getinventoryoffers",
		Permission: rights.Inventory,
		Summary:    "Lists the offers of inventory that wait for an answer.",
		Notes: []string{
			"Those of masters and of their objects are accepted at once. At most 100 wait; the oldest are forgotten.",
			"What an avatar offers is in the inventory from the start, in the folder for its type; declined, it goes to the trash.",
			"The name of an object that offers is split like that of an avatar.",
		},
		Result: "firstname, lastname, type, message and session, each followed by its value, for each, the oldest first",
		Run: func(_ context.Context, c *command.Call) (command.Data, error) {
			var cells []string
			for _, o := range c.Agent.InventoryOffers() {
				first, last := script.SplitName(o.FromName)
				cells = append(cells, "firstname", first, "lastname", last, "type", o.Type.String(), "message", o.Message, "session", o.Session.String())
			}
			return command.List(cells...), nil
		},
	}
}
