package chat

import (
	"context"
	"errors"
	"time"

	"rookery/internal/chatlog"
	"rookery/internal/command"
	"rookery/internal/command/param"
	"rookery/internal/rights"
	"rookery/script"
	"rookery/script/regex"
)

// logs holds the parameters of Logs.
type logs struct {
	entity, action       param.Param[string]
	from, to             param.Param[time.Time]
	first, last, message param.Param[*regex.Expression]
	region, kind, data   param.Param[*regex.Expression]
}

// logKinds are the entities.
var logKinds = map[string]chatlog.Kind{
	"group": chatlog.Group, "message": chatlog.Message, "conference": chatlog.Conference,
	"local": chatlog.Local, "region": chatlog.Region,
}

// Logs reads what was said around the agent.
func Logs() command.Command {
	l := logs{
		entity:  param.OneOf("entity", "what kind of talk", script.ErrUnknownEntity, "group", "message", "conference", "local", "region"),
		action:  param.OneOf("action", "get: by time and by parts; search: by anything in them", script.ErrUnknownAction, "get", "search"),
		from:    param.Time("from", "the first moment, such as 2024-05-06T07:08:09Z; in UTC").OrElse("the earliest", nil),
		to:      param.Time("to", "the last moment").OrElse("the latest", nil),
		first:   expression("firstname", "get: first names, in any case", regex.IgnoreCase),
		last:    expression("lastname", "get: last names, in any case", regex.IgnoreCase),
		message: expression("message", "get: texts", 0),
		region:  expression("region", "get, local and region: names of regions", 0),
		kind:    expression("type", "get, local: Whisper, Normal, Shout or RegionSayTo", 0),
		data:    expression("data", "search: first name, last name or text; of local and region the name of the region, of local the type, too", 0),
	}
	return command.Command{
		Name:       "logs",
		Permission: rights.Talk,
		Summary:    "Returns what was said around the agent, as far as it was written to files.",
		Notes: []string{
			"Chat is written when the setting chatlog.enabled says so; what is kept, and where, is in the section chatlog.",
			"Instant messages, conferences, local chat and messages to regions may be read by every group with the right to this command. " +
				"Of group chat a group reads its own only.",
			"Expressions are .NET's and match anywhere unless they say ^ and $. An answer holds the latest messages, as many as the setting chatlog.max_answer takes.",
			"Messages of objects have the first word of the object's name as firstname and the rest, with the object's UUID, as lastname. " +
				"What the agent itself said is there under its own name.",
		},
		Params: []command.Parameter{l.entity, l.action, l.from, l.to, l.first, l.last, l.message, l.region, l.kind, l.data},
		Result: "time, firstname, lastname and message of each message, each after its name, by time; local: region and type behind the time; region: region behind the time",
		Errors: []*script.Error{script.ErrFailedToReadLogFile, script.ErrNoPatternProvided, script.ErrTimeout},
		Run:    l.run,
	}
}

func expression(name, about string, o regex.Options) param.Param[*regex.Expression] {
	return param.Regex(name, about, o).Fails(script.ErrCouldNotCompileRegularExpression)
}

func (l logs) run(ctx context.Context, c *command.Call) (command.Data, error) {
	q, err := l.query(c)
	if err != nil {
		return command.Data{}, err
	}
	if c.Rooms.ChatLog == nil {
		return command.Data{}, command.Explain(script.ErrFailedToReadLogFile, "there are none here")
	}
	ctx, cancel := c.Wait(ctx)
	defer cancel()
	found, err := c.Rooms.ChatLog.Search(ctx, q)
	switch {
	case errors.Is(err, chatlog.ErrOff):
		return command.Data{}, command.Explain(script.ErrFailedToReadLogFile, "%v: see the setting chatlog.enabled", err)
	case errors.Is(err, chatlog.ErrSlow):
		return command.Data{}, command.Explain(script.ErrTimeout, "%v: a simpler expression or fewer days may help", err)
	case ctx.Err() != nil:
		return command.Data{}, ctx.Err()
	case err != nil:
		c.Log.Warn("chat cannot be read", "error", err)
		return command.Data{}, script.ErrFailedToReadLogFile.Because(err)
	}
	var cells []string
	for _, f := range found {
		cells = append(cells, "time", script.FormatTime(f.Time))
		if q.Kind == chatlog.Local || q.Kind == chatlog.Region {
			cells = append(cells, "region", f.Name)
		}
		if q.Kind == chatlog.Local {
			cells = append(cells, "type", f.Type)
		}
		cells = append(cells, "firstname", f.First, "lastname", f.Last, "message", f.Text)
	}
	return command.List(cells...), nil
}

// query reads what is looked for.
func (l logs) query(c *command.Call) (chatlog.Query, error) {
	var q chatlog.Query
	entity, err := l.entity.Of(c)
	if err != nil {
		return q, err
	}
	q.Kind = logKinds[entity]
	if q.Kind == chatlog.Group {
		q.Name = c.Caller.Name
	}
	action, err := l.action.Of(c)
	if err != nil {
		return q, err
	}
	if action == "search" {
		if q.Any, err = l.data.Of(c); err == nil && q.Any == nil {
			err = command.Explain(script.ErrNoPatternProvided, "data is missing: want a regular expression")
		}
		return q, err
	}
	if q.From, err = l.from.Of(c); err != nil {
		return q, err
	}
	if q.To, err = l.to.Of(c); err != nil {
		return q, err
	}
	if !q.To.IsZero() && q.To.Before(q.From) {
		return q, command.Explain(script.ErrInvalidParameter, "to is before from")
	}
	for _, e := range []struct {
		p   param.Param[*regex.Expression]
		dst **regex.Expression
	}{{l.first, &q.First}, {l.last, &q.Last}, {l.message, &q.Message}, {l.region, &q.Region}, {l.kind, &q.Type}} {
		if *e.dst, err = e.p.Of(c); err != nil {
			return q, err
		}
	}
	switch q.Kind {
	case chatlog.Local:
	case chatlog.Region:
		q.Type = nil
	default:
		q.Region, q.Type = nil, nil
	}
	return q, nil
}
