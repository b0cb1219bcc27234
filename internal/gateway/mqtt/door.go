// Package mqtt is the MQTT door: a broker (MQTT 3.1, 3.1.1 and 5.0) whose topics
// are notifications and take commands.
//
// # Topics
//
// The topics of a group are
//
//	GROUP/PASSWORD/TYPE         the notification TYPE as key-value text
//	GROUP/PASSWORD/TYPE/json    the same as JSON
//
// with the group's name in any case or its UUID. They are all that a client
// needs; it gives no user name. A client that gives a user name and password
// must give those of a group, and may then leave the password out of topics,
// where brokers and logs on the way would see it:
//
//	GROUP/TYPE
//	GROUP/TYPE/json
//
// TYPE is the proper name of a notification that the group may hear. In filters
// it may be + for all of them, and # where nothing follows; no other wildcards
// are let in, and a filter that is not the group's to hear is refused in the
// SUBACK. A group with +, # or / in its name goes by its UUID, and a password with
// + or # in it needs the user name. The types commands and answers carry no
// notifications, are every group's, and are for commands alone.
//
// # Commands
//
// A command that is published to a topic of a group is run, and its answer is
// published to the same topic, in the language of the command. A command without
// group and password gets those of the topic. The broker passes the command on
// too, to everybody who has subscribed to the topic, before the answer; answers
// are known by the key success. A message of MQTT 5.0 may name a response topic
// of the group instead, such as GROUP/PASSWORD/answers, and gets its correlation
// data back. What the door has published itself is never run or answered when it
// comes back. A last will is treated as any other message.
//
// # Sessions
//
// A client that gives a user name and password and asks for a session that
// outlives its connection (clean session 0, in MQTT 5.0 a session expiry) has one:
// its filters of the form GROUP/TYPE with QoS 1 or 2 are a durable subscription
// of the group, named mqtt: and the client identifier. What is told while the
// client is away is delivered when it comes back, in order, at least once (QoS 1),
// with the key sequence; what it has acknowledged is not sent again. In MQTT 5.0
// the user property from of CONNECT says with which sequence to begin. Every other
// session ends with its connection, whatever the client asks for.
//
// Nothing is retained. Delivery with QoS 1 and 2 of what is not kept holds while
// the connection does; a command that is sent again with QoS 1 may run twice. A client that does not
// take what is sent to it is sent away when its queue is full, and delays nobody
// else.
package mqtt

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	broker "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"

	"rookery/internal/bus"
	"rookery/internal/gateway"
)

// Config says how the door opens.
type Config struct {
	// Address is HOST:PORT; port 0 lets the system pick one.
	Address string
	// TLS turns encryption on; nil is a plain door.
	TLS *tls.Config
	// MaxMessage is the largest packet that may come in, in bytes; 0 means 64 KiB.
	MaxMessage int
	// MaxConnections is how many clients there may be at a time; 0 means 1,000.
	// Beyond it those that have not shown a password make room, the oldest one
	// first.
	MaxConnections int
	// QueueBytes is how much may wait to be sent to one client; 0 means 1 MiB.
	QueueBytes int
	// CommandsInFlight is how many commands of one connection run at a time;
	// sixteen times as many may wait before the client is not read. 0 means 4.
	CommandsInFlight int
}

const (
	defaultMaxMessage     = 64 << 10
	defaultMaxConnections = 1000
	defaultQueueBytes     = 1 << 20
	defaultInFlight       = 4

	// receiveMaximum is how many messages a client may send before they are
	// acknowledged.
	receiveMaximum = 256

	// cutTimeout bounds the time from the end of all connections to the end of
	// what they did.
	cutTimeout = time.Second

	// never is how often the broker tells about itself, in seconds.
	never = math.MaxInt32
)

// Door is an open MQTT door.
type Door struct {
	cfg      Config
	desk     *gateway.Desk
	log      *slog.Logger
	server   *broker.Server
	listener *listener

	audience    gateway.Audience[channel]
	echoes      *echoes
	unsubscribe func()
	clients     atomic.Uint64 // how many there have been
	commands    chan struct{} // a place for every command that runs or waits

	// ctx ends everything that clients wait for when the door closes.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	closing bool
	running sync.WaitGroup
	// listening counts the subscriptions to each channel.
	listening map[channel]int
	// present are the clients by who they say they are.
	present map[string]*session
}

// Open starts listening.
func Open(cfg Config, desk *gateway.Desk) (*Door, error) {
	def(&cfg.MaxMessage, defaultMaxMessage)
	def(&cfg.MaxConnections, defaultMaxConnections)
	def(&cfg.QueueBytes, defaultQueueBytes)
	def(&cfg.CommandsInFlight, defaultInFlight)
	l, err := net.Listen("tcp", cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("open the MQTT door at %q: %w", cfg.Address, err)
	}
	if cfg.TLS != nil {
		l = tls.NewListener(l, cfg.TLS)
	}
	d := &Door{
		cfg: cfg, desk: desk, log: desk.Log.With("door", "mqtt"),
		echoes:    newEchoes(),
		commands:  make(chan struct{}, maxRunning),
		listening: make(map[channel]int),
		present:   make(map[string]*session),
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	d.listener = &listener{Listener: l, door: d, conns: make(map[*conn]bool)}
	if err := d.serve(); err != nil {
		d.cancel()
		l.Close()
		return nil, fmt.Errorf("open the MQTT door: %w", err)
	}
	return d, nil
}

func def(setting *int, otherwise int) {
	if *setting == 0 {
		*setting = otherwise
	}
}

// serve starts the broker. It logs nothing by itself: what it logs has topics in
// it, and topics have passwords.
func (d *Door) serve() error {
	capabilities := broker.NewDefaultServerCapabilities()
	capabilities.MaximumClientWritesPending = 1 // what is written waits in the connection's queue
	capabilities.MaximumSessionExpiryInterval = 0
	capabilities.MaximumPacketSize = uint32(d.cfg.MaxMessage)
	capabilities.ReceiveMaximum = receiveMaximum
	capabilities.MaximumInflight = math.MaxUint16 // deliver has a limit of its own
	capabilities.TopicAliasMaximum = 0
	capabilities.SharedSubAvailable = 0
	capabilities.RetainAvailable = 0
	capabilities.Compatibilities.NoInheritedPropertiesOnAck = true
	d.server = broker.New(&broker.Options{
		Capabilities:           capabilities,
		Logger:                 slog.New(slog.DiscardHandler),
		SysTopicResendInterval: never,
	})
	if err := d.server.AddHook(&hook{door: d}, nil); err != nil {
		return err
	}
	if err := d.server.AddListener(d.listener); err != nil {
		return err
	}
	var err error
	if d.unsubscribe, err = d.desk.Bus.Subscribe(d.desk.Agent, d.tell); err != nil {
		return err
	}
	return d.server.Serve()
}

// Addr is where the door is, HOST:PORT.
func (d *Door) Addr() string { return d.listener.Address() }

// Connections is how many clients there are.
func (d *Door) Connections() int {
	d.listener.mu.Lock()
	defer d.listener.mu.Unlock()
	return len(d.listener.conns)
}

// Close ends running commands, lets every client have what waits for it and
// closes all connections, by force when ctx ends first. It returns at most
// cutTimeout later, whatever still runs.
func (d *Door) Close(ctx context.Context) error {
	d.mu.Lock()
	if d.closing {
		d.mu.Unlock()
		return nil
	}
	d.closing = true
	d.mu.Unlock()
	d.unsubscribe()
	d.cancel()
	closed := make(chan error, 1)
	go func() {
		d.running.Wait()
		closed <- d.server.Close()
	}()
	var err error
	select {
	case err = <-closed:
	case <-ctx.Done():
		err = ctx.Err()
		d.listener.cut()
		select {
		case <-closed:
		case <-time.After(cutTimeout):
		}
	}
	if err != nil {
		return fmt.Errorf("close the MQTT door: %w", err)
	}
	return nil
}

// start runs something that may take a while, unless the door closes.
func (d *Door) start(run func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.running.Go(run)
	return true
}

// entered notes a client that has said who it is, and returns an earlier
// connection of the same one.
func (d *Door) entered(s *session) *session {
	if s.identity == "" {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	earlier := d.present[s.identity]
	d.present[s.identity] = s
	return earlier
}

func (d *Door) left(s *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.identity != "" && d.present[s.identity] == s {
		delete(d.present, s.identity)
	}
}

// opened counts a subscription to channels, one for each kind.
func (d *Door) opened(channels []channel, kinds []string, grant bus.Grant) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, c := range channels {
		d.listening[c]++
		grant.Types = kinds[i : i+1]
		d.audience.Add(c, gateway.Admission{Grant: grant})
	}
}

func (d *Door) closed(channels []channel) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range channels {
		if d.listening[c]--; d.listening[c] == 0 {
			delete(d.listening, c)
			d.audience.Remove(c)
		}
	}
}

// tell publishes one notification to every channel where it is heard. Its text
// is made once for each form and shared.
func (d *Door) tell(n bus.Notification) {
	var texts [2][]byte
	d.audience.Each(n, func(c channel) {
		language := gateway.WAS
		if c.json {
			language = gateway.JSON
		}
		text := texts[language]
		if text == nil {
			var err error
			if text, err = d.desk.AppendNotificationIn(nil, n, language); err != nil {
				d.log.Error("a notification that cannot be encoded", "type", n.Type, "error", err)
				return
			}
			texts[language] = text
			d.echoes.add(text)
		}
		// A kept session gets it by way of what is kept.
		d.deliverTo(message(c.topic, text, packets.Properties{}), func(s *session) bool { return !s.keeps(c.topic) })
	})
}

// publish sends a text to everybody who has subscribed to a topic, with the
// quality of service that each asked for.
func (d *Door) publish(topic string, text []byte, properties packets.Properties) {
	d.deliver(message(topic, text, properties))
}

func message(topic string, text []byte, properties packets.Properties) packets.Packet {
	return packets.Packet{
		FixedHeader: packets.FixedHeader{Type: packets.Publish, Qos: 2},
		TopicName:   topic,
		Payload:     text,
		Properties:  properties,
	}
}
