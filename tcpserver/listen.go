package tcpserver

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"time"
)

// StartListening checks the fields and starts accepting clients; errors are
// 104, those of the fields, and those of the system, such as 10048 for a port
// that is in use.
func (s *Server) StartListening() error {
	s.fields.Lock()
	defer s.fields.Unlock()
	if s.Listening() {
		return ErrAlreadyListening
	}
	o, err := s.options()
	if err != nil {
		return err
	}
	// The server decides on keep-alive itself, per connection.
	lc := net.ListenConfig{KeepAlive: -1}
	if !o.exclusive {
		lc.Control = sharePort
	}
	where := net.JoinHostPort(o.localHost, strconv.Itoa(o.localPort))
	l, err := lc.Listen(context.Background(), o.network, where)
	if err != nil {
		return wrap("listen on "+where, err)
	}
	listener := l.(*net.TCPListener)
	if err := setBacklog(listener, o.backlog); err != nil {
		_ = l.Close()
		return wrap("set ConnectionBacklog", err)
	}
	s.mu.Lock()
	if s.listener != nil {
		s.mu.Unlock()
		_ = l.Close()
		return ErrAlreadyListening
	}
	s.listener = listener
	if s.conns == nil {
		s.conns = make(map[uint64]*Conn)
	}
	s.opt.Store(o)
	s.mu.Unlock()
	s.spawn(func() { s.accept(listener) })
	return nil
}

// Apply has the fields, as they are now, hold for connections that arrive from
// now on, a renewed certificate for instance. LocalPort, LocalHost and
// MaxConnections cannot change while listening: errors 106, 107 and 108.
// Nothing changes when there is an error, and nothing happens when the server
// is not listening.
func (s *Server) Apply() error {
	s.fields.Lock()
	defer s.fields.Unlock()
	return s.apply()
}

func (s *Server) apply() error {
	s.mu.Lock()
	l, old := s.listener, s.opt.Load()
	s.mu.Unlock()
	if l == nil {
		return nil
	}
	o, err := s.options()
	if err != nil {
		return err
	}
	actual := l.Addr().(*net.TCPAddr).Port
	switch {
	case o.localPort != old.localPort && o.localPort != actual:
		return ErrLocalPortFixed
	case o.localHost != old.localHost:
		return ErrLocalHostFixed
	case o.maxConns != old.maxConns:
		return ErrMaxConnsFixed
	case o.network != old.network:
		return ErrInvalidArgument.because("UseIPv6 cannot change while the server is listening")
	case o.exclusive != old.exclusive:
		return ErrInvalidArgument.because("BindExclusively cannot change while the server is listening")
	case o.manual != old.manual:
		return ErrInvalidArgument.because("ManualEvents cannot change while the server is listening")
	}
	if o.backlog != old.backlog {
		if err := setBacklog(l, o.backlog); err != nil {
			return wrap("set ConnectionBacklog", err)
		}
	}
	s.opt.Store(o)
	return nil
}

// accept lets clients in until the listener is closed. When the system has no
// resources left it tries again, first soon, then more slowly.
func (s *Server) accept(l *net.TCPListener) {
	var pause time.Duration
	for {
		nc, err := l.AcceptTCP()
		if err == nil {
			pause = 0
			s.admit(l, nc)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		s.report(s.opt.Load(), wrap("accept", err))
		if !isTemporaryAccept(err) {
			_ = s.StopListening()
			return
		}
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		// A deadline rather than a sleep: closing the listener ends it.
		s.pauseAccept(l, pause)
	}
}

// pauseAccept waits, but not longer than the listener lives.
func (s *Server) pauseAccept(l *net.TCPListener, d time.Duration) {
	raw, err := l.SyscallConn()
	if err != nil {
		return
	}
	if l.SetDeadline(time.Now().Add(d)) != nil {
		return
	}
	for {
		err := raw.Read(func(uintptr) bool { return false })
		if err == nil {
			continue
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			_ = l.SetDeadline(time.Time{})
		}
		return
	}
}

// admit makes a connection of an accepted socket, or refuses it.
func (s *Server) admit(l *net.TCPListener, nc *net.TCPConn) {
	o := s.opt.Load()
	s.mu.Lock()
	if s.listener != l {
		s.mu.Unlock()
		_ = nc.Close()
		return
	}
	if len(s.conns) >= o.maxConns {
		s.mu.Unlock()
		from := unmapped(nc.RemoteAddr())
		_ = nc.Close()
		s.report(o, ErrNoBufferSpace.because("client %v refused: MaxConnections (%d) reached", from, o.maxConns))
		return
	}
	c, err := newConn(s, o, nc)
	if err != nil {
		s.mu.Unlock()
		_ = nc.Close()
		return
	}
	s.conns[c.id] = c
	s.snapshot = nil
	s.mu.Unlock()
	s.spawn(c.start)
}

func newConn(s *Server, o *options, nc *net.TCPConn) (*Conn, error) {
	raw, err := nc.SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &Conn{
		id: s.lastID.Add(1), srv: s, opt: o, nc: nc, raw: raw, hold: true,
		queueSize: o.queueSize, policy: o.policy, timeout: o.timeout, idle: o.idle,
	}
	c.cond.L = &c.mu
	c.readFn, c.writeFn = c.readReady, c.writeReady
	c.framing.Store(o.framing)
	c.touch()
	return c, nil
}

// start lets the client in. It runs in a goroutine of its own, whose stack, large
// from a handshake, ends with it; the reading goroutine starts with a small one.
func (c *Conn) start() {
	if c.requested() && c.configure() && c.secure() && c.connected(0, "OK") {
		c.srv.spawn(c.readLoop)
		return
	}
	c.finish()
}

// requested asks the lists and the ConnectionRequest event.
func (c *Conn) requested() bool {
	from := c.RemoteAddr()
	r := &ConnectionRequest{Address: from.Addr().String(), Port: int(from.Port())}
	r.Accept = c.opt.clients.allows(from.Addr())
	if f := c.opt.events.ConnectionRequest; f != nil {
		if !c.srv.callServer(c.opt, func() { f(r) }) {
			r.Accept = false
			c.srv.report(c.opt, &Error{Code: 10053, Text: "panic in the ConnectionRequest event for " + from.String()})
		}
	}
	return r.Accept
}

// configure sets the socket's options.
func (c *Conn) configure() bool {
	set := &c.opt.settings
	var errs []error
	if !set.TCPNoDelay { // the runtime has set it
		errs = append(errs, c.nc.SetNoDelay(false))
	}
	if c.opt.keepAlive {
		errs = append(errs, c.nc.SetKeepAliveConfig(net.KeepAliveConfig{
			Enable: true, Idle: systemDefault(set.KeepAliveTime), Interval: systemDefault(set.KeepAliveInterval), Count: -1,
		}))
	}
	if set.InBufferSize > 0 {
		errs = append(errs, c.nc.SetReadBuffer(set.InBufferSize))
	}
	if set.OutBufferSize > 0 {
		errs = append(errs, c.nc.SetWriteBuffer(set.OutBufferSize))
	}
	if err := errors.Join(errs...); err != nil {
		c.abort(wrap("configure the socket", err))
		return false
	}
	return true
}

// systemDefault turns 0 into what leaves a keep-alive value to the system.
func systemDefault(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// connected opens the connection and tells so; false when it is over already.
func (c *Conn) connected(status int, description string) bool {
	c.mu.Lock()
	if c.state == stateNew && status == 0 {
		c.state = stateOpen
		c.hold = false
		c.armIdle(c.idle)
	}
	alive := c.state == stateOpen
	c.announced = c.announced || alive || status != 0
	c.mu.Unlock()
	if !alive && status == 0 {
		return false
	}
	c.events.Lock()
	defer c.events.Unlock()
	c.runPending()
	if f := c.opt.events.Connected; f != nil {
		c.call("Connected", func() { f(c, status, description) })
	}
	if alive {
		c.tellReady()
	}
	return alive
}
