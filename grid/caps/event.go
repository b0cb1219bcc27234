package caps

import (
	"errors"
	"fmt"

	"rookery/grid/llsd"
)

// An Event is one message of the event queue as it travels.
type Event struct {
	Name string         // such as EnableSimulator; "message" on the wire
	Body map[string]any // as its name demands
}

// A Body is an event as a Go type.
type Body interface {
	// EventName is the name under which the event travels.
	EventName() string
	encode() map[string]any
	decode(m map[string]any) error
}

// known makes an empty Body of the types that this package knows.
var known = map[string]func() Body{
	"EnableSimulator":             func() Body { return new(EnableSimulator) },
	"EstablishAgentCommunication": func() Body { return new(EstablishAgentCommunication) },
	"CrossedRegion":               func() Body { return new(CrossedRegion) },
	"TeleportFinish":              func() Body { return new(TeleportFinish) },
	"TeleportFailed":              func() Body { return new(TeleportFailed) },
	"AgentGroupDataUpdate":        func() Body { return new(AgentGroupDataUpdate) },
	"AgentDropGroup":              func() Body { return new(AgentDropGroup) },
	"ParcelProperties":            func() Body { return new(ParcelProperties) },
	"ChatterBoxInvitation":        func() Body { return new(ChatterBoxInvitation) },
	"ChatterBoxSessionStartReply": func() Body { return new(ChatterBoxSessionStartReply) },
	"ForceCloseChatterBoxSession": func() Body { return new(ForceCloseChatterBoxSession) },
	"ScriptRunningReply":          func() Body { return new(ScriptRunningReply) },
}

// ErrUnknownEvent means that an event has no Go type here; its raw Body is all there is.
var ErrUnknownEvent = errors.New("unknown event")

// NewEvent encodes b.
func NewEvent(b Body) Event { return Event{Name: b.EventName(), Body: b.encode()} }

// Decode returns the event as a pointer to its Go type, such as
// *TeleportFinish. The error wraps ErrUnknownEvent for an event without one,
// or names the part that does not fit.
func (e Event) Decode() (Body, error) {
	fresh, ok := known[e.Name]
	if !ok {
		return nil, fmt.Errorf("event %q: %w", e.Name, ErrUnknownEvent)
	}
	b := fresh()
	if err := b.decode(e.Body); err != nil {
		return nil, fmt.Errorf("event %s: %w", e.Name, err)
	}
	return b, nil
}

func encodeWire(wire any) map[string]any {
	v, err := llsd.ToValue(wire)
	if err != nil {
		panic(err) // the wire structs of this package always have a form in LLSD
	}
	return llsd.Map(v)
}

// first returns the only element of a block that the wire repeats.
func first[T any](blocks []T, name string) (*T, error) {
	if len(blocks) == 0 {
		return nil, fmt.Errorf("block %s is missing", name)
	}
	return &blocks[0], nil
}

// batch is the answer to a poll.
type batch struct {
	ID     any // integer; kept as it came and sent back as ack
	Events []Event
}

// parseBatch reads an answer; ok is false for one that holds nothing.
func parseBatch(v any) (b batch, ok bool) {
	m, isMap := v.(map[string]any)
	if !isMap {
		return batch{}, false
	}
	b.ID = m["id"]
	for _, el := range llsd.Array(m["events"]) {
		ev := llsd.Map(el)
		name := llsd.String(ev["message"])
		if name == "" {
			continue
		}
		b.Events = append(b.Events, Event{Name: name, Body: llsd.Map(ev["body"])})
	}
	return b, b.ID != nil || len(b.Events) > 0
}

func (b batch) value() any {
	events := make([]any, len(b.Events))
	for i, e := range b.Events {
		body := e.Body
		if body == nil {
			body = map[string]any{}
		}
		events[i] = map[string]any{"message": e.Name, "body": body}
	}
	return map[string]any{"id": b.ID, "events": events}
}
