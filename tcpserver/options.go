package tcpserver

import (
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
	plainReply    func([]byte) []byte
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
		plainReply:    s.PlainTextReply,
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
