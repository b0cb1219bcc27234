package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"

	"rookery/internal/bus"
	"rookery/script"
)

// stores runs a test with door and agent in one process, on an embedded bus with
// a store, and with the two in processes of their own, on a bus that has one.
func stores(t *testing.T, limits bus.Limits, test func(t *testing.T, door, agent *bus.Bus)) {
	open := func(t *testing.T, cfg bus.Config) *bus.Bus {
		t.Helper()
		cfg.Durable = limits
		cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
		b, err := bus.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(b.Close)
		return b
	}
	serve := func(t *testing.T, b *bus.Bus) {
		stop, err := b.Serve(t.Context(), "robin", parrot{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
	}
	t.Run("one process", func(t *testing.T) {
		t.Parallel()
		b := open(t, bus.Config{Store: t.TempDir()})
		serve(t, b)
		test(t, b, b)
	})
	t.Run("two processes", func(t *testing.T) {
		t.Parallel()
		s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		go s.Start()
		t.Cleanup(func() {
			s.Shutdown()
			s.WaitForShutdown()
		})
		if !s.ReadyForConnections(30 * time.Second) {
			t.Fatal("the server does not start")
		}
		door, agent := open(t, bus.Config{URLs: []string{s.ClientURL()}}), open(t, bus.Config{URLs: []string{s.ClientURL()}})
		serve(t, agent)
		test(t, door, agent)
	})
}

func publish(t *testing.T, b *bus.Bus, n bus.Notification) {
	t.Helper()
	if err := b.Publish("robin", n); err != nil {
		t.Fatal(err)
	}
}

func number(i int) bus.Notification {
	return bus.Notification{Type: "local", Text: fmt.Appendf(nil, "type=local&n=%d", i)}
}

// read reads so many notifications and writes them as "sequence text".
func read(t *testing.T, r *bus.Reader, n int) []string {
	t.Helper()
	var got []string
	for range n {
		k, err := r.Next(within(t))
		if err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
		r.Sent(k.Sequence)
		got = append(got, fmt.Sprintf("%d %s", k.Sequence, k.Text))
	}
	return got
}

func resume(t *testing.T, b *bus.Bus, d bus.Durable, from uint64) *bus.Reader {
	t.Helper()
	r, err := b.Resume(within(t), "robin", d, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func numbered(from, to int) []string {
	var lines []string
	for i := from; i <= to; i++ {
		lines = append(lines, fmt.Sprintf("%d type=local&n=%d", i, i))
	}
	return lines
}

var inbox = bus.Durable{Group: "g", Name: "in box/ä.*>", Types: []string{"local"}}

func TestADurableSubscriptionKeepsWhatItsClientMissed(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{}, func(t *testing.T, door, agent *bus.Bus) {
		publish(t, agent, number(0)) // before there was one
		r := resume(t, door, inbox, 0)
		if r.From() != 1 {
			t.Errorf("begins with %d", r.From())
		}
		publish(t, agent, number(1))
		publish(t, agent, bus.Notification{Type: "message", Text: []byte("not asked for")})
		publish(t, agent, bus.Notification{Type: "local", Group: "h", Text: []byte("for another group")})
		publish(t, agent, bus.Notification{Type: "local", Except: []string{"f", "g"}, Text: []byte("for all but this group")})
		publish(t, agent, number(2))
		if diff := cmp.Diff(numbered(1, 2), read(t, r, 2)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		r.Close()
		for i := 3; i <= 200; i++ {
			publish(t, agent, number(i))
		}
		r = resume(t, door, inbox, 0)
		if diff := cmp.Diff(numbered(3, 200), read(t, r, 198)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		r.Close()
		// Whoever says where it was is believed.
		r = resume(t, door, inbox, 100)
		if diff := cmp.Diff(numbered(100, 200), read(t, r, 101)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		r.Close()
		if r := resume(t, door, inbox, 201); r.From() != 201 {
			t.Errorf("begins with %d", r.From())
		}
	})
}

func TestALineThatWasNotSentIsReadAgain(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{}, func(t *testing.T, door, agent *bus.Bus) {
		r := resume(t, door, inbox, 0)
		publish(t, agent, number(1))
		publish(t, agent, number(2))
		read(t, r, 1)
		if _, err := r.Next(within(t)); err != nil { // read, and never sent
			t.Fatal(err)
		}
		r.Close()
		if diff := cmp.Diff(numbered(2, 2), read(t, resume(t, door, inbox, 0), 1)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestOneClientAtATimeHasADurableSubscription(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{}, func(t *testing.T, door, agent *bus.Bus) {
		first := resume(t, door, inbox, 0)
		publish(t, agent, number(1))
		read(t, first, 1)
		waited := make(chan error, 1)
		go func() {
			_, err := first.Next(context.WithoutCancel(within(t)))
			waited <- err
		}()
		second := resume(t, door, inbox, 0)
		select {
		case <-first.Taken():
		case <-within(t).Done():
			t.Fatal("the first client was not told")
		}
		if err := <-waited; !errors.Is(err, bus.ErrTaken) {
			t.Errorf("the first client reads on: %v", err)
		}
		publish(t, agent, number(2))
		if diff := cmp.Diff(numbered(2, 2), read(t, second, 1)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestTheOldestGoFirstBeyondTheLimits(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{Messages: 10}, func(t *testing.T, door, agent *bus.Bus) {
		resume(t, door, inbox, 0).Close()
		for i := 1; i <= 25; i++ {
			publish(t, agent, number(i))
		}
		r := resume(t, door, inbox, 5)
		if r.From() != 16 {
			t.Errorf("begins with %d", r.From())
		}
		if diff := cmp.Diff(numbered(16, 25), read(t, r, 10)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestWhatMayNotBeHeardAnyMoreIsNeitherKeptNorRead(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{}, func(t *testing.T, door, agent *bus.Bus) {
		d := inbox
		d.Types = []string{"local", "message"}
		stop, err := door.Subscribe("robin", func(bus.Notification) {}) // as every door does
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		resume(t, door, d, 0).Close()
		publish(t, agent, bus.Notification{Type: "message", Text: []byte("kept, and then forbidden")})
		publish(t, agent, number(2))
		if err := agent.Revise("robin", bus.Rights{"g": {"local"}}); err != nil {
			t.Fatal(err)
		}
		publish(t, agent, bus.Notification{Type: "message", Text: []byte("forbidden")})
		publish(t, agent, number(3))
		until(t, "the door hears of the rights", func() bool { return !door.Hears("robin", "g", "message") })
		if diff := cmp.Diff(numbered(2, 3), read(t, resume(t, door, d, 0), 2)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		// A group that is gone loses its subscriptions.
		if err := agent.Revise("robin", bus.Rights{}); err != nil {
			t.Fatal(err)
		}
		if all, err := door.Durables("robin").List(within(t), "g"); err != nil || len(all) > 0 {
			t.Errorf("of a group that is gone: %v, %v", all, err)
		}
	})
}

// until waits for what no event tells.
func until(t *testing.T, what string, check func() bool) {
	t.Helper()
	ctx := within(t)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for !check() {
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatal(what + ": not in time")
		}
	}
}

func TestDurableSubscriptionsAreListedAndRemoved(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{Most: 2}, func(t *testing.T, door, agent *bus.Bus) {
		r := resume(t, door, bus.Durable{Group: "g", Name: "b", Types: []string{"local"}, Note: "x"}, 0)
		resume(t, door, bus.Durable{Group: "g", Name: "a", Types: []string{"local", "message"}}, 0).Close()
		resume(t, door, bus.Durable{Group: "h", Name: "a", Types: []string{"message"}}, 0).Close()
		publish(t, agent, number(1))
		all, err := door.Durables("robin").List(within(t), "g")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, k := range all {
			got = append(got, fmt.Sprint(k.Name, k.Types, k.Note, k.First, k.Last))
		}
		if diff := cmp.Diff([]string{"a[local message]1 1", "b[local]x1 1"}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		_, err = door.Resume(within(t), "robin", bus.Durable{Group: "g", Name: "c", Types: []string{"local"}}, 0)
		if !errors.Is(err, script.ErrSubscriptions) || !strings.Contains(err.Error(), "may have 2") {
			t.Errorf("one too many: %v", err)
		}
		if err := door.Durables("robin").Remove(within(t), "g", "b"); err != nil {
			t.Fatal(err)
		}
		<-r.Taken()
		if err := door.Durables("robin").Remove(within(t), "g", "b"); !errors.Is(err, script.ErrInvalidParameter) {
			t.Errorf("removed twice: %v", err)
		}
		// It begins anew.
		publish(t, agent, number(2))
		r = resume(t, door, bus.Durable{Group: "g", Name: "b", Types: []string{"local"}}, 0)
		publish(t, agent, number(3))
		if diff := cmp.Diff([]string{"1 type=local&n=3"}, read(t, r, 1)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestWrongHandshakesOfDurableSubscriptionsAreExplained(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{}, func(t *testing.T, door, _ *bus.Bus) {
		for name, says := range map[string]string{"": "1 to 64", strings.Repeat("ä", 65): "1 to 64", "a\nb": "printable"} {
			_, err := door.Resume(within(t), "robin", bus.Durable{Group: "g", Name: name, Types: []string{"local"}}, 0)
			if !errors.Is(err, script.ErrInvalidParameter) || !strings.Contains(err.Error(), says) {
				t.Errorf("%q: %v", name, err)
			}
		}
		_, err := door.Resume(within(t), "robin", inbox, 2)
		if !errors.Is(err, script.ErrInvalidParameter) || !strings.Contains(err.Error(), "newest sequence is 0") {
			t.Errorf("from the future: %v", err)
		}
		if all, err := door.Durables("robin").List(within(t), "g"); err != nil || len(all) != 0 {
			t.Errorf("a mistake made %v, %v", all, err)
		}
		r := resume(t, door, inbox, 0)
		wrong := inbox
		wrong.Types = []string{"message"}
		if _, err := door.Resume(within(t), "robin", wrong, 2); !errors.Is(err, script.ErrInvalidParameter) {
			t.Errorf("from the future: %v", err)
		}
		select {
		case <-r.Taken():
			t.Error("a mistake sends the client away")
		default:
		}
		if all, err := door.Durables("robin").List(within(t), "g"); err != nil || len(all) != 1 || !cmp.Equal(all[0].Types, inbox.Types) {
			t.Errorf("a mistake changed it to %v, %v", all, err)
		}
		_, err = door.Resume(within(t), "wren", inbox, 0)
		if !errors.Is(err, bus.ErrNoAgent) {
			t.Errorf("an agent that is not there: %v", err)
		}
	})
	b := open(t) // no store
	stop, err := b.Serve(t.Context(), "robin", parrot{})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if _, err := b.Resume(within(t), "robin", inbox, 0); !errors.Is(err, script.ErrUnavailable) {
		t.Errorf("without a store: %v", err)
	}
}

func TestDurableSubscriptionsSurviveARestart(t *testing.T) {
	t.Parallel()
	store := filepath.Join(t.TempDir(), "bus")
	run := func(test func(*bus.Bus)) {
		b, err := bus.Open(bus.Config{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		stop, err := b.Serve(t.Context(), "robin", parrot{})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		test(b)
	}
	d := inbox
	d.Fields = []string{"From"}
	run(func(b *bus.Bus) {
		r := resume(t, b, d, 0)
		for i := 1; i <= 5; i++ {
			n := number(i)
			n.View = bus.ViewOf(d.Fields)
			publish(t, b, n)
		}
		read(t, r, 2)
		r.Close()
	})
	run(func(b *bus.Bus) {
		// The view is told on, though nobody has asked for it again.
		if views := b.Views("robin"); len(views) != 1 || !cmp.Equal(views[0].Fields, d.Fields) {
			t.Errorf("views: %v", views)
		}
		n := number(6)
		n.View = bus.ViewOf(d.Fields)
		publish(t, b, n)
		r := resume(t, b, d, 0)
		if diff := cmp.Diff(numbered(3, 6), read(t, r, 4)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		r.Close()
	})
}

func TestViewsAreToldAsLongAsSomebodyLooks(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{}, func(t *testing.T, door, agent *bus.Bus) {
		if views := agent.Views("robin"); len(views) != 0 {
			t.Errorf("nobody looks: %v", views)
		}
		release, err := door.Look(within(t), "robin", []string{"From", "Message"})
		if err != nil {
			t.Fatal(err)
		}
		again, err := door.Look(within(t), "robin", []string{"From", "Message"})
		if err != nil {
			t.Fatal(err)
		}
		if views := agent.Views("robin"); len(views) != 1 || !cmp.Equal(views[0].Fields, []string{"From", "Message"}) {
			t.Errorf("views: %v", views)
		}
		release()
		release()
		if views := agent.Views("robin"); len(views) != 1 {
			t.Errorf("one looks still: %v", views)
		}
		again()
		if views := agent.Views("robin"); door == agent && len(views) != 0 {
			t.Errorf("nobody looks any more: %v", views)
		}
		for i := range 70 {
			var release func()
			if release, err = door.Look(within(t), "robin", []string{fmt.Sprint(i)}); err != nil {
				break
			}
			defer release()
		}
		if !errors.Is(err, script.ErrBusy) || !strings.Contains(err.Error(), "64") {
			t.Errorf("too many views: %v", err)
		}
	})
}

func TestASubscriptionThatNobodyComesForIsForgotten(t *testing.T) {
	t.Parallel()
	stores(t, bus.Limits{}, func(t *testing.T, door, agent *bus.Bus) {
		used, left := inbox, inbox
		used.Name, left.Name = "used", "left"
		resume(t, door, used, 0)
		resume(t, door, left, 0).Close()
		names := func() string {
			all, err := door.Durables("robin").List(within(t), "g")
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, k := range all {
				names = append(names, k.Name)
			}
			return strings.Join(names, ",")
		}
		agent.ForgetUnused(within(t), "robin", time.Now().Add(-time.Hour))
		if got := names(); got != "left,used" {
			t.Errorf("too early: %s", got)
		}
		agent.ForgetUnused(within(t), "robin", time.Now().Add(time.Hour))
		if got := names(); got != "used" {
			t.Errorf("too late: %s", got)
		}
	})
}

func TestAStoreThatFailsHoldsNobodyUpAndIsUsedAgain(t *testing.T) {
	t.Parallel()
	b, err := bus.Open(bus.Config{Store: t.TempDir(), Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	stop, err := b.Serve(t.Context(), "robin", parrot{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	live := make(chan string, 10000)
	unsubscribe, err := b.Subscribe("robin", func(n bus.Notification) { live <- string(n.Text) })
	if err != nil {
		t.Fatal(err)
	}
	defer unsubscribe()
	hear := func(i int) {
		t.Helper()
		select {
		case got := <-live:
			if want := fmt.Sprintf("type=local&n=%d", i); got != want {
				t.Fatalf("heard %s, want %s", got, want)
			}
		case <-within(t).Done():
			t.Fatal("nothing is heard any more")
		}
	}
	resume(t, b, inbox, 0).Close()
	publish(t, b, number(1))
	hear(1)
	if err := b.BreakStore(); err != nil {
		t.Fatal(err)
	}
	i := 2
	for ; i < 100; i++ {
		publish(t, b, number(i))
		hear(i)
	}
	until(t, "the store works again", func() bool {
		publish(t, b, number(i))
		hear(i)
		i++
		return !b.Down()
	})
	publish(t, b, number(i))
	hear(i)
	r := resume(t, b, inbox, 1)
	last := ""
	for want := fmt.Sprintf("type=local&n=%d", i); last != want; {
		k, err := r.Next(within(t))
		if err != nil {
			t.Fatal(err)
		}
		last = string(k.Text)
	}
}
