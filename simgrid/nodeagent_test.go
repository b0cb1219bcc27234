package simgrid_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"rookery/agent"
	"rookery/grid"
	"rookery/grid/login"
	"rookery/simgrid"
)

func TestNodeMetaverseMeetsTheAgent(t *testing.T) {
	t.Parallel()
	g := start(t, simgrid.Config{Tick: 50 * time.Millisecond})
	for _, last := range []string{"Guest", "Agent"} {
		if _, err := g.AddAccount("Rook", last, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	guest := g.Account("Rook", "Guest").ID()
	n := startNode(t, g, "Rook", "Guest", "secret", "uri:Rookery&128&128&22")
	n.await("the region", func(e nodeEvent) bool { return e.Event == "ready" })

	transport := &http.Transport{}
	a, err := agent.New(agent.Config{
		LoginURI: g.LoginURI(),
		Login: login.Params{
			First: "Rook", Last: "Agent", Password: "secret",
			Starts: []login.Start{at("Rookery", 131, 128, 22)},
		},
		HTTP:         &http.Client{Transport: transport},
		ListenPacket: func() (net.PacketConn, error) { return net.ListenPacket("udp4", "127.0.0.1:0") },
	})
	if err != nil {
		t.Fatal(err)
	}
	events := make(chan agent.Event, 1000)
	cancel := a.Subscribe(func(e agent.Event) {
		select {
		case events <- e:
		case <-n.ctx.Done():
		}
	})
	if err := a.Login(n.ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Logout(n.ctx); err != nil {
			t.Error(err)
		}
		cancel()
		transport.CloseIdleConnections()
	})
	me := a.Self().ID
	n.await("the agent", func(e nodeEvent) bool { return e.Event == "avatar" && e.ID == me.String() && e.Name == "Rook Agent" })

	if err := a.Chat(n.ctx, "good morning, ünd welcome", grid.ChatNormal, 0); err != nil {
		t.Fatal(err)
	}
	n.await("the agent's chat", func(e nodeEvent) bool {
		return e.Event == "chat" && e.From == me.String() && e.Text == "good morning, ünd welcome"
	})
	n.do(map[string]any{"say": "good morning to you"})
	heardBy(n, events, func(e agent.ChatHeard) bool { return e.Source == guest && e.Message == "good morning to you" })

	if err := a.InstantMessage(n.ctx, guest, "a word in private"); err != nil {
		t.Fatal(err)
	}
	n.await("the agent's message", func(e nodeEvent) bool {
		return e.Event == "im" && e.From == me.String() && e.Text == "a word in private"
	})
	n.do(map[string]any{"im": map[string]any{"to": me.String(), "text": "and one back"}})
	heardBy(n, events, func(e agent.MessageReceived) bool { return e.From == guest && e.Message == "and one back" })

	if err := a.WalkTo(n.ctx, grid.Vector3{X: 134, Y: 130, Z: 22}, 1); err != nil {
		t.Fatal(err)
	}
	n.await("the agent on the way", func(e nodeEvent) bool { return e.Event == "moved" && e.ID == me.String() && e.X > 131.5 })
	n.await("the agent where it went", func(e nodeEvent) bool {
		return e.Event == "moved" && e.ID == me.String() && e.X > 133 && e.Y > 129
	})
	n.do(map[string]any{"close": true})
	n.await("the logout", func(e nodeEvent) bool { return e.Event == "closed" })
}

// heardBy waits for an event of the agent.
func heardBy[E agent.Event](n *node, events <-chan agent.Event, match func(E) bool) {
	n.t.Helper()
	for {
		select {
		case e := <-events:
			if e, ok := e.(E); ok && match(e) {
				return
			}
		case <-n.ctx.Done():
			var want E
			n.t.Fatalf("the agent never heard a matching %T", want)
		}
	}
}
