package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/goleak"

	"rookery/internal/bus"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, urls ...string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(bus.Config{URLs: urls, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// houses runs a test with door and agent in one process, on the embedded bus,
// and with the two in processes of their own, on a bus between them.
func houses(t *testing.T, test func(t *testing.T, door, agent *bus.Bus)) {
	t.Run("one process", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		test(t, b, b)
	})
	t.Run("two processes", func(t *testing.T) {
		t.Parallel()
		s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
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
		test(t, open(t, s.ClientURL()), open(t, s.ClientURL()))
	})
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// parrot answers with what it was asked.
type parrot struct{ waiting chan struct{} }

func (p parrot) Execute(ctx context.Context, r bus.Request) bus.Reply {
	if r.Pairs.Get("command") == "wait" {
		close(p.waiting)
		<-ctx.Done()
	}
	return bus.Reply{Pairs: append(script.Pairs{{Key: "from", Value: r.Door + "/" + r.Sender + "/" + r.Identifier}}, r.Pairs...)}
}

func (parrot) Authorize(_ context.Context, a bus.Authorization) bus.Grant {
	if a.Password != "right" {
		return bus.Grant{Error: script.ErrUnknownAction}
	}
	return bus.Grant{GroupName: a.Group, GroupID: a.Remote, Types: a.Types}
}

// An agent's name may hold anything, also what subjects reserve.
const oddName = "Robin Rook.* > é"

func TestRequestsReachTheAgentTheyNameAndAnswersComeBackInOrder(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, door, agent *bus.Bus) {
		stop, err := agent.Serve(t.Context(), oddName, parrot{})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		pairs := script.Pairs{{Key: "z", Value: "1"}, {Key: "a", Value: "é &=\n"}, {Key: "z", Value: "2"}}
		reply, err := door.Execute(within(t), oddName, bus.Request{Door: "tcp", Sender: "S", Identifier: "I", Pairs: pairs})
		if err != nil {
			t.Fatal(err)
		}
		want := append(script.Pairs{{Key: "from", Value: "tcp/S/I"}}, pairs...)
		if diff := cmp.Diff(want, reply.Pairs); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if _, err := door.Execute(within(t), "nobody", bus.Request{}); !errors.Is(err, bus.ErrNoAgent) {
			t.Errorf("a request to an agent that nobody serves: %v, want ErrNoAgent", err)
		}
	})
}

func TestGrantsAndRefusalsComeBack(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, door, agent *bus.Bus) {
		stop, err := agent.Serve(t.Context(), "robin", parrot{})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		grant, err := door.Authorize(within(t), "robin", bus.Authorization{Group: "G", Password: "right", Types: []string{"local"}, Remote: "r"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(bus.Grant{GroupName: "G", GroupID: "r", Types: []string{"local"}}, grant); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		grant, err = door.Authorize(within(t), "robin", bus.Authorization{Password: "wrong"})
		if err != nil {
			t.Fatal(err)
		}
		if !errors.Is(grant.Error, script.ErrUnknownAction) {
			t.Errorf("refusal %v, want %v", grant.Error, script.ErrUnknownAction)
		}
	})
}

func TestASlowCommandDelaysNoOtherAndStopEndsIt(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, door, agent *bus.Bus) {
		waiting := make(chan struct{})
		stop, err := agent.Serve(t.Context(), "robin", parrot{waiting})
		if err != nil {
			t.Fatal(err)
		}
		slow := make(chan error, 1)
		go func() {
			_, err := door.Execute(within(t), "robin", bus.Request{Pairs: script.Pairs{{Key: "command", Value: "wait"}}})
			slow <- err
		}()
		<-waiting
		for range 10 {
			if _, err := door.Execute(within(t), "robin", bus.Request{}); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		if err := <-slow; err != nil {
			t.Errorf("the command that was running when its agent stopped got no answer: %v", err)
		}
	})
}

func TestNotificationsArriveInOrderWithTypeAndGroup(t *testing.T) {
	t.Parallel()
	houses(t, func(t *testing.T, door, agent *bus.Bus) {
		got := make(chan string, 100)
		stop, err := door.Subscribe(oddName, func(n bus.Notification) {
			got <- n.Type + " " + n.Group + " " + string(n.Text)
		})
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		for i := range 50 {
			if err := agent.Publish("other", bus.Notification{Type: "local", Text: []byte("not for us")}); err != nil {
				t.Fatal(err)
			}
			n := bus.Notification{Type: "local", Text: fmt.Appendf(nil, "n=%d", i)}
			if i%2 == 1 {
				n.Group, n.Type = "g1", "odd.name"
			}
			if err := agent.Publish(oddName, n); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 50 {
			want := fmt.Sprintf("local all n=%d", i)
			if i%2 == 1 {
				want = fmt.Sprintf("odd.name g1 n=%d", i)
			}
			select {
			case g := <-got:
				if g != want {
					t.Fatalf("notification %d is %q, want %q", i, g, want)
				}
			case <-time.After(30 * time.Second):
				t.Fatalf("notification %d never came", i)
			}
		}
	})
}

func TestAnAgentIsServedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	stop, err := b.Serve(t.Context(), "robin", parrot{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Serve(t.Context(), "robin", parrot{}); err == nil {
		t.Error("the same agent was served twice")
	}
	stop()
	if _, err := b.Execute(within(t), "robin", bus.Request{}); !errors.Is(err, bus.ErrNoAgent) {
		t.Errorf("after the end of the serving: %v, want ErrNoAgent", err)
	}
	if stop, err = b.Serve(t.Context(), "robin", parrot{}); err != nil {
		t.Fatal(err)
	}
	stop()
}

func TestAnUnreachableClusterIsAnErrorThatNamesIt(t *testing.T) {
	t.Parallel()
	_, err := bus.Open(bus.Config{URLs: []string{"nats://127.0.0.1:1"}})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("got %v", err)
	}
}
