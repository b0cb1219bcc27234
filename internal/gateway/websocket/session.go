package websocket

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/script"
)

const (
	// writeTimeout bounds how long one message may take to be taken by a client.
	writeTimeout = 15 * time.Second
	// lingerTimeout is how long a client that is sent away because it does not
	// keep up may take for the message that is on its way and for the goodbye.
	lingerTimeout = 3 * time.Second
)

// session is one client. Beside the goroutine that converses, one reads, one
// writes, one pings and one watches the queue.
type session struct {
	door     *Door
	conn     *websocket.Conn
	remote   string
	language gateway.Language
	queue    *gateway.Queue
	heard    chan received
	slots    chan struct{}
	// following ends with the delivery of a durable subscription, commands with
	// what else runs for the client.
	following, commands sync.WaitGroup
	// listening is when the client began to be listened to, in nanoseconds of
	// time.Now; 0 while what it said last has to wait.
	listening atomic.Int64

	ctx    context.Context
	cancel context.CancelFunc
	// farewell is why the door itself ended the session, if it did.
	farewell atomic.Pointer[farewell]
}

type farewell struct {
	code   websocket.StatusCode
	reason string
}

// received is one message, or why there are no more.
type received struct {
	kind websocket.MessageType
	text []byte
	err  error
}

func newSession(d *Door, conn *websocket.Conn, remote string) *session {
	s := &session{door: d, conn: conn, remote: remote, heard: make(chan received), slots: make(chan struct{}, d.cfg.CommandsInFlight)}
	s.queue = gateway.NewQueue(d.cfg.QueueBytes, d.cfg.Overflow)
	s.ctx, s.cancel = context.WithCancel(d.ctx)
	return s
}

func (s *session) run(hello script.Pairs, language gateway.Language) {
	defer s.cancel()
	var beside sync.WaitGroup
	var writing sync.WaitGroup
	beside.Go(s.read)
	beside.Go(s.ping)
	beside.Go(s.watch)
	writing.Go(s.write)
	code, reason := s.converse(hello, language)
	s.door.audience.Remove(s)
	if n := s.queue.Dropped(); n > 0 {
		s.door.log.Warn("a client did not keep up: notifications were dropped", "remote", s.remote, "dropped", n)
	}
	s.cancel()
	s.following.Wait()
	if s.door.ctx.Err() != nil {
		s.commands.Wait() // they end with the door; a client that leaves does not end them
	}
	s.queue.Close()
	if s.queue.Overflown() {
		late := time.AfterFunc(lingerTimeout, func() { _ = s.conn.CloseNow() })
		defer late.Stop()
	}
	writing.Wait() // what is queued goes out before the goodbye
	_ = s.conn.Close(code, reason)
	beside.Wait()
}

// read hands on what arrives, one message at a time: a client that sends faster
// than its commands run is not read meanwhile. Its context must not end with
// the session's, which would cut the connection off under what is queued.
func (s *session) read() {
	for {
		var r received
		s.listening.Store(time.Now().UnixNano())
		r.kind, r.text, r.err = s.conn.Read(context.Background())
		s.listening.Store(0)
		select {
		case s.heard <- r:
		case <-s.ctx.Done():
			if r.err != nil {
				return
			}
		}
		if r.err != nil {
			return
		}
	}
}

// converse reads until the client or the door ends it, and tells with what to
// close.
func (s *session) converse(hello script.Pairs, language gateway.Language) (websocket.StatusCode, string) {
	greeted := false
	late := time.NewTimer(s.door.cfg.HandshakeTimeout)
	defer late.Stop()
	if hello != nil {
		if !s.subscribe(hello, language) {
			return websocket.StatusPolicyViolation, "refused"
		}
		greeted = true
	}
	for {
		if greeted {
			late.Stop()
		}
		var r received
		select {
		case r = <-s.heard:
		case <-s.ctx.Done():
			if s.queue.Overflown() {
				s.door.log.Info("closed: a client does not keep up", "remote", s.remote)
				return websocket.StatusPolicyViolation, "messages are not read fast enough"
			}
			if f := s.farewell.Load(); f != nil {
				return f.code, f.reason
			}
			return websocket.StatusGoingAway, "the server stops"
		case <-late.C:
			s.door.log.Info("closed: no first message in time", "remote", s.remote)
			return websocket.StatusPolicyViolation, "no first message in time"
		}
		switch {
		case r.err != nil:
			return websocket.StatusNormalClosure, ""
		case r.kind != websocket.MessageText:
			return websocket.StatusUnsupportedData, "want text messages"
		}
		pairs, language, err := s.door.desk.Decode(r.text)
		if err == nil && len(pairs) == 0 && !greeted {
			err = gateway.ErrNoWords
		}
		if err != nil && !greeted {
			s.refuse(script.AsError(err), language)
			return websocket.StatusInvalidFramePayloadData, "could not decode message"
		}
		switch {
		case err != nil:
			s.answer(gateway.Refusal(script.AsError(err)), language)
		case pairs.Has("command"):
			if !s.command(pairs, language, greeted) {
				return websocket.StatusPolicyViolation, "access denied"
			}
			greeted = true
		case greeted:
			s.answer(gateway.Refusal(script.ErrCommandNotFound), language)
		default:
			if !s.subscribe(pairs, language) {
				return websocket.StatusPolicyViolation, "refused"
			}
			greeted = true
		}
	}
}

// subscribe answers a handshake; false when it was refused.
func (s *session) subscribe(hello script.Pairs, language gateway.Language) bool {
	grant := s.door.desk.Authorize(s.ctx, hello, s.remote)
	if grant.Error != nil {
		s.refuse(grant.Error, language)
		return false
	}
	s.language = language
	if grant.Durable != nil {
		s.following.Go(func() { s.follow(grant) })
		return true
	}
	// The answer comes before the first notification, and whoever has read it
	// misses nothing that happens from then on.
	s.door.telling.Lock()
	defer s.door.telling.Unlock()
	s.send(grant.Answer(), language)
	s.door.audience.Add(s, grant)
	return true
}

// follow delivers a durable subscription, as fast as the client takes it: past
// the queue, so that what counts as sent has been handed to the network.
func (s *session) follow(a gateway.Admission) {
	defer s.cancel()
	if err := s.put(gateway.HandshakeText(a.Answer(), s.language)); err != nil {
		a.Durable.Close()
		return
	}
	err := s.door.desk.Follow(s.ctx, a, s.language, s.put)
	switch {
	case s.ctx.Err() != nil:
	case errors.Is(err, bus.ErrTaken):
		s.door.log.Info("closed: another client took the durable subscription", "remote", s.remote)
		s.refuse(gateway.ErrTaken, s.language)
		s.farewell.Store(&farewell{websocket.StatusPolicyViolation, "the subscription was taken"})
	default:
		s.door.log.Info("closed: a durable subscription cannot be delivered", "remote", s.remote, "error", err)
		s.farewell.Store(&farewell{websocket.StatusInternalError, "the subscription cannot be delivered"})
	}
}

// put writes one message.
func (s *session) put(text []byte) error {
	// Not s.ctx: what is being written when the door closes should still arrive.
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, text)
}

// refuse says no to a handshake, without the filters.
func (s *session) refuse(e *script.Error, language gateway.Language) {
	s.door.log.Info("refused", "remote", s.remote, "reason", e.Text)
	s.send(gateway.RefusedHandshake(e), language)
}

// send queues the answer to a handshake.
func (s *session) send(pairs script.Pairs, language gateway.Language) {
	s.queue.Push(gateway.HandshakeText(pairs, language))
}

// answer queues the answer to a command.
func (s *session) answer(answer script.Pairs, language gateway.Language) {
	s.queue.Push(s.door.desk.Append(nil, answer, language))
}

// command runs one command beside others of the same connection. The first one
// decides whether the client may stay: false when its group was refused. A
// command goes on when its client has left, which may wait for its answer at a
// callback.
func (s *session) command(pairs script.Pairs, language gateway.Language, greeted bool) bool {
	request := bus.Request{Door: "websocket", Sender: "WebSocket client", Identifier: s.remote, Pairs: pairs}
	if !greeted {
		answer := s.door.desk.Execute(s.door.ctx, request)
		s.answer(answer, language)
		return !gateway.Denied(answer)
	}
	select {
	case s.slots <- struct{}{}:
	case <-s.ctx.Done():
		return true
	}
	if !s.door.begin() {
		return true
	}
	s.commands.Go(func() {
		defer s.door.running.Done()
		defer func() { <-s.slots }()
		s.answer(s.door.desk.Execute(s.door.ctx, request), language)
	})
	return true
}

// watch ends the conversation with a client that does not keep up.
func (s *session) watch() {
	select {
	case <-s.queue.Over():
		s.cancel()
	case <-s.ctx.Done():
	}
}

// write sends what is queued until the queue is closed and empty, or has run
// over. A client that does not take a message in time is cut off.
func (s *session) write() {
	for {
		text, ok := s.queue.Pop()
		if !ok {
			return
		}
		if err := s.put(text); err != nil {
			s.queue.Close()
			_ = s.conn.CloseNow()
			return
		}
	}
}

// ping notices clients that are gone without a word.
func (s *session) ping() {
	tick := time.NewTicker(s.door.cfg.PingInterval)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			asked := time.Now().UnixNano()
			ctx, cancel := context.WithTimeout(s.ctx, s.door.cfg.PingInterval)
			err := s.conn.Ping(ctx)
			cancel()
			if since := s.listening.Load(); err != nil && s.ctx.Err() == nil && (since == 0 || since > asked) {
				continue // something else came, behind which the answer may wait
			}
			if err != nil {
				if s.ctx.Err() == nil {
					s.door.log.Info("closed: no answer to a ping", "remote", s.remote, "error", err)
				}
				_ = s.conn.CloseNow()
				return
			}
		}
	}
}
