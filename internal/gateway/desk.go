package gateway

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"rookery/internal/bus"
	"rookery/internal/metrics"
	"rookery/script"
)

// Desk is where a door hands in what came in and gets what goes out. One desk
// belongs to one agent. Its methods may be called from any goroutine.
type Desk struct {
	Bus *bus.Bus
	// Agent is the name of the agent that this door leads to.
	Agent string
	// Door is what the door is called: "tcp", "http" …
	Door string
	// Input and Output are the filters of what comes in and what goes out; they
	// may be changed while the doors are open ([script.Live]).
	Input, Output script.Filters
	Log           *slog.Logger
	// Metrics count what passes; nil counts nothing.
	Metrics *metrics.Metrics
}

// NewDesk returns a desk.
func NewDesk(b *bus.Bus, agent string, input, output script.Filters, log *slog.Logger) *Desk {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Desk{Bus: b, Agent: agent, Input: input, Output: output, Log: log}
}

// answerLimit bounds the wait for an answer when the agent's side of the bus
// is gone without a word. Commands bound their own waits; the longest timeout
// that one may bring is a day.
const answerLimit = 25 * time.Hour

// Execute runs one command and returns its answer, which is never empty: what
// goes wrong on the way is an answer too.
func (d *Desk) Execute(ctx context.Context, r bus.Request) script.Pairs {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	start := time.Now()
	reply, err := d.Bus.Execute(ctx, d.Agent, r)
	d.Metrics.Command(r.Door, err == nil && reply.Pairs.Get("success") == "True", time.Since(start))
	if err == nil {
		return reply.Pairs
	}
	d.Log.Warn("a command got no answer", "door", r.Door, "sender", r.Sender, "error", err)
	answer := script.Pairs{
		{Key: "group", Value: r.Pairs.Get("group")},
		{Key: "command", Value: r.Pairs.Get("command")},
	}
	return append(answer, Refusal(busError(err))...)
}

func busError(err error) *script.Error {
	switch {
	case errors.Is(err, bus.ErrNoAgent):
		return script.ErrNotConnected
	case errors.Is(err, context.DeadlineExceeded):
		return script.ErrTimeout
	default:
		return script.ErrGeneral
	}
}

// Refusal is the end of an answer that says no.
func Refusal(e *script.Error) script.Pairs {
	return script.Pairs{
		{Key: "error", Value: e.Text},
		{Key: "status", Value: strconv.Itoa(e.Status)},
		{Key: "success", Value: "False"},
		{Key: "time", Value: script.FormatTime(time.Now())},
	}
}

// RefusedHandshake is the answer to a handshake that is refused.
func RefusedHandshake(e *script.Error) script.Pairs {
	return append(script.Pairs{{Key: "success", Value: "False"}}, Refusal(e)[:2]...)
}

// Denied tells whether an answer refuses the group or its password.
func Denied(answer script.Pairs) bool {
	status := answer.Get("status")
	return status == strconv.Itoa(script.ErrAccessDenied.Status) || status == strconv.Itoa(script.ErrTooManyAttempts.Status)
}

// AppendNotificationIn is AppendNotification in a language.
func (d *Desk) AppendNotificationIn(dst []byte, n bus.Notification, l Language) ([]byte, error) {
	if l == WAS {
		return d.AppendNotification(dst, n)
	}
	pairs, err := n.Pairs()
	if err != nil {
		return dst, err
	}
	return script.AppendJSON(dst, pairs), nil
}

// AppendNotification appends a notification's text as this desk's output
// filters have it.
func (d *Desk) AppendNotification(dst []byte, n bus.Notification) ([]byte, error) {
	if d.Output.IsDefault() { // what they are encoded with already
		return append(dst, n.Text...), nil
	}
	pairs, err := n.Pairs()
	if err != nil {
		return dst, err
	}
	return script.AppendLine(dst, pairs, d.Output), nil
}
