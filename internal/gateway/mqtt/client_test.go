package mqtt_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"go.uber.org/goleak"

	"rookery/internal/gateway/gatewaytest"
	"rookery/internal/gateway/mqtt"
	"rookery/script"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type house struct {
	*gatewaytest.House
	door *mqtt.Door
}

func open(t *testing.T, cfg mqtt.Config, filters ...script.Filter) *house {
	t.Helper()
	h := gatewaytest.New(t, filters...)
	cfg.Address = "127.0.0.1:0"
	door, err := mqtt.Open(cfg, h.Desk)
	if err != nil {
		t.Fatal(err)
	}
	h.CloseAtEnd(door)
	return &house{h, door}
}

// client is an MQTT 5 client that others wrote.
type client struct {
	*paho.Client
	t     *testing.T
	ctx   context.Context
	conn  net.Conn
	heard chan *paho.Publish
	// told receives the reason of a DISCONNECT packet, ended an error when the
	// connection ends without one.
	told  chan byte
	ended chan error
	// deaf, when closed, stops the client's reading; gone ends that.
	deaf, gone chan struct{}
}

// ears is a connection that stops reading when the client is made deaf. The client
// takes the lock while it writes a packet: it writes from several goroutines, and
// a packet in several pieces.
type ears struct {
	net.Conn
	sync.Locker
	deaf, gone chan struct{}
}

func (e ears) Read(p []byte) (int, error) {
	select {
	case <-e.deaf:
		<-e.gone
		return 0, io.EOF
	default:
		return e.Conn.Read(p)
	}
}

// dial makes a client that is not connected yet.
func (h *house) dial(options ...func(*paho.ClientConfig)) *client {
	h.T.Helper()
	conn, err := net.Dial("tcp", h.door.Addr())
	if err != nil {
		h.T.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), gatewaytest.Patience)
	c := &client{
		t: h.T, ctx: ctx, conn: conn, heard: make(chan *paho.Publish, 50000), told: make(chan byte, 1), ended: make(chan error, 10),
		deaf: make(chan struct{}), gone: make(chan struct{}),
	}
	cfg := paho.ClientConfig{
		PacketTimeout: gatewaytest.Patience,
		Conn:          ears{conn, &sync.Mutex{}, c.deaf, c.gone},
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
			c.heard <- p.Packet
			return true, nil
		}},
		OnServerDisconnect: func(d *paho.Disconnect) { c.told <- d.ReasonCode },
		// The client may tell of many errors at its end; the first ones count.
		OnClientError: func(err error) {
			select {
			case c.ended <- err:
			default:
			}
		},
	}
	for _, o := range options {
		o(&cfg)
	}
	c.Client = paho.NewClient(cfg)
	h.T.Cleanup(func() {
		close(c.gone)
		_ = c.Disconnect(&paho.Disconnect{})
		conn.Close()
		<-c.Done()
		cancel()
	})
	return c
}

// call makes a client that has connected without a user name.
func (h *house) call() *client {
	h.T.Helper()
	c := h.dial()
	c.connect(&paho.Connect{CleanStart: true, KeepAlive: 30})
	return c
}

func (c *client) connect(packet *paho.Connect) {
	c.t.Helper()
	if _, err := c.Connect(c.ctx, packet); err != nil {
		c.t.Fatalf("connect: %v", err)
	}
}

// login is a CONNECT packet with a group's password.
func login(user, password string) *paho.Connect {
	return &paho.Connect{CleanStart: true, KeepAlive: 30, Username: user, UsernameFlag: true, Password: []byte(password), PasswordFlag: true}
}

// subscribe returns the reasons of the SUBACK packet.
func (c *client) subscribe(qos byte, filters ...string) []byte {
	c.t.Helper()
	packet := &paho.Subscribe{}
	for _, f := range filters {
		packet.Subscriptions = append(packet.Subscriptions, paho.SubscribeOptions{Topic: f, QoS: qos})
	}
	ack, err := c.Subscribe(c.ctx, packet)
	if ack == nil {
		c.t.Fatalf("subscribe to %q: %v", filters, err)
	}
	return ack.Reasons
}

// hears subscribes, which must be granted.
func (c *client) hears(filters ...string) {
	c.t.Helper()
	for i, reason := range c.subscribe(1, filters...) {
		if reason != 1 {
			c.t.Fatalf("%q was answered with 0x%02x", filters[i], reason)
		}
	}
}

func (c *client) publish(topic, text string) {
	c.t.Helper()
	if _, err := c.Publish(c.ctx, &paho.Publish{QoS: 1, Topic: topic, Payload: []byte(text)}); err != nil {
		c.t.Fatalf("publish to %q: %v", topic, err)
	}
}

func (c *client) next() *paho.Publish {
	c.t.Helper()
	select {
	case p := <-c.heard:
		return p
	case <-time.After(gatewaytest.Patience):
		c.t.Fatal("nothing was heard")
		return nil
	}
}

func (c *client) hear(topic, text string) {
	c.t.Helper()
	if p := c.next(); p.Topic != topic || string(p.Payload) != text {
		c.t.Fatalf("want %q at %q, got %q at %q", text, topic, p.Payload, p.Topic)
	}
}

func (c *client) hearStart(topic, text string) {
	c.t.Helper()
	if p := c.next(); p.Topic != topic || !strings.HasPrefix(string(p.Payload), text) {
		c.t.Fatalf("want %q at %q, got %q at %q", text, topic, p.Payload, p.Topic)
	}
}

// silent fails the test when the client has heard anything more than what was
// awaited. Whatever was to come must have come: call it after a later message
// has been heard.
func (c *client) silent() {
	c.t.Helper()
	select {
	case p := <-c.heard:
		c.t.Fatalf("heard %q at %q", p.Payload, p.Topic)
	default:
	}
}

func (c *client) hearEnd() {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-c.told:
	case <-time.After(gatewaytest.Patience):
		c.t.Fatal("the connection did not end")
	}
}
