package gateway

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"rookery/internal/bus"
	"rookery/script"
)

// Admission is what a handshake was answered with. When Error is not nil nothing
// was granted; otherwise it must be given to an [Audience], followed
// ([Desk.Follow]) when it is durable, or closed.
type Admission struct {
	bus.Grant
	// View is what of the notifications is told: see [bus.ViewOf].
	View string
	// Durable reads the durable subscription that the handshake names; nil: it
	// names none, and the client hears what happens from now on.
	Durable *bus.Reader

	subscription string
	release      func()
}

// Close gives back what was granted to a client that is gone already.
func (a Admission) Close() {
	if a.release != nil {
		a.release()
	}
	if a.Durable != nil {
		a.Durable.Close()
	}
}

// Answer is what a handshake that was granted is answered.
func (a Admission) Answer() script.Pairs {
	answer := script.Pairs{{Key: "success", Value: "True"}}
	if a.Durable != nil {
		answer.Add("subscription", a.subscription)
		answer.Add("from", strconv.FormatUint(a.Durable.From(), 10))
	}
	return answer
}

// Authorize asks for the notifications named in a handshake: as type, a list of
// their names; data may list raw fields that are told in place of the usual
// keys; subscription may name a durable subscription, and from the sequence that
// it is to begin with.
func (d *Desk) Authorize(ctx context.Context, pairs script.Pairs, remote string) Admission {
	grant, err := d.Bus.Authorize(ctx, d.Agent, bus.Authorization{
		Group:    pairs.Get("group"),
		Password: pairs.Get("password"),
		Types:    script.ParseCSV(pairs.Get("type")),
		Remote:   remote,
		Door:     d.Door,
	})
	if err != nil {
		d.Log.Warn("a handshake got no answer", "remote", remote, "error", err)
		grant = bus.Grant{Error: busError(err)}
	}
	a := Admission{Grant: grant}
	if a.Error == nil {
		if err := d.admit(ctx, &a, pairs); err != nil {
			d.Log.Info("a handshake was refused", "remote", remote, "group", a.GroupName, "error", err)
			a.Error = handshakeError(err)
		}
	}
	d.Metrics.Handshake(a.Error == nil)
	return a
}

// admit sees to what a granted handshake asks for beside its types.
func (d *Desk) admit(ctx context.Context, a *Admission, pairs script.Pairs) error {
	var fields []string
	if text := pairs.Get("data"); text != "" {
		for _, field := range script.ParseCSV(text) {
			if field = strings.TrimSpace(field); field != "" {
				fields = append(fields, field)
			}
		}
	}
	name := pairs.Get("subscription")
	from, err := fromOf(pairs)
	if err != nil {
		return err
	}
	a.View = bus.ViewOf(fields)
	if name == "" {
		a.release, err = d.Bus.Look(ctx, d.Agent, fields)
		return err
	}
	a.subscription = name
	a.Durable, err = d.Bus.Resume(ctx, d.Agent, bus.Durable{Group: a.GroupID, Name: name, Types: a.Types, Fields: fields}, from)
	return err
}

// HandshakeText writes the answer to a handshake: without the filters, as Corrade
// does, so that any client can read it.
func HandshakeText(answer script.Pairs, l Language) []byte {
	if l == JSON {
		return script.AppendJSON(nil, answer)
	}
	return script.AppendLine(nil, answer, script.DefaultFilters())
}

func fromOf(pairs script.Pairs) (uint64, error) {
	text := pairs.Get("from")
	if text == "" {
		return 0, nil
	}
	if pairs.Get("subscription") == "" {
		return 0, Explain(script.ErrInvalidParameter, "from: it belongs to a subscription, and none is named")
	}
	from, err := strconv.ParseUint(text, 10, 63)
	if err != nil || from == 0 {
		return 0, Explain(script.ErrInvalidParameter, "from: %q: want a sequence, a whole number from 1", text)
	}
	return from, nil
}

// Explain adds to an error's text what was wrong.
func Explain(e *script.Error, format string, args ...any) *script.Error {
	return &script.Error{Status: e.Status, Text: e.Text + ": " + fmt.Sprintf(format, args...)}
}

func handshakeError(err error) *script.Error {
	if e, ok := errors.AsType[*script.Error](err); ok {
		return e
	}
	return busError(err)
}

// ErrNoWords is told to a client whose first words are none.
var ErrNoWords = Explain(script.ErrUndecodable, "want group=GROUP&password=PASSWORD&type=TYPE,TYPE, or a command")

// ErrTaken is told to a client whose durable subscription another one has taken.
var ErrTaken = Explain(script.ErrUnavailable, "%v", bus.ErrTaken)

// AppendResumed appends a notification of a durable subscription, with its
// sequence, as [Desk.AppendNotificationIn] does.
func (d *Desk) AppendResumed(dst []byte, r bus.Resumed, l Language) ([]byte, error) {
	sequence := strconv.FormatUint(r.Sequence, 10)
	if l == WAS && d.Output.IsDefault() {
		dst = append(dst, r.Text...)
		return append(append(dst, "&sequence="...), sequence...), nil
	}
	pairs, err := r.Pairs()
	if err != nil {
		return dst, err
	}
	pairs.Add("sequence", sequence)
	return d.Append(dst, pairs, l), nil
}

// Follow hands every notification of a durable subscription to send, in order,
// until ctx ends, another client takes the subscription ([bus.ErrTaken]) or send
// fails, and closes the subscription's reader. A notification whose send has
// returned counts as sent.
func (d *Desk) Follow(ctx context.Context, a Admission, l Language, send func(text []byte) error) error {
	defer a.Durable.Close()
	for {
		n, err := a.Durable.Next(ctx)
		if err != nil {
			return err
		}
		text, err := d.AppendResumed(nil, n, l)
		if err != nil {
			d.Log.Error("a notification that cannot be encoded", "type", n.Type, "error", err)
			a.Durable.Sent(n.Sequence)
			continue
		}
		if err := send(text); err != nil {
			return err
		}
		a.Durable.Sent(n.Sequence)
	}
}
