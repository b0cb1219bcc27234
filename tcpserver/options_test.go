package tcpserver

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestZeroValuesAreTheDocumentedDefaults(t *testing.T) {
	o, err := new(Server).options()
	if err != nil {
		t.Fatal(err)
	}
	for name, ok := range map[string]bool{
		"ConnectionBacklog 5":         o.backlog == 5,
		"DefaultEOL empty":            o.framing.eol == "",
		"DefaultIdleTimeout 0":        o.idle == 0,
		"DefaultMaxLineLength 2048":   o.framing.maxLine == 2048,
		"DefaultSingleLineMode false": !o.framing.singleLine,
		"DefaultTimeout 0":            o.timeout == 0,
		"KeepAlive false":             !o.keepAlive,
		"Linger true":                 o.linger,
		"MaxConnections 1000":         o.maxConns == 1000,
		"BindExclusively true":        o.exclusive,
		"UseIPv6 0":                   o.network == "tcp4",
		"SSLStartMode none":           o.startMode == StartNone && o.tls == nil,
		"CodePage UTF-8":              o.page == nil,
		"AllowedClients everybody":    o.clients.allowed.all,
		"BlockedClients nobody":       !o.clients.blocked.all,
	} {
		if !ok {
			t.Errorf("not so: %s", name)
		}
	}
}

func TestWrongFieldsAreRefusedWithWhatIsAllowed(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    *Server
		want string
	}{
		{"backlog", &Server{ConnectionBacklog: -1}, "ConnectionBacklog is -1, allowed is 1 or more"},
		{"line", &Server{DefaultMaxLineLength: 255}, "DefaultMaxLineLength is 255, allowed is 256 or more"},
		{"idle", &Server{DefaultIdleTimeout: -1}, "DefaultIdleTimeout"},
		{"timeout", &Server{DefaultTimeout: -1}, "DefaultTimeout"},
		{"port", &Server{LocalPort: 65536}, "LocalPort is 65536, allowed is 0 to 65535"},
		{"connections", &Server{Settings: Settings{MaxConnections: 100_001}}, "MaxConnections is 100001, allowed is 1 to 100000"},
		{"queue", &Server{SendQueueSize: -1}, "SendQueueSize"},
		{"policy", &Server{SendQueuePolicy: 9}, "SendQueuePolicy"},
		{"start", &Server{SSLStartMode: 9}, "SSLStartMode is 9"},
		{"buffers", &Server{Settings: Settings{InBufferSize: -1}}, "InBufferSize"},
		{"keep-alive", &Server{Settings: Settings{KeepAliveTime: -1}}, "KeepAliveTime"},
		{"silence", &Server{Settings: Settings{DefaultConnectionTimeout: -1}}, "DefaultConnectionTimeout"},
		{"IPv6", &Server{Settings: Settings{UseIPv6: 3}}, "UseIPv6 is 3, allowed are 0"},
		{"clients", &Server{Settings: Settings{AllowedClients: "10.0.0.0/99"}}, `AllowedClients: "10.0.0.0/99" is not`},
		{"page", &Server{Settings: Settings{CodePage: 4242}}, "CodePage 4242"},
		{"provider", &Server{SSLProvider: 7}, "SSLProvider is 7"},
		{"certificate", &Server{SSLStartMode: StartImplicit}, "set SSLCert"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.s.StartListening()
			var own *Error
			if !errors.As(err, &own) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an *Error with %q", err, tc.want)
			}
			if tc.s.Listening() {
				t.Error("the server listens all the same")
			}
		})
	}
}

func TestWhatIsFixedWhileListeningHasItsError(t *testing.T) {
	s := begin(t, &Server{})
	if err := s.StartListening(); !errors.Is(err, ErrAlreadyListening) {
		t.Errorf("StartListening: %v, want error 104", err)
	}
	for _, tc := range []struct {
		change func()
		undo   func()
		want   *Error
	}{
		{func() { s.LocalPort = 1 }, func() { s.LocalPort = 0 }, ErrLocalPortFixed},
		{func() { s.LocalHost = "127.0.0.2" }, func() { s.LocalHost = "127.0.0.1" }, ErrLocalHostFixed},
		{func() { s.Settings.MaxConnections = 5 }, func() { s.Settings.MaxConnections = 0 }, ErrMaxConnsFixed},
	} {
		tc.change()
		if err := s.Apply(); !errors.Is(err, tc.want) {
			t.Errorf("got %v, want error %d", err, tc.want.Code)
		}
		tc.undo()
	}
	if _, err := s.Config("MaxConnections=7"); !errors.Is(err, ErrMaxConnsFixed) {
		t.Errorf("Config: %v, want error 108", err)
	}
	if err := s.Apply(); err != nil {
		t.Errorf("back to what it was: %v", err)
	}
}

func TestApplyHoldsForNewConnections(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	dial(t, s)
	old := j.up()
	s.DefaultEOL = "|"
	s.ConnectionBacklog = 9
	if err := s.Apply(); err != nil {
		t.Fatal(err)
	}
	dial(t, s)
	if fresh := j.up(); fresh.EOL() != "|" || old.EOL() != "" {
		t.Errorf("new %q, old %q", fresh.EOL(), old.EOL())
	}
}

func TestResetReturnsEveryFieldToItsDefault(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{
		DefaultEOL: "x", LocalHost: "127.0.0.1", SSLCert: serverPair(), SSLStartMode: StartExplicit,
		Settings: Settings{TCPNoDelay: true}, Linger: Off, Events: j.events(),
	})
	v := reflect.ValueOf(s).Elem()
	dial(t, s)
	j.up()
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	j.await("disconnected")
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.IsExported() && f.Name != "Events" && !v.Field(i).IsZero() {
			t.Errorf("%s is %v", f.Name, v.Field(i))
		}
	}
	if s.Listening() || s.Events.Connected == nil {
		t.Error("still listening, or the events are gone")
	}
}
