package tcpserver

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
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

func TestPlainTextIsAnsweredInPlainTextWhereAskedFor(t *testing.T) {
	j := newJournal(t)
	s := begin(t, secured(j, func(s *Server) {
		s.PlainTextReply = func(start []byte) []byte { return fmt.Appendf(nil, "you said %s\r\n", start) }
	}))
	c := dial(t, s)
	c.send("hello, and much more\r\n" + strings.Repeat("x", 10_000))
	if got := c.line(); got != "you said hello" {
		t.Errorf("got %q", got)
	}
	if _, err := c.r.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("after the reply: %v", err)
	}
	c.Close()
	dialTLS(t, s, nil) // who speaks TLS is not concerned
}
