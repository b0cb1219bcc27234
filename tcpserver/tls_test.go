package tcpserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rookery/tcpserver/certstore"
)

// secured is a server with TLS from the first byte that writes its journal.
func secured(j *journal, change func(*Server)) *Server {
	s := &Server{SSLStartMode: StartImplicit, SSLCert: serverPair(), Events: j.events()}
	s.Events.SSLStatus = func(_ *Conn, message string) { j.note("status %s", message) }
	if change != nil {
		change(s)
	}
	return s
}

func TestSSLEnabledMeansImplicitTLS(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{SSLEnabled: true, SSLCert: serverPair(), Events: j.events()})
	dialTLS(t, s, nil)
	if _, ok := j.up().TLS(); !ok {
		t.Error("not TLS")
	}
}

func TestSSLCertIsShownWithItsAuthorities(t *testing.T) {
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testAuthority().cert.Raw}))
	store, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "from a store"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		cert Certificate
		ca   string
		want []string
	}{
		"key pair":    {serverPair(), "", []string{"server"}},
		"SSLCACerts":  {serverPair(), ca + "\r\n" + ca, []string{"server", "test authority"}},
		"a certstore": {store, "", []string{"from a store"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := begin(t, &Server{SSLEnabled: true, SSLCert: tc.cert, Settings: Settings{SSLCACerts: tc.ca}})
			var names []string
			for _, cert := range dialTLS(t, s, nil).Conn.(*tls.Conn).ConnectionState().PeerCertificates {
				names = append(names, cert.Subject.CommonName)
			}
			if fmt.Sprint(names) != fmt.Sprint(tc.want) {
				t.Errorf("client sees %q, want %q", names, tc.want)
			}
		})
	}
}

func TestInternalProviderIsRefusedWithError270(t *testing.T) {
	for _, p := range []Provider{ProviderAutomatic, ProviderPlatform} {
		begin(t, &Server{SSLEnabled: true, SSLCert: serverPair(), SSLProvider: p})
	}
	err := (&Server{SSLProvider: ProviderInternal}).StartListening()
	if !errors.Is(err, &Error{Code: 270}) || !strings.Contains(err.Error(), "crypto/tls") {
		t.Errorf("got %v", err)
	}
}

func TestExplicitTLSUpgrade(t *testing.T) {
	j := newJournal(t)
	s := secured(j, func(s *Server) {
		s.SSLStartMode, s.DefaultSingleLineMode = StartExplicit, true
		s.Events.DataIn = func(c *Conn, line []byte, _ bool) {
			j.note("data %s", line)
			if string(line) != "STARTTLS" {
				return
			}
			_ = c.SendLine("go ahead")
			if err := c.StartSSL(); err != nil {
				t.Error(err)
			}
			if err := c.StartSSL(); err == nil || err.(*Error).Code != 10037 {
				t.Errorf("twice: %v", err)
			}
			_ = c.SendLine("secret") // waits until it can be encrypted
		}
	})
	begin(t, s)
	c := dial(t, s)
	conn := j.up()
	if err := conn.StartSSL(); err != nil { // from outside of events
		t.Fatal(err)
	}
	_ = conn.SendLine("first secret")
	secure := newClient(t, tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true}))
	secure.want("first secret")
	j.await("connected 0 OK", 1)

	c = dial(t, s)
	conn = j.up()
	c.send("hello\r\nSTARTTLS\r\n")
	c.want("go ahead")
	secure = newClient(t, tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true}))
	secure.want("secret")
	secure.send("over TLS\n")
	j.await("data over TLS")
	j.await("connected 0 OK", 3)
	if _, ok := conn.TLS(); !ok {
		t.Error("not TLS")
	}
	_ = secure.Close()
	j.await("disconnected 0 OK")
}

func TestNothingIsSlippedInBeforeTheHandshake(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.SSLStartMode, s.DefaultSingleLineMode = StartExplicit, true
		s.Events.DataIn = func(c *Conn, line []byte, _ bool) {
			j.note("data %s", line)
			if string(line) == "STARTTLS" {
				_ = c.StartSSL()
			}
		}
	}))
	c := dial(t, s)
	c.send("STARTTLS\r\ninjected\r\n")
	j.await("connected 276")
	j.await("disconnected 276")
	if n := j.count("data"); n != 1 {
		t.Errorf("%q", j.list())
	}
	_ = c.Close()
}

func TestStartSSLNeedsACertificate(t *testing.T) {
	j := newJournal(t)
	s := begin(t, &Server{Events: j.events()})
	dial(t, s)
	if err := j.up().StartSSL(); !errors.Is(err, ErrNoCredentials) {
		t.Errorf("got %v, want error 273", err)
	}
}

func TestAutomaticModeLooksAtTheFirstByte(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.SSLStartMode, s.DefaultSingleLineMode, s.Events.DataIn = StartAutomatic, true, echoLines
	}))
	c := dial(t, s)
	c.send("plain\n")
	c.want("plain")
	if _, ok := j.up().TLS(); ok {
		t.Error("a plain client got TLS")
	}
	c = dialTLS(t, s, nil)
	c.send("secret\n")
	c.want("secret")
	if _, ok := j.up().TLS(); !ok {
		t.Error("a TLS client got plain text")
	}
}

func TestFailedHandshakeIsToldByConnected(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, nil))
	c := dial(t, s)
	c.send("this is not TLS at all\r\n")
	j.await("connected 276")
	j.await("disconnected 276")
	j.await("status handshake failed")
	c = dial(t, s)
	_ = c.Close()
	j.await("connected 10054")
}

func TestClientAuthentication(t *testing.T) {
	good := testAuthority().issue("good client", nil)
	expired := testAuthority().issue("late client", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	wrong := testAuthority().issue("server only", func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	own, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "nobody's"}})
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := own.TLS()
	if err != nil {
		t.Fatal(err)
	}
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testAuthority().cert.Raw}))
	yes, no := true, false
	for _, tc := range []struct {
		name     string
		cert     *tls.Certificate
		settings Settings
		override *bool
		in       bool
		status   string
		code     string
	}{
		{"trusted", &good, Settings{}, nil, true, "OK", ""},
		{"trusted but refused by the event", &good, Settings{}, &no, false, "OK", "280"},
		{"none", nil, Settings{}, nil, false, "the client presented no certificate", "281"},
		{"none but let in by the event", nil, Settings{}, &yes, true, "the client presented no certificate", ""},
		{"expired", &expired, Settings{}, nil, false, "expired", "280"},
		{"expired, times ignored", &expired, Settings{SSLSecurityFlags: FlagIgnoreTime}, nil, true, "OK", ""},
		{"wrong usage", &wrong, Settings{}, nil, false, "incompatible key usage", "280"},
		{"wrong usage, ignored", &wrong, Settings{SSLSecurityFlags: FlagWrongUsage}, nil, true, "OK", ""},
		{"unknown authority", &stranger, Settings{}, nil, false, "unknown authority", "275"},
		{"unknown authority, allowed", &stranger, Settings{SSLSecurityFlags: FlagUnknownAuthority | FlagWrongUsage}, nil, true, "OK", ""},
		{"signature not allowed", &good, Settings{TLS13SignatureAlgorithms: "ecdsa_secp384r1_sha384,ecdsa_secp256r1_sha256"}, nil, true, "OK", ""},
	} {
		for _, version := range []int{ProtocolTLS12, ProtocolTLS13} {
			t.Run(fmt.Sprint(tc.name, version), func(t *testing.T) {
				j := newJournal(t)
				s := begin(t, secured(j, func(s *Server) {
					s.Settings = tc.settings
					s.Settings.SSLClientCACerts = ca
					s.Settings.SSLEnabledProtocols = version
					s.SSLAuthenticateClients = true
					s.Events.SSLClientAuthentication = func(_ *Conn, a *ClientAuthentication) {
						j.note("auth %v %s / %s / %s", a.Accept, a.Status, a.CertSubject, a.CertIssuer)
						if tc.override != nil {
							a.Accept = *tc.override
						}
					}
				}))
				cfg := &tls.Config{InsecureSkipVerify: true}
				if tc.cert != nil {
					// The client shows its certificate whoever the server trusts.
					cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return tc.cert, nil }
				}
				nc, err := net.Dial("tcp", s.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				c := newClient(t, tls.Client(nc, cfg))
				err = c.Conn.(*tls.Conn).Handshake()
				if tc.in {
					if err != nil {
						t.Fatal(err)
					}
					j.await("connected 0 OK")
				} else {
					j.await("connected " + tc.code)
				}
				if got := j.await("auth"); !strings.Contains(got, tc.status) {
					t.Errorf("%s, want %q", got, tc.status)
				}
			})
		}
	}
}

func TestClientAuthenticationShowsTheCertificate(t *testing.T) {
	pair := testAuthority().issue("jane", nil)
	pair.Certificate = append(pair.Certificate, testAuthority().cert.Raw)
	for _, chain := range []bool{false, true} {
		var a ClientAuthentication
		j := newJournal(t)
		s := begin(t, secured(j, func(s *Server) {
			s.SSLAuthenticateClients = true
			s.Settings.SSLIncludeCertChain = chain
			s.Events.SSLClientAuthentication = func(_ *Conn, got *ClientAuthentication) { got.Accept = true; a = *got }
		}))
		dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}})
		j.up()
		if a.CertSubject != "CN=jane" || a.CertIssuer != "CN=test authority" || len(a.Certificates) != 2 {
			t.Errorf("%q, %q, %d certificates", a.CertSubject, a.CertIssuer, len(a.Certificates))
		}
		want := 1
		if chain {
			want = 2
		}
		if n := bytes.Count(a.CertEncoded, []byte("BEGIN CERTIFICATE")); n != want {
			t.Errorf("SSLIncludeCertChain %v: %d certificates in PEM, want %d", chain, n, want)
		}
	}
}

func TestAuthoritiesComeFromFilesAndDirectories(t *testing.T) {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: testAuthority().cert.Raw})
	dir := t.TempDir()
	for _, name := range []string{"9d66eef0.0", "list.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), append([]byte("notes before\n"), ca...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair := testAuthority().issue("client", nil)
	for name, settings := range map[string]Settings{
		"OpenSSLCADir":  {OpenSSLCADir: dir},
		"OpenSSLCAFile": {OpenSSLCAFile: filepath.Join(dir, "list.txt")},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, secured(j, func(s *Server) { s.SSLAuthenticateClients, s.Settings = true, settings }))
			dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}})
			j.await("connected 0 OK")
		})
	}
	for name, settings := range map[string]Settings{
		"no directory":  {OpenSSLCADir: filepath.Join(dir, "none")},
		"nothing in it": {OpenSSLCADir: t.TempDir()},
		"no file":       {OpenSSLCAFile: filepath.Join(dir, "none")},
		"not PEM":       {SSLClientCACerts: "hello"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Server{SSLEnabled: true, SSLCert: serverPair(), SSLAuthenticateClients: true, Settings: settings}
			if err := s.StartListening(); !errors.Is(err, &Error{Code: 271}) {
				t.Errorf("got %v, want error 271", err)
			}
		})
	}
}

func TestConnectionRequestChoosesACertificate(t *testing.T) {
	alternate, err := certstore.CreateSelfSigned(certstore.Template{Subject: pkix.Name{CommonName: "alternate"}})
	if err != nil {
		t.Fatal(err)
	}
	var pemKey bytes.Buffer
	if err := certstore.WritePEM(&pemKey, alternate, ""); err != nil {
		t.Fatal(err)
	}
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.Events.SSLConnectionRequest = func(_ *Conn, r *SSLRequest) {
			j.note("request %s %v %s | %s", r.ServerName, r.Protocols, r.SupportedCipherSuites, r.SupportedSignatureAlgs)
			switch r.ServerName {
			case "store.example":
				r.CertStoreType, r.CertStore, r.CertSubject = int(certstore.PEMKeyBlob), pemKey.String(), "*"
			case "value.example":
				r.Certificate = alternate
			case "wrong.example":
				r.CertStoreType, r.CertStore = int(certstore.PEMKeyFile), "/nonexistent"
			}
		}
	}))
	for name, want := range map[string]string{"plain.example": "server", "store.example": "alternate", "value.example": "alternate"} {
		c := dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, ServerName: name, NextProtos: []string{"line"}})
		got := c.Conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Subject.CommonName
		if got != want {
			t.Errorf("%s: certificate of %q, want %q", name, got, want)
		}
		e := j.await("request " + name + " [line]")
		for _, part := range []string{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ecdsa_secp256r1_sha256", "rsa_pss_sha256"} {
			if !strings.Contains(e, part) {
				t.Errorf("%s lacks %s", e, part)
			}
		}
	}
	if _, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true, ServerName: "wrong.example"}); err == nil {
		t.Error("a certificate that is not there was served")
	}
	j.await("connected 271")
}

func TestSSLStatusTellsTheHandshake(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, nil))
	dialTLS(t, s, nil)
	j.await("connected")
	got := j.list()[:2]
	if got[0] != "status handshake started" || !strings.HasPrefix(got[1], "status handshake done: TLS 1.2, TLS_ECDHE_ECDSA_WITH_") {
		t.Errorf("%q", got)
	}
}

func TestLogSSLPacketsMasksUnlessTold(t *testing.T) {
	for _, mask := range []Switch{Default, Off} {
		j := newJournal(t)
		s := begin(t, secured(j, func(s *Server) {
			s.Settings.LogSSLPackets, s.Settings.MaskSensitiveData = true, mask
			s.DefaultSingleLineMode, s.Events.DataIn = true, echoLines
		}))
		c := dialTLS(t, s, nil)
		c.send("hello\n")
		c.want("hello")
		received := j.await("status received a TLS record: handshake")
		sent := j.await("status sent a TLS record: application data")
		for _, e := range []string{received, sent} {
			if shown := strings.Contains(e, ": 1"); shown != (mask == Off) {
				t.Errorf("MaskSensitiveData %v: %s", mask, e)
			}
		}
	}
}

func TestSessionsAreResumedUnlessTold(t *testing.T) {
	for _, version := range []int{ProtocolTLS12, ProtocolTLS13} {
		for _, reuse := range []Switch{Default, Off} {
			j := newJournal(t)
			s := begin(t, secured(j, func(s *Server) {
				s.Settings.ReuseSSLSession, s.Settings.SSLEnabledProtocols = reuse, version
				s.DefaultSingleLineMode, s.Events.DataIn = true, echoLines
			}))
			cfg := &tls.Config{InsecureSkipVerify: true, ServerName: "x", ClientSessionCache: tls.NewLRUClientSessionCache(4)}
			var resumed bool
			for range 2 {
				c := dialTLS(t, s, cfg)
				c.send("x\n") // reading the answer also reads the session ticket
				c.want("x")
				resumed = c.Conn.(*tls.Conn).ConnectionState().DidResume
				n, _ := j.up().Negotiated()
				if n.Resumed != resumed {
					t.Error("the server sees it otherwise")
				}
			}
			if resumed != (reuse != Off) {
				t.Errorf("protocols %d, ReuseSSLSession %v: resumed %v", version, reuse, resumed)
			}
		}
	}
}

func TestKeyLogFileIsAppendedTo(t *testing.T) {
	name := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(name, []byte("# before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) { s.Settings.SSLKeyLogFile = name }))
	dialTLS(t, s, nil)
	j.up()
	got, err := os.ReadFile(name)
	if err != nil || !strings.HasPrefix(string(got), "# before\nCLIENT_RANDOM ") {
		t.Errorf("%q, %v", got, err)
	}
	bad := &Server{SSLEnabled: true, SSLCert: serverPair(), Settings: Settings{SSLKeyLogFile: t.TempDir()}}
	if err := bad.StartListening(); err == nil {
		t.Error("a directory is taken for a key log")
	}
}

func TestEnabledProtocolsDecideTheVersion(t *testing.T) {
	for mask, want := range map[int]string{
		0: "TLS 1.2", 3072: "TLS 1.2", 12288: "TLS 1.3", 15360: "TLS 1.3", 768: "TLS 1.1", 192: "TLS 1.0", 4032: "TLS 1.2", 0x400: "TLS 1.2",
	} {
		t.Run(fmt.Sprint(mask), func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, secured(j, func(s *Server) { s.Settings.SSLEnabledProtocols = mask }))
			dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
			if n, _ := j.up().Negotiated(); n.Version != want {
				t.Errorf("negotiated %s, want %s", n.Version, want)
			}
		})
	}
	for mask, want := range map[int]string{
		12: "SSL 2.0 is not available", 3072 | 48: "SSL 3.0 is not available", 1: "mean nothing",
		192 | 3072: "without gaps", 1 << 20: "mean nothing",
	} {
		_, err := new(Server).Config(fmt.Sprintf("SSLEnabledProtocols=%d", mask))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: got %v, want %q", mask, err, want)
		}
	}
}

func TestTLSConfigIsTheBase(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.SSLCert = nil
		s.TLSConfig = &tls.Config{
			Certificates: []tls.Certificate{tls.Certificate(serverPair())},
			NextProtos:   []string{"line/1"}, MinVersion: tls.VersionTLS13,
		}
	}))
	c := dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"line/1"}})
	st := c.Conn.(*tls.Conn).ConnectionState()
	if st.NegotiatedProtocol != "line/1" || st.Version != tls.VersionTLS13 {
		t.Errorf("%q, %s", st.NegotiatedProtocol, tls.VersionName(st.Version))
	}
}

func TestSuitesAndStrengthDecideTheCipher(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: testAuthority().cert.SerialNumber, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	rsaPair := KeyPair{Certificate: [][]byte{der}, PrivateKey: key}
	var every []uint16
	for _, s := range suites {
		every = append(every, s.id)
	}
	for _, tc := range []struct {
		settings Settings
		want     string // cipher suite and key exchange
	}{
		{Settings{SSLEnabledCipherSuites: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"}, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 AES_256_GCM 256 X25519 255"},
		{Settings{SSLEnabledCipherSuites: "TLS_RSA_WITH_AES_128_GCM_SHA256"}, "TLS_RSA_WITH_AES_128_GCM_SHA256 AES_128_GCM 128 RSA 2048"},
		{Settings{SSLEnabledCipherSuites: "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}, "TLS_RSA_WITH_3DES_EDE_CBC_SHA 3DES_EDE_CBC 168 RSA 2048"},
		{Settings{SSLEnabledCipherSuites: "CALG_AES_256; CALG_ECDH_EPHEM"}, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 AES_256_GCM 256 X25519 255"},
		{Settings{SSLCipherStrength: 256, TLS12SupportedGroups: "ecdhe_secp384r1"}, " 256 P384 384"},
		{Settings{OpenSSLCipherList: "AES128-SHA"}, "TLS_RSA_WITH_AES_128_CBC_SHA AES_128_CBC 128 RSA 2048"},
		{Settings{OpenSSLCipherList: "ECDHE+AESGCM:!AES128"}, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
		{Settings{OpenSSLCipherList: "HIGH:-AES:@STRENGTH"}, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256 CHACHA20_POLY1305 256"},
		{Settings{SSLEnabledProtocols: ProtocolsModern, TLS13SupportedGroups: "ecdhe_secp521r1"}, "P521 521"},
		{Settings{SSLEnabledProtocols: ProtocolsModern, SSLEnabledCipherSuites: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		{Settings{SSLEnabledProtocols: ProtocolsModern, SSLEnabledCipherSuites: "TLS_AES_128_GCM_SHA256;TLS_AES_256_GCM_SHA384;TLS_CHACHA20_POLY1305_SHA256"}, "TLS_AES_"},
	} {
		t.Run(tc.want, func(t *testing.T) {
			j := newJournal(t)
			s := begin(t, secured(j, func(s *Server) { s.Settings, s.SSLCert = tc.settings, rsaPair }))
			dialTLS(t, s, &tls.Config{InsecureSkipVerify: true, CipherSuites: every})
			n, _ := j.up().Negotiated()
			got := fmt.Sprint(n.CipherSuite, " ", n.Cipher, " ", n.CipherStrength, " ", n.KeyExchange, " ", n.KeyExchangeStrength)
			if !strings.Contains(got, tc.want) {
				t.Errorf("negotiated %s, want %s", got, tc.want)
			}
		})
	}
}

func TestWhatCryptoTLSLacksIsRefusedByName(t *testing.T) {
	for setting, want := range map[string]string{
		"SSLEnabledCipherSuites=TLS_DHE_RSA_WITH_AES_128_GCM_SHA256": `"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256" is not available in crypto/tls; allowed are *, CALG_3DES`,
		"SSLEnabledCipherSuites=TLS_RSA_WITH_RC4_128_MD5":            "is not available",
		"SSLEnabledCipherSuites=CALG_DES":                            "is not available",
		"SSLEnabledCipherSuites=NONSENSE":                            "is not known",
		"SSLCipherStrength=257":                                      "allowed is 0 to 256",
		"OpenSSLCipherList=DHE-RSA-AES128-SHA":                       "is not a word of ciphers(1) or a cipher suite that crypto/tls has",
		"OpenSSLCipherList=kEDH":                                     "leaves no cipher suite",
		"TLS12SupportedGroups=ffdhe_2048":                            `"ffdhe_2048" is not available in crypto/tls; allowed are ecdhe_secp256r1`,
		"TLS13SupportedGroups=ecdhe_x448":                            "is not available",
		"TLS13SupportedGroups=brainpool":                             "is not known",
		"TLS13SignatureAlgorithms=ed448":                             "is not available",
		"TLS12SignatureAlgorithms=sha256-dsa":                        "is not available",
		"TLS13KeyShareGroups=ecdhe_x25519":                           "TLS13SupportedGroups",
		"SSLEnableRenegotiation=True":                                "never renegotiates",
		"OpenSSLPrngSeedData=abc":                                    "operating system",
		"SSLSecurityFlags=0x4000":                                    "no test roots",
		"SSLSecurityFlags=0x8":                                       "mean nothing",
		"SSLAcceptAnyServerCert=True":                                "a server sees no server certificates",
		"SSLServerCACerts=x":                                         "SSLClientCACerts",
		"UseInternalSecurityAPI=True":                                "one implementation",
	} {
		_, err := new(Server).Config(setting)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", setting, err, want)
		}
	}
	s := &Server{SSLEnabled: true, SSLCert: serverPair(), Settings: Settings{
		SSLEnabledProtocols: ProtocolTLS13, SSLEnabledCipherSuites: "TLS_AES_128_GCM_SHA256",
	}}
	if err := s.StartListening(); err == nil || !strings.Contains(err.Error(), "together or not at all") {
		t.Errorf("one suite of TLS 1.3: %v", err)
	}
}

func TestSignatureAlgorithmsDecideWhatSigns(t *testing.T) {
	for _, tc := range []struct {
		settings Settings
		in       bool
	}{
		{Settings{TLS12SignatureAlgorithms: "sha256-ecdsa"}, true},
		{Settings{TLS12SignatureAlgorithms: "sha256-rsa"}, false},
		{Settings{SSLEnabledProtocols: ProtocolsModern, TLS12SignatureAlgorithms: "sha256-rsa"}, true},
		{Settings{SSLEnabledProtocols: ProtocolsModern, TLS13SignatureAlgorithms: "ecdsa_secp256r1_sha256"}, true},
		{Settings{SSLEnabledProtocols: ProtocolsModern, TLS13SignatureAlgorithms: "ed25519"}, false},
	} {
		j := newJournal(t)
		s := begin(t, secured(j, func(s *Server) { s.Settings = tc.settings }))
		nc, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		if err == nil {
			newClient(t, nc)
		}
		if (err == nil) != tc.in {
			t.Errorf("%+v: %v", tc.settings, err)
		}
	}
}

func TestClientSignatureOutsideTheListIsRefused(t *testing.T) {
	// The authority signs with ECDSA and SHA-256.
	pair := testAuthority().issue("client", nil)
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.SSLAuthenticateClients = true
		s.SSLCert = nil
		s.TLSConfig = &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			c := tls.Certificate(serverPair())
			return &c, nil
		}}
		s.Settings.TLS12SignatureAlgorithms = "sha384-rsa"
		s.Settings.SSLSecurityFlags = FlagUnknownAuthority
	}))
	nc, err := tls.Dial("tcp", s.Addr().String(), &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{pair}})
	if err == nil {
		nc.Close()
	}
	if got := j.await("connected"); !strings.HasPrefix(got, "connected 280") || !strings.Contains(got, "signed with ECDSA-SHA256") {
		t.Error(got)
	}
}

func TestDefaultsOfferNothingWeak(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, nil))
	for _, cfg := range []*tls.Config{
		{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		{MaxVersion: tls.VersionTLS12, CipherSuites: insecureSuites()},
	} {
		cfg.InsecureSkipVerify = true
		if nc, err := tls.Dial("tcp", s.Addr().String(), cfg); err == nil {
			t.Errorf("%s with %s was accepted", tls.VersionName(nc.ConnectionState().Version), tls.CipherSuiteName(nc.ConnectionState().CipherSuite))
			nc.Close()
		}
	}
}

func insecureSuites() (ids []uint16) {
	for _, c := range tls.InsecureCipherSuites() {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestHandshakeTimeouts(t *testing.T) {
	for name, s := range map[string]*Server{
		"whole handshake": {HandshakeTimeout: 50 * time.Millisecond},
		"silence":         {Settings: Settings{DefaultConnectionTimeout: 50 * time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			j := newJournal(t)
			s.SSLEnabled, s.SSLCert, s.Events = true, serverPair(), j.events()
			begin(t, s)
			c := dial(t, s)
			c.send("\x16\x03\x01") // the head of a record, and nothing more
			j.await("connected 10060")
			j.await("disconnected 10060")
		})
	}
}

func TestDataBehindTheHandshakeIsNotLost(t *testing.T) {
	// A client may send its last handshake message and data in one packet.
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) { s.Settings.SSLEnabledProtocols, s.DefaultSingleLineMode = ProtocolTLS13, true }))
	nc, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	gather := &gatherConn{Conn: nc}
	c := tls.Client(gather, &tls.Config{InsecureSkipVerify: true})
	if err := c.HandshakeContext(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("early\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := nc.Write(gather.held); err != nil {
		t.Fatal(err)
	}
	j.await(`data "early" true`)
	_ = nc.Close()
}

// gatherConn holds back everything after the ClientHello.
type gatherConn struct {
	net.Conn
	first bool
	held  []byte
}

func (g *gatherConn) Write(b []byte) (int, error) {
	if !g.first {
		g.first = true
		return g.Conn.Write(b)
	}
	g.held = append(g.held, b...)
	return len(b), nil
}

func TestGarbledRecordIsError284(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, nil))
	c := dialTLS(t, s, nil)
	j.up()
	garbled := append([]byte{recordData, 3, 3, 0, 40}, make([]byte, 40)...)
	if _, err := c.Conn.(*tls.Conn).NetConn().Write(garbled); err != nil {
		t.Fatal(err)
	}
	j.await("disconnected 284")
}
