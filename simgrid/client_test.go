package simgrid_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rookery/grid"
	"rookery/grid/caps"
	"rookery/grid/circuit"
	"rookery/grid/circuit/circuittest"
	"rookery/grid/login"
	"rookery/grid/message"
	"rookery/simgrid"
)

// client is the least that a grid client can be: it logs in, completes the
// handshakes, follows the event queue, and keeps what it receives.
type client struct {
	t    testing.TB
	ctx  context.Context
	resp *login.Response
	ep   *circuit.Endpoint
	http *http.Client

	mu       sync.Mutex
	changed  chan struct{}
	links    map[netip.AddrPort]*link
	root     *link
	received []received
	stops    []context.CancelFunc
	wg       sync.WaitGroup
	closed   bool
	passive  atomic.Bool // opens no child circuits and follows no crossings
}

// link is the client's circuit to one region.
type link struct {
	c      *circuit.Circuit
	handle grid.RegionHandle
	seed   string
	caps   caps.Set
}

type received struct {
	from grid.RegionHandle
	m    any // message.Message or caps.Body
}

// start starts a grid that ends with the test.
func start(t testing.TB, c simgrid.Config) *simgrid.Grid {
	t.Helper()
	if c.Tick == 0 {
		c.Tick = 10 * time.Millisecond
	}
	g, err := simgrid.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func testContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// connect logs an account in, makes it when it is not there, and arrives.
func connect(t testing.TB, g *simgrid.Grid, first string, starts ...login.Start) *client {
	t.Helper()
	c := logIn(t, g, first, starts...)
	c.arrive()
	return c
}

func logIn(t testing.TB, g *simgrid.Grid, first string, starts ...login.Start) *client {
	t.Helper()
	if g.Account(first, "Tester") == nil {
		if _, err := g.AddAccount(first, "Tester", "secret"); err != nil {
			t.Fatal(err)
		}
	}
	c := &client{t: t, ctx: testContext(t), links: make(map[netip.AddrPort]*link), changed: make(chan struct{})}
	c.http = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(c.close)
	var err error
	lc := login.Client{HTTP: c.http, Attempts: 1}
	c.resp, err = lc.Login(c.ctx, g.LoginURI(), login.Params{First: first, Last: "Tester", Password: "secret", Starts: starts})
	if err != nil {
		t.Fatal(err)
	}
	if c.ep, err = circuit.Listen("127.0.0.1:0", circuit.Options{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// logInOver is logIn with a bad network under the client.
func logInOver(t testing.TB, g *simgrid.Grid, first string, f circuittest.Faults) *client {
	t.Helper()
	c := logIn(t, g, first, at("Rookery", 100, 100, 22))
	_ = c.ep.Close()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c.ep = circuit.NewEndpoint(circuittest.Wrap(pc, f), circuit.Options{InitialRTO: 50 * time.Millisecond, MinRTO: 50 * time.Millisecond})
	return c
}

// arrive opens the circuit of the login and completes the movement there.
func (c *client) arrive() {
	c.t.Helper()
	l := c.open(c.resp.Simulator, c.resp.Handle(), c.resp.SeedCapability)
	c.complete(l)
}

// id is the agent's id.
func (c *client) id() grid.UUID { return c.resp.AgentID }

func (c *client) open(addr netip.AddrPort, handle grid.RegionHandle, seed string) *link {
	c.mu.Lock()
	l := c.links[addr]
	c.mu.Unlock()
	if l != nil {
		return l
	}
	l = &link{handle: handle, seed: seed}
	var err error
	l.c, err = c.ep.Dial(addr, func(_ *circuit.Circuit, m message.Message) { c.receive(l, m) })
	if err != nil {
		if !c.over() {
			c.t.Error(err)
		}
		return nil
	}
	c.mu.Lock()
	c.links[addr] = l
	c.mu.Unlock()
	use := &message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{
		Code: c.resp.CircuitCode, SessionID: c.resp.SessionID, ID: c.resp.AgentID,
	}}
	if err := l.c.SendWait(c.ctx, use); err != nil && !c.over() {
		c.t.Errorf("use circuit code: %v", err)
	}
	return l
}

// over tells whether the test does not care any more.
func (c *client) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed || c.ctx.Err() != nil
}

// complete makes a link the root.
func (c *client) complete(l *link) {
	c.t.Helper()
	c.mu.Lock()
	c.root = l
	c.mu.Unlock()
	_ = l.c.SendReliable(&message.CompleteAgentMovement{AgentData: message.CompleteAgentMovementAgentData{
		AgentID: c.resp.AgentID, SessionID: c.resp.SessionID, CircuitCode: c.resp.CircuitCode,
	}})
	awaitFrom(c, l.handle, func(*message.AgentMovementComplete) bool { return true })
	c.poll(l)
}

// poll starts to follow the event queue of a link.
func (c *client) poll(l *link) {
	var cl caps.Client
	cl.HTTP = c.http
	if l.caps == nil {
		set, err := cl.Seed(c.ctx, l.seed, nil)
		if err != nil {
			c.t.Errorf("seed: %v", err)
			return
		}
		l.caps = set
	} else {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		cancel()
		return
	}
	c.stops = append(c.stops, cancel)
	c.wg.Add(1)
	c.mu.Unlock()
	p := caps.Poller{Client: &cl, URL: l.caps[caps.NameEventQueue], Handle: func(e caps.Event) { c.event(l, e) }, MinBackoff: time.Millisecond}
	go func() {
		defer c.wg.Done()
		_ = p.Run(ctx)
	}()
}

func (c *client) event(l *link, e caps.Event) {
	b, err := e.Decode()
	if err != nil {
		c.t.Errorf("event %s: %v", e.Name, err)
		return
	}
	c.keep(received{l.handle, b})
	if c.passive.Load() {
		return
	}
	switch b := b.(type) {
	case *caps.EnableSimulator:
		for _, s := range b.Simulators {
			c.wg.Go(func() { c.open(s.Addr, s.Handle, "") })
		}
	case *caps.CrossedRegion:
		c.follow(b.Addr, b.Handle, b.SeedCapability)
	case *caps.TeleportFinish:
		c.follow(b.Addr, b.Handle, b.SeedCapability)
	}
}

// follow goes where a teleport or a crossing leads.
func (c *client) follow(addr netip.AddrPort, handle grid.RegionHandle, seed string) {
	c.wg.Add(1)
	go func() {
		defer c.wg.Done()
		if l := c.open(addr, handle, seed); l != nil {
			l.seed = seed
			c.complete(l)
		}
	}()
}

func (c *client) receive(l *link, m message.Message) {
	if _, ok := m.(*message.RegionHandshake); ok {
		_ = l.c.SendReliable(&message.RegionHandshakeReply{AgentData: message.RegionHandshakeReplyAgentData{
			AgentID: c.resp.AgentID, SessionID: c.resp.SessionID,
		}})
	}
	if _, ok := m.(*message.DisableSimulator); ok {
		_ = l.c.Close()
		c.mu.Lock()
		delete(c.links, l.c.Remote())
		c.mu.Unlock()
	}
	c.keep(received{l.handle, m})
}

func (c *client) keep(r received) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received = append(c.received, r)
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *client) close() {
	c.mu.Lock()
	c.closed = true
	close(c.changed)
	c.changed = make(chan struct{})
	stops := c.stops
	c.mu.Unlock()
	for _, stop := range stops {
		stop()
	}
	if c.ep != nil {
		_ = c.ep.Close()
	}
	c.wg.Wait()
	c.http.CloseIdleConnections()
}

// send sends a message reliably to the root region.
func (c *client) send(m message.Message) {
	c.t.Helper()
	c.mu.Lock()
	l := c.root
	c.mu.Unlock()
	if err := l.c.SendReliable(m); err != nil {
		c.t.Fatalf("send %s: %v", m.Info().Name, err)
	}
}

// await takes the first message or event of a type that matches (nil: any) out
// of what was received, waiting for it.
func await[M any](c *client, match func(M) bool) M {
	c.t.Helper()
	return awaitFrom(c, 0, match)
}

// awaitFrom is await for what came from one region.
func awaitFrom[M any](c *client, from grid.RegionHandle, match func(M) bool) M {
	c.t.Helper()
	for {
		c.mu.Lock()
		for i, r := range c.received {
			m, ok := r.m.(M)
			if ok && (from == 0 || r.from == from) && (match == nil || match(m)) {
				c.received = slices.Delete(c.received, i, i+1)
				c.mu.Unlock()
				return m
			}
		}
		changed, closed := c.changed, c.closed
		c.mu.Unlock()
		if closed {
			runtime.Goexit() // the test is over, and this goroutine not the test's
		}
		select {
		case <-changed:
		case <-c.ctx.Done():
			var want M
			c.t.Errorf("%s never received %T; has %s", c.resp.First, want, c.names())
			c.t.FailNow() // ends this goroutine even when it is not the test's
		}
	}
}

// has tells whether a message that matches was received and not yet taken.
func has[M any](c *client, match func(M) bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(c.received, func(r received) bool {
		m, ok := r.m.(M)
		return ok && (match == nil || match(m))
	})
}

func (c *client) names() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := make(map[string]int)
	for _, r := range c.received {
		counts[fmt.Sprintf("%T", r.m)]++
	}
	return fmt.Sprint(counts)
}

// round makes sure that the region has served everything sent before, and that
// the client has got everything sent to it before: it asks and waits for the
// answer, which comes on the same ordered way.
func (c *client) round() {
	c.t.Helper()
	id := grid.UUID{0: 1}
	c.send(&message.MoneyBalanceRequest{
		AgentData: message.MoneyBalanceRequestAgentData{AgentID: c.resp.AgentID, SessionID: c.resp.SessionID},
		MoneyData: message.MoneyBalanceRequestMoneyData{TransactionID: id},
	})
	await(c, func(m *message.MoneyBalanceReply) bool { return m.MoneyData.TransactionID == id })
}

func (c *client) say(kind grid.ChatType, channel int32, text string) {
	c.t.Helper()
	c.send(&message.ChatFromViewer{
		AgentData: message.ChatFromViewerAgentData{AgentID: c.resp.AgentID, SessionID: c.resp.SessionID},
		ChatData:  message.ChatFromViewerChatData{Message: message.Bytes(text), Type: uint8(kind), Channel: channel},
	})
}

// heard matches a line of chat by its text.
func heard(text string) func(*message.ChatFromSimulator) bool {
	return func(m *message.ChatFromSimulator) bool { return message.String(m.ChatData.Message) == text }
}

func (c *client) im(to grid.UUID, dialog grid.IMDialog, text string) {
	c.t.Helper()
	c.send(&message.ImprovedInstantMessage{
		AgentData: message.ImprovedInstantMessageAgentData{AgentID: c.resp.AgentID, SessionID: c.resp.SessionID},
		MessageBlock: message.ImprovedInstantMessageMessageBlock{
			ToAgentID: to, Dialog: uint8(dialog), ID: grid.IMSession(c.resp.AgentID, to),
			FromAgentName: message.Bytes("Somebody Else"), Message: message.Bytes(text), BinaryBucket: []byte{0},
		},
	})
}

// told matches an instant message by its text.
func told(text string) func(*message.ImprovedInstantMessage) bool {
	return func(m *message.ImprovedInstantMessage) bool { return message.String(m.MessageBlock.Message) == text }
}

// move sends an AgentUpdate.
func (c *client) move(controls grid.Control, heading float64) {
	c.t.Helper()
	c.send(&message.AgentUpdate{AgentData: message.AgentUpdateAgentData{
		AgentID: c.resp.AgentID, SessionID: c.resp.SessionID,
		BodyRotation: grid.RotationZ(heading), HeadRotation: grid.Identity,
		Far: 128, ControlFlags: uint32(controls),
	}})
}

func at(region string, x, y, z float32) login.Start {
	return login.Start{Place: login.InRegion, Region: region, Position: grid.Vector3{X: x, Y: y, Z: z}}
}
