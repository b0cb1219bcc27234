package command

import (
	"strconv"

	"rookery/internal/bus"
	"rookery/script"
)

// answer is what becomes a reply.
type answer struct {
	group, command string
	data           Data
	err            error
	message        script.Pairs
}

// reply writes the keys of an answer in their order: group, command, data,
// error and status, success, time, afterburn.
func (d *Dispatcher) reply(a answer) bus.Reply {
	pairs := make(script.Pairs, 0, 7+len(a.message))
	if a.group != "" {
		pairs.Add("group", a.group)
	}
	if a.command != "" {
		pairs.Add("command", a.command)
	}
	if !a.data.Empty() {
		pairs.Add("data", a.data.String())
	}
	if a.err != nil {
		e, _ := seen(a.err)
		pairs.Add("error", e.Text)
		pairs.Add("status", strconv.Itoa(e.Status))
	}
	pairs.Add("success", script.FormatBool(a.err == nil))
	pairs.Add("time", script.FormatTime(d.o.Now()))
	return bus.Reply{Pairs: appendAfterburn(pairs, a.message)}
}
