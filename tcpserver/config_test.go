package tcpserver

import (
	"encoding/pem"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestEverySettingReadsItsDefaultAndTakesAValue(t *testing.T) {
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testAuthority().cert.Raw}))
	dir := t.TempDir()
	file := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(file, []byte(ca), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, byDefault, value, reads string
		field                         func(*Settings) any // nil: only the default is taken
		want                          any
	}{
		{"AllowedClients", "*", "10.0.0.0/8, ::1", "10.0.0.0/8, ::1", func(s *Settings) any { return s.AllowedClients }, "10.0.0.0/8, ::1"},
		{"BindExclusively", "True", "no", "False", func(s *Settings) any { return s.BindExclusively }, Off},
		{"BlockedClients", "", "192.168.*", "192.168.*", func(s *Settings) any { return s.BlockedClients }, "192.168.*"},
		{"DefaultConnectionTimeout", "0", "30", "30", func(s *Settings) any { return s.DefaultConnectionTimeout }, 30 * time.Second},
		{"InBufferSize", "0", "65536", "65536", func(s *Settings) any { return s.InBufferSize }, 65536},
		{"KeepAliveInterval", "0", "1500", "1500", func(s *Settings) any { return s.KeepAliveInterval }, 1500 * time.Millisecond},
		{"KeepAliveTime", "0", "60000", "60000", func(s *Settings) any { return s.KeepAliveTime }, time.Minute},
		{"MaxConnections", "1000", "100000", "100000", func(s *Settings) any { return s.MaxConnections }, 100_000},
		{"OutBufferSize", "0", "65536", "65536", func(s *Settings) any { return s.OutBufferSize }, 65536},
		{"TcpNoDelay", "False", "TRUE", "True", func(s *Settings) any { return s.TCPNoDelay }, true},
		{"UseIPv6", "0", "2", "2", func(s *Settings) any { return s.UseIPv6 }, 2},
		{"LogSSLPackets", "False", "1", "True", func(s *Settings) any { return s.LogSSLPackets }, true},
		{"OpenSSLCADir", "", dir, dir, func(s *Settings) any { return s.OpenSSLCADir }, dir},
		{"OpenSSLCAFile", "", file, file, func(s *Settings) any { return s.OpenSSLCAFile }, file},
		{"OpenSSLCipherList", "DEFAULT", "HIGH:!3DES", "HIGH:!3DES", func(s *Settings) any { return s.OpenSSLCipherList }, "HIGH:!3DES"},
		{"OpenSSLPrngSeedData", "", "", "", nil, nil},
		{"ReuseSSLSession", "True", "0", "False", func(s *Settings) any { return s.ReuseSSLSession }, Off},
		{"SSLAcceptAnyServerCert", "False", "No", "False", nil, nil},
		{"SSLCACerts", "", ca, strings.TrimSpace(ca), func(s *Settings) any { return s.SSLCACerts }, strings.TrimSpace(ca)},
		{"SSLCipherStrength", "0", "128", "128", func(s *Settings) any { return s.SSLCipherStrength }, 128},
		{"SSLClientCACerts", "", ca, strings.TrimSpace(ca), func(s *Settings) any { return s.SSLClientCACerts }, strings.TrimSpace(ca)},
		{"SSLEnabledCipherSuites", "*", "CALG_AES_256", "CALG_AES_256", func(s *Settings) any { return s.SSLEnabledCipherSuites }, "CALG_AES_256"},
		{"SSLEnabledProtocols", "3072", "15360", "15360", func(s *Settings) any { return s.SSLEnabledProtocols }, ProtocolsModern},
		{"SSLEnableRenegotiation", "False", "0", "False", nil, nil},
		{"SSLIncludeCertChain", "False", "yes", "True", func(s *Settings) any { return s.SSLIncludeCertChain }, true},
		{"SSLKeyLogFile", "", "/tmp/keys", "/tmp/keys", func(s *Settings) any { return s.SSLKeyLogFile }, "/tmp/keys"},
		{"SSLSecurityFlags", "0", "0x80000011", "2147483665", func(s *Settings) any { return s.SSLSecurityFlags }, uint32(0x80000011)},
		{"SSLServerCACerts", "", "", "", nil, nil},
		{"TLS12SignatureAlgorithms", "sha512-ecdsa,sha512-rsa,sha384-ecdsa,sha384-rsa,sha256-ecdsa,sha256-rsa,sha1-ecdsa,sha1-rsa", "sha256-rsa", "sha256-rsa", func(s *Settings) any { return s.TLS12SignatureAlgorithms }, "sha256-rsa"},
		{"TLS12SupportedGroups", "ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1,ecdhe_x25519", "ecdhe_secp384r1", "ecdhe_secp384r1", func(s *Settings) any { return s.TLS12SupportedGroups }, "ecdhe_secp384r1"},
		{"TLS13KeyShareGroups", "", "", "", nil, nil},
		{"TLS13SignatureAlgorithms", "rsa_pss_sha256,rsa_pss_sha384,rsa_pss_sha512,rsa_pkcs1_sha256,rsa_pkcs1_sha384,rsa_pkcs1_sha512,ecdsa_secp256r1_sha256,ecdsa_secp384r1_sha384,ecdsa_secp521r1_sha512,ed25519", "ed25519", "ed25519", func(s *Settings) any { return s.TLS13SignatureAlgorithms }, "ed25519"},
		{"TLS13SupportedGroups", "ecdhe_x25519,ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1,x25519mlkem768,secp256r1mlkem768,secp384r1mlkem1024", "ecdhe_x25519", "ecdhe_x25519", func(s *Settings) any { return s.TLS13SupportedGroups }, "ecdhe_x25519"},
		{"CodePage", "65001", "1252", "1252", func(s *Settings) any { return s.CodePage }, uint32(1252)},
		{"MaskSensitiveData", "True", "False", "False", func(s *Settings) any { return s.MaskSensitiveData }, Off},
		{"UseInternalSecurityAPI", "False", "False", "False", nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := &Server{}
			if got, err := s.Config(tc.name); err != nil || got != tc.byDefault {
				t.Errorf("default: %q, %v; want %q", got, err, tc.byDefault)
			}
			if got, err := s.Config(strings.ToUpper(tc.name) + " = " + tc.value); err != nil || got != tc.reads {
				t.Errorf("set: %q, %v; want %q", got, err, tc.reads)
			}
			if tc.field != nil {
				if got := tc.field(&s.Settings); got != tc.want {
					t.Errorf("field is %v, want %v", got, tc.want)
				}
			}
			if _, err := s.Config(tc.name + "=" + tc.byDefault); err != nil {
				t.Errorf("back to the default: %v", err)
			}
		})
	}
}

func TestEverySettingFieldHasAName(t *testing.T) {
	names := map[string]bool{}
	for _, e := range configTable {
		names[strings.ToLower(e.name)] = true
	}
	if len(configTable) != 44 {
		t.Errorf("%d settings, want 44", len(configTable))
	}
	for i := range reflect.TypeFor[Settings]().NumField() {
		if f := reflect.TypeFor[Settings]().Field(i); !names[strings.ToLower(f.Name)] {
			t.Errorf("field %s cannot be reached by Config", f.Name)
		}
	}
}

func TestConfigSaysWhatIsAllowed(t *testing.T) {
	for setting, want := range map[string]string{
		"Nonsense":                      `unknown setting "Nonsense"; settings are AllowedClients, BindExclusively`,
		"TcpNoDelay=maybe":              `TcpNoDelay: "maybe" is not a truth value; allowed are True, False, Yes, No, 1 and 0`,
		"BindExclusively=":              "is not a truth value",
		"MaxConnections=many":           `MaxConnections: "many" is not a whole number`,
		"MaxConnections=0":              "allowed is 1 or more",
		"MaxConnections=100001":         "allowed is 1 to 100000",
		"UseIPv6=3":                     "allowed are 0 (IPv4 only), 1 (IPv6 only) and 2 (both)",
		"KeepAliveTime=-1":              "milliseconds, 0 or more",
		"DefaultConnectionTimeout=1.5":  "seconds, 0 or more",
		"InBufferSize=-1":               "0 or more",
		"BlockedClients=not a host":     `BlockedClients: "not a host" is not a host name`,
		"CodePage=0":                    "is not the number of a code page",
		"CodePage=4242":                 "CodePage 4242",
		"SSLSecurityFlags=x":            "decimal or 0x hex",
		"BuildInfo=x":                   "BuildInfo can only be read",
		"LicenseInfo=x":                 "LicenseInfo can only be read",
		"SSLNegotiatedCipher[1]=x":      "can only be read",
		"SSLNegotiatedCipher":           "belongs to a connection: read SSLNegotiatedCipher[connectionId]",
		"SSLNegotiatedCipher[1":         "lacks the closing ]",
		"TcpNoDelay[1]":                 "is a setting of the server",
		"OpenSSLCAFile=/nonexistent/ca": "no such file",
		"SSLCACerts=hello":              "BEGIN CERTIFICATE",
	} {
		s := &Server{}
		_, err := s.Config(setting)
		var own *Error
		if !errors.As(err, &own) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", setting, err, want)
		}
		if s.Settings != (Settings{}) {
			t.Errorf("%s: the refused value stays", setting)
		}
	}
	if _, err := new(Server).Config("SSLNegotiatedCipher[1]"); !errors.Is(err, ErrInvalidConnection) {
		t.Errorf("unknown connection: %v, want error 126", err)
	}
}

func TestBuildAndLicenseCanBeRead(t *testing.T) {
	for name, want := range map[string]string{"BuildInfo": "tcpserver", "LicenseInfo": "License: Apache License 2.0"} {
		if got, err := new(Server).Config(name); err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestNegotiatedValuesBelongToAConnection(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.Settings.SSLEnabledProtocols, s.Settings.TLS13SupportedGroups = ProtocolTLS13, "ecdhe_x25519"
	}))
	dialTLS(t, s, nil)
	id := j.up().ID()
	for name, want := range map[string]string{
		"SSLNegotiatedVersion": "TLS 1.3", "SSLNegotiatedCipherSuite": "TLS_", "SSLNegotiatedCipher": "_",
		"SSLNegotiatedCipherStrength": "", "SSLNegotiatedKeyExchange": "X25519", "SSLNegotiatedKeyExchangeStrength": "255",
	} {
		if got, err := s.Config(name + "[" + id + "]"); err != nil || got == "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	s2 := begin(t, &Server{Events: j.events()})
	dial(t, s2)
	if got, err := s2.Config("SSLNegotiatedVersion[" + j.up().ID() + "]"); err != nil || got != "" {
		t.Errorf("plain text: %q, %v", got, err)
	}
}

func TestBindExclusivelyDecidesWhoSharesThePort(t *testing.T) {
	shared := begin(t, &Server{Settings: Settings{BindExclusively: Off}})
	begin(t, &Server{LocalPort: int(shared.Addr().Port()), Settings: Settings{BindExclusively: Off}})
	alone := &Server{LocalHost: "127.0.0.1", LocalPort: int(shared.Addr().Port())}
	if err := alone.StartListening(); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("exclusively: %v", err)
	}
}

func TestUseIPv6DecidesTheFamily(t *testing.T) {
	for _, tc := range []struct {
		use       int
		host      string
		four, six bool
	}{
		{0, "", true, false},
		{1, "", false, true},
		{2, "", true, true},
		{1, "::1", false, true},
	} {
		j := newJournal(t)
		s := &Server{LocalHost: tc.host, Settings: Settings{UseIPv6: tc.use}, Events: j.events()}
		if err := s.StartListening(); err != nil {
			if tc.six && errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
				t.Skip("no IPv6 here")
			}
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Shutdown(t.Context()) })
		port := s.Addr().Port()
		for host, want := range map[string]bool{"127.0.0.1": tc.four, "::1": tc.six} {
			nc, err := dialAddr(netip.AddrPortFrom(netip.MustParseAddr(host), port))
			if (err == nil) != want {
				t.Errorf("UseIPv6=%d on %q: %s connects: %v", tc.use, tc.host, host, err)
			}
			if err != nil {
				continue
			}
			if got := j.up().RemoteHost(); got != host {
				t.Errorf("the client shows as %s, want %s", got, host)
			}
			_ = nc.Close()
		}
		if err := s.Reset(); err != nil {
			t.Error(err)
		}
	}
}

func TestClientListsMatchAddressesAndNames(t *testing.T) {
	for _, tc := range []struct {
		allowed, blocked, client string
		in                       bool
	}{
		{"", "", "203.0.113.9", true},
		{"*", "", "203.0.113.9", true},
		{"10.0.0.1", "", "10.0.0.1", true},
		{"10.0.0.1", "", "10.0.0.2", false},
		{"10.0.0.0/8,192.168.*", "", "192.168.7.7", true},
		{"10.0.0.0/8,192.168.*", "", "193.168.7.7", false},
		{"10.0.0.0/8", "10.9.0.0/16", "10.8.0.1", true},
		{"10.0.0.0/8", "10.9.0.0/16", "10.9.0.1", false},
		{"*", "*", "10.0.0.1", false},
		{"2001:db8::/32, fe80::*", "", "2001:db8::7", true},
		{"2001:db8::/32, fe80::*", "", "fe80::1%eth0", true},
		{"[::1]", "", "::1", true},
		{"localhost", "", "127.0.0.1", true},
		{"localhost", "", "10.0.0.1", false},
		{"*", "localhost", "127.0.0.1", false},
	} {
		a, err := newAdmission(tc.allowed, tc.blocked)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.allows(netip.MustParseAddr(tc.client)); got != tc.in {
			t.Errorf("allowed %q, blocked %q: %s gets in: %v", tc.allowed, tc.blocked, tc.client, got)
		}
	}
	for _, bad := range []string{"10.0.0.0/99", "300.1.1.1", "a b", "10.0.0.1;10.0.0.2", "-x-", "é"} {
		if _, err := newAdmission(bad, ""); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestClientsOutsideTheListsAreNotConnected(t *testing.T) {
	for _, settings := range []Settings{{AllowedClients: "10.0.0.0/8"}, {BlockedClients: "127.*"}} {
		j := newJournal(t)
		events := j.events()
		events.ConnectionRequest = func(r *ConnectionRequest) { j.note("request %v", r.Accept) }
		s := begin(t, &Server{Settings: settings, Events: events})
		c := dial(t, s)
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("the client is connected")
		}
		j.await("request false")
	}
}

func FuzzClientList(f *testing.F) {
	for _, seed := range []string{"*", "10.0.0.0/8,::1", "*.example.com, 192.168.*", "[::1]", "fe80::1%eth0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, list string) {
		l, err := parseClients("AllowedClients", list)
		if err != nil {
			return
		}
		l.names, l.domains = nil, nil // no lookups here
		_ = l.has(netip.MustParseAddr("10.1.2.3"))
		_ = l.has(netip.MustParseAddr("2001:db8::1"))
	})
}

func FuzzConfig(f *testing.F) {
	for _, e := range configTable {
		f.Add(e.name + "=1")
	}
	f.Add("OpenSSLCipherList=HIGH:!aNULL:-AES128+SHA:@SECLEVEL=2")
	f.Add("SSLEnabledCipherSuites=CALG_AES;TLS_RSA_WITH_AES_128_CBC_SHA")
	f.Fuzz(func(t *testing.T, setting string) {
		if strings.Contains(strings.ToLower(setting), "openssl") && strings.Contains(setting, "/") {
			return // no files
		}
		s := &Server{}
		if _, err := s.Config(setting); err != nil && s.Settings != (Settings{}) {
			t.Errorf("%q is refused and stays: %v", setting, err)
		}
		if _, err := s.plainOptions(); err != nil {
			t.Errorf("%q leaves a server that cannot start: %v", setting, err)
		}
		_ = fmt.Sprint(s.Settings)
	})
}
