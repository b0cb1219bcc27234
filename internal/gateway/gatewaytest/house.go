// Package gatewaytest is the far side of the bus for tests of doors: one group
// "G" with the password "p", which may hear local and message, and commands
// that tell what arrived.
package gatewaytest

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/script"
)

// Patience bounds every wait of a test.
const Patience = 30 * time.Second

// The agent's name on the bus, and a handshake that is let in.
const (
	Agent = "robin"
	Hello = "group=g&password=p&type=local,message"
)

// House is a bus with an agent's side on it.
type House struct {
	T       *testing.T
	Bus     *bus.Bus
	Desk    *gateway.Desk
	Release chan struct{} // what the commands "wait" and "cling" wait for

	// Running receives a value when a command begins to wait.
	Running chan struct{}
	// Ended receives what that command came to, for as many as there is room for.
	Ended chan script.Pairs

	mu            sync.Mutex
	running, most int
}

// New starts a house that ends with the test. Without filters it has the
// default ones.
func New(t *testing.T, filters ...script.Filter) *House {
	t.Helper()
	b, err := bus.Open(bus.Config{Store: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	h := &House{T: t, Bus: b, Release: make(chan struct{}), Running: make(chan struct{}, 100), Ended: make(chan script.Pairs, 100)}
	stop, err := b.Serve(context.Background(), Agent, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	in, out := script.DefaultFilters(), script.DefaultFilters()
	if len(filters) > 0 {
		out, in = filters, nil
		for _, f := range filters {
			in = append(script.Filters{f}, in...)
		}
	}
	h.Desk = gateway.NewDesk(b, Agent, in, out, slog.New(slog.DiscardHandler))
	return h
}

// CloseAtEnd closes a door when the test ends.
func (h *House) CloseAtEnd(door interface{ Close(context.Context) error }) {
	h.T.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		if err := door.Close(ctx); err != nil {
			h.T.Errorf("close: %v", err)
		}
	})
}

// Notify publishes a notification; group "" is every group.
func (h *House) Notify(kind, group, text string) {
	h.T.Helper()
	h.publish(bus.Notification{Type: kind, Group: group, Text: []byte(text)})
}

// NotifyIn publishes a notification for those who look at a view.
func (h *House) NotifyIn(view, kind, text string) {
	h.T.Helper()
	h.publish(bus.Notification{Type: kind, View: view, Text: []byte(text)})
}

func (h *House) publish(n bus.Notification) {
	h.T.Helper()
	if err := h.Bus.Publish(Agent, n); err != nil {
		h.T.Fatal(err)
	}
}

// Until waits for what no event tells.
func Until(t *testing.T, what string, check func() bool) {
	t.Helper()
	late := time.After(Patience)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !check() {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("%s: not in %v", what, Patience)
		}
	}
}

// Most is how many commands ran at the same time at most.
func (h *House) Most() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.most
}

// Execute answers with message as data and with _id; "wait" waits first, and
// "cling" does so even when its context ends.
func (h *House) Execute(ctx context.Context, r bus.Request) bus.Reply {
	answer := h.execute(ctx, r)
	if r.Pairs.Get("command") == "wait" {
		select {
		case h.Ended <- answer:
		default:
		}
	}
	return bus.Reply{Pairs: answer}
}

func (h *House) execute(ctx context.Context, r bus.Request) script.Pairs {
	h.mu.Lock()
	h.running++
	h.most = max(h.most, h.running)
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		h.running--
		h.mu.Unlock()
	}()
	answer := script.Pairs{{Key: "group", Value: r.Pairs.Get("group")}, {Key: "command", Value: r.Pairs.Get("command")}}
	if !strings.EqualFold(r.Pairs.Get("group"), "G") || r.Pairs.Get("password") != "p" {
		return append(answer, gateway.Refusal(script.ErrAccessDenied)...)
	}
	switch r.Pairs.Get("command") {
	case "cling":
		h.Running <- struct{}{}
		<-h.Release
	case "wait":
		h.Running <- struct{}{}
		select {
		case <-h.Release:
		case <-ctx.Done():
			return append(answer, gateway.Refusal(script.ErrTimeout)...)
		}
	}
	answer.Add("data", r.Pairs.Get("message"))
	answer.Add("success", "True")
	if id, ok := r.Pairs.Lookup("_id"); ok {
		answer.Add("_id", id)
	}
	return answer
}

// Authorize lets the group hear local and message.
func (h *House) Authorize(_ context.Context, a bus.Authorization) bus.Grant {
	if !strings.EqualFold(a.Group, "G") || a.Password != "p" {
		return bus.Grant{Error: script.ErrAccessDenied}
	}
	if a.All {
		a.Types = []string{"local", "message"}
	}
	for _, kind := range a.Types {
		if kind != "local" && kind != "message" {
			return bus.Grant{Error: script.ErrInvalidNotificationTypes}
		}
	}
	return bus.Grant{GroupName: "G", GroupID: "g", Types: a.Types}
}
