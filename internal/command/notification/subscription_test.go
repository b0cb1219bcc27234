package notification_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"rookery/internal/bus"
	"rookery/internal/command/commandtest"
	"rookery/script"
)

func TestDurableSubscriptionsAreListedAndRemoved(t *testing.T) {
	t.Parallel()
	w := commandtest.New(t)
	if got := w.Do(t, "command=subscription&action=list"); len(got) > 1 {
		t.Errorf("at first there are %q", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), commandtest.Patience)
	defer cancel()
	id := func(group string) string { return uuid.NewSHA1(uuid.Nil, []byte(group)).String() }
	take := func(group, name string, types ...string) *bus.Reader {
		r, err := w.Bus.Resume(ctx, "Test Bot", bus.Durable{Group: id(group), Name: name, Types: types}, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(r.Close)
		return r
	}
	inbox := take(commandtest.Group, "in box", "local", "message")
	take(commandtest.Partial, "theirs", "local")
	for range 3 {
		if err := w.Bus.Publish("Test Bot", bus.Notification{Type: "local", Text: []byte("type=local")}); err != nil {
			t.Fatal(err)
		}
	}
	got := w.Do(t, "command=subscription&action=LIST")
	want := []string{"name", "in box", "type", "local,message", "first", "1", "last", "3", "bytes"}
	if len(got) != 12 || !slices.Equal(got[:9], want) || got[10] != "used" {
		t.Errorf("%q, want %q and more", got, want)
	}
	w.Do(t, "command=subscription&action=remove&name=in+box")
	select {
	case <-inbox.Taken():
	case <-ctx.Done():
		t.Error("the client of a subscription that was removed is not told")
	}
	if got := w.Do(t, "command=subscription&action=list"); len(got) > 1 {
		t.Errorf("after it was removed: %q", got)
	}
	w.Refuses(t,
		commandtest.Refusal{Line: "command=subscription", Error: script.ErrUnknownAction, Says: "list, remove"},
		commandtest.Refusal{Line: "command=subscription&action=remove", Error: script.ErrNoNameProvided, Says: "name is missing"},
		commandtest.Refusal{Line: "command=subscription&action=remove&name=theirs", Error: script.ErrInvalidParameter, Says: `no durable subscription "theirs"`},
	)
}
