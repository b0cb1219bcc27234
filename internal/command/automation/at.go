package automation

import (
	"context"
	"errors"
	"math"

	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/internal/schedule"
	"rookery/script"
)

// at holds the parameters of At.
type at struct {
	action param.Param[string]
	time   param.Param[string]
	data   param.Param[string]
	index  param.Param[int64]
}

// At schedules commands.
func At() command.Command {
	a := at{
		action: param.OneOf("action", "what to do", script.ErrUnknownAction, "add", "get", "remove", "list"),
		time: param.Text("time", "add: a time such as 2024-05-06T07:08:09Z, or a rule: minute, hour, day, month and weekday as in cron, "+
			"@hourly, @daily or @every 90s; in UTC, or in the zone that stands before a rule: CRON_TZ=Europe/Vienna 30 7 * * 1-5").Fails(script.ErrUnknownDateTimeStamp),
		data:  param.Text("data", "add: the command to run, as it would be sent, escaped once more").Fails(script.ErrNoDataProvided),
		index: param.Int("index", "which schedule, the latest is 0; get: 0 when left out; remove: needed", 0, math.MaxInt32),
	}
	return command.Command{
		Name:       "at",
		Permission: rights.Schedule,
		Summary:    "Schedules commands of the group, once or again and again.",
		Notes: []string{
			"A command runs for the group that scheduled it, with what that group may do at that moment; group and password in `data` are not kept. " +
				"Its answer goes to its `callback`, if it has one.",
			"Schedules survive a restart. What came due meanwhile runs once the agent is in the grid; a rule that came due several times runs once. " +
				"A rule that names hours of a zone runs once also on the days that clocks change. " +
				"A command for one time never runs twice, but may be lost when the program is killed as it begins.",
			"A group sees its own schedules only, and may have as many as the settings give it.",
		},
		Params: []command.Parameter{a.action, a.time, a.data, a.index},
		Result: "get, list: sender, identifier, time, message for each schedule, the latest first; of a rule the next time",
		Errors: []*script.Error{
			script.ErrGroupSchedulesExceeded, script.ErrUnknownDateTimeStamp, script.ErrNoDataProvided, script.ErrNoIndexProvided,
			script.ErrNoScheduleFound, script.ErrCommandNotFound, script.ErrNotSupported,
		},
		Run: a.run,
	}
}

func (a at) run(ctx context.Context, c *command.Call) (command.Data, error) {
	action, err := a.action.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	book := c.Rooms.Schedules
	if book == nil {
		return command.Data{}, command.Explain(script.ErrNotSupported, "nothing can be scheduled here")
	}
	if action == "add" {
		return command.Data{}, a.add(ctx, c, book)
	}
	list := book.List(c.Caller.ID)
	if action == "list" {
		var cells []string
		for _, s := range list {
			cells = append(cells, s.Cells()...)
		}
		return command.List(cells...), nil
	}

	if action == "remove" && !a.index.Given(c) {
		return command.Data{}, command.Explain(script.ErrNoIndexProvided, "index is missing: want the place of the schedule in the list, the first is 0")
	}
	index, err := a.index.Of(c)
	if err != nil {
		return command.Data{}, err
	}
	if int(index) >= len(list) {
		return command.Data{}, command.Explain(script.ErrNoScheduleFound, "index %d: the group has %d schedules, the first is 0", index, len(list))
	}
	if action == "get" {
		return command.List(list[index].Cells()...), nil
	}
	err = book.Remove(ctx, c.Caller.ID, int(index))
	if errors.Is(err, schedule.ErrNone) {
		return command.Data{}, script.ErrNoScheduleFound
	}
	return command.Data{}, err
}

func (a at) add(ctx context.Context, c *command.Call, book *schedule.Book) error {
	if n := len(book.List(c.Caller.ID)); n >= c.Caller.Schedules {
		return exceeded(c, n)
	}
	s := schedule.Schedule{Sender: c.Sender, Identifier: c.Identifier}
	text, err := a.time.Of(c)
	if err != nil {
		return err
	}
	if text == "" {
		return command.Explain(script.ErrUnknownDateTimeStamp, "time is missing: want when the command is to run")
	}
	if s.When, err = book.ParseWhen(text); err != nil {
		return command.Explain(script.ErrUnknownDateTimeStamp, "time: %v", err)
	}
	if text, err = a.data.Of(c); err != nil {
		return err
	}
	if text == "" {
		return command.Explain(script.ErrNoDataProvided, "data is missing: want the command to run")
	}
	if s.Message, err = book.ParseMessage(text, c.Caller); err != nil {
		return command.Explain(script.ErrInvalidParameter, "data: %v", err)
	}
	name := s.Message.Get("command")
	if _, ok := c.Registry.Lookup(name); !ok {
		return c.Registry.NotFound(name)
	}
	err = book.Add(ctx, c.Caller, s)
	if errors.Is(err, schedule.ErrTooMany) {
		return exceeded(c, len(book.List(c.Caller.ID)))
	}
	return err
}

func exceeded(c *command.Call, n int) error {
	return command.Explain(script.ErrGroupSchedulesExceeded, "the group has %d and may have %d", n, c.Caller.Schedules)
}
