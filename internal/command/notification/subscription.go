package notification

import (
	"context"
	"strconv"

	"rookery/internal/bus"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
)

// subscription holds the parameters of Subscription.
type subscription struct {
	action param.Param[string]
	name   param.Param[string]
}

// Subscription lists and removes durable subscriptions.
func Subscription() command.Command {
	s := subscription{
		action: param.OneOf("action", "what to do", script.ErrUnknownAction, "list", "remove"),
		name:   param.Text("name", "remove: the name of the subscription").Fails(script.ErrNoNameProvided),
	}
	return command.Command{
		Name:       "subscription",
		Permission: rights.Notifications,
		Summary:    "Lists and removes the durable subscriptions of the group.",
		Notes: []string{
			"A durable subscription is made by a handshake with `subscription=NAME` (TCP, WebSocket) or by an MQTT session that outlives its connection, " +
				"and keeps notifications while its client is away. One that is removed sends its client away and forgets what it keeps.",
		},
		Params: []command.Parameter{s.action, s.name},
		Result: "list: for each subscription, by name: name, its name, type, a list of its notifications, first, last, the sequences of the oldest and the newest " +
			"notification that is kept, bytes, how much is kept, used, when a client was last there",
		Errors: []*script.Error{script.ErrNoNameProvided, script.ErrInvalidParameter, script.ErrUnavailable},
		Run:    s.run,
	}
}

func (s subscription) run(ctx context.Context, c *command.Call) (command.Data, error) {
	action, err := s.action.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	durables := c.Rooms.Durables
	if durables == nil {
		return command.Data{}, command.Explain(script.ErrUnavailable, "nothing can be kept here")
	}
	group := c.Caller.ID.String()
	if action == "remove" {
		name, err := s.name.Of(c)
		if err != nil {
			return command.Data{}, err
		}
		if name == "" {
			return command.Data{}, command.Explain(script.ErrNoNameProvided, "name is missing: want the name of a subscription")
		}
		return command.Data{}, durables.Remove(ctx, group, name)
	}
	all, err := durables.List(ctx, group)
	if err != nil {
		return command.Data{}, err
	}
	var cells []string
	for _, d := range all {
		cells = append(cells, row(d)...)
	}
	return command.List(cells...), nil
}

func row(d bus.Kept) []string {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	return []string{
		"name", d.Name,
		"type", script.FormatCSV(d.Types),
		"first", number(d.First),
		"last", number(d.Last),
		"bytes", number(d.Bytes),
		"used", script.FormatTime(d.Used),
	}
}
