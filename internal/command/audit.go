package command

import (
	"errors"
	"fmt"
	"time"

	"rookery/internal/audit"
	"rookery/internal/bus"
	"rookery/script"
)

// beginning is when and from where something was asked for.
type beginning struct {
	entry audit.Entry
	since time.Time // on the clock that measures spans
}

func (d *Dispatcher) begin(r bus.Request) beginning {
	return beginning{
		entry: audit.Entry{Time: d.o.Now(), Door: r.Door, Sender: r.Sender, Identifier: r.Identifier},
		since: time.Now(),
	}
}

// audit notes what became of a command, in the log as Corrade words it. Refused
// says why nothing was done for whom it may have been; nil for a group that has
// proved who it is.
func (d *Dispatcher) audit(b beginning, a answer, refused error) {
	e := b.entry
	e.Group, e.Command, e.Success, e.Duration = a.group, a.command, a.err == nil, time.Since(b.since)
	if a.err != nil {
		shown, _ := seen(a.err)
		e.Status = shown.Status
	}
	attributes := []any{"door", e.Door, "success", e.Success, "status", e.Status, "duration", e.Duration}
	if refused != nil {
		d.o.Log.Warn(fmt.Sprintf("%s : access denied", audit.Clip(e.Group)),
			append(attributes, "sender", audit.Clip(e.Sender), "identifier", audit.Clip(e.Identifier), "command", audit.Clip(e.Command), "error", refused)...)
	} else {
		d.o.Log.Info(fmt.Sprintf("%s : %s (%s) : %s", e.Group, audit.Clip(e.Sender), audit.Clip(e.Identifier), audit.Clip(e.Command)), attributes...)
	}
	if d.o.Audit != nil {
		d.o.Audit(e)
	}
}

func refusal(err error) error {
	if errors.Is(err, script.ErrTooManyAttempts) {
		return script.ErrTooManyAttempts
	}
	return script.ErrAccessDenied
}
