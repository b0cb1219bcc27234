package tcpserver

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"time"

	"rookery/tcpserver/codepage"
)

const (
	minMaxLine            = 256
	defaultMaxLine        = 2048
	defaultBacklog        = 5
	defaultMaxConnections = 1000
	maxMaxConnections     = 100_000
	defaultSendQueue      = 1 << 20
	defaultHandshake      = 30 * time.Second
	defaultLingerTimeout  = 10 * time.Second
)

// options is the server's configuration as it was when a connection arrived.
// It does not change once it is made.
type options struct {
	backlog       int
	framing       *framing
	idle          time.Duration
	timeout       time.Duration
	keepAlive     bool
	linger        bool
	lingerTimeout time.Duration
	localHost     string
	localPort     int
	network       string
	exclusive     bool
	maxConns      int
	queueSize     int
	policy        QueuePolicy
	manual        bool
	events        Events
	settings      Settings
	clients       admission
	page          *codepage.Page // nil for UTF-8
	startMode     StartMode
	tls           *tlsSetup // nil when TLS is off
	handshake     time.Duration
}

// options checks the fields and takes a copy of them.
func (s *Server) options() (*options, error) {
	o, err := s.plainOptions()
	if err != nil {
		return nil, err
	}
	if o.startMode != StartNone {
		if o.tls, err = s.newTLSSetup(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// plainOptions is options without what TLS needs from files and certificates.
func (s *Server) plainOptions() (*options, error) {
	set := s.Settings
	o := &options{
		backlog: s.ConnectionBacklog,
		framing: &framing{
			eol: s.DefaultEOL, maxLine: s.DefaultMaxLineLength, singleLine: s.DefaultSingleLineMode,
		},
		idle:          s.DefaultIdleTimeout,
		timeout:       s.DefaultTimeout,
		keepAlive:     s.KeepAlive,
		linger:        s.Linger.on(true),
		lingerTimeout: s.LingerTimeout,
		localHost:     s.LocalHost,
		localPort:     s.LocalPort,
		exclusive:     set.BindExclusively.on(true),
		maxConns:      set.MaxConnections,
		queueSize:     s.SendQueueSize,
		policy:        s.SendQueuePolicy,
		manual:        s.ManualEvents,
		events:        s.Events,
		settings:      set,
		startMode:     s.SSLStartMode,
		handshake:     s.HandshakeTimeout,
	}
	orDefault(&o.backlog, defaultBacklog)
	orDefault(&o.framing.maxLine, defaultMaxLine)
	orDefault(&o.maxConns, defaultMaxConnections)
	orDefault(&o.queueSize, defaultSendQueue)
	orDefault(&o.handshake, defaultHandshake)
	orDefault(&o.lingerTimeout, defaultLingerTimeout)
	switch {
	case o.backlog < 0:
		return nil, ErrInvalidArgument.because("ConnectionBacklog is %d, allowed is 1 or more", o.backlog)
	case o.framing.maxLine < minMaxLine:
		return nil, ErrInvalidArgument.because("DefaultMaxLineLength is %d, allowed is %d or more", o.framing.maxLine, minMaxLine)
	case o.idle < 0:
		return nil, ErrInvalidArgument.because("DefaultIdleTimeout is %v, allowed is 0 or more", o.idle)
	case o.timeout < 0:
		return nil, ErrInvalidArgument.because("DefaultTimeout is %v, allowed is 0 or more", o.timeout)
	case o.localPort < 0 || o.localPort > 65535:
		return nil, ErrInvalidArgument.because("LocalPort is %d, allowed is 0 to 65535", o.localPort)
	case o.maxConns < 1 || o.maxConns > maxMaxConnections:
		return nil, ErrInvalidArgument.because("MaxConnections is %d, allowed is 1 to %d", o.maxConns, maxMaxConnections)
	case o.queueSize < 0:
		return nil, ErrInvalidArgument.because("SendQueueSize is %d, allowed is 1 or more", o.queueSize)
	case o.policy < DropNewest || o.policy > DisconnectSlow:
		return nil, ErrInvalidArgument.because("SendQueuePolicy is %d, allowed are DropNewest, DropOldest and DisconnectSlow", o.policy)
	case o.startMode < StartNone || o.startMode > StartAutomatic:
		return nil, ErrInvalidArgument.because("SSLStartMode is %d, allowed are StartNone, StartImplicit, StartExplicit and StartAutomatic", o.startMode)
	case set.InBufferSize < 0 || set.OutBufferSize < 0:
		return nil, ErrInvalidArgument.because("InBufferSize and OutBufferSize are %d and %d, allowed is 0 or more", set.InBufferSize, set.OutBufferSize)
	case set.KeepAliveTime < 0 || set.KeepAliveInterval < 0:
		return nil, ErrInvalidArgument.because("KeepAliveTime and KeepAliveInterval are %v and %v, allowed is 0 or more", set.KeepAliveTime, set.KeepAliveInterval)
	case set.DefaultConnectionTimeout < 0:
		return nil, ErrInvalidArgument.because("DefaultConnectionTimeout is %v, allowed is 0 or more", set.DefaultConnectionTimeout)
	}
	switch set.UseIPv6 {
	case 0:
		o.network = "tcp4"
	case 1:
		o.network = "tcp6"
	case 2:
		o.network = "tcp"
	default:
		return nil, ErrInvalidArgument.because("UseIPv6 is %d, allowed are 0 (IPv4 only), 1 (IPv6 only) and 2 (both)", set.UseIPv6)
	}
	var err error
	if o.clients, err = newAdmission(set.AllowedClients, set.BlockedClients); err != nil {
		return nil, err
	}
	if set.CodePage != 0 && set.CodePage != codepage.UTF8 {
		if o.page, err = codepage.Lookup(set.CodePage); err != nil {
			return nil, &Error{Code: 10022, Text: "CodePage " + strconv.Itoa(int(set.CodePage)), Err: err}
		}
		if o.page.IsUTF8() {
			o.page = nil
		}
	}
	if s.SSLEnabled && o.startMode == StartNone {
		o.startMode = StartImplicit
	}
	if err := s.checkTLS(); err != nil {
		return nil, err
	}
	return o, nil
}

func orDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

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
