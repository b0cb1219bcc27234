package broker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// steady is how long a connection must last for the next pause to be the
	// first one again.
	steady = 10 * time.Second
	// acknowledgeTimeout is how long the broker may take to acknowledge a
	// message before the connection is made anew.
	acknowledgeTimeout = 30 * time.Second
	// maxTries is on how many connections a message is sent that are lost before
	// it is acknowledged, and tryTime how long at least; after the first doubtful
	// of them it is sent alone.
	maxTries = 10
	doubtful = 3
	tryTime  = 2 * time.Minute
)

// Config says what a [Client] does. Server, Filter and QueueBytes are needed.
type Config struct {
	Network
	Server
	// Filter is what the client subscribes to, with QoS as the highest quality
	// of service. Local: it hears what it publishes itself, too; brokers of MQTT
	// 3.1.1 never leave that out.
	Filter string
	QoS    byte
	Local  bool
	// Will is what the broker publishes when the connection ends, however it
	// ends. Nil: nothing.
	Will *Message
	// Clean: the broker keeps nothing for the client while it is away. Fresh: it
	// forgets what it kept before the first connection.
	Clean, Fresh bool
	// QueueBytes is how much may wait for the broker.
	QueueBytes int
	// Receive takes each message, one at a time, and must not wait for long. It
	// may be called before Connect has returned, and until Close has.
	Receive func(*Client, Message)
	// Backoff is the pause after the first connection that failed; it doubles up
	// to MaxBackoff. 0 means 1 s and 2 min.
	Backoff, MaxBackoff time.Duration
	// Log receives what happens to the connection, without topics: those of
	// brokers like this program's own have passwords in them. Nil: discarded.
	Log *slog.Logger
}

// Client stays connected to one broker. Make it with [Connect] or [Start]; its
// methods may be called from any goroutine.
type Client struct {
	cfg     Config
	session *session
	// closing is closed when the client is to end, and cancel ends it at once.
	closing chan struct{}
	cancel  context.CancelFunc
	done    chan struct{}

	mu     sync.Mutex
	state  State
	forget bool
	ending bool
	// lost counts what was pushed out of the queue since the last connection.
	lost int
	// line is the connection that there is.
	line *conn
}

// State is how a client stands.
type State struct {
	// Connected: the broker has granted the subscription.
	Connected bool
	// Err is why it is not.
	Err error
}

// Start returns a client that connects in its own time.
func Start(cfg Config) *Client {
	c, _ := start(cfg, nil)
	return c
}

// Connect returns a client that is connected and subscribed. When that fails, or
// ctx ends before, there is none.
func Connect(ctx context.Context, cfg Config) (*Client, error) {
	first := make(chan error, 1)
	c, cancel := start(cfg, first)
	var err error
	select {
	case err = <-first:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		cancel()
		<-c.done
		return nil, err
	}
	return c, nil
}

func start(cfg Config, first chan<- error) (*Client, context.CancelFunc) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Backoff == 0 {
		cfg.Backoff = time.Second
	}
	if cfg.MaxBackoff == 0 {
		cfg.MaxBackoff = 2 * time.Minute
	}
	cfg.Log = cfg.Log.With("broker", cfg.Addr())
	ctx, cancel := context.WithCancel(context.Background())
	c := &Client{cfg: cfg, session: newSession(cfg.QueueBytes), closing: make(chan struct{}), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		defer cancel()
		c.run(ctx, first)
		c.session.close(ErrClosed)
	}()
	return c, cancel
}

// State tells how the client stands at this moment.
func (c *Client) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Send hands in a message and does not wait for the broker. The errors are
// [ErrTooLarge] and [ErrClosed].
func (c *Client) Send(m Message) error {
	dropped, err := c.session.add(&entry{Message: m})
	c.note(dropped)
	return err
}

// Publish hands in a message and returns when the broker has acknowledged it, or
// when it was written for quality of service 0. When ctx ends before, the message
// is not sent, unless it was already.
func (c *Client) Publish(ctx context.Context, m Message) error {
	told := make(chan error, 1)
	e := &entry{Message: m, done: func(err error) { told <- err }}
	dropped, err := c.session.add(e)
	c.note(dropped)
	if err != nil {
		return err
	}
	select {
	case err := <-told:
		return err
	case <-ctx.Done():
		c.session.abandon(e)
		if state := c.State(); state.Err != nil {
			return fmt.Errorf("%w: not connected: %w", ctx.Err(), state.Err)
		}
		return ctx.Err()
	}
}

// note counts messages that were pushed out of the queue, and logs the first.
func (c *Client) note(dropped int) {
	if dropped == 0 {
		return
	}
	c.mu.Lock()
	first := c.lost == 0
	c.lost += dropped
	c.mu.Unlock()
	if first {
		c.cfg.Log.Warn("messages are dropped, the oldest first: too much waits for a broker", "bytes", c.cfg.QueueBytes)
	}
}

// Close ends the client. What waits is still published, as long as the broker is
// there and ctx lasts. Forget has the broker keep nothing for the client.
func (c *Client) Close(ctx context.Context, forget bool) {
	c.mu.Lock()
	if !c.ending {
		c.ending, c.forget = true, forget
		close(c.closing)
	}
	c.mu.Unlock()
	select {
	case <-c.done:
	case <-ctx.Done():
		c.cancel()
		<-c.done
	}
}

// Drop ends the client at once: what waits is not published.
func (c *Client) Drop(ctx context.Context) {
	c.session.close(ErrClosed)
	c.Close(ctx, false)
}

// Reconnect ends the connection and makes it anew, by what [Network.Dial] allows
// now.
func (c *Client) Reconnect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil {
		_ = c.line.wire.Close()
	}
}

// run connects again and again. First is told what became of the first time; when
// that failed, there is no other.
func (c *Client) run(ctx context.Context, first chan<- error) {
	d := dialing{
		Network: c.cfg.Network, Server: c.cfg.Server, will: c.cfg.Will, clean: c.cfg.Clean, fresh: c.cfg.Fresh,
		receive: c.receive, session: c.session,
	}
	pause := c.cfg.Backoff
	for quiet := false; ; {
		began := time.Now()
		line, err := c.connect(ctx, &d)
		if first != nil {
			if first <- err; err != nil {
				return
			}
			first = nil
		}
		if err == nil {
			c.up(line)
			err = c.pump(ctx, line)
			if errors.Is(err, ErrClosed) {
				c.bye(line)
				return
			}
			line.cut()
			quiet = false
		}
		if ctx.Err() != nil || c.ended() {
			return
		}
		c.down(err, quiet)
		quiet = true
		if e := c.session.poison(); e != nil {
			c.cfg.Log.Warn("a message is given up: connections end before it is acknowledged", "bytes", len(e.Payload))
			e.finish(fmt.Errorf("given up after %d connections: %w", e.tries, err))
		}
		if time.Since(began) > steady {
			pause = c.cfg.Backoff
		}
		if !c.wait(ctx, pause) {
			return
		}
		pause = min(2*pause, c.cfg.MaxBackoff)
	}
}

// ended tells whether the client is to end.
func (c *Client) ended() bool {
	select {
	case <-c.closing:
		return true
	default:
		return false
	}
}

// wait waits for about a time; false when the client ends.
func (c *Client) wait(ctx context.Context, pause time.Duration) bool {
	// Clients that lost the same broker should not all come back at once.
	timer := time.NewTimer(pause/2 + rand.N(pause/2+1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.closing:
	case <-ctx.Done():
	}
	return false
}

// connect makes a connection with the subscription granted.
func (c *Client) connect(ctx context.Context, d *dialing) (*conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-c.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	line, err := d.dial(ctx)
	if err != nil {
		return nil, err
	}
	if c.cfg.QoS > line.maxQoS {
		err = fmt.Errorf("the broker has no quality of service %d; its highest is %d", c.cfg.QoS, line.maxQoS)
	} else if !line.present || !d.subscribed {
		err = line.subscribe(ctx, c.cfg.Filter, c.cfg.QoS, c.cfg.Local)
	}
	if err != nil {
		line.close(false, false)
		return nil, err
	}
	d.fresh, d.subscribed = false, true
	return line, nil
}

// receive hands a message on.
func (c *Client) receive(m Message) {
	switch {
	case m.Topic == "": // see readPacket
		c.cfg.Log.Warn("a message of a broker is left out: it is too large", "most", c.cfg.MaxPayload)
	case c.cfg.Receive != nil:
		c.cfg.Receive(c, m)
	}
}

// pump publishes what waits until the connection ends, or the client does:
// [ErrClosed].
func (c *Client) pump(ctx context.Context, line *conn) error {
	closing := c.closing
	// Writing may take as long as the broker likes.
	defer context.AfterFunc(ctx, func() { _ = line.wire.Close() })()
	look := time.NewTicker(acknowledgeTimeout / 4)
	defer look.Stop()
	for {
		m, id := c.session.next(line.window)
		if m != nil {
			if err := c.publish(line, m, id); err != nil {
				return err
			}
			continue
		}
		if closing == nil && c.session.idle() {
			return ErrClosed
		}
		select {
		case <-c.session.changed:
		case <-closing:
			closing = nil
		case <-line.Done():
			return line.better(errEnd)
		case <-ctx.Done():
			return ErrClosed
		case <-look.C:
			if c.session.oldest() > acknowledgeTimeout {
				return fmt.Errorf("the broker did not acknowledge a message within %s", acknowledgeTimeout)
			}
		}
	}
}

// publish sends one message. Its error is the end of the connection.
func (c *Client) publish(line *conn, m *entry, id uint16) error {
	if err := line.check(m.Message); err != nil {
		c.cfg.Log.Warn("a message is not published", "error", err)
		c.session.refuse(id)
		m.finish(err)
		return nil
	}
	err := line.send(m.Message, id)
	switch {
	case m.QoS > 0: // it is sent again
	case err != nil:
		c.session.again(m)
	default:
		m.finish(nil)
	}
	if err != nil {
		return line.better(err)
	}
	return nil
}

// up notes that there is a connection.
func (c *Client) up(line *conn) {
	c.mu.Lock()
	lost := c.lost
	c.lost, c.line = 0, line
	c.state = State{Connected: true}
	c.mu.Unlock()
	c.cfg.Log.Info("connected to a broker")
	if lost > 0 {
		c.cfg.Log.Warn("messages were dropped: too much waited for a broker", "messages", lost)
	}
}

// down notes why there is none.
func (c *Client) down(err error, quiet bool) {
	c.mu.Lock()
	c.state, c.line = State{Err: err}, nil
	c.mu.Unlock()
	level := slog.LevelWarn
	if quiet {
		level = slog.LevelDebug // it was said once
	}
	c.cfg.Log.Log(context.Background(), level, "no connection to a broker", "error", err)
}

// bye ends the connection of a client that ends.
func (c *Client) bye(line *conn) {
	c.mu.Lock()
	forget := c.forget
	c.state, c.line = State{Err: ErrClosed}, nil
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if forget {
		// Brokers of MQTT 3.1.1 would go on collecting messages.
		_ = line.unsubscribe(ctx, c.cfg.Filter)
	}
	line.line.settle(ctx)
	line.close(c.cfg.Will != nil, forget)
	c.cfg.Log.Info("left a broker")
}

// Publish connects, publishes one message, and returns when the broker has
// acknowledged it, or when it was written for quality of service 0.
func Publish(ctx context.Context, n Network, s Server, m Message) error {
	sess := newSession(1 << 30)
	d := dialing{Network: n, Server: s, clean: true, receive: func(Message) {}, session: sess}
	line, err := d.dial(ctx)
	if err != nil {
		return err
	}
	defer line.close(false, false)
	if err := line.check(m); err != nil {
		return err
	}
	told := make(chan error, 1)
	if _, err := sess.add(&entry{Message: m, done: func(err error) { told <- err }}); err != nil {
		return err
	}
	e, id := sess.next(1)
	if err := line.send(e.Message, id); err != nil {
		return fmt.Errorf("publish to %s: %w", s.Addr(), line.better(err))
	}
	if m.QoS == 0 {
		return nil
	}
	select {
	case err := <-told:
		return err
	case <-line.Done():
		return fmt.Errorf("publish to %s: %w", s.Addr(), line.better(errEnd))
	case <-ctx.Done():
		return fmt.Errorf("publish to %s: the broker did not acknowledge it: %w", s.Addr(), ctx.Err())
	}
}
