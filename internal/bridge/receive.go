package bridge

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"rookery/internal/bridge/broker"
	"rookery/internal/bus"
	"rookery/script"
)

const (
	// maxRunning is how many commands of a subscription run at a time, and
	// maxWaiting how many more may wait.
	maxRunning = 4
	maxWaiting = 64
)

// The forms that texts are written in.
const (
	was  = iota // key-value text
	json        // one object of texts
)

// decode reads key-value text, or JSON when it begins with {, and tells which.
func (b *Book) decode(text []byte) (pairs script.Pairs, form int, err error) {
	if !utf8.Valid(text) {
		return nil, was, script.ErrNotUTF8
	}
	if trimmed := bytes.TrimLeft(text, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		pairs, err = script.ParseJSON(trimmed)
		return pairs, json, err
	}
	pairs, err = script.DecodeLine(strings.TrimRight(string(text), "\r\n"), b.o.Input)
	return pairs, was, err
}

// encode writes pairs in a form.
func (b *Book) encode(pairs script.Pairs, form int) []byte {
	if form == json {
		return script.AppendJSON(nil, pairs)
	}
	return script.AppendLine(nil, pairs, b.o.Output)
}

// message is a text as a subscription publishes it.
func (s Subscription) message(topic string, text []byte, retain bool) broker.Message {
	return broker.Message{Topic: topic, Payload: text, QoS: s.QoS, Retain: retain}
}

// publish hands a text of the book's own to a connection.
func (b *Book) publish(k key, c *broker.Client, m broker.Message) {
	err := broker.ErrTooLarge
	if len(m.Payload) <= b.o.Limits.MaxPayload {
		b.echoes.add(m.Payload, k)
		err = c.Send(m)
	}
	if err != nil && !errors.Is(err, broker.ErrClosed) {
		b.o.Log.Warn("not published to a broker", "id", k.id, "bytes", len(m.Payload), "error", err)
	}
}

// receiver takes what arrives for a subscription.
func (b *Book) receiver(k key, s Subscription) func(*broker.Client, broker.Message) {
	orders := &orders{book: b, key: k, Subscription: s, running: make(chan struct{}, maxRunning), waiting: make(chan struct{}, maxRunning+maxWaiting)}
	return func(c *broker.Client, m broker.Message) {
		caller, ok := b.caller(k)
		if !ok {
			return
		}
		from, ours := b.echoes.of(m.Payload)
		if ours && from == k {
			return // brokers of MQTT 3.1.1 send it back
		}
		if s.Execute && !ours {
			if pairs, form, ok := b.command(m.Payload); ok {
				orders.obey(c, m, pairs, form)
				return
			}
		}
		b.tell(Message{
			Group: caller.ID, GroupName: caller.Name, ID: k.id,
			Topic: strings.ToValidUTF8(m.Topic, "\uFFFD"), Payload: s.payload(m.Payload),
		})
	}
}

// payload is a payload as it is told.
func (s Subscription) payload(payload []byte) string {
	if s.Bytes {
		return FormatBytes(payload)
	}
	return strings.ToValidUTF8(string(payload), "\uFFFD")
}

// command reads a payload that is a command, and not an answer or a notification
// that somebody passes round.
func (b *Book) command(payload []byte) (pairs script.Pairs, form int, ok bool) {
	pairs, form, err := b.decode(payload)
	return pairs, form, err == nil && pairs.Has("command") && !pairs.Has("success") && !pairs.Has("notification")
}

// orders runs the commands that arrive for a subscription.
type orders struct {
	book *Book
	key
	Subscription
	running, waiting chan struct{}
}

// obey runs a command when its turn comes, and publishes its answer.
func (o *orders) obey(c *broker.Client, m broker.Message, command script.Pairs, form int) {
	b := o.book
	if m.Retain {
		// It would be run again with every new connection.
		b.o.Log.Warn("a command is not run: the broker had retained it", "id", o.id, "command", command.Get("command"))
		return
	}
	select {
	case o.waiting <- struct{}{}:
	default:
		b.o.Log.Warn("a command is not run: too many wait", "id", o.id, "command", command.Get("command"))
		o.answer(c, m, refusal(command, script.ErrBusy), form)
		return
	}
	ctx, done, ok := b.begin(context.Background())
	if !ok {
		<-o.waiting
		return
	}
	go func() {
		defer done()
		defer func() { <-o.waiting }()
		select {
		case <-b.ready:
		case <-ctx.Done():
			return
		}
		select {
		case o.running <- struct{}{}:
			defer func() { <-o.running }()
		case <-ctx.Done():
			return
		}
		reply := b.execute(ctx, bus.Request{Door: "bridge", Sender: "MQTT subscription " + o.id, Identifier: o.Server.Addr(), Pairs: command})
		o.answer(c, m, reply.Pairs, form)
	}()
}

// answer publishes the answer to a command.
func (o *orders) answer(c *broker.Client, to broker.Message, answer script.Pairs, form int) {
	b := o.book
	text := b.encode(answer, form)
	if len(text) > b.o.Limits.MaxPayload {
		text = b.encode(refusal(answer, script.ErrMessageTooLong), form)
	}
	m := o.message(to.Topic, text, false)
	if to.Response != "" && broker.CheckTopic(to.Response) == nil && !denied(answer) {
		m.Topic, m.Correlation = to.Response, to.Correlation
	}
	b.publish(o.key, c, m)
}

// denied tells whether a command was not let in. Who may not command shall not
// choose, either, what is published where.
func denied(answer script.Pairs) bool {
	switch answer.Get("status") {
	case strconv.Itoa(script.ErrAccessDenied.Status), strconv.Itoa(script.ErrTooManyAttempts.Status), strconv.Itoa(script.ErrBusy.Status):
		return true
	}
	return false
}

// refusal is the answer to a command that fails before it is run, or after.
func refusal(command script.Pairs, e *script.Error) script.Pairs {
	return script.Pairs{
		{Key: "command", Value: command.Get("command")},
		{Key: "error", Value: e.Text},
		{Key: "status", Value: strconv.Itoa(e.Status)},
		{Key: "success", Value: script.FormatBool(false)},
	}
}
