package udp

import (
	"fmt"
	"net/netip"
	"time"

	"rookery/internal/bus"
	"rookery/internal/gateway"
	"rookery/script"
)

// session is one client: an address and port that has shown a password.
type session struct {
	remote   netip.AddrPort
	language gateway.Language
	// silence forgets the session; whatever arrives winds it up again.
	silence *time.Timer
	// waiting holds a place for every command that runs or waits, slots for
	// every one that runs.
	waiting, slots chan struct{}
}

// arrived is called for each datagram, one after the other.
func (d *Door) arrived(from netip.AddrPort, text []byte) {
	d.mu.Lock()
	s := d.sessions[from]
	if s != nil {
		s.silence.Reset(d.cfg.SessionTimeout)
	}
	d.mu.Unlock()
	if s == nil {
		d.stranger(from, text)
		return
	}
	if len(text) == 0 {
		return // nothing but a sign of life
	}
	select {
	case s.waiting <- struct{}{}:
	default:
		d.busy(s, gateway.LanguageOf(text))
		return
	}
	if !d.start(func() { d.serve(s, text) }) {
		<-s.waiting
	}
}

// busy drops a datagram of a session that has too many commands waiting.
func (d *Door) busy(s *session, language gateway.Language) {
	d.log.Info("dropped: too many commands wait", "remote", s.remote, "limit", cap(s.waiting))
	d.refuse(s.remote, script.ErrBusy, language)
}

// stranger looks into a datagram of an unknown address, beside others.
func (d *Door) stranger(from netip.AddrPort, text []byte) {
	select {
	case d.strangers <- struct{}{}:
	default:
		d.log.Info("dropped: too many unknown addresses at a time", "remote", from, "limit", maxStrangers)
		return
	}
	if !d.start(func() { d.greet(from, text) }) {
		<-d.strangers
	}
}

// greet answers the first datagram of an address. Until a password was right
// its place among the strangers is kept.
func (d *Door) greet(from netip.AddrPort, text []byte) {
	leave := func() { <-d.strangers }
	pairs, language, err := d.desk.Decode(text)
	switch {
	case err != nil || len(pairs) == 0:
		d.refuse(from, script.ErrUndecodable, language)
		leave()
		return
	case !pairs.Has("command"):
		d.subscribe(from, nil, pairs, language)
		leave()
		return
	}
	grant := d.desk.Admit(d.ctx, pairs.Get("group"), pairs.Get("password"), name(from))
	if grant.Error != nil {
		d.refuse(from, short(grant.Error), language)
		leave()
		return
	}
	s := d.enter(from, language)
	leave()
	if s == nil {
		d.refuse(from, script.ErrBusy, language)
		return
	}
	select {
	case s.waiting <- struct{}{}:
		d.command(s, pairs, language)
	default: // it has become a session meanwhile, and a busy one
		d.busy(s, language)
	}
}

// serve handles one datagram of a session.
func (d *Door) serve(s *session, text []byte) {
	pairs, language, err := d.desk.Decode(text)
	switch {
	case err != nil:
		<-s.waiting
		d.answer(s.remote, nil, gateway.Refusal(script.AsError(err)), language)
	case pairs.Has("command"):
		d.command(s, pairs, language)
	case pairs.Has("type"):
		<-s.waiting
		d.subscribe(s.remote, s, pairs, language)
	default:
		<-s.waiting
		d.answer(s.remote, nil, gateway.Refusal(script.ErrCommandNotFound), language)
	}
}

// command runs one command, whose place among those that wait it gives back.
func (d *Door) command(s *session, pairs script.Pairs, language gateway.Language) {
	defer func() { <-s.waiting }()
	select {
	case s.slots <- struct{}{}:
	case <-d.ctx.Done():
		return
	}
	defer func() { <-s.slots }()
	answer := d.desk.Execute(d.ctx, bus.Request{Door: "udp", Sender: "UDP client", Identifier: name(s.remote), Pairs: pairs})
	d.answer(s.remote, pairs, answer, language)
}

// subscribe answers a handshake, of a session or, when that is nil, of an
// address that is not one yet. No types at all end a session.
func (d *Door) subscribe(from netip.AddrPort, s *session, pairs script.Pairs, language gateway.Language) {
	if s != nil && pairs.Get("type") == "" {
		grant := d.desk.Admit(d.ctx, pairs.Get("group"), pairs.Get("password"), name(from))
		if grant.Error != nil {
			d.refuse(from, short(grant.Error), language)
			return
		}
		d.forget(s)
		d.send(from, gateway.HandshakeText(script.Pairs{{Key: "success", Value: "True"}}, language))
		return
	}
	if pairs.Get("subscription") != "" {
		d.refuse(from, errDurable, language)
		return
	}
	grant := d.desk.Authorize(d.ctx, pairs, name(from))
	if grant.Error != nil {
		d.refuse(from, short(grant.Error), language)
		return
	}
	if s == nil {
		if s = d.enter(from, language); s == nil {
			grant.Close()
			d.refuse(from, script.ErrBusy, language)
			return
		}
	}
	// The answer comes before the first notification, and whoever has read it
	// misses nothing that happens from then on.
	d.telling.Lock()
	defer d.telling.Unlock()
	s.language = language
	d.audience.Remove(s)
	d.mu.Lock()
	if d.sessions[from] == nil && !d.closing {
		// It ended while this was looked into.
		d.sessions[from] = s
		s.silence.Reset(d.cfg.SessionTimeout)
	}
	here := d.sessions[from] == s
	d.mu.Unlock()
	if !here {
		grant.Close()
		return
	}
	d.audience.Add(s, grant)
	d.send(from, gateway.HandshakeText(script.Pairs{{Key: "success", Value: "True"}}, language))
}

// errDurable refuses what datagrams cannot give: they get lost.
var errDurable = &script.Error{
	Status: script.ErrUnavailable.Status,
	Text:   script.ErrUnavailable.Text + ": durable subscriptions want a connection, TCP, WebSocket or MQTT",
}

// enter makes an address a session, or finds the one that it has become
// meanwhile; nil when there is no room or the door closes.
func (d *Door) enter(from netip.AddrPort, language gateway.Language) *session {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.sessions[from]; s != nil {
		return s
	}
	if d.closing || len(d.sessions) >= d.cfg.MaxSessions {
		d.log.Warn("refused: too many sessions", "remote", from, "limit", d.cfg.MaxSessions)
		return nil
	}
	s := &session{
		remote: from, language: language,
		slots:   make(chan struct{}, d.cfg.CommandsInFlight),
		waiting: make(chan struct{}, d.cfg.CommandsInFlight*(1+waitingFactor)),
	}
	s.silence = time.AfterFunc(d.cfg.SessionTimeout, func() {
		d.log.Info("forgotten: nothing came for a while", "remote", from, "timeout", d.cfg.SessionTimeout)
		d.forget(s)
	})
	d.sessions[from] = s
	return s
}

// forget ends a session.
func (d *Door) forget(s *session) {
	d.telling.Lock()
	defer d.telling.Unlock()
	d.audience.Remove(s)
	d.mu.Lock()
	defer d.mu.Unlock()
	s.silence.Stop()
	if d.sessions[s.remote] == s {
		delete(d.sessions, s.remote)
	}
}

// refuse says no in few words, if it was not said too often already.
func (d *Door) refuse(to netip.AddrPort, e *script.Error, language gateway.Language) {
	if !d.refusals.take(to.Addr(), time.Now()) {
		d.log.Debug("refused without a word", "remote", to, "reason", e.Text)
		return
	}
	d.log.Info("refused", "remote", to, "reason", e.Text)
	d.send(to, gateway.HandshakeText(gateway.RefusedHandshake(e), language))
}

// name is how an address is written in logs and asked about.
func name(a netip.AddrPort) string {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String()
}

// short leaves out the explanation of an error.
func short(e *script.Error) *script.Error {
	if named, ok := script.ErrorByStatus(e.Status); ok {
		return named
	}
	return e
}

// answer sends the answer to a command, or, when it is too large, an error in
// its place that keeps the keys by which scripts know their answers again.
func (d *Door) answer(to netip.AddrPort, request, answer script.Pairs, language gateway.Language) {
	text := d.desk.Append(nil, answer, language)
	if len(text) > maxDatagram {
		text = d.desk.Append(nil, tooLarge(request, answer, len(text)), language)
	}
	if len(text) > maxDatagram {
		text = d.desk.Append(nil, tooLarge(nil, nil, len(text)), language)
	}
	d.send(to, text)
}

// tooLarge is what stands in for an answer of so many bytes.
func tooLarge(request, answer script.Pairs, size int) script.Pairs {
	short := script.Pairs{{Key: "group", Value: answer.Get("group")}, {Key: "command", Value: answer.Get("command")}}
	e := *script.ErrLineTooLong
	e.Text = fmt.Sprintf("%s: the answer has %d bytes; a datagram holds %d", e.Text, size, maxDatagram)
	short = append(short, gateway.Refusal(&e)...)
	for _, p := range request {
		// What the command did not know itself it gave back as it was.
		if given, ok := answer.Lookup(p.Key); ok && given == p.Value && !short.Has(p.Key) {
			short.Add(p.Key, p.Value)
		}
	}
	return short
}
