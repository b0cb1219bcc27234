package bus_test

import (
	"testing"

	"rookery/internal/bus"
)

func TestRevisedRightsCountForWhatIsSubscribedAlready(t *testing.T) {
	t.Parallel()
	b := open(t)
	got := make(chan bus.Notification, 1)
	stop, err := b.Subscribe("robin", func(n bus.Notification) { got <- n })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	hears := func(kind, addressee, group string) bool {
		t.Helper()
		if err := b.Publish("robin", bus.Notification{Type: kind, Group: addressee}); err != nil {
			t.Fatal(err)
		}
		return (<-got).MayHear(group)
	}
	if !hears("local", "", "g1") || hears("local", "g2", "g1") {
		t.Error("before the first revision only the addressee counts")
	}
	if err := b.Revise("robin", bus.Rights{"g1": {"local"}, "g2": {"login"}}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		kind, addressee, group string
		want                   bool
	}{
		{"local", "", "g1", true},
		{"local", "", "g2", false},
		{"login", "g2", "g2", true},
		{"login", "g2", "g1", false},
		{"local", "", "gone", false},
	} {
		if got := hears(tc.kind, tc.addressee, tc.group); got != tc.want {
			t.Errorf("%+v: %v", tc, got)
		}
	}
}

func TestEachCommandHeardIsHandedToOneListener(t *testing.T) {
	t.Parallel()
	b := open(t)
	got := make(chan bus.Request, 10)
	for range 2 {
		stop, err := b.Listen("robin", func(r bus.Request) { got <- r })
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
	}
	for _, sender := range []string{"one", "two"} {
		if err := b.Hear("robin", bus.Request{Sender: sender}); err != nil {
			t.Fatal(err)
		}
	}
	a, c := <-got, <-got
	if a.Sender == c.Sender || len(got) > 0 {
		t.Errorf("heard %q, %q and %d more", a.Sender, c.Sender, len(got))
	}
}
