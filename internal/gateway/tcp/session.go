package tcp

import (
	"context"
	"errors"
	"sync"
	"time"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/script"
	"rookery/tcpserver"
)

// session is what the door knows about one connection. Only the connection's
// events touch it, one at a time, but for what mu guards.
type session struct {
	remote string
	// late ends a connection whose first line does not come in time.
	late *time.Timer
	// head is the first byte of the first line, which a door without TLS has
	// looked at before the rest came.
	head []byte
	// greeted is set after the first line was answered well. Language is what
	// the client hears notifications in: that of its handshake.
	greeted  bool
	language gateway.Language
	// over is set when the door has closed the connection and what may still
	// come in counts no more.
	over bool
	// unfollow ends a durable subscription's delivery; nil: there is none.
	// Delivering holds sending, and so do answers, so that no line is written
	// into another.
	unfollow context.CancelFunc
	sending  sync.Mutex
	// group and password are those of the first line, kept to be inherited.
	group, password string

	// mu guards inFlight, and orders pausing and resuming the client.
	mu       sync.Mutex
	inFlight int
	// idle is waited on for inFlight to become 0.
	idle sync.Cond
}

func (d *Door) connected(c *tcpserver.Conn, status int, description string) {
	if status != 0 {
		d.log.Info("handshake failed", "remote", c.RemoteAddr(), "error", description)
		return
	}
	s := &session{remote: c.RemoteAddr().String()}
	s.idle.L = &s.mu
	s.late = time.AfterFunc(d.cfg.HandshakeTimeout, func() {
		d.refuse(c, gateway.WAS, gateway.Explain(script.ErrTimeout, "the first line did not come within %s", d.cfg.HandshakeTimeout))
	})
	c.SetUserData(s)
	if d.cfg.TLS == nil {
		_ = c.ChangeRecordLength(1) // see begins
	}
}

func (d *Door) disconnected(c *tcpserver.Conn, _ int, _ string) {
	for i := range d.audiences {
		d.audiences[i].Remove(c)
	}
	if s, ok := c.UserData().(*session); ok {
		s.late.Stop()
		if s.unfollow != nil {
			s.unfollow()
		}
	}
}

func (d *Door) dataIn(c *tcpserver.Conn, text []byte, whole bool) {
	s, ok := c.UserData().(*session)
	if !ok || s.over {
		return
	}
	if c.RecordLength() == 1 {
		if !d.begins(c, s, text[0]) {
			return
		}
		text = nil
	}
	if s.head != nil {
		text, s.head = append(s.head, text...), nil
	}
	// A part of a line is either the start of one that is too long, or what a
	// client left behind that closed without a line end; that one counts.
	if !whole && len(text) >= d.cfg.MaxLine {
		s.over = true
		d.refuse(c, s.language, gateway.Explain(script.ErrLineTooLong, "a line may have %d bytes", d.cfg.MaxLine))
		return
	}
	if !s.greeted && !s.late.Stop() {
		s.over = true // the timer has fired; it closes the connection
		return
	}
	if !s.greeted && requestLine.Match(text) {
		d.misdirect(c, s, text)
		return
	}
	pairs, language, err := d.desk.Decode(text)
	if err == nil && len(pairs) == 0 && !s.greeted {
		err = gateway.ErrNoWords
	}
	switch {
	case err != nil && s.greeted:
		d.write(c, language, gateway.Refusal(script.AsError(err)))
	case err != nil:
		s.over = true
		d.refuse(c, language, script.AsError(err))
	case s.greeted && len(pairs) == 0:
		// A blank line; people press return.
	case s.greeted:
		d.command(c, s, pairs, language)
	case pairs.Has("command"):
		d.firstCommand(c, s, pairs, language)
	default:
		d.subscribe(c, s, pairs, language)
	}
}

// subscribe answers a handshake.
func (d *Door) subscribe(c *tcpserver.Conn, s *session, pairs script.Pairs, language gateway.Language) {
	grant := d.desk.Authorize(d.ctx, pairs, s.remote)
	if grant.Error != nil {
		s.over = true
		d.refuse(c, language, grant.Error)
		return
	}
	s.greeted, s.language = true, language
	s.keep(d, pairs)
	if grant.Durable != nil {
		d.follow(c, s, grant)
		return
	}
	// The answer comes before the first notification, and whoever has read it
	// misses nothing that happens from then on.
	d.telling.Lock()
	defer d.telling.Unlock()
	_ = c.Enqueue(d.handshakeLine(grant.Answer(), language))
	d.audiences[language].Add(c, grant)
}

// follow delivers a durable subscription, as fast as the client takes it.
func (d *Door) follow(c *tcpserver.Conn, s *session, a gateway.Admission) {
	if !d.begin() {
		a.Durable.Close()
		return
	}
	ctx, cancel := context.WithCancel(d.ctx)
	s.unfollow = cancel
	_ = c.Enqueue(d.handshakeLine(a.Answer(), s.language))
	go func() {
		defer d.running.Done()
		defer cancel()
		err := d.desk.Follow(ctx, a, s.language, func(text []byte) error {
			s.sending.Lock()
			defer s.sending.Unlock()
			return c.SendWait(ctx, append(text, d.cfg.EOL...))
		})
		switch {
		case ctx.Err() != nil:
			return // the client has gone, or the door closes
		case errors.Is(err, bus.ErrTaken):
			d.refuse(c, s.language, gateway.ErrTaken)
		case c.Connected():
			d.log.Error("closed: a durable subscription cannot be delivered", "remote", s.remote, "error", err)
			_ = c.Disconnect()
		}
	}()
}

func (d *Door) handshakeLine(pairs script.Pairs, language gateway.Language) []byte {
	return append(gateway.HandshakeText(pairs, language), d.cfg.EOL...)
}

// firstCommand makes the connection a command connection. A command whose
// group is refused ends it, as a refused handshake does.
func (d *Door) firstCommand(c *tcpserver.Conn, s *session, pairs script.Pairs, language gateway.Language) {
	answer := d.desk.Execute(d.ctx, d.request(s, pairs))
	d.write(c, language, answer)
	if gateway.Denied(answer) {
		s.over = true
		d.log.Info("closed: access denied", "remote", s.remote)
		_ = c.Disconnect()
		return
	}
	s.greeted = true
	s.keep(d, pairs)
}

// command runs one line beside others of the same connection. When as many run
// as may, the client is not read until one of them is done.
func (d *Door) command(c *tcpserver.Conn, s *session, pairs script.Pairs, language gateway.Language) {
	if d.cfg.Inherit && !pairs.Has("group") && !pairs.Has("password") {
		pairs.Add("group", s.group)
		pairs.Add("password", s.password)
	}
	if !d.begin() {
		return // the door is closing, and this connection with it
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight++
	if s.inFlight == d.cfg.CommandsInFlight {
		c.PauseData()
	}
	go func() {
		defer d.running.Done()
		d.write(c, language, d.desk.Execute(d.ctx, d.request(s, pairs)))
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.inFlight == d.cfg.CommandsInFlight {
			c.ProcessData()
		}
		s.inFlight--
		if s.inFlight == 0 {
			s.idle.Broadcast()
		}
	}()
}

// begin counts a command that is about to run; false when the door is closing.
func (d *Door) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return false
	}
	d.running.Add(1)
	return true
}

// dataEnd keeps the connection of a client that has finished talking until its
// commands are answered.
func (d *Door) dataEnd(c *tcpserver.Conn) {
	s, ok := c.UserData().(*session)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.inFlight > 0 {
		s.idle.Wait()
	}
}

func (d *Door) request(s *session, pairs script.Pairs) bus.Request {
	return bus.Request{Door: "tcp", Sender: "TCP client", Identifier: s.remote, Pairs: pairs}
}

func (s *session) keep(d *Door, pairs script.Pairs) {
	if d.cfg.Inherit {
		s.group, s.password = pairs.Get("group"), pairs.Get("password")
	}
}

// write sends an answer. Answers are never dropped for notifications' sake: a
// client that lets them pile up is disconnected.
func (d *Door) write(c *tcpserver.Conn, language gateway.Language, answer script.Pairs) {
	line := append(d.desk.Append(nil, answer, language), d.cfg.EOL...)
	d.deliver(c, line)
}

// refuse says no and closes.
func (d *Door) refuse(c *tcpserver.Conn, language gateway.Language, e *script.Error) {
	d.log.Info("refused", "remote", c.RemoteAddr(), "reason", e.Text)
	d.deliver(c, d.handshakeLine(gateway.RefusedHandshake(e), language))
	_ = c.Disconnect()
}

func (d *Door) deliver(c *tcpserver.Conn, line []byte) {
	send := c.Enqueue
	if s, ok := c.UserData().(*session); ok && s.unfollow != nil {
		s.sending.Lock()
		defer s.sending.Unlock()
		send = func(line []byte) error { return c.SendWait(d.ctx, line) }
	}
	if err := send(line); err != nil && c.Connected() {
		d.log.Warn("closed: a client does not take its answers", "remote", c.RemoteAddr(), "error", err)
		_ = c.Disconnect()
	}
}
