package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/eclipse/paho.golang/paho"
)

const (
	// connectTimeout bounds the whole of connecting, answerTimeout one answer.
	connectTimeout = 30 * time.Second
	answerTimeout  = 15 * time.Second
	// keepAlive is how long nothing needs to be said, in seconds.
	keepAlive = 30
	// receiveMaximum is how many messages the broker may send that are not
	// acknowledged.
	receiveMaximum = 32
	// oldWindow is how many messages may be unacknowledged in MQTT 3.1.1, whose
	// brokers do not say how many they take.
	oldWindow = 10
	// expiry is how long the broker keeps what it has for the client, in seconds.
	expiry = 24 * 60 * 60
	// packetOverhead is how much longer than its payload a packet may be.
	packetOverhead = maxTopic + 1024
)

// Network is how brokers are reached.
type Network struct {
	// Dial connects, as [net.Dialer.DialContext] does; nil: it is that.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Roots are the authorities that certificates of brokers come from; nil:
	// those of the system.
	Roots *x509.CertPool
	// MaxPayload is the largest payload that is taken, in bytes; 0 means 1 MiB.
	MaxPayload int
}

// dialing is what one connection is to be.
type dialing struct {
	Network
	Server
	will *Message
	// clean makes the broker forget the client at the end, fresh at the
	// beginning of the connection.
	clean, fresh bool
	// subscribed tells that the broker has granted the subscription before.
	subscribed bool
	receive    func(Message)
	session    *session
	// old speaks MQTT 3.1.1. New tells that the broker is known to speak 5.0.
	old, new bool
}

// conn is one connection to a broker that has let the client in.
type conn struct {
	*paho.Client
	line *line
	wire *wire
	// present tells that the broker still had the client's session.
	present bool
	// window is how many messages may be unacknowledged, maxQoS the highest
	// quality of service, maxPacket the largest packet that the broker takes, 0
	// for any.
	window    int
	maxQoS    byte
	maxPacket int
	retains   bool
}

// dial connects. It speaks MQTT 3.1.1 when the broker does not speak 5.0.
func (d *dialing) dial(ctx context.Context) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	c, err := d.open(ctx)
	switch {
	case err == nil && !d.old:
		d.new = true
	case d.old && said(err):
		d.old = false // it has learnt 5.0, and forgotten 3.1.1
	case !d.old && !d.new && outdated(err):
		old := *d
		old.old = true
		c, again := old.open(ctx)
		_, refused := errors.AsType[*RefusedError](again)
		if again != nil && !refused && !said(err) {
			return nil, err // it was not the version
		}
		// Who ends connections may have had another reason this time.
		d.old = again == nil && said(err)
		return c, again
	}
	return c, err
}

// said tells whether a broker has said that it does not know MQTT 5.0.
func said(err error) bool {
	refused, ok := errors.AsType[*RefusedError](err)
	return errors.Is(err, errOld) || ok && refused.Reason == packets.ConnackUnsupportedProtocolVersion
}

// outdated tells whether a broker may not know MQTT 5.0: some end the connection
// without a word.
func outdated(err error) bool {
	return said(err) || errors.Is(err, errEnd)
}

// open makes one connection with one version of the protocol.
func (d dialing) open(ctx context.Context) (*conn, error) {
	if d.old && d.fresh && !d.clean {
		// MQTT 3.1.1 forgets at both ends of a connection, or at neither.
		forget := d
		forget.clean, forget.will = true, nil
		forget.session = newSession(0)
		c, err := forget.open(ctx)
		if err != nil {
			return nil, err
		}
		c.close(false, false)
	}
	raw, err := d.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", d.Addr(), err)
	}
	maxPayload := d.MaxPayload
	if maxPayload == 0 {
		maxPayload = 1 << 20
	}
	c := &conn{line: newLine(d.session), wire: newWire(raw, maxPayload+packetOverhead, d.old)}
	c.Client = paho.NewClient(paho.ClientConfig{
		Conn:          c.wire,
		Session:       c.line,
		AuthHandler:   noAuthentication{},
		PacketTimeout: answerTimeout,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
			d.receive(received(p.Packet))
			return true, nil
		}},
	})
	ack, err := c.Connect(ctx, d.packet(maxPayload))
	switch {
	case ack != nil && ack.ReasonCode >= 0x80:
		var words string
		if ack.Properties != nil {
			words = ack.Properties.ReasonString
		}
		return nil, refusedLogin(ack.ReasonCode, words)
	case err != nil:
		if ctx.Err() == nil && !errors.Is(err, context.DeadlineExceeded) {
			err = c.better(err)
		}
		return nil, fmt.Errorf("connect to %s: %w", d.Addr(), err)
	}
	c.present, c.window, c.maxQoS, c.retains = ack.SessionPresent, receiveMaximum, 2, true
	if d.old {
		c.window = oldWindow
	}
	if p := ack.Properties; p != nil {
		c.retains = p.RetainAvailable
		if p.ReceiveMaximum != nil && *p.ReceiveMaximum > 0 {
			c.window = min(c.window, int(*p.ReceiveMaximum))
		}
		if p.MaximumQoS != nil {
			c.maxQoS = *p.MaximumQoS
		}
		if p.MaximumPacketSize != nil {
			c.maxPacket = int(*p.MaximumPacketSize)
		}
	}
	return c, nil
}

// connect makes the connection below MQTT.
func (d dialing) connect(ctx context.Context) (net.Conn, error) {
	dial := d.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	raw, err := dial(ctx, "tcp", d.Addr())
	if err != nil {
		return nil, brief(err)
	}
	if !d.TLS {
		return raw, nil
	}
	encrypted := tls.Client(raw, &tls.Config{
		ServerName: d.Host, RootCAs: d.Roots, MinVersion: tls.VersionTLS12, InsecureSkipVerify: d.Insecure,
	})
	if err := encrypted.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("TLS: %w", plain(err))
	}
	return encrypted, nil
}

// brief is why something could not be connected to, without the addresses of
// this machine and of its name servers.
func brief(err error) error {
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Errorf("%s: %s", name.Name, name.Err)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Err
	}
	return err
}

// packet is the CONNECT packet.
func (d dialing) packet(maxPayload int) *paho.Connect {
	p := &paho.Connect{
		ClientID:   d.Client,
		KeepAlive:  keepAlive,
		CleanStart: d.clean || d.fresh && !d.old,
		Username:   d.User, UsernameFlag: d.User != "",
		Password: []byte(d.Secret), PasswordFlag: d.Secret != "",
		Properties: &paho.ConnectProperties{
			ReceiveMaximum:     paho.Uint16(receiveMaximum),
			MaximumPacketSize:  paho.Uint32(uint32(maxPayload + packetOverhead)),
			RequestProblemInfo: true,
		},
	}
	if !d.clean {
		p.Properties.SessionExpiryInterval = paho.Uint32(expiry)
	}
	if d.will != nil {
		p.WillMessage = &paho.WillMessage{Topic: d.will.Topic, Payload: d.will.Payload, QoS: d.will.QoS, Retain: d.will.Retain}
	}
	return p
}

// received is a message as the client got it.
func received(p *paho.Publish) Message {
	m := Message{Topic: p.Topic, Payload: p.Payload, QoS: p.QoS, Retain: p.Retain}
	if p.Properties != nil {
		m.Response, m.Correlation = p.Properties.ResponseTopic, p.Properties.CorrelationData
	}
	return m
}

// subscribe asks for messages. Local asks for those of the client itself too,
// which brokers of MQTT 3.1.1 always send.
func (c *conn) subscribe(ctx context.Context, filter string, qos byte, local bool) error {
	ack, err := c.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{
		Topic: filter, QoS: qos, NoLocal: !local && !Shared(filter),
		RetainHandling: 1, // what is retained only once (MQTT 5.0 §3.8.3.1)
	}}})
	switch {
	case ack != nil && len(ack.Reasons) == 1 && ack.Reasons[0] < 0x80:
		return nil
	case ack != nil && len(ack.Reasons) == 1:
		e := &RefusedError{Doing: "subscribe to the topic", Reason: ack.Reasons[0]}
		if ack.Properties != nil {
			e.Words = ack.Properties.ReasonString
		}
		return e
	case ack != nil:
		return fmt.Errorf("subscribe: the broker answered for %d topics, asked was for 1", len(ack.Reasons))
	}
	return fmt.Errorf("subscribe: %w", c.better(err))
}

// unsubscribe wants no more messages.
func (c *conn) unsubscribe(ctx context.Context, filter string) error {
	_, err := c.Unsubscribe(ctx, &paho.Unsubscribe{Topics: []string{filter}})
	return err
}

// better is what ended the connection, if that is why something failed.
func (c *conn) better(err error) error {
	if cause := c.wire.cause(); cause != nil {
		return cause
	}
	return err
}

// send writes a message.
func (c *conn) send(m Message, id uint16) error {
	return write(publish(m, id, false), c.line.w)
}

// check refuses a message that the broker would not take.
func (c *conn) check(m Message) error {
	switch {
	case m.QoS > c.maxQoS:
		return fmt.Errorf("the broker has no quality of service %d; its highest is %d", m.QoS, c.maxQoS)
	case m.Retain && !c.retains:
		return errors.New("the broker does not retain messages")
	case c.maxPacket > 0 && m.size() > c.maxPacket:
		return fmt.Errorf("%w: the broker takes %d bytes", ErrTooLarge, c.maxPacket)
	}
	return nil
}

// close says good-bye and returns when nothing of the connection is left. Will
// has the broker publish the last will; forget has it keep nothing for the
// client.
func (c *conn) close(will, forget bool) {
	_ = c.wire.SetWriteDeadline(time.Now().Add(2 * time.Second))
	if will && c.wire.old {
		_ = c.wire.Close() // MQTT 3.1.1 has no other word for it
	}
	bye := &paho.Disconnect{}
	if will {
		bye.ReasonCode = packets.DisconnectDisconnectWithWillMessage
	}
	if forget {
		bye.Properties = &paho.DisconnectProperties{SessionExpiryInterval: paho.Uint32(0)}
	}
	_ = c.Disconnect(bye)
	<-c.Done()
}

// cut ends the connection without a word.
func (c *conn) cut() {
	_ = c.wire.Close()
	<-c.Done()
}

// noAuthentication stands for the extended authentication, which is not used:
// the client would call nothing otherwise when a broker begins it.
type noAuthentication struct{}

func (noAuthentication) Authenticate(a *paho.Auth) *paho.Auth { return a }
func (noAuthentication) Authenticated()                       {}
